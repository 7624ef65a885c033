"""Synthetic faces: which codes are decoded, and how many.

What the defaults rest on: the sample, a generator of 60 epochs, FaceNet
embeddings. AUC is that of a logistic regression on synthetic faces alone,
direction from `labeled`, in 5-fold cross-validation within `labeled` (n = 99,
so +-0.04 each). KID (x 1e5) is the distance of synthetic faces, with every
label in the direction, from photos; those labels decide nothing else here.

| codes       | strength | AUC  | KID |
|-------------|----------|------|-----|
| class_means |          | 0.80 | 682 |
| encoded     | 2        | 0.85 | 265 |
| encoded     | 3        | 0.88 | 265 |
| encoded     | 4        | 0.87 | 284 |
| prior       | 2        | 0.86 | 370 |
| prior       | 3        | 0.88 | 355 |
| prior       | 4        | 0.87 | 373 |
"""

from typing import Literal, Tuple

import pydantic

from components.settings import settings


@settings
class SyntheticSettings:
  """Latent attribute arithmetic."""

  train_faces: int = pydantic.Field(
      4000, ge=2, multiple_of=2,
      description="faces of the split `synthetic_train`, half of each class")
  eval_faces: int = pydantic.Field(
      400, ge=2, multiple_of=2,
      description="faces of the split `synthetic_eval`, half of each class")
  codes: Literal["class_means", "encoded", "prior"] = pydantic.Field(
      "encoded", description="class_means: means of a few codes of one "
      "class; encoded: photos' codes; prior: samples of a Gaussian with the "
      "photos' codes' moments; the last two are moved to either side of the "
      "attribute")
  direction_labels: Literal["labeled", "pool"] = pydantic.Field(
      "labeled", description="labels that the direction may use: the few of "
      "`labeled`, or (the seed's protocol) every one that exists outside "
      "`hand_labeled`, which other experiments may not use")
  images_per_mean: Tuple[pydantic.PositiveInt, pydantic.PositiveInt] = (
      pydantic.Field(
          (5, 24), description="class_means: fewest and most codes in a mean"))
  photos_per_code: int = pydantic.Field(
      1, ge=1, description="encoded: photos whose codes are mixed in one, "
      "with random weights")
  strength: float = pydantic.Field(
      3.0, gt=0, description="encoded, prior: distance of either side from "
      "the boundary, in half distances of the class means")
  seed: int = pydantic.Field(0, ge=0, description="of everything drawn")

  @pydantic.model_validator(mode="after")
  def _check_images_per_mean(self):
    fewest, most = self.images_per_mean
    if fewest > most:
      raise ValueError(f"images_per_mean: {fewest} is more than {most}")
    return self
