"""What people call that for which the program has identifiers."""

from components.shared.learning import learning, steps

_STEPS = {
  steps.MAJORITY: "larger class, always",
  "labeled_only": "labels only",
  "labeled_self_training": "labels + unlabelled photos",
  "synthetic_only": "synthetic faces only",
  "synthetic_student": "synthetic faces + unlabelled photos",
  "semi_supervised": "labels + unlabelled photos + synthetic faces",
  steps.CEILING: "every label there is",
  "output_only": "labels only, by the face network's output alone",
}
_METRICS = {
  "auc": "AUC",
  "auc_low": "lower end of AUC's 95% interval",
  "average_precision_gain": "average precision above the share of positives",
  "best_balanced_accuracy": "balanced accuracy",
  "photos_of_smaller_class": "number of photos of the smaller class",
  "binary_accuracy": "accuracy",
}
_DISTANCES = {
  "JENSEN_SHANNON_DIVERGENCE": "Jensen-Shannon divergence",
  "L_INFTY": "largest difference of a share",
  "NORMALIZED_ABSOLUTE_DIFFERENCE": "normalised absolute difference",
}
LABELS_ONLY = "labeled_only"


def of_step(step: str) -> str:
  """A step of the ladder, or a reference."""
  return _STEPS.get(step, _words(step))


def of_metric(metric: str) -> str:
  """A metric of TFMA."""
  return _METRICS.get(metric, _words(metric))


def of_distance(measure: str) -> str:
  """A distance of TFDV."""
  return _DISTANCES.get(measure, _words(measure.lower()))


def needs_synthetic_faces(step: str) -> bool:
  """Whether a step of the ladder learns from synthetic faces."""
  return step in learning.STEPS_WITH_SYNTHETIC


def is_bound(step: str) -> bool:
  """Whether a step is there to be compared with, and no way to learn."""
  return step in (steps.MAJORITY, steps.CEILING)


def _words(identifier: str) -> str:
  return identifier.replace("_", " ")
