"""The packaged sample: 500 CelebA photos, 99 of them labelled.

    make run            (or: python -m pipeline run sample)
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
