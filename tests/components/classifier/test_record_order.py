"""What is learned does not depend on the order in which an engine wrote records."""

import numpy as np
import pytest
import tensorflow as tf

from components.shared.data import examples
from components.shared.learning import data

_SPEC = {
  examples.IMAGE_ID: tf.io.FixedLenFeature([], tf.string),
  examples.EMBEDDING: tf.io.FixedLenFeature([3], tf.float32),
}


def _records(count=20):
  random = np.random.default_rng(0)
  return [
    tf.train.Example(
      features=tf.train.Features(
        feature={
          examples.IMAGE_ID: tf.train.Feature(
            bytes_list=tf.train.BytesList(value=[b"%06d.jpg" % number])
          ),
          examples.EMBEDDING: tf.train.Feature(
            float_list=tf.train.FloatList(value=random.normal(size=3))
          ),
        }
      )
    ).SerializeToString()
    for number in range(count)
  ]


def _loaded(folder, shards):
  folder.mkdir()
  for number, records in enumerate(shards):
    path = str(folder / f"data-{number:05d}.gz")
    with tf.io.TFRecordWriter(path, tf.io.TFRecordOptions(compression_type="GZIP")) as writer:
      for record in records:
        writer.write(record)
  return data._load([str(folder / "*")], _SPEC, tuple(_SPEC))


@pytest.mark.parametrize("seed", range(3))
def test_shards_and_records_may_be_in_any_order(tmp_path, seed):
  records = _records()
  wanted = _loaded(tmp_path / "one", [records])
  assert len(wanted[examples.IMAGE_ID]) == len(records)
  shuffled = np.random.default_rng(seed).permutation(len(records))
  shards = [[records[i] for i in part] for part in np.array_split(shuffled, 3)]
  found = _loaded(tmp_path / "three", shards)
  for name, values in wanted.items():
    assert np.array_equal(found[name], values), name
