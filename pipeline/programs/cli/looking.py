"""Verbs that look at a run that was made."""

import pathlib

import click

from pipeline.programs.cli.group import cli, folder_of, of_page, of_run


@cli.command()
@of_run("The run to report on.")
def report(name, output):
  """Make the report of a run again, and print its ladder.

  The page of the latest run, with what led to its model and all runs so far;
  of a run that failed or was stopped, how far it came.
  """
  folder = folder_of(name, output)
  if not folder.config.exists():
    folder.read_evaluation()  # Says that there is no run.
  from pipeline import summary
  from pipeline.programs import report as report_lib  # TensorFlow takes seconds.

  evaluation = report_lib.again(folder)
  if evaluation is None:
    click.echo(f"The latest run of {name} did not finish: look at {folder.report / 'index.html'}")
    return
  for line in summary.lines(folder, evaluation):
    click.echo(line)


@cli.command()
@click.option("--output", default="output", show_default=True, help="Folder that holds the runs.")
@click.option(
  "--against", metavar="NAME", help="The run to hold the others against; default: the oldest."
)
def runs(output, against):
  """Compare all runs of a folder: settings, AUC, paired differences.

  A difference is that of the pushed models on the hand-labelled photos that two
  runs share, with its 95% interval. The same is on the page index.html of the
  folder.
  """
  from pipeline.programs import runs as runs_lib  # NumPy and TensorFlow take seconds.

  found = runs_lib.read(pathlib.Path(output), against)
  runs_lib.write_page(pathlib.Path(output), against)
  for line in runs_lib.lines(pathlib.Path(output), found):
    click.echo(line)


@cli.command("try")
@of_run("The run to try.")
@of_page
def try_(name, output, port, no_browser):
  """Try a run on a page: drop a photo, move a face along its directions.

  Shows a photo's label and probability, the face that was found, and the
  nearest faces that the run learned from. Sliders move one of the generator's
  faces, or the photo's reconstruction. The page is on this machine alone;
  nothing that is dropped there is kept.
  """
  from pipeline.programs.try_page import app

  app.serve(folder_of(name, output), port, click.echo, not no_browser)


@cli.command()
@of_run("The finished run to look at.")
def notebook(name, output):
  """Put a notebook into a run's folder: TFMA's and TFDV's own views of it."""
  from pipeline.programs import notebooks

  folder = folder_of(name, output)
  for line in notebooks.put(folder):
    click.echo(line)


@cli.command()
@click.option(
  "--name", "names", multiple=True, help="A run to show, as often as needed; default: all."
)
@click.option("--output", default="output", show_default=True, help="Folder that holds the runs.")
@click.option(
  "--port", type=click.IntRange(1, 65535), help="Default: 6006, or the next that is free."
)
def tensorboard(names, output, port):
  """Show how the runs' generators were trained, in TensorBoard.

  Finished trainings, each under the name of its run, on this machine only.
  """
  from pipeline.programs import training_logs

  training_logs.serve(pathlib.Path(output), names, port)


@cli.command()
@of_run("The run whose folder is cleaned.")
@click.option("--yes", is_flag=True, help="Remove it; without this, only say what can go.")
def clean(name, output, yes):
  """Say what of a run's folder can go, and remove it with --yes.

  That is what earlier runs made and the newest one did not take over. Reports,
  figures and pushed models stay.
  """
  from pipeline.programs import clean as clean_lib

  folder = folder_of(name, output)
  found = clean_lib.remove(folder) if yes else clean_lib.find(folder)
  for line in clean_lib.lines(found):
    click.echo(line)
  if found:
    click.echo("Removed." if yes else "Nothing was removed; the same command with --yes does it.")


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
      self.fail(f"at least {self._fewest} {self._why} are needed")
    return tuple(sorted(set(counts)))


@cli.command()
@of_run("The finished run whose generator and embeddings are used.")
@click.option(
  "--labels",
  type=_Counts(4, "labels, two of each class,"),
  default="4,10,20,50,100",
  show_default=True,
  metavar="N,N,...",
  help="Numbers of labelled photos.",
)
@click.option(
  "--unlabeled",
  type=_Counts(10, "unlabelled photos"),
  default=(),
  metavar="N,N,...",
  help="Numbers of unlabelled photos; default: all that there are.",
)
@click.option(
  "--seeds",
  type=click.IntRange(min=1),
  help="Draws of each number; default: 5, and 1 of all annotations.",
)
@click.option(
  "--faces",
  type=click.IntRange(min=100),
  help="Synthetic faces of each ladder; default: 2000, and 500 of all annotations.",
)
@click.option(
  "--attribute",
  metavar="NAME",
  help="One that the run learned; default: its first. all: every annotation that the source "
  "has, with all labels.",
)
def sweep(name, output, labels, unlabeled, seeds, faces, attribute):
  """How many photos are enough? The ladder for each number of them.

  Continues from a finished run, whose generator and embeddings know no label.
  Every ladder is written as soon as it is finished, so that the same command
  resumes where it was stopped. About 12 minutes on 2 cores.

  \b
  python -m pipeline sweep --labels 4,10,20,50,100 --seeds 5
  python -m pipeline sweep --labels 10,50 --unlabeled 10,30,100,300
  python -m pipeline sweep --attribute all
  """
  folder = folder_of(name, output)
  from pipeline.programs.sweep import learned

  of_all = attribute == learned.ALL
  if seeds == 1 and not of_all:
    raise click.BadParameter("at least 2 are needed for an interval", param_hint="--seeds")
  learned.open_run(folder, None if of_all else attribute)
  # TensorFlow takes seconds.
  if of_all:
    from pipeline.programs.sweep import attributes

    found = attributes.run(folder, seeds or 1, _even(faces or 500))
  else:
    from pipeline.programs.sweep import run as sweep_run

    found = sweep_run.run(folder, attribute, labels, unlabeled, seeds or 5, _even(faces or 2000))
  for line in found:
    click.echo(line)


def _even(number: int) -> int:
  return number + number % 2
