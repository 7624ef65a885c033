"""What FaceExampleGen reads and how it divides it."""

import pydantic

from components.shared.core.settings import settings


@settings
class SourceSettings:
  """Where the photos and their annotations come from."""

  path: str = pydantic.Field(
    "sample",
    description="`sample`, a CelebA folder or zip, a folder of photos, or folders that are read "
    "as one, such as photos/{SPAN}/, where {SPAN} stands for numbers or dates",
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

  @pydantic.field_validator("attributes")
  @classmethod
  def _check_attributes(cls, attributes):
    for attribute in attributes:
      if not attribute or attributes.count(attribute) > 1:
        raise ValueError(f"{attribute!r} is named twice or empty")
    return attributes


@settings
class SplitSettings:
  """Which photo belongs to which split; always by file name.

  What is the same file as a photo of `hand_labeled`, byte for byte, is set
  aside, whatever its name.

  A range `first-last` holds the files whose names without their ending lie
  between the two, both included. `@FILE` names a text file, one image_id a
  line. Without a value the split is drawn from the annotated photos by a hash
  of the file name.
  """

  hand_labeled: str | None = pydantic.Field(
    None, description="evaluation only: a range, @FILE, or drawn"
  )
  labeled: str | None = pydantic.Field(
    None, description="the few labels to learn from: a range, @FILE, or drawn"
  )
  hand_labeled_share: float = pydantic.Field(
    0.2, gt=0, lt=1, description="share of the annotated photos drawn for `hand_labeled`"
  )
  max_labeled: int | None = pydantic.Field(
    100,
    ge=2,
    description="labelled photos to keep, drawn by hash and as "
    "equal by class as they allow; the others lose their label and join "
    "`unlabeled`; none: all",
  )
  seed: int = pydantic.Field(0, ge=0, description="of the hash")
