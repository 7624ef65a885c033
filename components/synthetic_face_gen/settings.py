"""Synthetic faces: which codes are decoded, and how many.

What the defaults rest on is in `components.shared.learning.direction_settings`, whose
direction the codes are moved along.
"""

from typing import Literal

import pydantic

from components.shared.core.settings import settings


@settings
class SyntheticSettings:
  """Latent attribute arithmetic."""

  train_faces: int = pydantic.Field(
    2000,
    ge=2,
    multiple_of=2,
    description="faces of the split `synthetic_train` for each attribute, "
    "half of each class; with `combinations`, for all attributes together; the classifier "
    "learns from `classifier.max_synthetic` of them at most",
  )
  eval_faces: int = pydantic.Field(
    200, ge=2, multiple_of=2, description="faces of the split `synthetic_eval`, likewise"
  )
  combinations: bool = pydantic.Field(
    False,
    description="every face is moved along all attributes' "
    "directions and has a label of each, all combinations equally often; "
    "otherwise along one, and the others stay unknown",
  )
  codes: Literal["class_means", "encoded", "prior"] = pydantic.Field(
    "prior",
    description="class_means: means of a few codes of one "
    "class; encoded: photos' codes; prior: samples of a Gaussian with the "
    "photos' codes' moments; the last two are moved to either side of the "
    "attribute",
  )
  images_per_mean: tuple[pydantic.PositiveInt, pydantic.PositiveInt] = pydantic.Field(
    (5, 24), description="class_means: fewest and most codes in a mean"
  )
  photos_per_code: int = pydantic.Field(
    1, ge=1, description="encoded: photos whose codes are mixed in one, with random weights"
  )
  strength: float = pydantic.Field(
    1.0,
    gt=0,
    description="encoded, prior: distance of either side from "
    "the boundary, in units of the direction (`direction.method`): standard "
    "deviations of the samples' scores, or half distances of the class "
    "means",
  )
  seed: int = pydantic.Field(0, ge=0, description="of everything drawn")

  @pydantic.model_validator(mode="after")
  def _check_images_per_mean(self):
    fewest, most = self.images_per_mean
    if fewest > most:
      raise ValueError(f"images_per_mean: {fewest} is more than {most}")
    if self.combinations and self.codes == "class_means":
      raise ValueError("combinations: class_means has none; use encoded or prior codes")
    return self
