"""What TFX's cache keys are made of."""

import contextlib
from typing import Any, Iterator, Optional

from google.protobuf import message
from tfx.orchestration.portable import cache_utils
from tfx.proto.orchestration import executable_spec_pb2


@contextlib.contextmanager
def without_beam_options() -> Iterator[None]:
  """Keeps Beam's options out of the cache keys of what is run meanwhile.

  TFX counts them as part of the executor; but where a component runs does not
  change what it makes.
  """
  kept = cache_utils.get_cache_context

  def get_cache_context(*args: Any,
                        executor_spec: Optional[message.Message] = None,
                        **kwargs: Any):
    if isinstance(executor_spec, executable_spec_pb2.BeamExecutableSpec):
      executor_spec = executable_spec_pb2.BeamExecutableSpec(
          python_executor_spec=executor_spec.python_executor_spec)
    return kept(*args, executor_spec=executor_spec, **kwargs)

  cache_utils.get_cache_context = get_cache_context
  try:
    yield
  finally:
    cache_utils.get_cache_context = kept
