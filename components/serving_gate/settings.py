"""What a model must show as a server would have it, to be pushed."""

import pydantic

from components.shared.core.settings import settings


@settings
class ServingSettings:
  """Bounds of a clean process on the CPU that loads the exported model."""

  max_seconds_1: float = pydantic.Field(
    5.0, gt=0, description="median time to label one photo, seconds"
  )
  max_seconds_32: float = pydantic.Field(
    60.0, gt=0, description="median time to label 32 photos at once, seconds"
  )
  max_memory_mebibytes: int = pydantic.Field(
    6144, ge=1, description="most memory that the process may hold"
  )
  max_difference: float = pydantic.Field(
    0.05,
    ge=0,
    le=1,
    description="mean difference between the probability of a hand-labelled photo "
    "and that of its embedding, which was validated",
  )
