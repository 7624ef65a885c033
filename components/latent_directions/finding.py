"""Directions and scorers, for all labels and without each fold's."""

import dataclasses

import numpy as np
from sklearn import metrics

from components.latent_directions import photos as photos_lib
from components.shared.artifacts import latent_codes
from components.shared.core import errors
from components.shared.data import folds as folds_lib
from components.shared.learning import directions
from components.shared.learning import latents as latents_lib
from components.shared.learning import scorer as scorer_lib
from components.shared.learning.direction_settings import DirectionSettings

_LEAST_SPREAD = 0.05
"""0.78 is that of the sample's generator, 0.45 of one that was hardly trained
(32 pixels, 15 epochs)."""


@dataclasses.dataclass(frozen=True)
class Found:
  """By fold; `folds.NO_FOLD` is what all labels give."""

  directions: dict[int, directions.Direction]
  scorers: dict[int, scorer_lib.Scorer]


def require_variety(samples: latent_codes.LatentCodes, photos: photos_lib.Photos) -> None:
  """Whether a generator draws more than one face.

  Args:
    samples: faces of its own.
    photos: to compare them with.

  Raises:
    UserError: their embeddings hardly vary, so that there is no direction.
  """
  real = np.concatenate([photos.labeled, photos.unlabeled])
  spread = float(
    samples.embeddings.std(axis=0).mean() / max(real.std(axis=0).mean(), np.finfo(float).tiny)
  )
  if spread < _LEAST_SPREAD:
    raise errors.UserError(
      f"LatentDirections: the generator draws one face, whatever the code: "
      f"embeddings of {len(samples.embeddings)} of its faces vary "
      f"{spread:.3f} times as much as those of the photos (at least "
      f"{_LEAST_SPREAD}); train it longer, lower generator.kl_weight, or "
      "take another one with --generator"
    )


def find(
  attribute: str,
  photos: photos_lib.Photos,
  latents: latents_lib.Latents,
  samples: latent_codes.LatentCodes,
  settings: DirectionSettings,
) -> Found:
  """Finds the attribute's direction, once with each fold's labels left out.

  Args:
    attribute: its name.
    photos: embeddings and labels.
    latents: codes of the same photos; those of no photo where the generator
      has no encoder.
    samples: faces of the generator, embedded.
    settings: how to find it.

  Raises:
    UserError: fewer than two labelled photos of a class; class means without
      an encoder.
  """
  directions.require_both_classes(photos.labels, attribute)
  folds = [folds_lib.NO_FOLD, *photos.fold_numbers()]
  scorers = {}
  for fold in folds:
    rest = photos.without(fold)
    scorers[fold] = scorer_lib.fit(
      rest.labeled, rest.labels, rest.unlabeled, samples.embeddings, settings
    )
  scorer_auc = _auc_on_unseen(photos, scorers)
  found = {}
  for fold in folds:
    rest = photos.without(fold)
    positives = int(rest.labels.sum())
    line = _line(fold, latents, samples, scorers[fold], settings)
    found[fold] = directions.Direction(
      attribute=attribute,
      method=settings.method,
      fold=fold,
      **dataclasses.asdict(line),
      positives=positives,
      negatives=len(rest.labels) - positives,
      scorer_auc=scorer_auc,
      warning=_doubts(line, scorer_auc, photos, samples, scorers[fold], settings),
    )
  return Found(found, scorers)


def _line(
  fold: int,
  latents: latents_lib.Latents,
  samples: latent_codes.LatentCodes,
  scorer: scorer_lib.Scorer,
  settings: DirectionSettings,
) -> directions.Line:
  if settings.method == "scored_samples":
    return directions.from_scores(
      samples.samples, scorer.score_faces(samples.embeddings), settings.seed
    )
  if not len(latents.codes):
    raise errors.UserError(
      "direction.method=class_means needs a generator with an encoder; use scored_samples"
    )
  return directions.from_class_means(*latents.without(fold).with_labels(), settings.seed)


def _auc_on_unseen(
  photos: photos_lib.Photos, scorers: dict[int, scorer_lib.Scorer]
) -> float | None:
  """The scorers' AUC, each on the fold that it has not seen."""
  labels: list[np.ndarray] = []
  scores: list[np.ndarray] = []
  for fold in photos.fold_numbers():
    rows = photos.folds == fold
    labels.append(photos.labels[rows])
    scores.append(scorers[fold].score_photos(photos.labeled[rows]))
  if not labels:
    return None
  return float(metrics.roc_auc_score(np.concatenate(labels), np.concatenate(scores)))


def _doubts(
  line: directions.Line,
  scorer_auc: float | None,
  photos: photos_lib.Photos,
  samples: latent_codes.LatentCodes,
  scorer: scorer_lib.Scorer,
  settings: DirectionSettings,
) -> str | None:
  """What speaks against the direction: it, or who scored the samples."""
  in_folds = photos.labels[photos.folds != folds_lib.NO_FOLD]
  if scorer_auc is not None:
    doubt = directions.doubt(
      "the scorer of faces", scorer_auc, int(np.sum(in_folds == 1)), int(np.sum(in_folds == 0))
    )
    if doubt:
      return doubt
  judged = photos.labels
  if settings.method == "scored_samples":
    judged = (scorer.score_faces(samples.embeddings) > 0).astype(np.int64)
  return directions.doubt(
    "the direction", line.separation_auc, int(np.sum(judged == 1)), int(np.sum(judged == 0))
  )
