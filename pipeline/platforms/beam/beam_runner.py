"""Runs the DAG with TFX's BeamDagRunner: the DAG itself as a Beam pipeline."""

import contextlib
from collections.abc import Iterator

from apache_beam.options import pipeline_options
from tfx import v1 as tfx
from tfx.orchestration.beam import beam_dag_runner


def run(pipeline: tfx.dsl.Pipeline) -> None:
  """Runs all components; those that don't need each other may overlap."""
  with _default_runner("FnApiRunner"):
    beam_dag_runner.BeamDagRunner().run(pipeline)


@contextlib.contextmanager
def _default_runner(name: str) -> Iterator[None]:
  """Names the runner of Beam pipelines that are built without options.

  BeamDagRunner builds its pipeline so, and Beam's own default has become a
  runner whose program is downloaded when it is first used.
  """
  standard = pipeline_options.StandardOptions
  kept = standard.DEFAULT_RUNNER
  standard.DEFAULT_RUNNER = name
  try:
    yield
  finally:
    standard.DEFAULT_RUNNER = kept
