"""The generator: what is built and how it is trained."""

from typing import Literal, Optional, Tuple

import pydantic

from components.settings import settings


@settings
class VaeGanSettings:
  """A VAE-GAN after Larsen et al. 2016 (arXiv:1512.09300)."""

  image_size: int = pydantic.Field(
      64, ge=16, le=512, description="height and width of the faces, pixels; "
      "16 times a power of two")
  latent_size: int = pydantic.Field(
      128, ge=2, description="width of the latent space")
  widths: Tuple[int, ...] = pydantic.Field(
      (32, 64, 128, 256), min_length=1,
      description="channels of each halving of the image, outermost first")
  epochs: int = pydantic.Field(60, ge=1, description="passes over the photos")
  batch_size: int = pydantic.Field(
      32, ge=2, description="photos a step, over all devices together")
  learning_rate: float = pydantic.Field(3e-4, gt=0, description="of Adam")
  feature_weight: float = pydantic.Field(
      1.0, ge=0, description="reconstruction in the discriminator's features")
  pixel_weight: float = pydantic.Field(
      1.0, ge=0, description="reconstruction in pixels")
  kl_weight: float = pydantic.Field(
      1.0, ge=0, description="divergence of the codes from the prior")
  adversarial_weight: float = pydantic.Field(
      1.0, ge=0, description="what the generator gains by fooling the "
      "discriminator, on reconstructions and on prior samples")
  flip: bool = pydantic.Field(True, description="mirror half of the photos")
  mixed_precision: Literal["auto", "off", "bfloat16", "float16"] = (
      pydantic.Field("auto", description="auto: float16 when there are GPUs"))
  checkpoint_minutes: float = pydantic.Field(
      2.0, gt=0, description="time between checkpoints")
  seed: int = pydantic.Field(0, ge=0, description="of weights and order")
