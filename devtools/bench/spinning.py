"""Whether ONNX Runtime's threads had better spin, alone and beside others."""

import contextlib
import functools
import os
import pathlib
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from components.shared.networks import (
  decoding,
  engine_artifact,
  network_artifact,
  onnx_model,
  saved_model,
)
from components.shared.networks.engine_settings import EngineSettings
from devtools.bench import built, rows

_BUSY_PROCESSES = 2


def measure(
  photos: Sequence[bytes], *, one_at_a_time: int, batch_size: int, repeats: int
) -> list[rows.Row]:
  """Rows `spin/<use>/<beside>/<on or off>`: FaceNet's photos a second.

  The uses are those of the product: `batches` decodes and embeds as
  FaceEmbedder does, `one` embeds decoded photos one by one, as predicting a
  single one does. Beside `nothing` they have the machine to themselves; beside
  `busy`, there are two processes that compute without end. On is the baseline
  of off, in the same turns, and `processor_seconds` is what 1,000 photos took.

  Args:
    photos: encoded; they also calibrate int8.
    one_at_a_time: how many of them `one` takes.
    batch_size: of `batches`.
    repeats: how often each way is timed.
  """
  with tempfile.TemporaryDirectory() as folder, decoding.threads() as threads:
    model, size = _model(pathlib.Path(folder), photos, batch_size)
    decode = functools.partial(decoding.decode_faces, size=size, executor=threads)
    uses = {
      "batches": lambda session: _batches(session, photos, batch_size, decode),
      "one": lambda session: _batches(session, photos[:one_at_a_time], 1, decode),
    }
    sessions = {
      "on": onnx_model.session(model, spinning=True),
      "off": onnx_model.session(model, spinning=False),
    }
    found: list[rows.Row] = []
    for beside, company in (("nothing", contextlib.nullcontext()), ("busy", _busy())):
      spent: dict[str, list[float]] = {}
      ways = {
        f"spin/{use}/{beside}/{name}": _timed(
          functools.partial(embed, session), spent, f"spin/{use}/{beside}/{name}"
        )
        for use, embed in uses.items()
        for name, session in sessions.items()
      }
      with company:
        rates = rows.take_turns(ways, repeats, f"bench embed beside {beside}")
      found += [
        rows.Row(
          name=name,
          rates=rates[name],
          baseline=(name.removesuffix("off") + "on" if name.endswith("/off") else None),
          details={"processor_seconds_per_1000": 1000 * min(spent[name][1:])},
        )
        for name in ways
      ]
  return found


def _model(root: pathlib.Path, photos: Sequence[bytes], batch_size: int) -> tuple[bytes, int]:
  """FaceNet in int8, and the side of its input."""
  built.write(
    root,
    photos,
    EngineSettings(
      kind="onnx_int8",
      batch_size=batch_size,
      median_cosine=0,
      low_cosine=0,
      calibration_photos=max(8, min(128, len(photos) // 2)),
    ),
  )
  # It outlives the folder, in memory.
  return (
    pathlib.Path(engine_artifact.int8_file(str(root / "engine"))).read_bytes(),
    network_artifact.read(str(root / "network")).input_size,
  )


def _batches(
  session, photos: Sequence[bytes], batch_size: int, decode: Callable[[Sequence[bytes]], np.ndarray]
) -> int:
  for start in range(0, len(photos), batch_size):
    pixels = decode(photos[start : start + batch_size])
    session.run([saved_model.EMBEDDING], {saved_model.PIXELS: pixels.astype(np.float32)})
  return len(photos)


def _timed(way: Callable[[], int], spent: dict[str, list[float]], name: str) -> Callable[[], int]:
  """The same; its processor seconds a photo are recorded."""

  def timed() -> int:
    before = sum(os.times()[:2])
    photos = way()
    spent.setdefault(name, []).append((sum(os.times()[:2]) - before) / photos)
    return photos

  return timed


@contextlib.contextmanager
def _busy() -> Iterator[None]:
  """Other processes that compute until the end of the scope."""
  others = [
    subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(_BUSY_PROCESSES)
  ]
  try:
    yield
  finally:
    for other in others:
      other.kill()
      other.wait()
