"""Running a few components through TFX."""

import pathlib
from typing import Callable, Dict, Sequence

import pytest
from tfx import v1 as tfx
from tfx.dsl.components.base import base_node

from pipeline import lineage

RunComponents = Callable[..., Dict[str, lineage.ComponentRun]]


@pytest.fixture
def run_components(tmp_path: pathlib.Path) -> RunComponents:
  """run_components(components): what became of each, by component id.

  A second call within a test finds the first one's results in the cache, if
  its components are new objects: TFX does not take one into two pipelines.
  """
  root = tmp_path / "pipeline_root"

  def _run(components: Sequence[base_node.BaseNode]
          ) -> Dict[str, lineage.ComponentRun]:
    connection = (
        tfx.orchestration.metadata.sqlite_metadata_connection_config(
            str(root / "metadata.sqlite")))
    pipeline = tfx.dsl.Pipeline(
        pipeline_name="test", pipeline_root=str(root), enable_cache=True,
        components=list(components), metadata_connection_config=connection,
        beam_pipeline_args=["--runner=FnApiRunner",
                            "--direct_running_mode=in_memory"])
    tfx.orchestration.LocalDagRunner().run(pipeline)
    return lineage.latest_run(connection, "test")

  return _run
