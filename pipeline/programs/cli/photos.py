"""Verbs that look at photos."""

import pathlib
import sys

import click

from pipeline.programs.cli.group import USER_ERROR, cli, folder_of, of_page, of_run


@cli.command()
@click.argument(
  "photos", nargs=-1, required=True, metavar="PHOTO...", type=click.Path(path_type=pathlib.Path)
)
@click.option(
  "--model",
  type=click.Path(path_type=pathlib.Path),
  help="A pushed model's folder; default: the newest of the run.",
)
@of_run("The run whose model is used.")
@click.option(
  "--faces",
  type=click.Choice(["all", "largest"]),
  default="all",
  show_default=True,
  help="Which faces of a photo are labelled.",
)
@click.option(
  "--as-is",
  "as_is",
  is_flag=True,
  help="Look for no faces: the photos show one each, aligned as CelebA's are.",
)
@click.option("--json", "form", flag_value="json", help="Print a JSON list.")
@click.option("--csv", "form", flag_value="csv", help="Print CSV.")
def predict(photos, model, name, output, faces, as_is, form):
  """Label faces with a pushed model; folders stand for the photos in them.

  Photos may be of any size: JPEG, PNG, WebP, GIF, BMP, TIFF, HEIC or AVIF. Their faces are
  found and put where the training data have them; a photo that is like those
  already is left as it is. JSON and CSV hold an entry for every face, with its
  box in pixels of the upright photo, and one with a reason for every photo
  that can't be read or shows no face; the exit status is then 2.

  \b
  python -m pipeline predict holiday.jpg
  python -m pipeline predict PHOTOS --faces largest --csv > labels.csv
  """
  from pipeline.programs.prediction import command

  found = command.predict(
    photos, model, pathlib.Path(output) / name, "as-is" if as_is else faces, form or "table"
  )
  for line in found:
    click.echo(line)
  if found.failed:
    sys.exit(USER_ERROR)


@cli.command()
@click.argument("source", metavar="SOURCE")
@click.option(
  "--attribute",
  required=True,
  metavar="NAME",
  help="What is asked of every photo; the column of the CSV.",
)
@click.option(
  "--labels",
  default="labels.csv",
  show_default=True,
  metavar="FILE",
  type=click.Path(path_type=pathlib.Path),
  help="CSV to write; one that is there keeps its other columns and rows.",
)
@click.option(
  "--order",
  type=click.Choice(["informative", "random", "name"]),
  help="informative: what the run's latest pushed model is least "
  "certain of comes first; default where there is such a model, "
  "else random.",
)
@click.option(
  "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the random order."
)
@click.option(
  "--audit", is_flag=True, help="Begin with labels that are probably wrong, asked again."
)
@of_page
@of_run("The run whose model helps.")
def label(source, attribute, labels, order, seed, audit, port, no_browser, name, output):
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
  from pipeline.programs.label import run as label_run

  folder = folder_of(name, output)
  for line in label_run.run(
    source,
    attribute,
    labels,
    folder,
    order=order,
    seed=seed,
    audit=audit,
    port=port,
    open_browser=not no_browser,
    say=click.echo,
  ):
    click.echo(line)
