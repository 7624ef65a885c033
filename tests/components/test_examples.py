"""Shards: complete or not there at all."""

import pathlib

import apache_beam as beam
import pytest
from apache_beam.testing import util

from components.shared.data import examples


def _files(folder: pathlib.Path):
  return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_a_shard_appears_when_it_is_complete(tmp_path):
  path = examples.shard_path(str(tmp_path), "labeled", shard=1, shards=12)
  for content in (b"first", b"second"):
    with examples.open_shard(path) as writer:
      writer.write(content)
      assert examples.split_files(str(tmp_path), "labeled") == (
        [] if content == b"first" else [path]
      )
    assert list(examples.dataset(str(tmp_path), "labeled").as_numpy_iterator()) == [content]
  assert _files(tmp_path) == ["Split-labeled/data_tfrecord-00001-of-00012.gz"]


def test_an_error_leaves_nothing_behind(tmp_path):
  path = examples.shard_path(str(tmp_path), "labeled", shard=0, shards=1)
  with pytest.raises(ValueError, match="half way"), examples.open_shard(path) as writer:
    writer.write(b"first")
    raise ValueError("half way")
  assert not _files(tmp_path)


def test_empty_shards_are_valid(tmp_path):
  for shard, records in enumerate(([], [b"one", b"two"], [])):
    path = examples.shard_path(str(tmp_path), "labeled", shard, shards=3)
    with examples.open_shard(path) as writer:
      for record in records:
        writer.write(record)
  assert len(list(examples.dataset(str(tmp_path), "labeled"))) == 2
  with beam.Pipeline(runner="FnApiRunner") as pipeline:
    read = pipeline | beam.io.ReadFromTFRecord(examples.split_pattern(str(tmp_path), "labeled"))
    util.assert_that(read, util.equal_to([b"one", b"two"]))
