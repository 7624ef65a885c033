"""The face networks, by name: an open registry.

Two come with the project. Any installed Python package can bring more: an
entry point of the group `latent_labels.face_networks` names a function that
takes the name of an output, or None, and returns a `FaceNetwork`. Say, in the
package's `pyproject.toml`:

    [project.entry-points."latent_labels.face_networks"]
    my_network = "my_package.my_module:network"

Keras is imported where a network is built, and not here: what a network is
called and how wide it is has to be known before anything heavy is imported.
"""

import dataclasses
import difflib
import os
from collections.abc import Callable, Mapping, Sequence
from importlib import metadata
from typing import TYPE_CHECKING

from components.shared.assets import catalogue
from components.shared.core import errors

if TYPE_CHECKING:
  import keras
  import tensorflow as tf

  from components.shared.networks.settings import EmbedderSettings

ENTRY_POINTS = "latent_labels.face_networks"
"""The group of entry points by which packages bring networks."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class FaceNetwork:
  """What has to be known of a network to embed faces with it.

  Attributes:
    name: its name in the settings.
    output: which of its outputs is the embedding.
    input_size: height and width of its input in pixels.
    embedding_width: length of an embedding.
    licence: of its weights.
    build: makes the network: float32 [n, input_size, input_size, 3] (RGB, 0 to
      255) -> float32 [n, embedding_width]. Scaling and centring are part of
      it. It has its weights already if there is no `load_weights`, and they
      have to be the same each time.
    load_weights: fills a built network from a file, executing nothing of it,
      and gives the name of the file's layout; raises `UserError` if the file
      does not fit.
    depths: the layers that an embedding is made of unless the settings name
      others of them, and the width of what each gives, averaged over 2 x 2
      quarters of the picture where it has a height and a width; none: of its
      output alone, as it is. See `depths`.
    components: of each depth, at most, in an embedding.
    mirror: whether depths look at each photo's mirror image as well.
    check_weights: reads all of a file, and keeps nothing; raises as
      `load_weights`. Without one a file is first read where it is needed.
    asset: which of `assets.ASSETS` holds the weights; without one, the
      setting `embedder.weights` has to name their file.
    known_sha256: of published weights files, hex, as far as they are known.
    description: what it is, in a few words.
  """

  name: str
  output: str
  input_size: int
  embedding_width: int
  licence: str
  build: "Callable[[], keras.Model]"
  load_weights: "Callable[[keras.Model, os.PathLike], str] | None" = None
  check_weights: Callable[[os.PathLike], None] | None = None
  depths: Mapping[str, int] = dataclasses.field(default_factory=dict)
  components: int = 128
  mirror: bool = False
  asset: str | None = None
  known_sha256: tuple[str, ...] = ()
  description: str = ""

  @property
  def blocks(self) -> dict[str, int]:
    """The parts of an embedding, in their order, and the width of each."""
    if not self.depths:
      return {self.output: self.embedding_width}
    return {name: min(self.components, width) for name, width in self.depths.items()}

  def decode_faces(self, images: "tf.Tensor") -> "tf.Tensor":
    """Encoded photos, string [n], -> the network's input, float32."""
    from components.shared.networks import preprocessing

    return preprocessing.decode_faces(images, self.input_size)


Factory = Callable[[str | None], FaceNetwork]
"""Gives a network with the output of that name, or with its usual one; raises
`UserError` if it has no such output."""


def _facenet(output: str | None) -> FaceNetwork:
  _check_output("facenet", output, ("Bottleneck",))

  def build():
    from components.shared.networks import facenet

    return facenet.build()

  def load_weights(model, path):
    from components.shared.networks import facenet

    return facenet.load_weights(model, path)

  def check_weights(path):
    from components.shared.networks import facenet

    facenet.check_weights(path)

  return _of_asset(
    "facenet",
    name="facenet",
    output="Bottleneck",
    depths={
      "Bottleneck": 128,
      "AvgPool": 1792,
      "Block17_10_Activation": 4 * 896,
      "Block8_5_Activation": 4 * 1792,
    },
    input_size=160,
    embedding_width=128,
    build=build,
    load_weights=load_weights,
    check_weights=check_weights,
  )


_VGG_FACE_LAYERS = {"fc7": "descriptor"}
_VGG_FACE_POOLED = {"pool5": 4 * 512, "conv4_3": 4 * 512}

VGG_FACE_WIDTHS: Mapping[str, int] = {"fc7": 4096, "fc8": 2622, "prob": 2622}
"""Width of each output of VGG-Face, the usual one first: the descriptor, which
is the activations before the scores, at unit length (the paper, section 4.2,
and deepface compare faces by it); the scores of the 2622 identities; their
softmax."""


def _vgg_face(output: str | None) -> FaceNetwork:
  _check_output("vgg_face", output, tuple(VGG_FACE_WIDTHS))
  chosen = output or next(iter(VGG_FACE_WIDTHS))

  def build():
    from components.shared.networks import vgg_face

    return vgg_face.build(chosen)

  def load_weights(model, path):
    from components.shared.networks import vgg_face

    return vgg_face.load_weights(model, path)

  def check_weights(path):
    from components.shared.networks import vgg_face_files

    vgg_face_files.read(path)

  return _of_asset(
    "vgg-face",
    name="vgg_face",
    output=chosen,
    depths={_VGG_FACE_LAYERS.get(chosen, chosen): VGG_FACE_WIDTHS[chosen], **_VGG_FACE_POOLED},
    input_size=224,
    embedding_width=VGG_FACE_WIDTHS[chosen],
    build=build,
    load_weights=load_weights,
    check_weights=check_weights,
  )


_OURS: Mapping[str, Factory] = {"facenet": _facenet, "vgg_face": _vgg_face}


def names() -> Sequence[str]:
  """All networks that can be had here: the project's own, then others'."""
  return [
    *_OURS,
    *sorted({point.name for point in metadata.entry_points(group=ENTRY_POINTS)} - set(_OURS)),
  ]


def named(name: str, output: str | None = None) -> FaceNetwork:
  """A network with one of its outputs.

  Args:
    name: one of `names()`.
    output: default: the network's usual one.

  Raises:
    UserError: there is no such network, it has no such output, or the package
      that brings it is broken.
  """
  if name in _OURS:
    return _OURS[name](output)
  point = _entry_point(name)
  try:
    network = point.load()(output)
  except errors.UserError:
    raise
  except Exception as error:
    raise errors.UserError(
      f"the face network {errors.shown(name)} ({point.value}, in a package "
      f"that is installed here) can't be used: {type(error).__name__}: "
      f"{errors.shown(str(error))}"
    ) from error
  if not isinstance(network, FaceNetwork):
    raise errors.UserError(
      f"the face network {errors.shown(name)}: {point.value} has to return "
      f"a FaceNetwork and returns {type(network).__name__}"
    )
  return network


def of(settings: "EmbedderSettings") -> FaceNetwork:
  """The network that the settings describe, its embedding made of depths.

  Raises:
    UserError: as `named`; or it has no such depths.
  """
  network = named(settings.network, settings.output)
  chosen = tuple(network.depths) if settings.depths is None else settings.depths
  unknown = [name for name in chosen if name not in network.depths]
  if unknown:
    raise errors.UserError(
      f"embedder.depths: {network.name} has no depth {', '.join(unknown)}; it has "
      f"{', '.join(network.depths) or 'none'}"
    )
  network = dataclasses.replace(
    network,
    depths={name: network.depths[name] for name in chosen},
    components=settings.components,
    mirror=settings.mirror,
  )
  return dataclasses.replace(network, embedding_width=sum(network.blocks.values()))


def modules(settings: "EmbedderSettings") -> tuple[str, ...]:
  """Dotted names of the modules that define the settings' network, where it
  is not the project's own.

  Raises:
    UserError: there is no such network.
  """
  if settings.network in _OURS:
    return ()
  return (_entry_point(settings.network).module,)


def _entry_point(name: str) -> metadata.EntryPoint:
  found = list(metadata.entry_points(group=ENTRY_POINTS, name=name))
  if found:
    return found[0]
  known = names()
  close = difflib.get_close_matches(name, known, 1)
  hint = f"did you mean {close[0]}? " if close else ""
  raise errors.UserError(
    f"there is no face network {errors.shown(name)}; {hint}There are: "
    f"{', '.join(known)}. Others come with packages that have an entry point "
    f"{ENTRY_POINTS}"
  )


def _check_output(name: str, output: str | None, outputs: Sequence[str]) -> None:
  if output not in (None, *outputs):
    raise errors.UserError(
      f"embedder.output={errors.shown(output)}: {name} has the "
      f"output{'s' if len(outputs) > 1 else ''} {', '.join(outputs)}"
    )


def _of_asset(asset: str, **known) -> FaceNetwork:
  published = catalogue.ASSETS[asset]
  return FaceNetwork(
    asset=asset,
    licence=published.licence,
    description=published.description,
    known_sha256=(published.file_sha256,),
    **known,
  )


FACENET = named("facenet")
