"""EmbeddingNetwork: a pretrained face network as a Model artifact."""

from tfx import types
from tfx.dsl.components.base import base_component, executor_spec
from tfx.types import component_spec, standard_artifacts

from components.embedding_network import executor
from components.shared.core import fingerprint
from components.shared.core import settings as settings_lib
from components.shared.networks import networks, weights
from components.shared.networks.settings import EmbedderSettings


class EmbeddingNetworkSpec(types.ComponentSpec):
  """Parameters and artifacts of `EmbeddingNetwork`."""

  PARAMETERS = {
    "settings": component_spec.ExecutionParameter(type=str),
    "weights_sha256": component_spec.ExecutionParameter(type=str),
    "code": component_spec.ExecutionParameter(type=str),
  }
  INPUTS = {"faces": component_spec.ChannelParameter(type=standard_artifacts.Examples)}
  OUTPUTS = {"network": component_spec.ChannelParameter(type=standard_artifacts.Model)}


class EmbeddingNetwork(base_component.BaseComponent):
  """Exports the face network that the settings name.

  Outputs:
    network: Model; see `saved_model.write` for its signatures. Where ONNX is
      installed it also holds the network as ONNX; see `onnx_model.write`.
  """

  SPEC_CLASS = EmbeddingNetworkSpec
  EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(executor.Executor)

  def __init__(
    self, *, faces: types.BaseChannel, settings: EmbedderSettings, weights_sha256: str | None = None
  ):
    """Describes the step.

    Args:
      faces: Examples; principal components are found on those that don't
        judge.
      settings: the network and, if it is not the fetched one, its weights
        file; that file's contents are part of the cache key.
      weights_sha256: of that file, where it can't be read now; default: it is
        read.

    Raises:
      UserError: the weights file is missing.
    """
    super().__init__(
      EmbeddingNetworkSpec(
        faces=faces,
        settings=settings_lib.to_json(settings),
        weights_sha256=(
          weights.fingerprint(settings) if weights_sha256 is None else weights_sha256
        ),
        code=fingerprint.of_modules(executor.__name__, *networks.modules(settings)),
        network=types.Channel(type=standard_artifacts.Model),
      )
    )
