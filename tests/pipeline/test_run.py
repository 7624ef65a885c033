"""What is asked of a run before it counts as one."""

import re

import pytest
from tfx import v1 as tfx

from pipeline import console, local_runner, metadata_store, run, run_folder
from pipeline import places as places_lib


@pytest.fixture
def places(tmp_path):
  return places_lib.Places(
    pipeline_name="small",
    root=str(tmp_path / "tfx"),
    pushed=str(tmp_path / "pushed"),
    metadata=metadata_store.connection(None, tmp_path / "metadata.sqlite"),
  )


@pytest.fixture
def nothing_yet():
  """A node that succeeds, and has nothing for those after it."""
  return tfx.dsl.Resolver(
    strategy_class=tfx.dsl.experimental.LatestBlessedModelStrategy,
    model=tfx.dsl.Channel(type=tfx.types.standard_artifacts.Model),
    model_blessing=tfx.dsl.Channel(type=tfx.types.standard_artifacts.ModelBlessing),
  ).with_id("Latest")


def _pipeline(places, components):
  return tfx.dsl.Pipeline(
    pipeline_name=places.pipeline_name,
    pipeline_root=places.root,
    metadata_connection_config=places.metadata,
    components=components,
  )


def test_a_component_that_found_no_inputs(places, nothing_yet, tmp_path, capfd):
  needs_a_model = tfx.components.InfraValidator(
    model=nothing_yet.outputs["model"], serving_spec=tfx.proto.ServingSpec()
  )
  pipeline = _pipeline(places, [nothing_yet, needs_a_model])
  with console.logging_to(run_folder.RunFolder(tmp_path), ["Latest", "InfraValidator"]) as watch:
    local_runner.run(pipeline)  # TFX is content.
    assert not watch.running
    with pytest.raises(RuntimeError, match=r"InfraValidator has no result: .*\[model\]"):
      run.require_results(pipeline, places, watch)
  assert watch.running == ["InfraValidator"]
  assert list(watch.peak_bytes) == ["Latest"]
  shown = capfd.readouterr().err
  assert re.search(r"InfraValidator \.\.\.\n +found no inputs", shown)


def test_a_run_that_is_complete(places, nothing_yet, tmp_path):
  pipeline = _pipeline(places, [nothing_yet])
  with console.logging_to(run_folder.RunFolder(tmp_path), ["Latest"]) as watch:
    local_runner.run(pipeline)
    run.require_results(pipeline, places, watch)
  assert not watch.running
