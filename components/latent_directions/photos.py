"""Embeddings of the real photos, with the labels that may be used."""

import dataclasses
from collections.abc import Sequence

import numpy as np

from components.shared.artifacts import latent_codes
from components.shared.data import embeddings, examples
from components.shared.data import folds as folds_lib
from components.shared.learning import latents as latents_lib
from components.shared.learning.direction_settings import DirectionSettings


@dataclasses.dataclass(frozen=True)
class Photos:
  """Embeddings of `labeled` and `unlabeled`, with an attribute's labels.

  Attributes:
    labeled: float32 [n, d], of photos with a label.
    labels: int64 [n], 1 or 0.
    folds: int64 [n], of the photos of `labeled`; `folds.NO_FOLD` for others.
    unlabeled: float32 [m, d].
  """

  labeled: np.ndarray
  labels: np.ndarray
  folds: np.ndarray
  unlabeled: np.ndarray

  def fold_numbers(self) -> list[int]:
    """The folds that there are; none where labels are too few."""
    return sorted(set(self.folds.tolist()) - {folds_lib.NO_FOLD})

  def without(self, fold: int) -> "Photos":
    """All but the labelled photos of a fold; all for `folds.NO_FOLD`."""
    kept = (self.folds != fold) | (self.folds == folds_lib.NO_FOLD)
    return Photos(self.labeled[kept], self.labels[kept], self.folds[kept], self.unlabeled)


def read(uri: str, attributes: Sequence[str], settings: DirectionSettings) -> dict[str, Photos]:
  """Reads an Examples artifact of embeddings; not its `hand_labeled`.

  Of `unlabeled`, at most as many as labels are spread to are kept.

  Returns:
    By attribute.
  """
  labeled = embeddings.read(uri, examples.LABELED)
  labels = labeled.annotations(map(examples.label, attributes))
  folds = folds_lib.assign(labeled.image_ids(), labels)
  others = embeddings.read(uri, examples.UNLABELED, settings.propagation.max_photos, settings.seed)
  held_out = np.full([len(others.features), len(attributes)], embeddings.UNKNOWN)
  if settings.labels == "pool":
    held_out = others.annotations(map(examples.held_out_label, attributes))
  return {
    attribute: _photos(
      labeled.embeddings, labels[:, place], folds, others.embeddings, held_out[:, place]
    )
    for place, attribute in enumerate(attributes)
  }


def label(
  codes: latent_codes.LatentCodes, uri: str, attributes: Sequence[str], settings: DirectionSettings
) -> dict[str, latents_lib.Latents]:
  """Codes of photos with the labels that may be used, by attribute.

  Args:
    codes: of LatentCodes.
    uri: embeddings of the same photos; its split `hand_labeled` is not read.
    attributes: whose labels are wanted.
    settings: with `labels` = `labeled`, those of that split. With `pool`, the
      article's protocol, also what `unlabeled` holds back (`held_out_label`).
  """
  labeled = embeddings.read(uri, examples.LABELED)
  labels = labeled.annotations(map(examples.label, attributes))
  image_ids = labeled.image_ids()
  folds = dict(zip(image_ids, folds_lib.assign(image_ids, labels), strict=True))
  if settings.labels == "pool":
    others = embeddings.read(uri, examples.UNLABELED)
    image_ids = [*image_ids, *others.image_ids()]
    held_out = others.annotations(map(examples.held_out_label, attributes))
    labels = np.concatenate([labels, held_out])
  photos = latents_lib.unlabeled(codes.codes, codes.image_ids)
  return {
    attribute: photos.relabeled(dict(zip(image_ids, labels[:, place], strict=True)), folds)
    for place, attribute in enumerate(attributes)
  }


def _photos(
  labeled: np.ndarray,
  labels: np.ndarray,
  folds: np.ndarray,
  others: np.ndarray,
  held_out: np.ndarray,
) -> Photos:
  """Others with a label join the labelled ones."""
  known = held_out != embeddings.UNKNOWN
  others = others.reshape(-1, labeled.shape[1])
  return Photos(
    labeled=np.concatenate([labeled, others[known]]),
    labels=np.concatenate([labels, held_out[known]]),
    folds=np.concatenate([folds, np.full(int(known.sum()), folds_lib.NO_FOLD)]),
    unlabeled=others[~known],
  )
