"""The attribute's direction: what it is found from, and how.

What the defaults rest on: the sample, a VAE-GAN of 100 epochs, FaceNet
embeddings. AUC of a logistic regression on 1,000 synthetic faces alone, in
5-fold cross-validation within `labeled` (n = 99, so +-0.04 each); kept: faces
whose label a scorer confirms.

| direction      | codes   | strength | all faces | kept faces | share kept |
|----------------|---------|----------|-----------|------------|------------|
| class means    | prior   | 1        | 0.86      | 0.97       | 0.78       |
| class means    | prior   | 3        | 0.93      | 0.94       | 0.99       |
| scored samples | prior   | 0.7      | 0.91      | 0.97       | 0.89       |
| scored samples | prior   | 1        | 0.94      | 0.96       | 0.96       |
| scored samples | prior   | 1.5      | 0.95      | 0.95       | 0.99       |
| scored samples | prior   | 3        | 0.92      | 0.92       | 1.00       |
| scored samples | encoded | 1        | 0.86      | 0.97       | 0.83       |
| scored samples | encoded | 1.5      | 0.91      | 0.96       | 0.91       |

On the same photos: real faces with every label there is 0.98, reconstructions
of them 0.95. 500 samples do as well as 2,000.

Labels that spread over the generator's own faces, too, make a better scorer,
the more so the fewer photos there are. Draws of n of the `labeled` photos,
judged on the rest of them, with u photos of `unlabeled` (AUC, 12 draws):

| n, u    | photos only | + 100 samples | 300   | 1,000 | 2,000 |
|---------|-------------|---------------|-------|-------|-------|
| 4, 10   | 0.671       | 0.865         | 0.942 | 0.869 | 0.791 |
| 4, 306  | 0.975       | 0.978         | 0.978 | 0.968 | 0.957 |
| 10, 10  | 0.775       | 0.913         | 0.952 | 0.947 | 0.951 |
| 10, 306 | 0.972       | 0.978         | 0.979 | 0.972 | 0.973 |
| 20, 10  | 0.905       | 0.954         | 0.959 | 0.950 | 0.954 |
| 20, 306 | 0.975       | 0.978         | 0.983 | 0.976 | 0.973 |
| 79, 10  | 0.958       | 0.963         | 0.968 | 0.958 | 0.960 |
| 79, 306 | 0.980       | 0.981         | 0.977 | 0.963 | 0.968 |
"""

from typing import Literal

import pydantic

from components.shared.core.settings import settings
from components.shared.learning.propagation_settings import PropagationSettings


@settings
class DirectionSettings:
  """How labelled photos become a direction in the latent space."""

  method: Literal["scored_samples", "class_means"] = pydantic.Field(
    "scored_samples",
    description="scored_samples: along what changes the "
    "score, in embedding space, of the generator's own faces; class_means: "
    "from the mean code of photos without the attribute to that of photos "
    "with it",
  )
  labels: Literal["labeled", "pool"] = pydantic.Field(
    "labeled",
    description="labels that may be used: the few of `labeled`, "
    "or (the article's protocol) every one that exists outside "
    "`hand_labeled`, which other experiments may not use",
  )
  samples: int = pydantic.Field(
    2000, ge=100, description="faces that the generator draws to be scored"
  )
  spread_samples: int = pydantic.Field(
    300,
    ge=0,
    description="of the samples, so many that labels spread to as "
    "they do to unlabelled photos; none: the scorer learns from photos only",
  )
  propagation: PropagationSettings = PropagationSettings()
  seed: int = pydantic.Field(0, ge=0, description="of everything drawn")
