"""Verbs that run a pipeline, or prepare that."""

import pathlib

import click

from pipeline import config as config_lib
from pipeline.programs.cli.configured import config_of, with_config
from pipeline.programs.cli.group import cli


@cli.command()
@with_config
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
  config = config_of(**options)
  from pipeline import look_ahead

  seen = look_ahead.look(config)
  # TensorFlow, TFX and Beam take seconds to import.
  from pipeline import run as run_lib
  from pipeline import summary

  outcome = run_lib.run(config, seen)
  for line in summary.lines(outcome.folder, outcome.evaluation):
    click.echo(line)


@cli.command("compile")
@with_config
@click.option(
  "-o",
  "--to",
  "target",
  default="pipeline.yaml",
  show_default=True,
  metavar="FILE",
  type=click.Path(path_type=pathlib.Path, dir_okay=False),
  help="The file to write.",
)
@click.option("--image", metavar="NAME:TAG", help="Container image with this project.")
@click.option(
  "--root",
  metavar="ADDRESS",
  help="Where artifacts are kept: gs://, s3:// or minio://bucket/folder.",
)
@click.option("--volume", metavar="CLAIM", help="Persistent volume claim that every step mounts.")
@click.option(
  "--service-account", metavar="NAME", help="Kubernetes service account that runs the steps."
)
def compile_(target, image, root, volume, service_account, **options):
  """Write EXPERIMENT as a file for Kubeflow Pipelines.

  Settings below `kubeflow` say what each step gets: cores, memory,
  accelerators, nodes. `python -m pipeline rehearse` tries the file here.

  \b
  python -m pipeline compile sample --image registry/latent-labels:1 \\
      --volume latent-labels -o pipeline.yaml
  """
  from pipeline.platforms import kubeflow

  config = config_lib.with_values(
    config_of(**options),
    {
      f"kubeflow.{name}": value
      for name, value in (
        ("image", image),
        ("root", root),
        ("volume", volume),
        ("service_account", service_account),
      )
      if value is not None
    },
  )
  kubeflow.check_installed()
  from pipeline.platforms.kubeflow import known_inputs

  known_inputs.check(config)
  from pipeline.platforms.kubeflow import compile as compile_lib  # kfp, TFX, TensorFlow.

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
@click.option(
  "--folder",
  default="rehearsal",
  show_default=True,
  type=click.Path(path_type=pathlib.Path, file_okay=False),
  help="Folder that stands for the cluster's storage; the same "
  "folder goes on where it was stopped.",
)
@click.option(
  "-p",
  "--parameter",
  "parameters",
  type=_Pair(),
  multiple=True,
  metavar="NAME=VALUE",
  help="A runtime parameter.",
)
@click.option(
  "--volume",
  "volumes",
  type=_Pair(),
  multiple=True,
  metavar="CLAIM=FOLDER",
  help="A folder that stands for a persistent volume claim; default: one below --folder.",
)
@click.option(
  "--warm",
  is_flag=True,
  help="Fork the steps from one process "
  "that has imported what they need: minutes faster, and less like "
  "a cluster.",
)
def rehearse(file, folder, parameters, volumes, warm):
  """Carry out a compiled pipeline here, as Kubeflow would.

  Takes the FILE that `compile` wrote and nothing else: every step runs its own
  command in a process of its own, with an empty environment, on inputs that are
  copied out of a folder that stands for the object store. What a cluster would
  stumble over, and this machine would not, is found before it costs anything.

  \b
  python -m pipeline rehearse pipeline.yaml -p synthetic_faces=400
  """
  from pipeline.platforms import kubeflow

  kubeflow.check_installed()
  from devtools.rehearsal import rehearse as rehearse_lib
  from pipeline import summary

  outcome = rehearse_lib.rehearse(
    file, folder, dict(parameters), {claim: pathlib.Path(path) for claim, path in volumes}, warm
  )
  for line in summary.ladders(outcome.evaluation):
    click.echo(line)
  click.echo(
    "Blessed, and pushed"
    if outcome.evaluation["blessed"]
    else summary.not_blessed(outcome.evaluation)
  )
  click.echo(f"Look at {outcome.report / 'index.html'}")


@cli.command("config")
@with_config
@click.option("--yaml", "as_yaml", is_flag=True, help="As a file for --config.")
def show_config(as_yaml, **options):
  """Print every setting, with its value and what it means."""
  config = config_of(**options)
  if as_yaml:
    click.echo(config_lib.to_yaml(config), nl=False)
    return
  for name, value, text in config_lib.describe(config):
    shown = list(value) if isinstance(value, tuple) else value
    click.echo(f"{name} = {'none' if shown is None else shown}")
    click.echo(f"    {text}")


@cli.command()
@with_config
@click.option(
  "--photos",
  type=click.IntRange(min=1),
  help="Photos to learn from; default: those of the source, or "
  "CelebA's 202,499 where that is not here.",
)
def cost(photos, **options):
  """What EXPERIMENT will cost, before it is paid for.

  Counts the operations of its training, decoding and embedding, measures how
  fast this machine trains, and says how long it and some GPUs will take.

  \b
  python -m pipeline cost celeba
  """
  config = config_of(**options)
  from devtools.bench import photo_count
  from pipeline import devices

  devices.check(config.runtime.devices)
  photos = photos or photo_count.of(config)
  from devtools.bench import cost as cost_lib  # TensorFlow takes seconds.

  click.echo(devices.choose(config.runtime.devices), err=True)
  found = cost_lib.work(config, photos)
  rate = cost_lib.photos_a_second(config.generator)
  for line in cost_lib.lines(config, photos, found, rate):
    click.echo(line)
