"""The figures of a run, out of what its components wrote."""

import dataclasses
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf
import tensorflow_model_analysis as tfma
from tfx.components.evaluator import constants as evaluator_constants

from components.classifier import evaluation as evaluation_lib
from components.report import judged as judged_lib
from components.report import names, statistics, tfma_plots, verdict
from components.shared.artifacts import directions_files, ladder_files, measures
from components.shared.data import embeddings, examples
from components.shared.generators import history
from components.shared.learning import directions, intervals, serving
from components.shared.networks import engine_artifact

OVERALL = "Overall"
Slices = dict[str, dict[str, dict[str, float]]]
"""{"Overall" or "key=value": {metric: {"value", and perhaps "low", "high"}}};
what has no value there (the AUC of one class) is absent. The overall slice
comes first."""


@dataclasses.dataclass(frozen=True)
class Threshold:
  """Something that decides about the blessing.

  Attributes:
    metric: what is bounded, for people.
    value: what it came to; nan where TFMA has none.
    bound: the lower one.
    change: whether it is about the change against the latest blessed model.
    reached: whether it is.
  """

  metric: str
  value: float
  bound: float
  change: bool
  reached: bool


@dataclasses.dataclass(frozen=True)
class Results:
  """The figures of a run.

  Attributes:
    evaluation: the content of `evaluation.json`, but for times and memory. The
      figures of each attribute are in `attributes`. Those of the first one are
      at the top level, too.
    slices: of each attribute.
    thresholds: of each attribute.
    judged: the hand-labelled photos under the pushed model, by attribute.
  """

  evaluation: dict[str, Any]
  slices: dict[str, Slices]
  thresholds: dict[str, list[Threshold]]
  judged: dict[str, list[judged_lib.Photo]]


def gather(attributes: Sequence[str], embedder: str, uris: Mapping[str, str]) -> Results:
  """Reads what the components wrote.

  Args:
    attributes: the annotations that were learned.
    embedder: name of the face network.
    uris: of Report's inputs.
  """
  ladders = ladder_files.read(uris["ladder"])
  found = directions.overall(os.path.join(uris["directions"], directions_files.DIRECTIONS))
  measured = dict(measures.read(uris["measures"]))
  of_attributes = measured.pop("attributes")
  scores = ladder_files.read_scores(os.path.join(uris["ladder"], ladder_files.SCORES))
  for attribute, ladder in ladders.items():
    scores[attribute].thresholds.update(
      {step: row["threshold"] for step, row in ladder["ladder"].items()}
    )
  by_slice = slices(uris["evaluation"], attributes)
  photos = _annotations(uris["embeddings"])
  for attribute in attributes:
    with_intervals(by_slice[attribute], scores[attribute], ladders[attribute]["step"], photos)
  judged = {
    attribute: judged_lib.of_step(scores[attribute], ladders[attribute]["step"])
    for attribute in attributes
  }
  figures = {
    attribute: _of_attribute(
      ladders[attribute],
      scores[attribute],
      by_slice[attribute][OVERALL],
      found[attribute],
      {**measured, **of_attributes[attribute]},
      judged_lib.suspects(judged[attribute]),
    )
    for attribute in attributes
  }
  blessed = tf.io.gfile.exists(
    os.path.join(uris["blessing"], evaluator_constants.BLESSED_FILE_NAME)
  )
  evaluation = {
    "attribute": attributes[0],
    "embedder": embedder,
    "engine": dataclasses.asdict(engine_artifact.read(uris["engine"])),
    "blessed": blessed,
    "not_blessed_because": failed_thresholds(uris["evaluation"], attributes),
    "photos": _photos(uris),
    "training": _training(uris.get("training_log")),
    **figures[attributes[0]],
    "attributes": figures,
  }
  return Results(evaluation, by_slice, thresholds(uris["evaluation"], attributes, by_slice), judged)


def _photos(uris: Mapping[str, str]) -> dict[str, int]:
  """How many photos are in each split, and how many in none."""
  reserved = statistics.counts(uris["face_statistics"])[examples.RESERVED]
  embedded = statistics.counts(uris["embedding_statistics"])
  return {
    **{split: embedded[split] for split in examples.REAL_SPLITS},
    "reserved_without_label": reserved - embedded[examples.HAND_LABELED],
  }


def _training(uri: str | None) -> dict[str, Any] | None:
  """The generator's last epoch and alarms; None if it came from elsewhere."""
  if uri is None:
    return None
  epochs = history.read(uri)
  return {
    "epochs": len(epochs),
    "last_epoch": epochs[-1],
    "alarms": history.read_health(uri)["alarms"],
  }


def _of_attribute(
  ladder: dict[str, Any],
  scores: ladder_files.Scores,
  overall: dict[str, dict[str, float]],
  direction: directions.Direction,
  measured: dict[str, Any],
  suspects: list[str],
) -> dict[str, Any]:
  rows = ladder["ladder"]
  pushed = rows[ladder["step"]]
  over_labels = verdict.compare(scores, ladder["step"], names.LABELS_ONLY)
  synthesis = verdict.of_synthesis(scores, rows, ladder["step"])
  return {
    "step": ladder["step"],
    "hand_labeled": {
      "n": ladder["n"],
      "accuracy": overall[evaluation_lib.ACCURACY]["value"],
      "accuracy_ci95": pushed["accuracy_ci95"],
      "auc": overall[evaluation_lib.AUC]["value"],
      "auc_ci95": pushed["auc_ci95"],
      "suspects": suspects,
    },
    "does_it_beat_labels": verdict.over_labels(over_labels, rows),
    "over_labels": over_labels,
    "did_synthesis_help": verdict.synthesis(synthesis, rows, ladder["learned"]["synthetic_weight"]),
    "comparison": synthesis,
    "more_labels": ladder["more_labels"],
    "what_labels_would_do": verdict.more_labels(ladder["more_labels"]),
    "ladder": rows,
    "references": ladder["references"],
    "learned": ladder["learned"],
    "direction": {
      name: getattr(direction, name)
      for name in ("method", "positives", "negatives", "separation_auc", "scorer_auc", "warning")
    },
    "generator": measured,
  }


def slices(evaluation_uri: str, attributes: Sequence[str]) -> dict[str, Slices]:
  """TFMA's single figures by attribute, slice and metric.

  Args:
    evaluation_uri: the Evaluator's output.
    attributes: that were learned.
  """
  found = sorted(
    tfma_plots.load(evaluation_uri).slicing_metrics,
    key=lambda slice_and_outputs: slice_and_outputs[0],
  )
  return {attribute: _slices(found, attribute) for attribute in attributes}


def _slices(found: Sequence[Any], attribute: str) -> Slices:
  result = {}
  for key, outputs in found:
    name = ", ".join(f"{column}={value}" for column, value in key) or OVERALL
    figures = {}
    metrics = outputs[serving.probability_of(attribute)][""]
    for metric, value in metrics.items():
      figure = _figure(value)
      if all(math.isfinite(number) for number in figure.values()):
        figures[metric] = figure
    if examples.label(attribute) in dict(key):
      # TFMA says 0 where there is no pair of classes to be told apart.
      figures.pop(evaluation_lib.AUC, None)
    result[name] = figures
  return result


def _figure(value: dict[str, Any]) -> dict[str, float]:
  """One of TFMA's metric values; plots and the like give nan.

  Numbers that JSON has no word for come as strings ("NaN"). TFMA's own
  interval is left out: see `with_intervals`.
  """
  if "boundedValue" in value:
    value = {"doubleValue": value["boundedValue"]["value"]}
  return {"value": float(value.get("doubleValue", "nan"))}


def _annotations(embeddings_uri: str) -> dict[str, dict[str, str]]:
  """What is known of each hand-labelled photo, as slices put it, by its file."""
  found = embeddings.read(embeddings_uri, examples.HAND_LABELED)
  return {
    features[examples.IMAGE_ID].decode(): {
      name: str(value) for name, value in features.items() if isinstance(value, int)
    }
    for features in found.features
  }


def with_intervals(
  by_slice: Slices, scores: ladder_files.Scores, step: str, photos: Mapping[str, Mapping[str, str]]
) -> None:
  """Puts 95% intervals beside TFMA's figures, and takes away what is undefined.

  Of labels: at the model's own threshold, where TFMA takes 0.5 for all.

  They are those of the ladder (`components.shared.learning.intervals`), so that
  one figure has one interval wherever it stands, and none of few photos is
  certain.

  Args:
    by_slice: of one attribute; is changed.
    scores: of the attribute.
    step: that was pushed.
    photos: annotations of the photos, by file.
  """
  labels, probabilities = scores.labels, scores.by_step[step]
  said = scores.said(step)
  for name, metrics in by_slice.items():
    key, _, value = name.rpartition("=")  # One annotation a slice.
    rows = np.array(
      [
        name == OVERALL or photos.get(image_id, {}).get(key) == value
        for image_id in scores.image_ids
      ]
    )
    both = 0 < labels[rows].sum() < rows.sum()
    for metric, successes, of in (
      (evaluation_lib.ACCURACY, said == labels, rows),
      # Among photos of one class it is 0 or 1, whatever the model says.
      ("precision", labels == 1, rows & said & both),
      ("recall", said, rows & (labels == 1)),
    ):
      if not of.any():
        metrics.pop(metric, None)
      elif metric in metrics:
        low, high = intervals.of_share(int(successes[of].sum()), int(of.sum()))
        metrics[metric].update(value=float(successes[of].mean()), low=low, high=high)
    if evaluation_lib.AUC in metrics and both:
      low, high = intervals.of_auc(labels[rows], probabilities[rows])
      metrics[evaluation_lib.AUC].update(low=low, high=high)


def thresholds(
  evaluation_uri: str, attributes: Sequence[str], by_slice: Mapping[str, Slices]
) -> dict[str, list[Threshold]]:
  """What decided about the blessing, by attribute.

  Args:
    evaluation_uri: the Evaluator's output.
    attributes: that were learned.
    by_slice: of `slices`.
  """
  # A threshold's class name is CamelCase, and its metric's may be anything:
  # what failed goes by the metric's, and the values do.
  failures = {
    (failure.metric_key.output_name, failure.metric_key.name, failure.metric_key.is_diff)
    for per_slice in tfma.load_validation_result(evaluation_uri).metric_validations_per_slice
    for failure in per_slice.failures
  }
  bounds = list(_bounds(tfma_plots.load(evaluation_uri).config))
  found: dict[str, list[Threshold]] = {name: [] for name in attributes}
  for attribute in attributes:
    output = serving.probability_of(attribute)
    values = by_slice[attribute][OVERALL]
    for metric, bound in bounds:
      for change, lower in bound.items():
        value = values.get(f"{metric}_diff" if change else metric, {})
        found[attribute].append(
          Threshold(
            metric=names.of_metric(metric)
            + (", against the latest blessed model" if change else ""),
            value=value.get("value", math.nan),
            bound=lower,
            change=change,
            reached=(output, metric, change) not in failures,
          )
        )
  return found


def _bounds(config: Any) -> Iterable[tuple[str, dict[bool, float]]]:
  """Metrics with lower bounds: of the value (False), of the change (True)."""
  metrics = {
    evaluation_lib.SparseAUC.__name__: evaluation_lib.AUC,
    evaluation_lib.AUCLow.__name__: evaluation_lib.AUC_LOW,
    evaluation_lib.AveragePrecisionGain.__name__: evaluation_lib.PRECISION_GAIN,
    evaluation_lib.BestBalancedAccuracy.__name__: evaluation_lib.BALANCED_ACCURACY,
    evaluation_lib.PhotosOfSmallerClass.__name__: evaluation_lib.OF_CLASS,
  }
  for metric in (metric for spec in config.metrics_specs for metric in spec.metrics):
    for per_slice in metric.per_slice_thresholds:
      bounds = {}
      if per_slice.threshold.HasField("value_threshold"):
        bounds[False] = per_slice.threshold.value_threshold.lower_bound.value
      if per_slice.threshold.HasField("change_threshold"):
        bounds[True] = per_slice.threshold.change_threshold.absolute.value
      yield metrics[metric.class_name], bounds


def failed_thresholds(evaluation_uri: str, attributes: Sequence[str]) -> list[str]:
  """What stood against a blessing, a phrase each.

  Args:
    evaluation_uri: the Evaluator's output.
    attributes: that were learned; named where there are several.
  """
  validation = tfma.load_validation_result(evaluation_uri)
  reasons = []
  for per_slice in validation.metric_validations_per_slice:
    for failure in per_slice.failures:
      reason = _reason(failure)
      if len(attributes) > 1:
        (attribute,) = serving.attributes_of([failure.metric_key.output_name])
        reason = f"{attribute}: {reason}"
      reasons.append(reason)
  return reasons


def _reason(failure: Any) -> str:
  name = names.of_metric(failure.metric_key.name)
  threshold = failure.metric_threshold
  value = failure.metric_value
  if value.HasField("bounded_value"):
    number = value.bounded_value.value.value
  elif value.HasField("double_value"):
    number = value.double_value.value
  else:
    return f"{name} could not be judged ({failure.message})"
  if failure.metric_key.is_diff:
    return (
      f"{name} changed by {number:+.3f} against the latest blessed model, "
      f"and may lose {-threshold.change_threshold.absolute.value:g}"
    )
  return (
    f"{name} is {number:.3f}, the lower bound is {threshold.value_threshold.lower_bound.value:g}"
  )
