"""Which pretrained face network turns a face into an embedding."""

from typing import Literal, Optional

import pydantic

from components.settings import settings


@settings
class EmbedderSettings:
  """The face network."""

  network: Literal["facenet", "vgg_face"] = pydantic.Field(
      "facenet", description="facenet: Inception-ResNet-v1, 128 wide; "
      "vgg_face: VGG-Face, whose weights have to be fetched by name")
  output: Optional[Literal["fc7", "fc8", "prob"]] = pydantic.Field(
      None, description="of vgg_face: fc7, the 4096-d descriptor at unit "
      "length (if none is named); fc8, the scores of its 2622 identities; "
      "prob, their softmax")
  weights: Optional[str] = pydantic.Field(
      None, description="file of the weights; none: the copy that "
      "`python -m pipeline fetch` put into the cache")
