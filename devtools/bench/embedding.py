"""Embedding: each engine against one photo at a time, and decoding alone."""

import pathlib
import tempfile
from collections.abc import Callable, Sequence
from concurrent import futures

import keras
import numpy as np
import tensorflow as tf

from components.embedding_engine import build
from components.shared import assets
from components.shared.networks import (
  decoding,
  engine_artifact,
  engine_settings,
  engines,
  network_artifact,
  networks,
  preprocessing,
  weights,
)
from components.shared.networks.engine_settings import EngineSettings
from components.shared.networks.settings import EmbedderSettings
from devtools.bench import bounds, rows

_ENGINES: tuple[engine_settings.Kind, ...] = ("tensorflow", "onnx_fp32", "onnx_int8")
_BASELINE = "one_at_a_time"


def measure(
  name: str, photos: Sequence[bytes], *, one_at_a_time: int, batch_size: int, repeats: int
) -> list[rows.Row]:
  """Rows `embed/<network>/<way>`: photos a second from JPEG to embedding.

  With VGG-Face's come `bound/fp32` and `bound/int8`, timed in the same turns.

  The baseline decodes a photo and gives it to `model.predict`, one at a time.
  The engines take all photos in batches, as FaceEmbedder does.

  Args:
    name: of the network. VGG-Face's weights are random where none are
      installed; that makes no difference to its speed.
    photos: encoded.
    one_at_a_time: how many of them the baseline takes.
    batch_size: of the engines.
    repeats: how often each way is timed.
  """
  network = networks.of(EmbedderSettings(network=name))
  with tempfile.TemporaryDirectory() as folder:
    root = pathlib.Path(folder)
    model, which = _filled(name, network)
    network_artifact.write(network, model, "0" * 64, str(root / "network"))
    with decoding.threads() as threads:
      ways: dict[str, Callable[[], float]] = {
        _BASELINE: _one_by_one(model, network.input_size, photos[:one_at_a_time])
      }
      agreements: dict[str, engine_artifact.Agreement | None] = {}
      for kind in _ENGINES:
        engine, description = _engine(kind, root, photos, batch_size)
        agreements[kind] = description.agreement
        ways[kind] = _in_batches(engine, network.input_size, photos, batch_size, threads)
      if name == "vgg_face":
        ways.update(bounds.ways())
      rates = rows.take_turns(ways, repeats, f"bench {name}")
  limits = [
    rows.Row(name=way, rates=rates[way]) for way in (bounds.FP32, bounds.INT8) if way in rates
  ]
  return limits + [
    rows.Row(
      name=f"embed/{name}/{way}",
      rates=rates[way],
      baseline=f"embed/{name}/{_BASELINE}" if way != _BASELINE else None,
      against=([f"embed/{name}/tensorflow"] if way.startswith("onnx") else []),
      bound=_bound(name, way),
      details={"weights": which, **_agreement(agreements.get(way))},
    )
    for way in (_BASELINE, *_ENGINES)
  ]


def decode(photos: Sequence[bytes], size: int, repeats: int) -> list[rows.Row]:
  """Row `decode/jpeg`, against the ops that serving decodes with."""
  with decoding.threads() as threads:

    def pillow() -> int:
      return len(decoding.decode_faces(photos, size, threads))

    def tensorflow() -> int:
      return len(preprocessing.decode_faces(tf.constant(photos), size))

    rates = rows.take_turns(
      {"decode/tensorflow": tensorflow, "decode/jpeg": pillow}, repeats, "bench decoding"
    )
  return [
    rows.Row(name="decode/tensorflow", rates=rates["decode/tensorflow"]),
    rows.Row(name="decode/jpeg", rates=rates["decode/jpeg"], baseline="decode/tensorflow"),
  ]


def _filled(name: str, network: networks.FaceNetwork) -> tuple[keras.Model, str]:
  """A network with its weights, or random ones; and which."""
  keras.utils.set_random_seed(0)
  model = network.build()
  if name == "vgg_face" and assets.installed("vgg-face") is None:
    return model, "random"
  network.load_weights(model, weights.locate(EmbedderSettings(network=name)).path)
  return model, "published"


def _engine(
  kind: engine_settings.Kind, root: pathlib.Path, photos: Sequence[bytes], batch_size: int
) -> tuple[engines.Engine, engine_artifact.Description]:
  uri = root / kind
  uri.mkdir()
  # With random weights int8 may be as far off as it likes.
  settings = EngineSettings(
    kind=kind,
    batch_size=batch_size,
    calibration_photos=max(8, min(128, len(photos) // 2)),
    median_cosine=0,
    low_cosine=0,
  )
  description = build.build(settings, str(root / "network"), lambda count: photos[:count], str(uri))
  return engine_artifact.load(str(uri), str(root / "network")), description


def _one_by_one(model: keras.Model, size: int, photos: Sequence[bytes]) -> Callable[[], int]:
  def embed() -> int:
    for photo in photos:
      pixels = decoding.decode_face(photo, size).astype(np.float32)
      model.predict(pixels[np.newaxis], verbose=0)
    return len(photos)

  return embed


def _in_batches(
  engine: engines.Engine,
  size: int,
  photos: Sequence[bytes],
  batch_size: int,
  threads: futures.Executor,
) -> Callable[[], int]:
  def embed() -> int:
    for start in range(0, len(photos), batch_size):
      engine.embed(decoding.decode_faces(photos[start : start + batch_size], size, threads))
    return len(photos)

  return embed


def _bound(name: str, way: str):
  if name != "vgg_face":
    return None
  return bounds.INT8 if way == "onnx_int8" else bounds.FP32


def _agreement(agreement) -> dict[str, float]:
  if agreement is None:
    return {}
  return {"cosine_median": agreement.median, "cosine_p1": agreement.low}
