"""What TFX's cache keys are made of."""

import contextlib
import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from google.protobuf import message
from tfx import types
from tfx.orchestration.portable import cache_utils
from tfx.proto.orchestration import executable_spec_pb2

_PLACES = ("checkpoint_root", "push_destination")
"""Parameters that say where something is kept, within the run's folder."""


@contextlib.contextmanager
def without_places() -> Iterator[None]:
  """Keeps out of the cache keys of what is run meanwhile where it is run:
  Beam's options, which TFX counts as part of the executor, the folders of
  checkpoints and of pushed models, and where inputs are, whose numbers tell
  them apart. None changes what a component makes.
  """
  kept = cache_utils.get_cache_context

  def get_cache_context(
    *args: Any,
    executor_spec: message.Message | None = None,
    input_artifacts: Mapping[str, Sequence[types.Artifact]] | None = None,
    parameters: Mapping[str, Any] | None = None,
    **kwargs: Any,
  ):
    if isinstance(executor_spec, executable_spec_pb2.BeamExecutableSpec):
      executor_spec = executable_spec_pb2.BeamExecutableSpec(
        python_executor_spec=executor_spec.python_executor_spec
      )
    if parameters is not None:
      parameters = {name: value for name, value in parameters.items() if name not in _PLACES}
    return kept(
      *args,
      executor_spec=executor_spec,
      input_artifacts={
        name: [_without_place(artifact) for artifact in artifacts]
        for name, artifacts in (input_artifacts or {}).items()
      },
      parameters=parameters,
      **kwargs,
    )

  cache_utils.get_cache_context = get_cache_context
  try:
    yield
  finally:
    cache_utils.get_cache_context = kept


def _without_place(artifact: types.Artifact) -> types.Artifact:
  placeless = copy.deepcopy(artifact)
  placeless.uri = ""
  placeless.mlmd_artifact.ClearField("last_update_time_since_epoch")
  return placeless
