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
