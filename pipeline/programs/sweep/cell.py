"""The ladder for so many labels, drawn by a seed."""

import dataclasses
from typing import Any

import numpy as np

from components.latent_directions import finding
from components.latent_directions import photos as photos_lib
from components.shared.data import embeddings, examples, splits
from components.shared.data import folds as folds_lib
from components.shared.learning import latents as latents_lib
from components.shared.learning import learning, selection, steps
from components.shared.networks import networks
from components.synthetic_face_gen import decoding
from pipeline.programs.sweep import inputs as inputs_lib


@dataclasses.dataclass(frozen=True)
class Real:
  """The photos as this cell may see them.

  Attributes:
    photos: embeddings, labels and folds.
    image_ids: bytes [n], of the labelled ones.
    held_out: the others' labels, for the ceiling: int64 [m], -1 unknown.
  """

  photos: photos_lib.Photos
  image_ids: tuple[bytes, ...]
  held_out: np.ndarray


def climb(
  inputs: inputs_lib.Inputs, labels: int, unlabeled: int | None, seed: int, faces: int
) -> dict[str, Any]:
  """Rows of the ladder, as in `evaluation.json`.

  What the pipeline does after its generator, with the same functions.

  Args:
    inputs: of a finished run.
    labels: how many labelled photos may be used; drawn as by
      `splits.max_labeled` with `splits.seed` = seed.
    unlabeled: how many unlabelled photos may be used, drawn likewise; None
      for all. The generator, which knows no label, saw them all.
    seed: of the draw, of the synthetic faces and of the classifiers.
    faces: synthetic faces to make.
  """
  config = inputs.config
  real = draw(inputs, labels, unlabeled, seed)
  latents = inputs.latents.relabeled(
    dict(zip(real.image_ids, real.photos.labels, strict=True)),
    dict(zip(real.image_ids, real.photos.folds, strict=True)),
  )
  found = finding.find(
    inputs.attribute,
    real.photos,
    latents,
    inputs.samples,
    dataclasses.replace(config.direction, seed=seed),
  )
  judged = inputs.splits[examples.HAND_LABELED]
  moments = embeddings.moments(np.concatenate([real.photos.labeled, real.photos.unlabeled]))
  blocks = tuple(networks.of(config.embedder).blocks.values())

  def scaled(rows: np.ndarray, own=moments) -> np.ndarray:
    return embeddings.on_one_scale(rows, own, moments, len(blocks))

  made, labels_made, synthetic_folds, kept = _synthetic(inputs, latents, found, faces, seed)
  synthetic = learning.Labeled(scaled(made, embeddings.moments(made)), labels_made)
  photos = scaled(real.photos.labeled)
  unlabeled_photos = scaled(real.photos.unlabeled)
  known = real.held_out != embeddings.UNKNOWN
  knowledge = steps.Knowledge(
    training=learning.TrainingSet(
      labeled=learning.Labeled(photos, real.photos.labels),
      synthetic=synthetic,
      unlabeled=unlabeled_photos,
      labeled_folds=real.photos.folds,
      synthetic_folds=synthetic_folds,
      blocks=blocks,
    ),
    held_out=learning.Labeled(unlabeled_photos[known], real.held_out[known]),
    direction_labels=len(photos),
  )
  scores = steps.scores(
    knowledge, dataclasses.replace(config.classifier, seed=seed), scaled(judged.embeddings)
  )
  judged_labels = judged.annotation(examples.label(inputs.attribute))
  return {
    "labels": labels,
    "unlabeled": len(unlabeled_photos),
    "seed": seed,
    "kept": kept,
    "direction_warning": found.directions[folds_lib.NO_FOLD].warning,
    "ladder": {
      step: steps.row(judged_labels, values, steps.labels_used(step, knowledge))
      for step, values in scores.items()
    },
  }


def draw(inputs: inputs_lib.Inputs, labels: int, unlabeled: int | None, seed: int) -> Real:
  """So many labelled photos; the others lose their label, and of them so many
  are there at all."""
  labeled = inputs.splits[examples.LABELED]
  others = inputs.splits[examples.UNLABELED]
  labels_ = labeled.annotation(examples.label(inputs.attribute))
  known = {
    image_id.decode(): int(label)
    for image_id, label in zip(labeled.image_ids(), labels_, strict=True)
  }
  chosen = set(
    splits.draw_labeled(
      known, known, dataclasses.replace(inputs.config.splits, max_labeled=labels, seed=seed)
    )
  )
  mine = np.array([i.decode() in chosen for i in labeled.image_ids()])
  ids = tuple(i for i, keep in zip(labeled.image_ids(), mine, strict=True) if keep)
  rest = np.concatenate([labeled.embeddings[~mine], others.embeddings])
  held_out = np.concatenate(
    [labels_[~mine], others.annotation(examples.held_out_label(inputs.attribute))]
  )
  if unlabeled is not None and unlabeled < len(rest):
    there = np.sort(np.random.default_rng(seed).choice(len(rest), unlabeled, replace=False))
    rest, held_out = rest[there], held_out[there]
  return Real(
    photos=photos_lib.Photos(
      labeled=labeled.embeddings[mine],
      labels=labels_[mine],
      folds=folds_lib.assign(ids, labels_[mine, np.newaxis]),
      unlabeled=rest,
    ),
    image_ids=ids,
    held_out=held_out,
  )


def _synthetic(
  inputs: inputs_lib.Inputs,
  latents: latents_lib.Latents,
  found: finding.Found,
  faces: int,
  seed: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
  """Embeddings of kept faces, their labels and folds; the share that was kept."""
  config = inputs.config
  maker = decoding.Maker(
    inputs.generator,
    dataclasses.replace(config.synthetic, seed=seed, train_faces=faces, combinations=False),
    {inputs.attribute: latents},
    {inputs.attribute: found.directions},
  )
  labels, folds = [], []

  def make(start: int, stop: int) -> np.ndarray:
    made = maker.make(examples.SYNTHETIC_TRAIN, start, stop)
    labels.append(made.labels)
    folds.append(made.folds)
    return made.images

  rows = inputs.embedder.embed(make, faces, "faces")
  all_labels, all_folds = np.concatenate(labels), np.concatenate(folds)
  kept = np.ones(faces, bool)
  if config.label_filter.keep == "confirmed":
    kept = selection.confirmed(rows, all_labels, all_folds, {inputs.attribute: found.scorers})
  return rows[kept], all_labels[kept, 0], all_folds[kept], float(kept.mean())
