"""A face network as an artifact: `network.json`, SavedModel and ONNX file."""

import dataclasses
import itertools
import json
import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from components.shared.core import errors, progress, stored_text
from components.shared.networks import onnx_model, saved_model

if TYPE_CHECKING:
  import keras

  from components.shared.networks import networks
  from components.shared.networks import weights as weights_lib
  from components.shared.networks.settings import EmbedderSettings

_DESCRIPTION = "network.json"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Description:
  """`network.json`: which network it is.

  Attributes:
    name: the network's name in the settings.
    output: which of its outputs the embedding is.
    input_size: height and width of its input in pixels.
    embedding_width: length of an embedding.
    blocks: its parts, in their order, and the width of each.
    weights_sha256: of the file its weights came from.
    licence: of the weights.
    weights_layout: how that file lays them out, if they came from a file.
  """

  name: str
  output: str
  input_size: int
  embedding_width: int
  weights_sha256: str
  licence: str
  weights_layout: str | None = None
  blocks: dict[str, int] = dataclasses.field(default_factory=dict)


PHOTOS = 1000
"""That principal components are found on, at most."""
_BATCH = 32


def make(
  settings: "EmbedderSettings",
  weights: "weights_lib.WeightsFile",
  uri: str,
  photos: Iterable[bytes] = (),
) -> None:
  """Builds the network of the settings, fills it, and writes it.

  Args:
    settings: which network, and which of its depths.
    weights: of the network.
    uri: the new artifact.
    photos: encoded, that the depths' principal components are found on.

  Raises:
    UserError: the file does not fit; or depths are wanted, and no photo is
      there.
  """
  from components.shared.networks import networks  # Not to read one.

  network = networks.of(settings)
  model, layout = filled(network, weights)
  if network.depths:
    model = _with_depths(network, model, photos)
  write(network, model, weights.sha256, uri, layout)


def _with_depths(
  network: "networks.FaceNetwork", model: "keras.Model", photos: Iterable[bytes]
) -> "keras.Model":
  import numpy as np
  import tensorflow as tf

  from components.shared.networks import decoding, depths

  model = depths.pooled(model, network.depths, network.mirror)
  run = tf.function(lambda pixels: model(tf.cast(pixels, tf.float32), training=False))
  images = list(itertools.islice(photos, PHOTOS))
  if not images:
    raise errors.UserError("EmbeddingNetwork: there is no photo to find principal components on")
  found = {name: [] for name in network.depths}
  with decoding.threads() as threads, progress.bar("depths", len(images), "photo") as bar:
    for start in range(0, len(images), _BATCH):
      batch = decoding.decode_faces(images[start : start + _BATCH], network.input_size, threads)
      for name, values in run(batch).items():
        found[name].append(values.numpy())
      bar.update(len(batch))
  return depths.projected(
    model,
    {
      name: depths.principal_components(np.concatenate(found[name]), width)
      for name, width in network.blocks.items()
    },
  )


def filled(
  network: "networks.FaceNetwork", weights: "weights_lib.WeightsFile"
) -> tuple["keras.Model", str | None]:
  """A network with its weights, and how their file lays them out if there is
  one.

  Raises:
    UserError: the file does not fit.
  """
  model = network.build()
  if network.load_weights is None:
    return model, None
  return model, network.load_weights(model, weights.path)


def write(
  network: "networks.FaceNetwork",
  model: "keras.Model",
  weights_sha256: str,
  uri: str,
  weights_layout: str | None = None,
) -> None:
  """Writes a Model artifact; without its ONNX file where ONNX is missing."""
  saved_model.write(network, model, uri)
  if not onnx_model.missing_package():
    onnx_model.write(model, uri)
  description = Description(
    name=network.name,
    output=network.output,
    input_size=network.input_size,
    embedding_width=network.embedding_width,
    weights_sha256=weights_sha256,
    licence=network.licence,
    weights_layout=weights_layout,
    blocks=network.blocks,
  )
  stored_text.write(
    os.path.join(uri, _DESCRIPTION), json.dumps(dataclasses.asdict(description), indent=1)
  )


def read(uri: str) -> Description:
  """Which network an artifact holds."""
  return Description(**json.loads(stored_text.read(os.path.join(uri, _DESCRIPTION))))
