"""Synthetic faces: which codes are decoded, and how many."""

from typing import Literal, Tuple

import pydantic

from components.settings import settings


@settings
class SyntheticSettings:
  """Latent attribute arithmetic."""

  train_faces: int = pydantic.Field(
      4000, ge=2, description="faces of the split `synthetic_train`")
  eval_faces: int = pydantic.Field(
      400, ge=2, description="faces of the split `synthetic_eval`")
  codes: Literal["class_means", "encoded", "prior"] = pydantic.Field(
      "class_means", description="class_means: means of a few codes of one "
      "class; encoded: single photos' codes; prior: samples of the prior; the "
      "last two are moved to either side of the attribute")
  direction_labels: Literal["labeled", "pool"] = pydantic.Field(
      "labeled", description="labels that the direction may use: the few of "
      "`labeled`, or every one that exists outside `hand_labeled`")
  images_per_mean: Tuple[int, int] = pydantic.Field(
      (5, 24), description="class_means: fewest and most codes in one mean")
  strength: float = pydantic.Field(
      1.0, gt=0, description="encoded, prior: distance of either side from "
      "the boundary, in half distances of the class means")
  seed: int = pydantic.Field(0, ge=0, description="of everything drawn")
