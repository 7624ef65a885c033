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
  hidden: tuple[int, ...] = pydantic.Field(
    (), description="units of hidden layers; none: logistic regression"
  )
  l2: float = pydantic.Field(0.1, ge=0, description="weight decay of every layer")
  learning_rate: float = pydantic.Field(0.01, gt=0, description="of Adam")
  steps: int = pydantic.Field(400, ge=1, description="gradient steps of one fit")
  batch_size: int = pydantic.Field(
    512,
    ge=1,
    description="embeddings a step, over all devices "
    "together; smaller sets are gone through more than once",
  )
  synthetic_weights: tuple[float, ...] = pydantic.Field(
    (0.0, 0.1, 0.3, 1.0),
    min_length=1,
    description="candidates for the weight of the synthetic faces against "
    "the photos; the largest is taken that cross-validation on `labeled` "
    "finds no worse than the best",
  )
  propagation: PropagationSettings = PropagationSettings()
  seed: int = pydantic.Field(0, ge=0, description="of weights and order")


@settings
class EvaluationSettings:
  """What a model must show on `hand_labeled` to be blessed."""

  min_auc: float = pydantic.Field(
    0.8, ge=0.5, le=1, description="lower bound of the area under the ROC"
  )
  min_over_majority: float = pydantic.Field(
    0.1, ge=0, lt=0.5, description="accuracy above that of always naming the larger class"
  )
  max_auc_drop: float = pydantic.Field(
    0.02, ge=0, le=1, description="AUC it may lose against the latest blessed model"
  )
  slices: tuple[str, ...] = pydantic.Field(
    (), description="attributes to slice by; none: all that the source has"
  )
