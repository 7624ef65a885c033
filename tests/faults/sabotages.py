"""Ways to spoil a run, and the gate that has to catch each of them."""

import pathlib
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf
from PIL import Image

from tests.faults import sabotaging


class Sabotage(NamedTuple):
  """One of them.

  Attributes:
    name: what was done.
    gate: the component that stops it. The Evaluator lets a run come to its end
      and does not bless; any other fails the run.
    says: parts of what it says, in its one line.
    arguments: of the command.
    spoil: changes photos or labels.
    bugs: lines to add to modules, by their names.
  """

  name: str
  gate: str
  says: tuple[str, ...]
  arguments: tuple[str, ...] = ()
  spoil: Callable[[sabotaging.Source], None] | None = None
  bugs: Mapping[str, str] = {}


def _embeddings(change: str) -> dict[str, str]:
  """A bug in what embeds, an expression of `found`, a batch's embeddings."""
  return {
    "components.shared.networks.handler": f"""
_right = FaceModelHandler.run_inference


def _wrong(self, batch, model, inference_args=None):
  found = _right(self, batch, model, inference_args)
  return {change}


FaceModelHandler.run_inference = _wrong
"""
  }


def _codes(labels: str) -> dict[str, str]:
  """A bug in what draws codes: for which labels, an expression of `labels`."""
  return {
    "components.synthetic_face_gen.codes": f"""
_right = Sampler.sample


def _wrong(self, split, numbers, labels):
  return _right(self, split, numbers, {labels})


Sampler.sample = _wrong
"""
  }


def flip_labeled(source: sabotaging.Source) -> None:
  """Polarity flipped in `labeled`, as between the article's two sets."""

  def flip(rows: list[sabotaging.Row]) -> None:
    for row in rows:
      if row["Male"] and "000101" <= row["image_id"][:6] <= "000200":
        row["Male"] = str(1 - int(row["Male"]))

  source.relabel(flip)


def shift_labels(first: int, last: int) -> Callable[[sabotaging.Source], None]:
  """Labels of these photos, each from the photo before; the first gets 0."""

  def shift(rows: list[sabotaging.Row]) -> None:
    mine = [row for row in rows if first <= int(row["image_id"][:6]) <= last]
    values = ["0", *(row["Male"] for row in mine[:-1])]
    for row, value in zip(mine, values, strict=True):
      row["Male"] = value

  return lambda source: source.relabel(shift)


def _noise(*spans: tuple[int, int]) -> Callable[[sabotaging.Source], None]:
  def spoil(source: sabotaging.Source) -> None:
    for first, last in spans:
      source.put_noise(first, last)

  return spoil


_NOT_OF_THEIR_PHOTOS = (
  "FaceEmbedder: the embeddings of split `reserved` are not what the "
  "face network says of the same photos",
  "at least 0.95 expected",
)
_LABELS_SAY_NOTHING = (
  "LabelFilter: labels of synthetic faces say nothing: the scorer finds Male in",
  "though the direction that they were moved along tells faces apart",
)

PERMUTED = Sabotage(
  "embeddings permuted among photos",
  "RealFaceEmbedder",
  _NOT_OF_THEIR_PHOTOS,
  bugs=_embeddings("found[1:] + found[:1]"),
)

SWAPPED = Sabotage(
  "synthetic faces moved to the other side of the direction",
  "LabelFilter",
  _LABELS_SAY_NOTHING,
  bugs=_codes("1 - labels"),
)

FLIPPED = Sabotage(
  "polarity of `labeled` flipped",
  "Evaluator",
  ("AUC is 0.", "the lower bound is 0.8", "AUC changed by -0.", "against the latest blessed model"),
  spoil=flip_labeled,
)

OTHERS = (
  Sabotage(
    "every label shifted by one file",
    "Evaluator",
    ("AUC is 0.", "the lower bound is 0.8"),
    spoil=shift_labels(1, 506),
  ),
  Sabotage(
    "half of the photos swapped for noise",
    "EmbeddingGate",
    (
      "EmbeddingDriftValidator, split `synthetic_train_unlabeled`, "
      "distance_from_photos: High approximate Jensen-Shannon divergence",
      "above the threshold 0.72",
      "train the generator longer",
    ),
    spoil=_noise((1, 50), (101, 150), (201, 350)),
  ),
  Sabotage(
    "all photos swapped for noise",
    "VaeGanTrainer",
    ("the generator collapsed", "sampled faces vary"),
    spoil=_noise((1, 506)),
  ),
  # The article's `argsort`: ranks in the place of values.
  Sabotage(
    "values of each embedding sorted",
    "RealFaceEmbedder",
    _NOT_OF_THEIR_PHOTOS,
    bugs=_embeddings("[np.sort(one) for one in found]"),
  ),
  # The article's network saw photos like that.
  Sabotage(
    "pixels in [0, 1]",
    "RealFaceEmbedder",
    _NOT_OF_THEIR_PHOTOS,
    bugs={
      "components.shared.networks.decoding": """
_right = decode_faces


def decode_faces(images, size, executor):
  return _right(images, size, executor).astype(np.float32) / 255
"""
    },
  ),
  Sabotage(
    "red and blue swapped",
    "RealFaceEmbedder",
    _NOT_OF_THEIR_PHOTOS,
    bugs={
      "components.shared.networks.decoding": """
_right = decode_faces


def decode_faces(images, size, executor):
  return _right(images, size, executor)[..., ::-1].copy()
"""
    },
  ),
  Sabotage(
    "embeddings that are NaN",
    "RealFaceEmbedder",
    ("the embedding of 0", "holds NaN or infinite numbers"),
    bugs=_embeddings("[np.sqrt(one) for one in found]"),
  ),
  Sabotage(
    "embeddings that diverged",
    "EmbeddingGate",
    (
      "LabeledEmbeddingValidator, split `hand_labeled`, embedding: Out-of-range values",
      "UnlabeledEmbeddingValidator, split `unlabeled`, embedding: Out-of-range values",
    ),
    bugs=_embeddings("[1e4 * one for one in found]"),
  ),
  Sabotage(
    "synthetic faces all on one side of the direction",
    "LabelFilter",
    _LABELS_SAY_NOTHING,
    bugs=_codes("np.ones_like(labels)"),
  ),
  Sabotage(
    "synthetic faces of one class only",
    "LabelFilter",
    (
      "synthetic faces are not what their label says: the scorer confirms "
      "only 0 of 0 with Male = 0 in synthetic_eval",
    ),
    bugs={
      "components.synthetic_face_gen.decoding": """
_right = _MakeDoFn.process


def _wrong(self, span):
  for name, face in _right(self, span):
    features = examples.decode(face)
    features["label_Male"] = 1
    yield name, examples.encode(features)


_MakeDoFn.process = _wrong
"""
    },
  ),
  Sabotage(
    "a generator whose codes are forced to mean nothing",
    "VaeGanTrainer",
    ("the generator collapsed", "codes are ignored: lower generator.kl_weight"),
    arguments=("--set", "generator.kl_weight=100"),
  ),
  # As the article's: its loss stayed at ln 2 for 10,000 steps.
  Sabotage(
    "a classifier that does not learn",
    "Evaluator",
    (
      "accuracy above that of naming the larger class is ",
      "the lower bound is 0.1",
      "against the latest blessed model",
    ),
    bugs={
      "components.shared.learning.fitting": """
_right = Fitter.fit


def _wrong(self, embeddings, labels, weights):
  model = _right(self, embeddings, labels, weights)
  model.set_weights([np.zeros_like(one) for one in model.get_weights()])
  return model


Fitter.fit = _wrong
"""
    },
  ),
  # It reaches the thresholds, and was better before.
  Sabotage(
    "a model that is worse than the last one",
    "Evaluator",
    ("AUC changed by -0.", "against the latest blessed model, and may lose 0.02"),
    arguments=("--set", "classifier.step=synthetic_only"),
  ),
)


def save_generator(photos: Sequence[pathlib.Path], folder: pathlib.Path) -> str:
  """A generator that draws these faces, in the order of the code's first
  number, and no others."""
  faces = []
  for photo in photos:
    with Image.open(photo) as image:
      # As wide as the square that photos are cut to.
      square = image.convert("RGB").crop((0, 20, 178, 198)).resize((64, 64))
      faces.append(np.asarray(square, np.float32) / 255)
  drawn = np.stack(faces)

  class Faces(tf.Module):
    """Decodes codes of 8 numbers."""

    @tf.function(input_signature=[tf.TensorSpec([None, 8], tf.float32, name="code")])
    def decode(self, code):
      which = tf.cast(code[:, 0] > 0, tf.int32) * (len(drawn) - 1)
      return {"image": tf.gather(tf.constant(drawn), which)}

  module = Faces()
  tf.saved_model.save(module, str(folder), signatures={"decode": module.decode})
  return str(folder)
