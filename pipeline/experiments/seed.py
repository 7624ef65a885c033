"""The protocol of the article that this began with, its mistakes fixed.

    python -m pipeline run seed

The direction comes from every label outside the evaluation photos, and the
classifier sees synthetic faces only.

The article decoded means of 5 to 24 codes of one class, and kept them all:
`--set synthetic.codes=class_means --set label_filter.keep=all`.

Cost: as `sample`. Expect synthetic only 0.91 / 0.97 (accuracy / AUC), its
student 0.95 / 0.985; the article's own figures were 0.58 / 0.50. It made 40,000
faces: `--set synthetic.train_faces=40000 --set classifier.max_synthetic=40000`, 5 to
10 minutes more for their embeddings.
"""

import dataclasses

from components.shared.learning.direction_settings import DirectionSettings
from components.shared.learning.settings import ClassifierSettings
from pipeline.experiments import sample

CONFIG = dataclasses.replace(
  sample.CONFIG,
  name="seed",
  direction=DirectionSettings(labels="pool"),
  classifier=ClassifierSettings(step="synthetic_only"),
)
