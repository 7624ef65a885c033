"""Options that together make a Config."""

import pathlib
import sys

import click

from components.shared.core import errors
from components.vae_gan_trainer.settings import START_SIZES
from pipeline import config as config_lib
from pipeline import experiments, metadata_url
from pipeline.platforms.beam import beam_flags


class _Experiment(click.ParamType):
  """Name of an experiment."""

  name = "experiment"

  def convert(self, value, param, ctx):
    try:
      return experiments.load(value)
    except KeyError:
      known = ", ".join(experiments.all_experiments())
      self.fail(f"there is no experiment {value!r}; there are: {known}")


def _without_password(context, parameter, url: str | None) -> str | None:
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


def with_config(command):
  """Options that together make a Config."""
  for option in (
    click.argument("experiment", type=_Experiment(), required=False),
    click.option(
      "--config",
      "file",
      metavar="FILE",
      type=click.Path(path_type=pathlib.Path),
      help="YAML with settings that differ from the experiment's.",
    ),
    click.option(
      "--set",
      "assignments",
      metavar="SETTING=VALUE",
      multiple=True,
      help="Any setting of the tree, as often as needed; `python -m pipeline config` lists them.",
    ),
    click.option("--name", help="Name of the run; its folder's name."),
    click.option(
      "--source", metavar="PATH", help="`sample`, a CelebA folder or zip, or a folder of photos."
    ),
    click.option(
      "--labels", metavar="FILE", help="CSV: image_id,<attribute>,... with 1, 0 or blank."
    ),
    click.option(
      "--attribute",
      "attributes",
      metavar="NAME",
      multiple=True,
      help="The annotation to learn; several times for several.",
    ),
    click.option("--embedder", metavar="NAME", help="The face network."),
    click.option(
      "--generator",
      metavar="NAME|FOLDER",
      help="A generator from elsewhere instead of training one: "
      "dcgan-digiface, or a SavedModel's folder.",
    ),
    click.option(
      "--start",
      metavar="NAME",
      help="A pretrained generator to start training from: "
      "dcgan-digiface; sets the sizes that it needs.",
    ),
    click.option(
      "--orchestrator", type=click.Choice(["local", "beam"]), help="How the components are run."
    ),
    click.option(
      "--beam",
      "beam",
      metavar="FLAG",
      multiple=True,
      help="An option of Beam, --name=value, as often as needed; "
      "COMPONENT:--name=value for one component.",
    ),
    click.option(
      "--metadata",
      metavar="URL",
      callback=_without_password,
      help="MySQL database for ML Metadata, instead of a file in "
      "the run's folder: mysql://user[:password]@host[:3306]/"
      "database. The password may come in "
      f"{metadata_url.PASSWORD_VARIABLE} instead.",
    ),
    click.option(
      "--devices", metavar="auto|cpu|NUMBER", help="All GPUs there are, none, or how many."
    ),
    click.option("--output", metavar="FOLDER", help="Folder that holds the runs."),
  ):
    command = option(command)
  return command


def config_of(
  experiment: config_lib.Config | None,
  file: pathlib.Path | None,
  assignments: tuple[str, ...],
  beam: tuple[str, ...],
  **shortcuts: None | str | tuple[str, ...],
) -> config_lib.Config:
  """Shortcuts come last: what is typed out wins."""
  if experiment is None:
    experiment = experiments.load("sample" if shortcuts["source"] is None else "photos")
  places = {
    "name": "name",
    "source": "source.path",
    "labels": "source.labels",
    "attributes": "source.attributes",
    "embedder": "embedder.network",
    "generator": "imported_generator",
    "start": "generator.start",
    "orchestrator": "runtime.orchestrator",
    "metadata": "runtime.metadata",
    "devices": "runtime.devices",
    "output": "runtime.output",
  }
  # Applied before --config and --set, which therefore win.
  sizes = START_SIZES.get(shortcuts["start"], {})
  experiment = config_lib.with_values(
    experiment, {f"generator.{name}": size for name, size in sizes.items()}
  )
  base = config_lib.build(experiment, file, assignments)
  values = {places[key]: value for key, value in shortcuts.items() if value not in (None, ())}
  values.update(_beam_values(base.runtime, beam))
  return config_lib.with_values(base, values)


def _beam_values(
  runtime: config_lib.RuntimeSettings, given: tuple[str, ...]
) -> dict[str, tuple[str, ...]]:
  """Settings that hold what there is, changed by `--beam`."""
  of_all, of_one = beam_flags.split(given)
  values = {"runtime.beam": beam_flags.merged(runtime.beam, of_all)}
  for name, flags in of_one.items():
    values[f"runtime.beam_of.{name}"] = beam_flags.merged(runtime.beam_of.get(name, ()), flags)
  return values
