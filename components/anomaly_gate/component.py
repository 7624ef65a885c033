"""AnomalyGate: stops the run when a validator has found an anomaly."""

import json

from tfx import types
from tfx.dsl.components.base import base_component, executor_spec
from tfx.types import component_spec, standard_artifacts

from components.anomaly_gate import executor
from components.shared.artifacts import types as artifacts
from components.shared.core import fingerprint


def _anomalies(optional: bool) -> component_spec.ChannelParameter:
  return component_spec.ChannelParameter(
    type=standard_artifacts.ExampleAnomalies, optional=optional
  )


class AnomalyGateSpec(component_spec.ComponentSpec):
  """Anomalies in, a line of text out.

  One input for each kind of validator and no union of channels, which TFX's
  Kubeflow compiler does not know.
  """

  PARAMETERS = {
    "validators": component_spec.ExecutionParameter(type=str),
    "code": component_spec.ExecutionParameter(type=str),
  }
  INPUTS = {
    "anomalies": _anomalies(optional=False),
    "unlabeled_anomalies": _anomalies(optional=True),
    executor.DRIFT: _anomalies(optional=True),
    executor.LABEL_DRIFT: _anomalies(optional=True),
  }
  OUTPUTS = {"result": component_spec.ChannelParameter(type=artifacts.GateResult)}


class AnomalyGate(base_component.BaseComponent):
  """Fails, naming validators, splits and features, if there is any anomaly.

  TFX's validators write anomalies down and continue. Components that may only
  see sound data wait for a gate: `component.add_upstream_node(gate)`.

  Outputs:
    result: `passed.txt`, one line that says what was checked.
  """

  SPEC_CLASS = AnomalyGateSpec
  EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(executor.Executor)

  def __init__(
    self,
    anomalies: types.BaseChannel,
    unlabeled_anomalies: types.BaseChannel | None = None,
    drift_anomalies: types.BaseChannel | None = None,
    label_drift_anomalies: types.BaseChannel | None = None,
  ):
    """Makes the gate.

    Args:
      anomalies: of ExampleValidator on labelled splits.
      unlabeled_anomalies: of ExampleValidator on unlabelled splits.
      drift_anomalies: of DistributionValidator on embeddings.
      label_drift_anomalies: of DistributionValidator on labels.
    """
    inputs = {
      "anomalies": anomalies,
      "unlabeled_anomalies": unlabeled_anomalies,
      executor.DRIFT: drift_anomalies,
      executor.LABEL_DRIFT: label_drift_anomalies,
    }
    super().__init__(
      spec=AnomalyGateSpec(
        **inputs,
        validators=json.dumps(
          {
            name: channel.producer_component_id
            for name, channel in inputs.items()
            if channel is not None
          }
        ),
        code=fingerprint.of_modules("components.anomaly_gate.executor"),
        result=types.Channel(type=artifacts.GateResult),
      )
    )
