"""The classifier: what it learns from, and how."""

from typing import Literal

import pydantic

from components.shared.core.settings import settings
from components.shared.learning.propagation_settings import PropagationSettings

Step = Literal[
  "labeled_only", "labeled_self_training", "synthetic_only", "synthetic_student", "semi_supervised"
]


@settings
class ClassifierSettings:
  """One classifier on labelled, pseudo-labelled and synthetic embeddings."""

  step: Step = pydantic.Field(
    "semi_supervised", description="the step of the ladder that is pushed"
  )
  strengths: tuple[float, ...] = pydantic.Field(
    (1.0, 3.0),
    min_length=1,
    description="candidates for C, the inverse of the regularisation, of each "
    "depth's logistic regression; the one with the lowest log loss in "
    "cross-validation on `labeled` is taken",
  )
  depth_power: float = pydantic.Field(
    6.0,
    ge=0,
    description="how much more the depths that do better are listened to: shares go with "
    "(AUC - 0.5) in cross-validation to this power; 0: all alike",
  )
  spread_weights: tuple[float, ...] = pydantic.Field(
    (0.0, 0.1, 0.3, 1.0),
    min_length=1,
    description="candidates for the weight of labels that spread to unlabelled photos against "
    "the labelled ones; the smallest is taken that cross-validation on `labeled` finds no worse "
    "than the best, and the largest where there are too few labels for that",
  )
  synthetic_weights: tuple[float, ...] = pydantic.Field(
    (0.0, 0.1, 0.3, 1.0),
    min_length=1,
    description="candidates for the weight of the synthetic faces, likewise",
  )
  max_synthetic: int = pydantic.Field(
    2000,
    ge=2,
    description="synthetic faces that are learned from at most; of more, so many are drawn",
  )
  label_sampling: Literal["random", "stratified"] = pydantic.Field(
    "random",
    description="how the labelled photos were drawn: at random, so that the share of positives is "
    "theirs, or by class (stratified), so that it is estimated on the unlabelled photos",
  )
  threshold: Literal["balanced", "half"] = pydantic.Field(
    "balanced",
    description="from which probability on a label is 1: the share of positives, for the largest "
    "balanced accuracy, or 0.5, for the largest accuracy",
  )
  propagation: PropagationSettings = PropagationSettings()
  seed: int = pydantic.Field(0, ge=0, description="of weights and order")


@settings
class EvaluationSettings:
  """What a model must show on `hand_labeled` to be blessed."""

  min_auc: float = pydantic.Field(
    0.8, ge=0.5, le=1, description="lower bound of the area under the ROC (AUC)"
  )
  min_auc_low: float = pydantic.Field(
    0.6, ge=0.5, le=1, description="lower bound of the lower end of AUC's 95% interval"
  )
  min_precision_gain: float = pydantic.Field(
    0.1,
    ge=0,
    le=1,
    description="lower bound of average precision above the share of positives, which is that of "
    "a constant, in shares of what is left to 1",
  )
  min_balanced_accuracy: float = pydantic.Field(
    0.6, ge=0.5, le=1, description="lower bound of the mean of both classes' shares of right labels"
  )
  min_of_class: int = pydantic.Field(
    5, ge=1, description="photos of each class in `hand_labeled`, below which nothing can be told"
  )
  max_auc_drop: float = pydantic.Field(
    0.02, ge=0, le=1, description="AUC it may lose against the latest blessed model"
  )
  slices: tuple[str, ...] = pydantic.Field(
    (), description="attributes to slice by; none: all that the source has"
  )
