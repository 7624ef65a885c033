"""Which pretrained face network turns a face into an embedding."""

import pydantic

from components.shared.core import errors
from components.shared.core.settings import settings
from components.shared.networks import networks


@settings
class EmbedderSettings:
  """The face network."""

  network: str = pydantic.Field(
    "facenet",
    description="facenet: Inception-ResNet-v1, 128 wide; "
    "vgg_face: VGG-Face, whose weights have to be fetched by name; or a "
    "network that an installed package brings",
  )
  output: str | None = pydantic.Field(
    None,
    description="which of the network's outputs; none: its usual one. "
    "Of vgg_face: fc7, the 4096-d descriptor at unit length (the usual one); "
    "fc8, the scores of its 2622 identities; prob, their softmax",
  )
  depths: tuple[str, ...] | None = pydantic.Field(
    None,
    description="which layers an embedding is made of; none named: all that "
    "the network offers, its output and its middle; []: its output alone",
  )
  components: int = pydantic.Field(
    128, ge=1, description="principal components of each depth that are kept"
  )
  mirror: bool = pydantic.Field(
    True, description="whether depths look at each photo's mirror image as well"
  )
  weights: str | None = pydantic.Field(
    None,
    description="file of the weights; none: the copy that "
    "`python -m pipeline fetch` put into the cache",
  )

  @pydantic.model_validator(mode="after")
  def _check_network(self):
    try:
      network = networks.of(self)
    except errors.UserError as error:
      raise ValueError(str(error)) from error
    if network.load_weights is None and self.weights is not None:
      raise ValueError(
        f"{self.network} has its weights in its package, so `weights` has no use: leave it out"
      )
    if network.load_weights is not None and network.asset is None and self.weights is None:
      raise ValueError(
        f"weights of {self.network} can't be fetched: name their file in embedder.weights"
      )
    return self
