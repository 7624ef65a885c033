"""The generator: what is built and how it is trained.

What the defaults rest on: the sample's 406 photos, without labels. Cosine of
the FaceNet embeddings of photo and reconstruction, and distance of the two
sets in that space (KID x 1e5):

| epochs | rates      | pixel, feature, kl, adversarial | cosine | KID |
|--------|------------|---------------------------------|--------|-----|
| 40     | 1e-3, 3e-4 | 5, 0.5, 0.05, 0.05              | 0.36   | 464 |
| 60     | 1e-3, 5e-4 | 5, 1, 0.05, 0.1                 | 0.47   | 252 |
| 60     | 1e-3, 5e-4 | 5, 1, 0.2, 0.1                  | 0.42   | 298 |
| 110    | 1e-3, 5e-4 | 5, 1, 0.1, 0.1                  | 0.55   | 172 |

100 epochs keep a run on two cores below ten minutes. They are 2,500 steps,
which is also the most (`max_steps`) where photos are more: fewer passes, and as
many photos seen.

With `start` (rates 3e-4, 5e-4) against from scratch, one seed each, by the
time of the processor (two cores, others at work on them). KID of the photos to
their reconstructions, and to faces of 1,000 codes from N(0, 1):

| from    | epochs | seconds | cosine | KID | KID of samples |
|---------|--------|---------|--------|-----|----------------|
| start   | none   | 68      | 0.18   | 700 | 435            |
| start   | 12     | 135     | 0.35   | 483 | 659            |
| start   | 28     | 233     | 0.44   | 306 | 679            |
| start   | 56     | 408     | 0.55   | 163 | 555            |
| scratch | 44     | 158     | 0.48   | 229 | 917            |
| scratch | 50     | 174     | 0.50   | 192 | 859            |
| scratch | 100    | 355     | 0.63   | 85  | 361            |

68 seconds are what the encoder takes, 3.6 an epoch from scratch, 6.1 one with
`start`. So an epoch with it teaches more, and a second less: samples are ahead
for the first minutes, reconstructions never, and from scratch is ahead in both
at the end of a run of the usual length. For faces of codes drawn as the
photos' codes lie, which is how the pipeline draws them, the last of either
gave 206 and 202; synthetic faces alone gave an AUC of 0.976 and 0.964 within
`labeled` (5 folds of 99 photos: no difference to speak of). Not clearly
better, so from scratch stays the default. At 1e-3 samples were at 718 and
reconstructions at 0.39 and 444 after 15 epochs. No run was unstable: KL stayed
between 1.0 and 1.4 nats a dimension.
"""

from typing import Literal

import pydantic

from components.shared.core.settings import settings

START_SIZES: dict[object, dict[str, int]] = {
  "dcgan-digiface": {"image_size": 64, "latent_size": 100}
}
"""What a pretrained generator by name fixes when training starts from it."""


@settings
class VaeGanSettings:
  """A VAE-GAN after Larsen et al. 2016 (arXiv:1512.09300)."""

  image_size: int = pydantic.Field(
    64,
    ge=16,
    le=512,
    description="height and width of the faces, pixels; "
    "a multiple of two to the power of the number of widths",
  )
  latent_size: int = pydantic.Field(128, ge=2, description="width of the latent space")
  widths: tuple[pydantic.PositiveInt, ...] = pydantic.Field(
    (32, 64, 128, 256),
    min_length=1,
    description="channels of each halving of the image, outermost first",
  )
  start: Literal["dcgan-digiface"] | None = pydantic.Field(
    None,
    description="a pretrained generator by name that training starts "
    "from, and whose layers it keeps: dcgan-digiface; needs image_size=64 "
    "and latent_size=100, which --start sets",
  )
  start_steps: int = pydantic.Field(
    400,
    ge=1,
    description="steps in which an encoder learns the codes of "
    "the start's own faces before training",
  )
  epochs: int = pydantic.Field(100, ge=1, description="passes over the photos")
  max_steps: int | None = pydantic.Field(
    2500,
    ge=1,
    description="where photos are so many that `epochs` would take more steps than this, as many "
    "passes as it allows, and at least one; none: no limit",
  )
  warm_start: int | None = pydantic.Field(
    None,
    ge=1,
    description="steps for which to go on from the run's last training, when there is one of the "
    "same sizes by the same code: whole passes over the photos, no more than `epochs`; none: each "
    "trains anew",
  )
  batch_size: int = pydantic.Field(16, ge=2, description="photos a step, over all devices together")
  learning_rate: float = pydantic.Field(
    1e-3, gt=0, description="of Adam, for encoder and generator"
  )
  discriminator_learning_rate: float = pydantic.Field(
    5e-4, gt=0, description="of Adam, for the discriminator"
  )
  feature_weight: float = pydantic.Field(
    1.0, ge=0, description="reconstruction in the discriminator's features"
  )
  pixel_weight: float = pydantic.Field(5.0, ge=0, description="reconstruction in pixels")
  kl_weight: float = pydantic.Field(
    0.1, ge=0, description="divergence of the codes from the prior, nats a latent dimension"
  )
  adversarial_weight: float = pydantic.Field(
    0.1,
    ge=0,
    description="what the generator gains by fooling the "
    "discriminator, on reconstructions and on prior samples",
  )
  ema_momentum: float = pydantic.Field(
    0.99,
    ge=0,
    lt=1,
    description="the networks that are kept are averages "
    "over about 1 / (1 - this) of the last steps",
  )
  flip: bool = pydantic.Field(True, description="mirror half of the photos")
  augment: float = pydantic.Field(
    1.0,
    ge=0,
    le=1,
    description="how far real and generated faces are "
    "shifted, scaled and coloured alike before the discriminator sees them; "
    "keeps it from learning a small set by heart",
  )
  mixed_precision: Literal["auto", "off", "bfloat16", "float16"] = pydantic.Field(
    "auto", description="auto: float16 when there are GPUs"
  )
  cache_mebibytes: int = pydantic.Field(
    1024,
    ge=0,
    description="photos that need no more than this, decoded, "
    "are kept in memory; larger sets are read again each epoch",
  )
  checkpoint_minutes: float = pydantic.Field(2.0, ge=0, description="time between checkpoints")
  preview_epochs: int = pydantic.Field(
    5, ge=1, description="epochs between image grids and health checks"
  )
  seed: int = pydantic.Field(0, ge=0, description="of weights and order")

  @pydantic.model_validator(mode="after")
  def _check_sizes(self):
    halvings = 2 ** len(self.widths)
    if self.image_size % halvings:
      raise ValueError(
        f"image_size {self.image_size} is not a multiple of {halvings}, "
        f"which the {len(self.widths)} halvings of `widths` need"
      )
    return self

  @pydantic.model_validator(mode="after")
  def _check_start(self):
    sizes = START_SIZES.get(self.start, {})
    if any(getattr(self, name) != size for name, size in sizes.items()):
      wanted = " and ".join(f"generator.{name}={size}" for name, size in sizes.items())
      raise ValueError(f"start={self.start} has sizes of its own: set {wanted}")
    return self


def epochs_within(settings: VaeGanSettings, photos: int) -> int:
  """Passes over so many photos, at least one, that `max_steps` allows."""
  if settings.max_steps is None:
    return settings.epochs
  steps_an_epoch = max(1, photos // settings.batch_size)
  return max(1, min(settings.epochs, settings.max_steps // steps_an_epoch))
