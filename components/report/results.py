"""The figures of a run, out of what its components wrote."""

import dataclasses
import json
import math
import os
from typing import Any, Dict, List

import tensorflow as tf
import tensorflow_model_analysis as tfma

from components import examples
from components.classifier import evaluation as evaluation_lib
from components.embedding_engine import engine_artifact
from components.ladder import executor as ladder_executor
from components.latent_directions import directions
from components.report import verdict
from components.synthetic_measures import executor as synthetic_measures


def evaluation(attribute: str, embedder: str, engine_uri: str,
               ladder_uri: str, measures_uri: str,
               direction: directions.Direction, evaluation_uri: str,
               blessed: bool) -> Dict[str, Any]:
  """The content of `evaluation.json`, but for times and memory.

  Args:
    attribute: the annotation that was learned.
    embedder: name of the face network.
    engine_uri: EmbeddingEngine's output.
    ladder_uri: Ladder's output.
    measures_uri: SyntheticMeasures'.
    direction: that all labels were used for.
    evaluation_uri: the Evaluator's.
    blessed: what the Evaluator decided.
  """
  ladder = _read_json(os.path.join(ladder_uri, ladder_executor.LADDER_FILE))
  pushed = ladder["ladder"][ladder["step"]]
  overall = slices(evaluation_uri)["Overall"]
  return {
      "attribute": attribute,
      "embedder": embedder,
      "engine": dataclasses.asdict(engine_artifact.read(engine_uri)),
      "step": ladder["step"],
      "blessed": blessed,
      "not_blessed_because": failed_thresholds(evaluation_uri),
      "hand_labeled": {
          "n": ladder["n"],
          "accuracy": overall[evaluation_lib.ACCURACY]["value"],
          "accuracy_ci95": pushed["accuracy_ci95"],
          "auc": overall[evaluation_lib.AUC]["value"],
      },
      "did_synthesis_help": verdict.sentence(ladder["comparison"],
                                             ladder["ladder"]),
      "comparison": ladder["comparison"],
      "ladder": ladder["ladder"],
      "references": ladder["references"],
      "learned": ladder["learned"],
      "direction": {
          name: getattr(direction, name) for name in (
              "method", "positives", "negatives", "separation_auc",
              "scorer_auc", "warning")},
      "generator": synthetic_measures.read(measures_uri),
  }


def slices(evaluation_uri: str) -> Dict[str, Dict[str, Dict[str, float]]]:
  """TFMA's single figures by slice and metric, with bounds where there are.

  Returns:
    {"Overall" or "key=value": {metric: {"value", and perhaps "low", "high"}}};
    what has no value there (the AUC of one class) is absent. The overall slice
    comes first.
  """
  result = {}
  for key, outputs in sorted(
      tfma.load_eval_result(evaluation_uri).slicing_metrics,
      key=lambda slice_and_outputs: slice_and_outputs[0]):
    name = ", ".join(f"{column}={value}" for column, value in key) or "Overall"
    figures = {}
    for metric, value in outputs[""][""].items():
      figure = _figure(value)
      if all(math.isfinite(number) for number in figure.values()):
        figures[metric] = figure
    if examples.LABEL in dict(key):
      # TFMA says 0 where there is no pair of classes to be told apart.
      figures.pop(evaluation_lib.AUC, None)
    result[name] = figures
  return result


def _figure(value: Dict[str, Any]) -> Dict[str, float]:
  """One of TFMA's metric values; plots and the like give nan.

  Numbers that JSON has no word for come as strings ("NaN").
  """
  if "boundedValue" in value:
    bounded = value["boundedValue"]
    # The bootstrap's normal approximation knows no bounds of a share.
    return {"value": float(bounded["value"]),
            "low": max(0.0, float(bounded["lowerBound"])),
            "high": min(1.0, float(bounded["upperBound"]))}
  return {"value": float(value.get("doubleValue", "nan"))}


def failed_thresholds(evaluation_uri: str) -> List[str]:
  """What stood against a blessing, a phrase each."""
  validation = tfma.load_validation_result(evaluation_uri)
  reasons = []
  for per_slice in validation.metric_validations_per_slice:
    for failure in per_slice.failures:
      reasons.append(_reason(failure))
  return reasons


def _reason(failure: Any) -> str:
  name, threshold = failure.metric_key.name, failure.metric_threshold
  value = failure.metric_value
  if value.HasField("bounded_value"):
    number = value.bounded_value.value.value
  elif value.HasField("double_value"):
    number = value.double_value.value
  else:
    return f"{name} could not be judged ({failure.message})"
  if failure.metric_key.is_diff:
    return (f"{name} changed by {number:+.3f} against the latest blessed model, "
            f"and may lose {-threshold.change_threshold.absolute.value:g}")
  return (f"{name} is {number:.3f}, the lower bound is "
          f"{threshold.value_threshold.lower_bound.value:g}")


def _read_json(path: str) -> Any:
  """A JSON file."""
  with tf.io.gfile.GFile(path) as file:
    return json.load(file)
