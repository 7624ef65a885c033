"""Where a pushed model came from."""

import pytest

from pipeline import lineage
from tests import metadata


@pytest.fixture
def recorder(tmp_path):
  return metadata.Recorder(tmp_path / "metadata.sqlite")


def test_embedder_of_each_version(recorder):
  first = metadata.pushed_model(recorder, "/first", "100")
  # Held against the first one, which had an engine of its own.
  metadata.pushed_model(recorder, "/second", "200", [first["model"]])
  for version, root in (("100", "/first"), ("200", "/second")):
    assert lineage.embedder_of(recorder.connection, version) == (
      lineage.Embedder(
        network=f"{root}/EmbeddingNetwork/network/1", engine=f"{root}/EmbeddingEngine/engine/2"
      )
    )


def test_unknown_version(recorder):
  assert lineage.embedder_of(recorder.connection, "100") is None
  metadata.pushed_model(recorder, "/first", "100")
  assert lineage.embedder_of(recorder.connection, "101") is None


def test_engine_of_another_network(recorder):
  other = metadata.pushed_model(recorder, "/first", "100")["network"]
  metadata.pushed_model(recorder, "/second", "200", base_model=other)
  assert lineage.embedder_of(recorder.connection, "200") is None
