"""One parser under a coverage-guided fuzzer (atheris, on libFuzzer).

    python -m tests.faults.hostile.fuzz TARGET [-runs=N ...] SEEDS

Whatever a parser raises beyond the errors that it promises ends the process,
and its input is kept.
"""

import contextlib
import functools
import importlib
import os
import pathlib
import shutil
import sys
import tempfile
import warnings
from collections.abc import Callable

import atheris

Target = Callable[[bytes], None]
_OURS = ["components", "pipeline", "PIL", "yaml", "tests.faults.hostile", "zipfile"]
"""Packages whose coverage guides the fuzzer; TensorFlow is too large."""


def _instrumented() -> contextlib.AbstractContextManager:
  if not any(name.startswith("components") for name in sys.modules):
    for name in [name for name in sys.modules if name.startswith("zipfile")]:
      del sys.modules[name]  # TensorFlow has imported it, plainly.
  return atheris.instrument_imports(include=_OURS)


def _photo(folder: pathlib.Path) -> Target:
  del folder
  import tensorflow

  with _instrumented():
    for format in ("Bmp", "Gif", "Jpeg", "Mpo", "Png", "Tiff", "WebP"):
      importlib.import_module(f"PIL.{format}ImagePlugin")
    from components.shared.data import photos

  def run(data: bytes) -> None:
    with contextlib.suppress(photos.PhotoError):
      photos.is_plain_jpeg(data)
    with contextlib.suppress(photos.PhotoError):
      jpeg = photos.to_jpeg(data)
      pixels = photos.to_pixels(data)
      decoded = tensorflow.io.decode_jpeg(jpeg, channels=3)
      assert tuple(decoded.shape) == pixels.shape

  return run


def _of_entry(kind: str, file: str, folder: pathlib.Path) -> Target:
  """What the corpus hands to an entry point, too."""
  importlib.import_module("tensorflow")
  importlib.import_module("keras")
  with _instrumented():
    from components.shared.core import errors
    from components.shared.data import photos
    from tests.faults.hostile import entries
  run_entry = entries.ENTRIES[kind]
  path = folder / file

  def run(data: bytes) -> None:
    path.write_bytes(data)
    with contextlib.suppress(errors.UserError, photos.PhotoError):
      run_entry(path)

  return run


def _text_entry(kind: str, file: str, folder: pathlib.Path) -> Target:
  """The same of an entry that is handed a text."""
  run = _of_entry(kind, file, folder)
  return lambda data: run(data.decode("utf-8", "ignore").encode())


def _table(folder: pathlib.Path) -> Target:
  """As of the corpus, but for writing to the disk for sure, which is slow."""
  importlib.import_module("tensorflow")
  with _instrumented():
    from components.shared.core import errors
    from pipeline.programs.label import table
  path = folder / "labels.csv"

  def run(data: bytes) -> None:
    path.write_bytes(data)
    with contextlib.suppress(errors.UserError):
      found = table.read(path, "Smiling")
      path.write_bytes(found.encode())
      assert table.read(path, "Smiling") == found

  return run


def _journal(folder: pathlib.Path) -> Target:
  importlib.import_module("tensorflow")
  with _instrumented():
    from components.shared.core import errors
    from pipeline.programs.label import journal
  path = folder / "labels.csv.answers"

  def run(data: bytes) -> None:
    path.write_bytes(data)
    with contextlib.suppress(errors.UserError):
      opened = journal.Journal(path, path.with_suffix(""))
      opened.close()
      again = journal.Journal(path, path.with_suffix(""))
      again.close()
      assert again.entries == opened.entries

  return run


def _config(folder: pathlib.Path) -> Target:
  importlib.import_module("tensorflow")
  with _instrumented():
    from components.shared.core import errors
    from pipeline import config
  path = folder / "config.yaml"

  def run(data: bytes) -> None:
    path.write_bytes(data)
    with contextlib.suppress(errors.UserError):
      config.build(config.Config(), path)
    text = data[:200].decode("utf-8", "ignore")
    with contextlib.suppress(errors.UserError):
      config.build(config.Config(), assignments=[text])

  return run


_ENTRY = functools.partial
TARGETS: dict[str, Callable[[pathlib.Path], Target]] = {
  "photo": _photo,
  "labels": _ENTRY(_of_entry, "labels", "labels.csv"),
  "celeba": _ENTRY(_of_entry, "labels", "list_attr_celeba.txt"),
  "list": _ENTRY(_of_entry, "list", "evaluation.txt"),
  "range": _ENTRY(_text_entry, "range", "range.txt"),
  "zip": _ENTRY(_of_entry, "zip", "photos.zip"),
  "config": _config,
  "table": _table,
  "journal": _journal,
  "address": _ENTRY(_of_entry, "address", "address.txt"),
  "note": _ENTRY(_of_entry, "note", "part.json"),
  "run folder": _ENTRY(_of_entry, "run folder", "run.json"),
  "h5": _ENTRY(_of_entry, "h5", "weights.h5"),
  "mat": _ENTRY(_of_entry, "mat", "vgg_face.mat"),
  "torch": _ENTRY(_of_entry, "torch", "weights.tar"),
  "wheel": _ENTRY(_of_entry, "wheel", "package.whl"),
}
"""What makes a target that writes into a folder, by name."""
EVERYTHING = "everything"


def _everything(folder: pathlib.Path) -> Target:
  """All of them; an input's first byte says which one gets the rest."""
  targets = [make(folder) for make in TARGETS.values()]

  def run(data: bytes) -> None:
    if data:
      targets[data[0] % len(targets)](data[1:])

  return run


def main() -> None:
  """Fuzzes until a finding or the end of the runs."""
  warnings.filterwarnings("ignore")
  name = sys.argv.pop(1)
  folder = pathlib.Path(
    tempfile.mkdtemp(prefix="fuzz-", dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
  )
  os.environ["HOSTILE_SCRATCH"] = str(folder / "scratch")
  try:
    target = {**TARGETS, EVERYTHING: _everything}[name](folder)
    atheris.Setup(sys.argv, target)
    atheris.Fuzz()
  finally:
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
  main()
