"""Jobs on a Beam server: what becomes of them when something ends too early."""

import contextlib
from collections.abc import Iterator
from typing import Any

import grpc
from apache_beam.runners.portability import portable_runner

from components.shared.core import errors
from pipeline import console


@contextlib.contextmanager
def watched() -> Iterator[None]:
  """Whoever waits for a job cancels it when interrupted, and tells when the
  server is gone. TFX's components wait inside TFX, so Beam's own method is
  replaced for as long as this holds."""
  kept = portable_runner.PipelineResult.wait_until_finish

  def wait(result: portable_runner.PipelineResult, duration: int | None = None) -> Any:
    try:
      return kept(result, duration)
    except grpc.RpcError as error:
      raise errors.UserError(
        f"Beam's job server is gone ({error.code().name}): its own log says why; start it again "
        "and give the same command again"
      ) from error
    except (KeyboardInterrupt, SystemExit):
      with contextlib.suppress(grpc.RpcError):
        result.cancel()
        console.say("The job on Beam's server is cancelled")
      raise

  portable_runner.PipelineResult.wait_until_finish = wait
  try:
    yield
  finally:
    portable_runner.PipelineResult.wait_until_finish = kept
