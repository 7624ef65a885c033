"""The pretrained face networks, by name."""

import dataclasses
import functools
import importlib
import os
from typing import Any, Callable, Tuple, TYPE_CHECKING

from components import assets
from components import errors
from components.embedding_network.settings import EmbedderSettings

if TYPE_CHECKING:
  import keras
  import tensorflow as tf
  from components.embedding_network import vgg_face


@dataclasses.dataclass(frozen=True, kw_only=True)
class FaceNetwork:
  """What has to be known of a network to embed faces with it.

  Attributes:
    name: its name in the settings.
    output: which of its outputs is the embedding.
    input_size: height and width of its input in pixels.
    embedding_width: length of an embedding.
    licence: of its published weights.
    asset: what of `assets.ASSETS` holds its weights.
    build: makes the network without its weights: float32
      [n, input_size, input_size, 3] (RGB, 0 to 255) -> float32
      [n, embedding_width]. Scaling and centring are part of it.
    load_weights: fills a built network from a file, executing nothing of it,
      and gives the name of the file's layout; raises `UserError` if the file
      does not fit.
    check_weights: reads all of a file, and keeps nothing; raises as
      `load_weights`.
    known_sha256: of published weights files, hex, as far as they are known.
  """
  name: str
  output: str
  input_size: int
  embedding_width: int
  licence: str
  asset: str
  build: Callable[[], "keras.Model"]
  load_weights: Callable[["keras.Model", os.PathLike], str]
  check_weights: Callable[[os.PathLike], None]
  known_sha256: Tuple[str, ...] = ()

  def decode_faces(self, images: "tf.Tensor") -> "tf.Tensor":
    """Encoded photos, string [n], -> the network's input, float32."""
    from components.embedding_network import preprocessing  # TensorFlow's.
    return preprocessing.decode_faces(images, self.input_size)


def _later(module: str, function: str) -> Callable[..., Any]:
  """A function of a module that imports Keras: only when it is called."""
  return lambda *arguments: getattr(importlib.import_module(
      f"components.embedding_network.{module}"), function)(*arguments)


FACENET = FaceNetwork(
    name="facenet",
    output="Bottleneck",
    input_size=160,
    embedding_width=128,
    licence=assets.ASSETS["facenet"].licence,
    asset="facenet",
    build=_later("facenet", "build"),
    load_weights=_later("facenet", "load_weights"),
    check_weights=_later("facenet", "check_weights"),
    known_sha256=(assets.ASSETS["facenet"].file_sha256,))

DEFAULT_VGG_FACE_OUTPUT = "fc7"


def of(settings: EmbedderSettings) -> FaceNetwork:
  """The network that the settings describe.

  Raises:
    UserError: it has no such output.
  """
  if settings.network == "vgg_face":
    return _vgg_face(settings.output or DEFAULT_VGG_FACE_OUTPUT)
  if settings.output is not None:
    raise errors.UserError(
        f"embedder.output={settings.output}: {settings.network} has one "
        "output only; leave the setting out")
  return FACENET


def _vgg_face(output: "vgg_face.Output") -> FaceNetwork:
  from components.embedding_network import vgg_face
  from components.embedding_network import vgg_face_files
  return FaceNetwork(
      name="vgg_face",
      output=output,
      input_size=vgg_face.INPUT_SIZE,
      embedding_width=vgg_face.WIDTHS[output],
      licence=assets.ASSETS["vgg-face"].licence,
      asset="vgg-face",
      build=functools.partial(vgg_face.build, output),
      load_weights=vgg_face.load_weights,
      check_weights=vgg_face.check_weights,
      known_sha256=tuple(layout.sha256 for layout in vgg_face_files.LAYOUTS
                         if layout.sha256))
