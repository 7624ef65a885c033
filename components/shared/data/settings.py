"""Where photos and annotations are, and how photos are divided."""

import pydantic

from components.shared.core.settings import settings


@settings
class PhotoSettings:
  """Where the photos come from, whatever is known about them."""

  path: str
  max_quarantine_share: float


@settings
class SourceSettings:
  """Where the photos and their annotations come from."""

  path: str = pydantic.Field(
    "sample", description="`sample`, a CelebA folder or zip, or a folder of photos"
  )
  labels: str | None = pydantic.Field(
    None,
    description="CSV (image_id,<attribute>,...) or CelebA attribute "
    "file; found by itself beside CelebA's photos",
  )
  attributes: tuple[str, ...] = pydantic.Field(
    ("Male",),
    min_length=1,
    description="the annotations to learn; photos that lack one of them are unlabelled",
  )
  max_quarantine_share: float = pydantic.Field(
    0.05,
    ge=0,
    le=1,
    description="stop when a larger share of the photos is unreadable; "
    "those that are set aside because they are the same file as one of "
    "`hand_labeled` could be read and don't count",
  )

  @property
  def photos(self) -> PhotoSettings:
    """The part that is not about labels."""
    return PhotoSettings(path=self.path, max_quarantine_share=self.max_quarantine_share)

  @pydantic.field_validator("attributes")
  @classmethod
  def _check_attributes(cls, attributes):
    for attribute in attributes:
      if not attribute or attributes.count(attribute) > 1:
        raise ValueError(f"{attribute!r} is named twice or empty")
    return attributes


@settings
class ReservationSettings:
  """Which photos are reserved for evaluation.

  Attributes:
    labeled: photos that are named to learn from, which are not drawn.
  """

  hand_labeled: str | None
  labeled: str | None
  hand_labeled_share: float
  seed: int


@settings
class SplitSettings:
  """Which photo belongs to which split; always by file name.

  Photos of `hand_labeled` are reserved when photos are read, whether they have
  labels by then or not. What is the same file as one of them, byte for byte, is
  set aside, whatever its name.

  A range `first-last` holds the files whose names without their ending lie
  between the two, both included. `@FILE` names a text file, one image_id a
  line. Without a value a photo's place follows from a hash of its file name.
  """

  hand_labeled: str | None = pydantic.Field(
    None, description="evaluation only: a range, @FILE, or drawn"
  )
  labeled: str | None = pydantic.Field(
    None, description="the few labels to learn from: a range, @FILE, or drawn"
  )
  hand_labeled_share: float = pydantic.Field(
    0.2,
    gt=0,
    lt=1,
    description="share of all photos that is reserved for `hand_labeled`, where that is drawn",
  )
  max_labeled: int | None = pydantic.Field(
    100,
    ge=2,
    description="labelled photos to keep, drawn by hash and as "
    "equal by class as they allow; the others lose their label and join "
    "`unlabeled`; none: all",
  )
  seed: int = pydantic.Field(0, ge=0, description="of the hash")

  @property
  def reservation(self) -> ReservationSettings:
    """The part that is not about labels."""
    return ReservationSettings(
      hand_labeled=self.hand_labeled,
      labeled=self.labeled if self.hand_labeled is None else None,
      hand_labeled_share=self.hand_labeled_share,
      seed=self.seed,
    )
