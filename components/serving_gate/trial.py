"""Tries an exported model as a server would have it."""

import dataclasses
import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from sklearn import metrics

from components.serving_gate.settings import ServingSettings
from components.shared.data import examples
from components.shared.learning import arrays, monitoring, served, serving

ACCURACY, AUC = "binary_accuracy", "auc"
_PHOTOS = 64
_BATCH = 32
_BASELINE_PHOTOS = 1000
"""Of each split, the first ones; their order follows from a hash of their names."""
_TOLERANCE = 0.01
"""Of accuracy and AUC; TFMA counts by thresholds."""

Validated = Mapping[str, Mapping[str, float]]
"""`ACCURACY` and `AUC` on all hand-labelled photos, by attribute."""
_Rows = dict[bytes, dict[str, Any]]
"""Features of embeddings, and `image` once it is known, by image_id."""


@dataclasses.dataclass(frozen=True)
class Trial:
  """What came of it.

  Attributes:
    measured: `photos`, `seconds_1`, `seconds_32`, `load_seconds`,
      `peak_rss_bytes`, and by attribute `accuracy`, `auc`, `difference`.
    problems: why the model must not be pushed, a phrase each.
    baseline: for monitoring, see `monitoring.baseline`; None if it failed.
  """

  measured: dict[str, Any]
  problems: list[str]
  baseline: bytes | None = None


def run(
  model: str, faces_uri: str, embeddings_uri: str, validated: Validated, settings: ServingSettings
) -> Trial:
  """Loads a model in a clean process and asks it for what was validated.

  Args:
    model: the SavedModel's folder.
    faces_uri: Examples of real photos, with the splits of photos.
    embeddings_uri: Examples of their embeddings.
    validated: what the Evaluator found.
    settings: bounds.
  """
  rows = {
    split: _rows(
      embeddings_uri, split, None if split == examples.HAND_LABELED else _BASELINE_PHOTOS
    )
    for split in examples.REAL_SPLITS
  }
  for split, of_split in rows.items():
    reserved = split == examples.HAND_LABELED
    _add_photos(faces_uri, examples.RESERVED if reserved else examples.TRAINING, of_split)
  judged = list(rows[examples.HAND_LABELED].values())
  photos = [row for row in judged if examples.IMAGE in row][:_PHOTOS]
  try:
    if not photos:
      raise served.NotServed("there is no hand-labelled photo to ask it about")
    inputs, outputs = _signature(model, serving.CLASSIFY_EMBEDDING)
    attributes = serving.attributes_of(outputs)
    everyone = list(itertools.chain.from_iterable(of.values() for of in rows.values()))
    answers = served.ask(model, [*_timed(photos), *_asked(photos, everyone, inputs)])
  except served.NotServed as error:
    return Trial({}, [f"the exported model can't be served: {error}"])
  of_photos, of_rows = _joined(answers.outputs[2:-1]), answers.outputs[-1]
  measured: dict[str, Any] = {
    "photos": len(photos),
    "seconds_1": answers.seconds[0],
    "seconds_32": answers.seconds[1],
    "load_seconds": answers.load_seconds,
    "peak_rss_bytes": answers.peak_rss_bytes,
    "attributes": {},
  }
  problems = list(_too_much(measured, settings))
  probabilities, labels = {}, {}
  for attribute in attributes:
    name = serving.probability_of(attribute)
    labels[attribute] = of_rows[examples.label(attribute)].reshape(-1)
    probabilities[attribute] = of_rows[name].reshape(-1)
    place = [number for number, row in enumerate(judged) if examples.IMAGE in row][:_PHOTOS]
    figures = _figures(judged, attribute, probabilities[attribute][: len(judged)])
    figures["difference"] = float(
      np.abs(of_photos[name].reshape(-1) - probabilities[attribute][place]).mean()
    )
    measured["attributes"][attribute] = figures
    problems += _differences(attribute, figures, validated.get(attribute, {}), settings)
  return Trial(
    measured,
    problems,
    None if problems else _baseline(everyone, len(judged), probabilities, labels),
  )


def _rows(uri: str, split: str, most: int | None) -> _Rows:
  records = examples.dataset(uri, split).take(-1 if most is None else most)
  decoded = (examples.decode(record) for record in records.as_numpy_iterator())
  return {row[examples.IMAGE_ID]: row for row in decoded}


def _add_photos(uri: str, split: str, rows: _Rows) -> None:
  """Puts the photos of the first rows in."""
  wanted = set(itertools.islice(rows, _BASELINE_PHOTOS))
  for record in examples.dataset(uri, split).as_numpy_iterator():
    if not wanted:
      return
    face = examples.decode(record)
    if face[examples.IMAGE_ID] in wanted:
      wanted.remove(face[examples.IMAGE_ID])
      rows[face[examples.IMAGE_ID]][examples.IMAGE] = face[examples.IMAGE]


def _signature(model: str, name: str) -> tuple[list[str], list[str]]:
  found = served.signatures(model)
  if name not in found or serving.CLASSIFY_JPEG not in found:
    raise served.NotServed(f"it has the signatures {', '.join(sorted(found))} and not {name}")
  return found[name]


def _timed(photos: Sequence[dict[str, Any]]) -> list[served.Request]:
  """One photo, and 32; the same ones again where there are fewer."""
  images = [row[examples.IMAGE] for row in photos]
  return [
    _request(list(itertools.islice(itertools.cycle(images), count)), timed=True)
    for count in (1, _BATCH)
  ]


def _asked(
  photos: Sequence[dict[str, Any]], everyone: Sequence[dict[str, Any]], inputs: Sequence[str]
) -> Iterator[served.Request]:
  images = [row[examples.IMAGE] for row in photos]
  for first in range(0, len(images), _BATCH):
    yield _request(images[first : first + _BATCH])
  yield served.Request(
    serving.CLASSIFY_EMBEDDING,
    {name: np.array([row[name] for row in everyone], np.float32) for name in inputs},
  )


def _request(images: list[bytes], timed: bool = False) -> served.Request:
  return served.Request(
    serving.CLASSIFY_JPEG, {examples.IMAGE: np.array(images, dtype=object)}, timed
  )


def _joined(outputs: Sequence[Mapping[str, np.ndarray]]) -> dict[str, np.ndarray]:
  return {name: np.concatenate([batch[name] for batch in outputs]) for name in outputs[0]}


def _too_much(measured: Mapping[str, Any], settings: ServingSettings) -> Iterator[str]:
  for count, bound in ((1, settings.max_seconds_1), (_BATCH, settings.max_seconds_32)):
    if measured[f"seconds_{count}"] > bound:
      yield (
        f"{count} photo(s) took {measured[f'seconds_{count}']:.2f} s, and may take {bound:g} "
        f"(serving.max_seconds_{count})"
      )
  mebibytes = measured["peak_rss_bytes"] / 2**20
  if mebibytes > settings.max_memory_mebibytes:
    yield (
      f"it held {mebibytes:.0f} MiB, and may hold {settings.max_memory_mebibytes} "
      "(serving.max_memory_mebibytes)"
    )


def _figures(
  rows: Sequence[Mapping[str, Any]], attribute: str, probabilities: np.ndarray
) -> dict[str, float]:
  """Accuracy, and AUC where there are two classes, on rows with a label."""
  known = [number for number, row in enumerate(rows) if examples.label(attribute) in row]
  labels = np.array([rows[number][examples.label(attribute)] for number in known])
  scores = probabilities[known]
  found = {"accuracy": float(((scores >= arrays.THRESHOLD) == labels).mean())}
  if len(set(labels.tolist())) == 2:
    found["auc"] = float(metrics.roc_auc_score(labels, scores))
  return found


def _differences(
  attribute: str,
  figures: Mapping[str, float],
  validated: Mapping[str, float],
  settings: ServingSettings,
) -> Iterator[str]:
  for ours, theirs in (("accuracy", ACCURACY), ("auc", AUC)):
    expected = validated.get(theirs, math.nan)
    if ours in figures and not abs(figures[ours] - expected) <= _TOLERANCE:
      yield (
        f"{attribute}: {ours} is {figures[ours]:.3f} where the model is served, and "
        f"{expected:.3f} where it was validated"
      )
  if not figures["difference"] <= settings.max_difference:
    yield (
      f"{attribute}: probabilities of photos differ by {figures['difference']:.3f} from those "
      f"of their embeddings, and may by {settings.max_difference:g} (serving.max_difference)"
    )


def _baseline(
  rows: Sequence[Mapping[str, Any]],
  judged: int,
  probabilities: Mapping[str, np.ndarray],
  labels: Mapping[str, np.ndarray],
) -> bytes:
  """Of the rows whose photo is known, the judged ones first."""
  known = [number for number, row in enumerate(rows) if examples.IMAGE in row]
  faces = monitoring.Faces(
    quality=np.stack([monitoring.quality(rows[number][examples.IMAGE]) for number in known]),
    embeddings=np.array([rows[number][examples.EMBEDDING] for number in known], np.float32),
    probabilities={name: values[known] for name, values in probabilities.items()},
    labels={name: values[known] for name, values in labels.items()},
  )
  return monitoring.baseline(faces, np.array(known) < judged)
