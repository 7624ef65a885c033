"""DriftValidator: synthetic faces held against real ones."""

from tfx import types
from tfx.dsl.components.base import base_component, executor_spec
from tfx.proto import distribution_validator_pb2
from tfx.types import component_spec, standard_artifacts, standard_component_specs
from tfx.utils import json_utils

from components.drift_validator import executor


class DriftValidatorSpec(component_spec.ComponentSpec):
  """TFX's DistributionValidatorSpec without `baseline_statistics`."""

  PARAMETERS = standard_component_specs.DistributionValidatorSpec.PARAMETERS
  INPUTS = {
    standard_component_specs.STATISTICS_KEY: component_spec.ChannelParameter(
      type=standard_artifacts.ExampleStatistics
    )
  }
  OUTPUTS = standard_component_specs.DistributionValidatorSpec.OUTPUTS


class DriftValidator(base_component.BaseComponent):
  """Holds splits of one artifact against other splits of it.

  TFX's DistributionValidator takes the artifact twice, which Kubeflow's ML
  Metadata refuses: no execution has the same input under two keys there.

  Outputs:
    anomalies: where a split is too far from the other one.
  """

  SPEC_CLASS = DriftValidatorSpec
  EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(executor.Executor)

  def __init__(
    self,
    *,
    statistics: types.BaseChannel,
    config: distribution_validator_pb2.DistributionValidatorConfig,
    include_split_pairs: list[tuple[str, str]],
  ):
    """Makes the component.

    Args:
      statistics: of all splits.
      config: bounds.
      include_split_pairs: (split, the one that it is held against).
    """
    super().__init__(
      spec=DriftValidatorSpec(
        statistics=statistics,
        distribution_validator_config=config,
        include_split_pairs=json_utils.dumps(include_split_pairs),
        anomalies=types.Channel(type=standard_artifacts.ExampleAnomalies),
      )
    )
