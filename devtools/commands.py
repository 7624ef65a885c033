"""Verbs of the source tree: what is measured and rehearsed, and not installed."""

import pathlib

import click

from pipeline.programs.cli.configured import config_of, with_config
from pipeline.programs.cli.group import cli


@cli.command()
@click.argument("groups", nargs=-1, metavar="[GROUP]...")
@click.option(
  "--repeats",
  type=click.IntRange(min=1),
  default=5,
  show_default=True,
  help="How often each thing is timed.",
)
@click.option(
  "--output",
  default="bench.json",
  show_default=True,
  type=click.Path(path_type=pathlib.Path, dir_okay=False),
  help="Where the figures are written.",
)
@click.option("--smoke", is_flag=True, help="As little as possible: shows that it works.")
def bench(groups, repeats, output, smoke):
  """Measure this machine: embedding, predicting, training, TFX itself.

  Everything is timed in turns with its baseline, so that ratios hold even
  where a machine is busy. GROUP is one of start, decode, facenet,
  vgg_face, embed, predict, train, stream, beam, load, evaluator, tfx, run
  (default: all, about 45
  minutes on 2 cores, half of them for load, which also fills 2 GB of a disk
  for that time). start times whole commands; its predict needs a run of the
  sample. VGG-Face gets random weights where none are installed; its speed is
  the same.
  """
  from devtools.bench import groups as groups_lib

  groups_lib.check(groups)
  import dataclasses

  from devtools.bench import run as bench_run

  scale = bench_run.SMOKE if smoke else dataclasses.replace(bench_run.Scale(), repeats=repeats)
  found = bench_run.run(groups, scale)
  bench_run.write(found, output)
  for line in bench_run.lines(found):
    click.echo(line)
  click.echo(f"Written to {output}")


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
  "folder resumes where it was stopped.",
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
