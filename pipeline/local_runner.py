"""Runs the DAG with TFX's LocalDagRunner: one component after the other."""

from tfx import v1 as tfx


def run(pipeline: tfx.dsl.Pipeline) -> None:
  """Runs all components in this process."""
  tfx.orchestration.LocalDagRunner().run(pipeline)
