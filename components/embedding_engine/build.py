"""Makes the engine that the settings and the machine ask for."""

import pathlib
import tempfile
from collections.abc import Callable, Sequence

import numpy as np
import tensorflow as tf

from components.embedding_engine import quantize
from components.shared.core import errors, progress
from components.shared.networks import (
  agreement,
  decoding,
  engine_artifact,
  engines,
  network_artifact,
  onnx_model,
)
from components.shared.networks import choice as choice_lib
from components.shared.networks.engine_settings import EngineSettings

_LEAST_PHOTOS = 16

ReadPhotos = Callable[[int], Sequence[bytes]]


def build(
  settings: EngineSettings, network_uri: str, read: ReadPhotos, uri: str
) -> engine_artifact.Description:
  """Writes an engine artifact.

  Args:
    settings: which engine, and how good it has to be.
    network_uri: the Model artifact of `EmbeddingNetwork`.
    read: gives at most so many encoded photos that may be learned from.
    uri: the new artifact.

  Raises:
    UserError: the engine's library is missing; the settings insist on an
      engine that isn't good enough, or there are too few photos to tell.
  """
  choice = choice_lib.choose(settings)
  description = engine_artifact.Description(kind=choice.kind, reason=choice.reason)
  if choice.kind == "onnx_int8":
    description = _build_int8(settings, choice, network_uri, read, engine_artifact.int8_file(uri))
  engine_artifact.write(uri, description)
  progress.note(f"embedding engine: {description}")
  return description


def _build_int8(
  settings: EngineSettings,
  choice: choice_lib.Choice,
  network_uri: str,
  read: ReadPhotos,
  int8_file: str,
) -> engine_artifact.Description:
  with tempfile.TemporaryDirectory() as scratch:
    work = pathlib.Path(scratch)
    images = read(2 * settings.calibration_photos)
    if len(images) < _LEAST_PHOTOS:
      return _without_int8(settings, f"{len(images)} photos are too few to calibrate onnx_int8")
    pixels = _decode(network_uri, images)
    calibration, check = pixels[::2], pixels[1::2]
    reference = agreement.embed_all(
      engines.TensorFlowEngine(network_uri), check, settings.batch_size
    )
    found = []

    def is_good(path: str) -> bool:
      engine = engines.OnnxEngine(path)
      found.append(
        agreement.compare(agreement.embed_all(engine, check, settings.batch_size), reference)
      )
      return found[-1].median >= settings.median_cosine and found[-1].low >= settings.low_cosine

    candidate = str(work / "candidate.onnx")
    kept = quantize.quantize(onnx_model.file(network_uri), calibration, candidate, is_good, work)
    if kept is None:
      return _without_int8(
        settings,
        "onnx_int8 embeddings differ too much from "
        f"tensorflow's: median cosine {found[-1].median:.4f}, 1st "
        f"percentile {found[-1].low:.4f}",
      )
    tf.io.gfile.copy(candidate, int8_file, overwrite=True)
  return engine_artifact.Description(
    kind="onnx_int8", reason=choice.reason, float_layers=tuple(kept), agreement=found[-1]
  )


def _without_int8(settings: EngineSettings, problem: str) -> engine_artifact.Description:
  if settings.kind == "onnx_int8":
    raise errors.UserError(f"{problem}; set engine.kind=onnx_fp32, or auto")
  return engine_artifact.Description(kind="onnx_fp32", reason=problem)


def _decode(network_uri: str, images: Sequence[bytes]) -> np.ndarray:
  size = network_artifact.read(network_uri).input_size
  with decoding.threads() as threads:
    return decoding.decode_faces(images, size, threads)
