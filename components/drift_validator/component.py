"""DriftValidator: synthetic faces held against real ones."""

from tfx.components.distribution_validator import component
from tfx.dsl.components.base import executor_spec

from components.drift_validator import executor


class DriftValidator(component.DistributionValidator):
  """TFX's DistributionValidator with an executor that Kubeflow can call."""

  EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(executor.Executor)
