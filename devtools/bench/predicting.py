"""Predicting, against the embedding engine alone on the same photos."""

import io
import pathlib
import tempfile
from collections.abc import Callable, Sequence

from PIL import Image

from components.shared.networks import agreement, decoding
from components.shared.networks.engine_settings import EngineSettings
from devtools.bench import built, pushing, rows
from pipeline.programs import prediction
from pipeline.programs.prediction import run_engine

_BASELINE = "predict/engine"
_CANVAS = (1024, 768)


def measure(photos: Sequence[bytes], *, batch_size: int, repeats: int) -> list[rows.Row]:
  """Rows `predict/...`: photos a second, from files to labels.

  `engine` decodes and embeds the photos in batches, as FaceEmbedder does, and
  `network` embeds what was decoded before: all else is what predicting adds.
  `as_is` takes the photos for aligned faces, `faces` looks for them, and
  `canvas` finds them in photos of 1024 x 768 pixels.

  Args:
    photos: encoded, of aligned faces.
    batch_size: of the engine alone.
    repeats: how often each is timed.
  """
  with tempfile.TemporaryDirectory() as folder, decoding.threads() as threads:
    root = pathlib.Path(folder)
    engine = _engine(root, photos, batch_size)
    pixels = decoding.decode_faces(photos, engine.input_size, threads)
    pushing.push(
      root / "model",
      str(root / "network"),
      agreement.embed_all(engine.engine, pixels[:batch_size], batch_size),
      ["Male"],
    )
    predictor = prediction.Predictor(root / "model", engine=engine)

    def embed() -> int:
      for start in range(0, len(photos), batch_size):
        engine.engine.embed(
          decoding.decode_faces(photos[start : start + batch_size], engine.input_size, threads)
        )
      return len(photos)

    def network() -> int:
      agreement.embed_all(engine.engine, pixels, batch_size)
      return len(photos)

    aligned = _files(root / "aligned", photos)
    rates = rows.take_turns(
      {
        "predict/network": network,
        _BASELINE: embed,
        "predict/as_is": _predict(predictor, aligned, "as-is"),
        "predict/faces": _predict(predictor, aligned, "all"),
        "predict/canvas": _predict(
          predictor, _files(root / "canvas", [_on_canvas(photo) for photo in photos[::4]]), "all"
        ),
      },
      repeats,
      "bench predict",
    )
  return [
    rows.Row(
      name=name,
      rates=found,
      baseline=None if name == _BASELINE else _BASELINE,
      details={"engine": engine.kind},
    )
    for name, found in rates.items()
  ]


def _engine(root: pathlib.Path, photos: Sequence[bytes], batch_size: int) -> run_engine.RunEngine:
  """FaceNet's engine for this machine, as a run would make it."""
  built.write(
    root,
    photos,
    EngineSettings(batch_size=batch_size, calibration_photos=max(8, min(128, len(photos) // 2))),
  )
  return run_engine.RunEngine(str(root / "network"), str(root / "engine"))


def _predict(
  predictor: prediction.Predictor, files: Sequence[pathlib.Path], faces: prediction.Faces
) -> Callable[[], int]:
  def predict() -> int:
    found = predictor.predict(((file.name, file) for file in files), faces)
    return len({row.photo for row in found})

  return predict


def _files(folder: pathlib.Path, photos: Sequence[bytes]) -> list[pathlib.Path]:
  folder.mkdir()
  files = [folder / f"{number}.jpg" for number in range(len(photos))]
  for file, photo in zip(files, photos, strict=True):
    file.write_bytes(photo)
  return files


def _on_canvas(photo: bytes) -> bytes:
  """A photo twice as large, in the middle of a grey one."""
  canvas = Image.new("RGB", _CANVAS, (128, 128, 128))
  face = Image.open(io.BytesIO(photo))
  face = face.resize((2 * face.width, 2 * face.height))
  canvas.paste(
    face, tuple((whole - part) // 2 for whole, part in zip(canvas.size, face.size, strict=True))
  )
  encoded = io.BytesIO()
  canvas.save(encoded, "JPEG", quality=90)
  return encoded.getvalue()
