"""Which file holds a network's weights, and whether it is the right one."""

import pathlib

from absl import logging

from components import assets
from components import errors
from components.embedding_network import networks
from components.embedding_network.settings import EmbedderSettings


def fingerprint(settings: EmbedderSettings) -> str:
  """SHA-256 (hex) of the weights that the settings name; fetches nothing.

  Raises:
    UserError: the named file is missing, or the network needs one.
  """
  if settings.weights is not None:
    return assets.sha256_of(_named_file(settings))
  return _asset(settings).file_sha256


def locate(settings: EmbedderSettings) -> pathlib.Path:
  """The weights file: the named one, or the fetched one.

  A fetched file's hash is checked. A named file may be any that has the right
  layers and shapes; that its hash is not the published one is logged.

  Raises:
    UserError: as for `fingerprint`; or the file cannot be fetched; or the
      fetched file has changed.
  """
  published = networks.of(settings).asset and _asset(settings).file_sha256
  if settings.weights is not None:
    path = _named_file(settings)
    found = assets.sha256_of(path)
    if found != published:
      logging.warning(
          "%s is not the published weights file: its SHA-256 is %s", path,
          found)
    return path
  path = assets.fetch(_asset(settings).name)
  found = assets.sha256_of(path)
  if found != published:
    raise errors.UserError(
        f"{path} is damaged: its SHA-256 is {found}, not {published}; delete "
        f"its folder and it is fetched again")
  return path


def _named_file(settings: EmbedderSettings) -> pathlib.Path:
  path = pathlib.Path(settings.weights).expanduser()
  if not path.is_file():
    raise errors.UserError(f"{path}: there is no such weights file")
  return path


def _asset(settings: EmbedderSettings) -> assets.Asset:
  network = networks.of(settings)
  if network.asset is None:
    raise errors.UserError(
        f"{network.name} needs its weights: name their file in the setting "
        "embedder.weights")
  return assets.ASSETS[network.asset]
