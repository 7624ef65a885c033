"""Verbs that look at photos."""

import pathlib
import sys

import click

from components.shared.core import errors
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
@click.option(
  "--log",
  metavar="FOLDER",
  type=click.Path(path_type=pathlib.Path),
  help="Keep counts there for `monitor`: no photo, name or embedding.",
)
@click.option("--json", "form", flag_value="json", help="Print a JSON list.")
@click.option("--csv", "form", flag_value="csv", help="Print CSV.")
@click.option(
  "--out",
  metavar="FILE",
  type=click.Path(path_type=pathlib.Path, dir_okay=False),
  help="Write there, not to standard output; CSV, or JSON where the name ends so. "
  "A file of labels is not replaced.",
)
@click.option(
  "--uncertain",
  type=(click.FloatRange(0, 1), click.FloatRange(0, 1)),
  metavar="LOW HIGH",
  help="Call labels with a probability between the two uncertain.",
)
@click.option(
  "--pictures",
  metavar="FOLDER",
  type=click.Path(path_type=pathlib.Path, file_okay=False),
  help="Write photos with a box around each face into a folder.",
)
@click.option(
  "--shards",
  metavar="FOLDER",
  type=click.Path(path_type=pathlib.Path, file_okay=False),
  help="For very many photos: write files of some photos each there, by Beam. The same command "
  "resumes.",
)
@click.option(
  "--per-shard",
  type=click.IntRange(min=1),
  default=2000,
  show_default=True,
  help="Photos of each file of --shards.",
)
@click.option(
  "--tfrecord",
  is_flag=True,
  help="Write gzipped TFRecords of tf.Examples to --shards, not Parquet.",
)
@click.option(
  "--beam",
  multiple=True,
  metavar="OPTION",
  help="Beam option of --shards, as in `run`: --beam --runner=NAME. As often as needed.",
)
def predict(
  photos,
  model,
  name,
  output,
  faces,
  as_is,
  log,
  form,
  out,
  uncertain,
  pictures,
  shards,
  per_shard,
  tfrecord,
  beam,
):
  """Label faces with a pushed model; folders stand for the photos in them, and
  - for names in lines of standard input.

  Photos may be of any size: JPEG, PNG, WebP, GIF, BMP, TIFF, HEIC or AVIF. Their faces are
  found and put where the training data have them; a photo that is like those
  already is left as it is. JSON and CSV hold an entry for every face, with its
  box in pixels of the upright photo, and one with a reason for every photo
  that can't be read or shows no face; the exit status is then 2.

  \b
  python -m pipeline predict holiday.jpg
  python -m pipeline predict PHOTOS --faces largest --out predictions.csv
  python -m pipeline predict PHOTOS --shards predictions
  """
  from pipeline.programs.prediction import command

  if uncertain and uncertain[0] >= uncertain[1]:
    raise errors.UserError("--uncertain LOW HIGH: the first is below the second")
  run = pathlib.Path(output) / name
  faces = "as-is" if as_is else faces
  if shards is not None:
    if form or out or pictures:
      raise errors.UserError("--shards: goes with none of --json, --csv, --out and --pictures")
    failed = _predict_many(
      photos, model, run, faces, uncertain, log, shards, per_shard, tfrecord, beam
    )
    sys.exit(USER_ERROR if failed else 0)
  if tfrecord or beam:
    raise errors.UserError(f"{'--tfrecord' if tfrecord else '--beam'}: goes with --shards FOLDER")
  if out is not None:
    command.check_out(out)
    form = form or ("json" if out.suffix.lower() == ".json" else "csv")
  found = command.predict(
    photos, model, run, faces, form or "table", uncertain=uncertain, pictures=pictures, log=log
  )
  if out is not None:
    command.write(found, out)
  else:
    for line in found:
      click.echo(line)
  if found.failed:
    sys.exit(USER_ERROR)


def _predict_many(
  photos, model, run, faces, uncertain, log, shards, per_shard, tfrecord, beam
) -> int:
  """Of `predict --shards`; how many photos have no label."""
  from pipeline.programs.prediction import many

  summary = many.predict(
    photos,
    model,
    run,
    lambda found: many.Job(
      model=found,
      folder=str(shards.absolute()),
      form="tfrecord" if tfrecord else "parquet",
      faces=faces,
      uncertain=uncertain,
      log=None if log is None else str(log.absolute()),
    ),
    per_shard,
    beam,
  )
  for line in summary.lines():
    click.echo(line, err=True)
  return summary.failed


@cli.command()
@click.option(
  "--model",
  type=click.Path(path_type=pathlib.Path),
  help="A pushed model's folder; default: the newest of the run.",
)
@of_run("The run whose model is used.")
@click.option(
  "--host",
  default="127.0.0.1",
  show_default=True,
  help="Address to listen at; the default is seen by this machine alone. There is no TLS and "
  "no password.",
)
@click.option(
  "--port",
  type=click.IntRange(0, 65535),
  default=8080,
  show_default=True,
  help="0: any that is free.",
)
@click.option(
  "--uncertain",
  type=(click.FloatRange(0, 1), click.FloatRange(0, 1)),
  metavar="LOW HIGH",
  help="Call labels with a probability between the two uncertain.",
)
def serve(model, name, output, host, port, uncertain):
  """Label photos over HTTP: POST one to /predict; / says how.

  \b
  curl --data-binary @holiday.jpg http://127.0.0.1:8080/predict
  """
  from pipeline.programs.prediction import Predictor, service
  from pipeline.programs.web import server

  predictor = Predictor(model or folder_of(name, output).latest_pushed(), uncertain=uncertain)
  served = server.Server(service.create(predictor, host), host, port)
  server.show(served, click.echo, open_browser=False)


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
@click.option(
  "--goal",
  type=click.IntRange(min=0),
  default=125,
  show_default=True,
  help="How many labels are wanted, a fifth of them for evaluation; 0: of all photos.",
)
@click.option(
  "--second",
  multiple=True,
  metavar="FILE",
  type=click.Path(path_type=pathlib.Path),
  help="Labels of another person, to compare: shows how far you agree, and asks disputed "
  "photos again. As often as needed.",
)
@click.option(
  "--share",
  is_flag=True,
  help="Let others in this network label as well: prints a link for each. There is no TLS.",
)
@of_page
@of_run("The run whose model helps.")
def label(
  source, attribute, labels, order, seed, audit, goal, second, share, port, no_browser, name, output
):
  """Label the photos of SOURCE in a browser: yes, no, can't tell.

  SOURCE is `sample`, a CelebA folder or zip, or a folder of photos. Every
  answer is on the disk before the next photo shows, in FILE.answers, of which
  FILE is made; the same command resumes where it was stopped.

  The least certain photos teach a classifier most, but are harder than others.
  Those that are to evaluate it, a fifth of all by a hash of the name, are asked
  in random order, among the others.

  With --share, each person who is let in gives a name. Everybody answers the
  photos for evaluation, which shows how far people agree; the others are divided.
  Photos that two people answered differently are asked again, blind.

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
    second=second,
    goal=goal,
    share=share,
    port=port,
    open_browser=not no_browser,
    say=click.echo,
  ):
    click.echo(line)
