"""CelebA as published: a folder or the zip, with list_attr_celeba.txt.

    python -m pipeline run celeba --source img_align_celeba.zip \\
        --labels list_attr_celeba.txt --attribute Male

The article's 100 photos evaluate, 100 of the others are labelled, and the
generator learns from 202,499 photos: a matter of GPUs, see the README.
"""

from components.face_example_gen.settings import SplitSettings
from components.synthetic_face_gen.settings import SyntheticSettings
from components.vae_gan_trainer.settings import VaeGanSettings
from pipeline.config import Config

CONFIG = Config(
    name="celeba",
    splits=SplitSettings(
        hand_labeled="000001-000100",
        labeled="000101-000200",
    ),
    generator=VaeGanSettings(
        image_size=128,
        latent_size=512,
        widths=(64, 128, 256, 512),
        epochs=30,
        batch_size=256,
    ),
    synthetic=SyntheticSettings(train_faces=40000, eval_faces=4000),
)
