"""Report: one page that a person opens, and the figures behind it."""

import json
from collections.abc import Sequence

from tfx import types
from tfx.dsl.components.base import base_component, executor_spec
from tfx.types import component_spec, standard_artifacts

from components.report import executor, page
from components.shared.artifacts import types as artifacts
from components.shared.assets import catalogue
from components.shared.core import fingerprint


class ReportSpec(component_spec.ComponentSpec):
  """What goes in and what comes out."""

  INPUTS = {
    "ladder": component_spec.ChannelParameter(type=artifacts.Ladder),
    "measures": component_spec.ChannelParameter(type=artifacts.SyntheticMeasures),
    "evaluation": component_spec.ChannelParameter(type=standard_artifacts.ModelEvaluation),
    "blessing": component_spec.ChannelParameter(type=standard_artifacts.ModelBlessing),
    "engine": component_spec.ChannelParameter(type=artifacts.Engine),
    "training_log": component_spec.ChannelParameter(type=artifacts.TrainingLog, optional=True),
    "directions": component_spec.ChannelParameter(type=artifacts.Directions),
    "pictures": component_spec.ChannelParameter(type=artifacts.Pictures),
    "quarantine": component_spec.ChannelParameter(type=artifacts.Quarantine),
    **{
      name: component_spec.ChannelParameter(type=standard_artifacts.Examples)
      for name in ("faces", "embeddings", "synthetic_faces")
    },
    **{
      name: component_spec.ChannelParameter(type=standard_artifacts.ExampleStatistics)
      for name in ("face_statistics", "embedding_statistics")
    },
    **{
      name: component_spec.ChannelParameter(type=standard_artifacts.ExampleAnomalies)
      for name in (*page.FACE_VALIDATORS, *page.EMBEDDING_VALIDATORS, *page.DRIFT_VALIDATORS)
    },
  }
  OUTPUTS = {"report": component_spec.ChannelParameter(type=artifacts.Report)}
  PARAMETERS = {
    "name": component_spec.ExecutionParameter(type=str),
    "attributes": component_spec.ExecutionParameter(type=str),
    "embedder": component_spec.ExecutionParameter(type=str),
    "config": component_spec.ExecutionParameter(type=str),
    "code": component_spec.ExecutionParameter(type=str),
  }


class Report(base_component.BaseComponent):
  """Writes `index.html`, self-contained, `evaluation.json`, `model_card.md`."""

  SPEC_CLASS = ReportSpec
  EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(executor.Executor)

  def __init__(
    self,
    *,
    name: str,
    attributes: Sequence[str],
    embedder: str,
    config: str,
    training_log: types.BaseChannel | None,
    **inputs: types.BaseChannel,
  ):
    """Args:
    name: of the run.
    attributes: the annotations that were learned.
    embedder: name of the face network.
    config: the run's settings as text, to be shown.
    training_log: of VaeGanTrainer; None for a generator from elsewhere.
    **inputs: all others of `ReportSpec.INPUTS`, which says of what type.
    """
    super().__init__(
      ReportSpec(
        name=name,
        attributes=json.dumps(attributes),
        embedder=embedder,
        config=config,
        training_log=training_log,
        **inputs,
        report=types.Channel(type=artifacts.Report),
        code=fingerprint.of_modules(executor.__name__, catalogue.__name__),
      )
    )
