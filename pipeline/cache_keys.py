"""What TFX's cache keys are made of."""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from google.protobuf import message
from tfx.orchestration.portable import cache_utils
from tfx.proto.orchestration import executable_spec_pb2

_PLACES = ("checkpoint_root",)
"""Parameters that say where something is kept meanwhile."""


@contextlib.contextmanager
def without_places() -> Iterator[None]:
  """Keeps out of the cache keys of what is run meanwhile where it is run:
  Beam's options, which TFX counts as part of the executor, and the folder of
  checkpoints. Neither changes what a component makes.
  """
  kept = cache_utils.get_cache_context

  def get_cache_context(
    *args: Any,
    executor_spec: message.Message | None = None,
    parameters: Mapping[str, Any] | None = None,
    **kwargs: Any,
  ):
    if isinstance(executor_spec, executable_spec_pb2.BeamExecutableSpec):
      executor_spec = executable_spec_pb2.BeamExecutableSpec(
        python_executor_spec=executor_spec.python_executor_spec
      )
    if parameters is not None:
      parameters = {name: value for name, value in parameters.items() if name not in _PLACES}
    return kept(*args, executor_spec=executor_spec, parameters=parameters, **kwargs)

  cache_utils.get_cache_context = get_cache_context
  try:
    yield
  finally:
    cache_utils.get_cache_context = kept
