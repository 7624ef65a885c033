"""Which pretrained face network turns a face into an embedding."""

from typing import Literal, Optional

import pydantic

from components.settings import settings


@settings
class EmbedderSettings:
  """The face network."""

  network: Literal["facenet"] = pydantic.Field(
      "facenet", description="facenet: Inception-ResNet-v1, 128 wide")
  weights: Optional[str] = pydantic.Field(
      None, description="file of the weights; none: the copy that "
      "`python -m pipeline fetch` put into the cache")
