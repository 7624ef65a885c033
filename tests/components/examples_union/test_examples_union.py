"""ExamplesUnion: the splits of both, byte for byte."""

import pathlib
from typing import Iterable

import pytest
import tensorflow as tf
from tfx import v1 as tfx
from tfx.types import standard_artifacts

from components import errors
from components import examples
from components.examples_union import executor
from components.examples_union.component import ExamplesUnion


def _write(uri: pathlib.Path, splits: Iterable[str]) -> str:
  for split in splits:
    folder = uri / f"Split-{split}"
    folder.mkdir(parents=True)
    for part in range(2):
      path = folder / f"data_tfrecord-{part:05d}-of-00002.gz"
      with tf.io.TFRecordWriter(
          str(path), tf.io.TFRecordOptions("GZIP")) as writer:
        writer.write(examples.encode(
            {"image_id": f"{split}-{part}".encode(), "label": part}))
  return str(uri)


def _content(uri: pathlib.Path):
  return {str(path.relative_to(uri)): path.read_bytes()
          for path in pathlib.Path(uri).rglob("*.gz")}


def _artifact(uri, splits: Iterable[str] = ()):
  artifact = standard_artifacts.Examples()
  artifact.uri = str(uri)
  examples.set_splits(artifact, splits)
  return artifact


def _importer(name: str, uri: str, splits: str) -> tfx.dsl.Importer:
  return tfx.dsl.Importer(
      source_uri=uri, artifact_type=standard_artifacts.Examples,
      properties={"split_names": splits}).with_id(name)


def test_through_tfx(run_components, tmp_path):
  real = _write(tmp_path / "real", ["labeled", "unlabeled"])
  synthetic = _write(tmp_path / "synthetic", ["synthetic_train"])
  first = _importer("First", real, '["labeled", "unlabeled"]')
  second = _importer("Second", synthetic, '["synthetic_train"]')
  run = run_components([first, second, ExamplesUnion(
      first=first.outputs["result"], second=second.outputs["result"])])
  uri, = run["ExamplesUnion"].outputs["examples"]
  assert _content(uri) == {**_content(real), **_content(synthetic)}
  assert len(_content(uri)) == 6


def test_split_names(tmp_path):
  _write(tmp_path / "a", ["labeled"])
  _write(tmp_path / "b", ["synthetic_train"])
  union = _artifact(tmp_path / "union")
  executor.Executor().Do(
      {"first": [_artifact(tmp_path / "a", ["labeled"])],
       "second": [_artifact(tmp_path / "b", ["synthetic_train"])]},
      {"examples": [union]}, {})
  assert union.split_names == '["labeled", "synthetic_train"]'


def test_a_split_in_both_is_refused(tmp_path):
  union = _artifact(tmp_path / "union")
  with pytest.raises(errors.UserError, match="both .* a split labeled"):
    executor.Executor().Do(
        {"first": [_artifact("a", ["labeled", "unlabeled"])],
         "second": [_artifact("b", ["labeled"])]}, {"examples": [union]}, {})
  assert not (tmp_path / "union").exists()
