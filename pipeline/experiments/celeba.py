"""CelebA as published: a folder or the zip, with list_attr_celeba.txt.

    python -m pipeline run celeba --source img_align_celeba.zip \\
        --labels list_attr_celeba.txt --attribute Male

The article's 100 photos evaluate, 100 of the others are labelled, and the
generator learns from 202,499 photos at 128 pixels.

Cost (`python -m pipeline cost celeba` says how it comes about): 105 PFLOP, of
which a training step takes 17.2 GFLOP a photo; 13 days on the 2 cores that it
was counted on, 2.2 hours on a T4 and half an hour on an A100, if they do a fifth
of what they could and 750 and 3,600 photos a second can be read for them. At
least 8.4 GiB on one device in float32, 4.8 in float16; photos are streamed, 0.3
GB of embeddings are held.

Not run yet on all of CelebA. Its paths are run on the sample, three times over
(`tests/end_to_end/test_celeba.py`). Expect no less than the sample gives with as
many labels: AUC 0.97 with synthetic faces alone, 0.99 pushed.
"""

from components.shared.data.settings import SourceSettings, SplitSettings
from components.shared.learning.settings import EvaluationSettings
from components.vae_gan_trainer.settings import VaeGanSettings
from pipeline.config import Config

CONFIG = Config(
  name="celeba",
  source=SourceSettings(path="img_align_celeba.zip"),
  splits=SplitSettings(hand_labeled="000001-000100", labeled="000101-000200"),
  generator=VaeGanSettings(
    image_size=128,
    latent_size=512,
    widths=(64, 128, 256, 512),
    epochs=30,
    max_steps=None,
    batch_size=256,
  ),
  # Of the 39 others; each slice has intervals.
  evaluation=EvaluationSettings(slices=("Male", "Young", "Smiling", "Eyeglasses", "Wearing_Hat")),
)
