"""The packaged sample: 500 CelebA photos, 99 of them labelled.

    make run            (or: python -m pipeline run sample)

Cost: 13 minutes on 2 cores, 2.2 GiB; 10 minutes of it train the generator.
Expect, on 94 hand-labelled photos (accuracy / AUC): labelled only 0.97 / 0.985,
with unlabelled photos 0.97 / 0.986, synthetic only 0.85 / 0.91, its student
0.88 / 0.96, pushed 0.97 / 0.986, ceiling 0.96 / 0.99.
"""

from components.face_example_gen.settings import SourceSettings, SplitSettings
from pipeline.config import Config

CONFIG = Config(
    name="sample",
    source=SourceSettings(path="sample", attribute="Male"),
    splits=SplitSettings(
        hand_labeled="000001-000100",
        labeled="000101-000200",
    ),
)
