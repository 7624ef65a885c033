"""TFX's DistributionValidator within one artifact, on Kubeflow as well."""

from typing import Any

from google.protobuf import json_format
from tfx import types
from tfx.components.distribution_validator import executor
from tfx.proto import distribution_validator_pb2
from tfx.types import standard_component_specs

_CONFIG = standard_component_specs.DISTRIBUTION_VALIDATOR_CONFIG_KEY


class Executor(executor.Executor):
  """Takes its configuration as JSON, too, which is how it comes on Kubeflow;
  TFX's own executor expects the message."""

  def Do(
    self,
    input_dict: dict[str, list[types.Artifact]],
    output_dict: dict[str, list[types.Artifact]],
    exec_properties: dict[str, Any],
  ) -> Any:
    """As TFX's own, with `statistics` as `baseline_statistics`.

    Raises:
      json_format.ParseError: the configuration is invalid.
    """
    config = exec_properties[_CONFIG]
    if isinstance(config, str):
      exec_properties = {
        **exec_properties,
        _CONFIG: json_format.Parse(
          config, distribution_validator_pb2.DistributionValidatorConfig()
        ),
      }
    statistics = input_dict[standard_component_specs.STATISTICS_KEY]
    input_dict = {**input_dict, standard_component_specs.BASELINE_STATISTICS_KEY: statistics}
    return super().Do(input_dict, output_dict, exec_properties)
