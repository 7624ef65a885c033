"""Verbs about models that are in use."""

import pathlib
import sys

import click

from pipeline.programs.cli.group import cli, folder_of, of_run


@cli.command()
@of_run("The run whose models are listed.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list, with all that is known.")
def models(name, output, as_json):
  """List what was pushed: when, by which run, from which labels, how good.

  The highest version is the one that is served. What is known of a model
  comes from ML Metadata, and where that is missing from its folder.
  """
  folder = folder_of(name, output)
  from pipeline.programs.monitoring import models as models_lib  # TensorFlow takes seconds.

  found = models_lib.read(folder)
  for line in [models_lib.as_json(found)] if as_json else models_lib.as_table(found):
    click.echo(line)


@cli.command()
@click.argument("version", type=click.IntRange(min=0), required=False)
@of_run("The run whose model is replaced.")
def rollback(version, name, output):
  """Serve an older model again: VERSION, or the one before the newest.

  It becomes the newest version, whole or not at all, after a clean process
  has loaded it. What it replaces is withdrawn: a run that makes the same
  model again does not push it. To roll back to a withdrawn version brings
  that back.

  \b
  python -m pipeline models
  python -m pipeline rollback 1764380730
  """
  folder = folder_of(name, output)
  from pipeline.programs.monitoring import rollback as rollback_lib  # TensorFlow takes seconds.

  click.echo(rollback_lib.roll_back(folder, version))


@cli.command()
@click.argument("log", type=click.Path(path_type=pathlib.Path))
@of_run("The run whose models were used.")
@click.option(
  "--days",
  type=click.IntRange(min=1),
  default=7,
  show_default=True,
  help="Length of the windows that are compared.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for alerting.")
def monitor(log, name, output, days, as_json):
  """Has anything moved? LOG, as `predict --log` writes it, against training.

  Holds what a model was used on against what it was trained and validated on.
  A figure has moved where a test says so (chi-squared, corrected for all tests
  of the window) and TFDV's distance is beyond its bound. The exit status is 0
  where the newest window is quiet, 1 where something has moved, 2 on an error.
  The page is in the run's folder, monitoring/index.html.

  \b
  python -m pipeline predict PHOTOS --log seen
  python -m pipeline monitor seen
  """
  folder = folder_of(name, output)
  from pipeline.programs.monitoring import monitor as monitor_lib  # TensorFlow takes seconds.

  found = monitor_lib.run(folder, log, days)
  for line in monitor_lib.as_json(found) if as_json else monitor_lib.lines(found):
    click.echo(line)
  sys.exit(1 if found.alarm else 0)
