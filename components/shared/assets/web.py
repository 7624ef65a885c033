"""Files from the web, or in their place a file or URL of the user's."""

import os
import pathlib
from collections.abc import Callable

from components.shared.assets import cache, catalogue, download, installation, urls
from components.shared.assets import part as part_lib
from components.shared.core import errors, progress

Source = str | os.PathLike
Verify = Callable[[pathlib.Path], object]
_MEGABYTE = 1_000_000


def installed(asset: catalogue.WebAsset) -> pathlib.Path | None:
  """The installed file, or None."""
  record = installation.read(asset)
  return installation.path_of(asset, record) if record else None


def installed_sha256(asset: catalogue.WebAsset) -> str | None:
  """The hash that the installed file had then, or None."""
  record = installation.read(asset)
  return record.sha256 if record else None


def fetch(
  asset: catalogue.WebAsset, source: Source | None = None, verify: Verify | None = None
) -> pathlib.Path:
  """Installs an asset's file unless it is there, and says where it is.

  Args:
    asset: what is wanted.
    source: a file or URL to install in place of the published one; replaces
      what was installed before.
    verify: called with a file that has not the published hash, before it is
      installed; its name need not end as the original's did. Raises
      `UserError` if the file does not serve. Without it no such file is
      installed.

  Raises:
    UserError: the URL may not be fetched from; it cannot be downloaded; there
      is no such file; it is not the right one; the cache cannot be written to.
  """
  if source is not None and urls.is_url(str(source)):
    urls.check(str(source))
  elif source is not None and not pathlib.Path(source).is_file():
    raise errors.UserError(f"{source}: there is no such file")
  if not _is_installed(asset, source):
    with cache.locked(asset.name):
      if not _is_installed(asset, source):
        _install(asset, source, verify)
  return installed(asset)


def _is_installed(asset: catalogue.WebAsset, source: Source | None) -> bool:
  record = installation.read(asset)
  if record is None or source is None:
    return record is not None
  if urls.is_url(str(source)):
    return record.source == urls.key(str(source))
  file = pathlib.Path(source)
  return file.stat().st_size == record.size and cache.sha256_of(file) == record.sha256


def _install(asset: catalogue.WebAsset, source: Source | None, verify: Verify | None) -> None:
  with cache.written():
    installation.folder(asset).mkdir(exist_ok=True)
    if source is not None and not urls.is_url(str(source)):
      origin, key, name = str(source), None, pathlib.Path(source).name
      part = _copy(asset, pathlib.Path(source))
    else:
      url = asset.url if source is None else str(source)
      origin, key, name = urls.shown(url), urls.key(url), urls.file_name(url)
      part = _download(asset, source is None, url)
  try:
    sha256 = _checked(asset, part.path, source is None, origin, verify)
  except errors.UserError:
    part.drop()
    raise
  with cache.written():
    installation.install(asset, part.path, name=name, sha256=sha256, source=key)


def _copy(asset: catalogue.WebAsset, source: pathlib.Path) -> part_lib.Part:
  part = part_lib.Part(installation.folder(asset) / "copy.partial")
  part.drop()
  size = source.stat().st_size
  cache.check_room(size)
  try:
    original = open(source, "rb")
  except OSError as error:
    raise errors.UserError(f"{source}: {error.strerror}") from error
  try:
    with (
      original,
      open(part.path, "wb") as copy,
      progress.bar(f"copy {asset.name}", size // _MEGABYTE, "MB") as bar,
    ):
      while block := original.read(1 << 20):
        copy.write(block)
        bar.update(copy.tell() // _MEGABYTE - bar.n)
  except BaseException:  # half a copy is of no use to the next try
    part.drop()
    raise
  return part


def _download(asset: catalogue.WebAsset, is_published: bool, url: str) -> part_lib.Part:
  part = part_lib.Part(installation.folder(asset) / f"{urls.key(url)}.partial")
  try:
    download.download(
      url, part.path, label=f"fetch {asset.name}", size=asset.size if is_published else None
    )
  except download.DownloadError as error:
    mirror = f" (its mirror is {asset.mirror})" if is_published else ""
    raise errors.UserError(
      f"cannot fetch {urls.shown(url)}: {error}; get the file "
      f"elsewhere{mirror} and run `python -m pipeline fetch {asset.name} "
      f"--from FILE`"
    ) from error
  return part


def _checked(
  asset: catalogue.WebAsset,
  path: pathlib.Path,
  is_published: bool,
  origin: str,
  verify: Verify | None,
) -> str:
  """SHA-256 of a file that may be installed.

  Raises:
    UserError: it may not be.
  """
  sha256, size = cache.sha256_of(path), path.stat().st_size
  if sha256 == asset.file_sha256:
    return sha256
  if is_published or size == asset.size or verify is None:
    deleted = "; it is deleted, and the same command fetches it again" if is_published else ""
    raise errors.UserError(
      f"{origin} is not {asset.file} as it was published: {size:,} bytes "
      f"with SHA-256 {sha256}, not {asset.size:,} with {asset.file_sha256}"
      f"{deleted}"
    )
  try:
    verify(path)
  except errors.UserError as error:
    # The file's own name says more than that of a copy which is now deleted.
    raise errors.UserError(str(error).replace(str(path), origin)) from error
  return sha256
