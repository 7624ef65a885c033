"""Which synthetic faces are learned from."""

from typing import Literal

import pydantic

from components.shared.core.settings import settings


@settings
class FilterSettings:
  """Synthetic faces that are not what their label says are left out."""

  keep: Literal["confirmed", "all"] = pydantic.Field(
    "confirmed",
    description="confirmed: faces whose label the scorer of "
    "LatentDirections would give, too; all: every face",
  )
