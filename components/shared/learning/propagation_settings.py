"""How labels are spread; `propagation` does it."""

import pydantic

from components.shared.core.settings import settings


@settings
class PropagationSettings:
  """How labels are spread (Zhou et al. 2004)."""

  neighbors: int = pydantic.Field(10, ge=1, description="neighbours of each photo in the graph")
  share: float = pydantic.Field(
    0.9,
    gt=0,
    lt=1,
    description="what a photo takes over from its neighbours, against what it knew before",
  )
  believed: float = pydantic.Field(
    0.4,
    gt=0,
    lt=1,
    description="share of the unlabelled photos that a "
    "second round starts from, too: those whose label a classifier is "
    "surest of, half of either class",
  )
  max_photos: int = pydantic.Field(
    2000, ge=2, description="unlabelled photos in the graph at most; of more, this many are drawn"
  )
