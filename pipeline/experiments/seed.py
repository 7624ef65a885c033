"""The protocol of the article that this began with, its mistakes mended.

    python -m pipeline run seed

The direction comes from every label outside the evaluation photos, codes are
means of 5 to 24 codes of one class, and the classifier sees synthetic faces
only.
"""

import dataclasses

from components.classifier.settings import ClassifierSettings
from components.synthetic_face_gen.settings import SyntheticSettings
from pipeline.experiments import sample

CONFIG = dataclasses.replace(
    sample.CONFIG,
    name="seed",
    synthetic=SyntheticSettings(
        codes="class_means",
        direction_labels="pool",
        images_per_mean=(5, 24),
    ),
    classifier=ClassifierSettings(step="synthetic_only"),
)
