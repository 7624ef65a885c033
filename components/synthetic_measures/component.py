"""SyntheticMeasures: how good the synthetic faces are."""

import json
from collections.abc import Sequence

from tfx import types
from tfx.dsl.components.base import base_component, executor_spec
from tfx.types import component_spec, standard_artifacts

from components.shared.artifacts import types as artifacts
from components.shared.core import fingerprint
from components.synthetic_measures import executor


class SyntheticMeasuresSpec(types.ComponentSpec):
  """Spec of SyntheticMeasures."""

  PARAMETERS = {
    "attributes": component_spec.ExecutionParameter(type=str),
    "code": component_spec.ExecutionParameter(type=str),
  }
  INPUTS = {
    "photos": component_spec.ChannelParameter(type=standard_artifacts.Examples),
    "candidates": component_spec.ChannelParameter(type=standard_artifacts.Examples),
    "kept": component_spec.ChannelParameter(type=standard_artifacts.Examples),
    "counts": component_spec.ChannelParameter(type=artifacts.FilterCounts),
  }
  OUTPUTS = {"measures": component_spec.ChannelParameter(type=artifacts.SyntheticMeasures)}


class SyntheticMeasures(base_component.BaseComponent):
  """Holds synthetic faces against real photos, in embedding space.

  Nothing is learned or chosen by what comes out; it is reported.

  Outputs:
    measures: `measures.json`, see `measures.of_sets`, `label_fidelity` and
      `attribute_drift`, on at most 2,000 faces and 4,000 photos.
  """

  SPEC_CLASS = SyntheticMeasuresSpec
  EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(executor.Executor)

  def __init__(
    self,
    *,
    photos: types.BaseChannel,
    candidates: types.BaseChannel,
    kept: types.BaseChannel,
    counts: types.BaseChannel,
    attributes: Sequence[str],
  ):
    """Makes the component.

    Args:
      photos: Examples of embedded photos, `labeled` and `unlabeled`.
      candidates: Examples of all embedded synthetic faces.
      kept: those that LabelFilter let through.
      counts: of LabelFilter.
      attributes: that the faces were made for.
    """
    super().__init__(
      SyntheticMeasuresSpec(
        photos=photos,
        candidates=candidates,
        kept=kept,
        counts=counts,
        attributes=json.dumps(attributes),
        code=fingerprint.of_modules(executor.__name__),
        measures=types.Channel(type=artifacts.SyntheticMeasures),
      )
    )
