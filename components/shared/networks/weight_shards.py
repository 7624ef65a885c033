"""A face network's weights in a file of their own within a SavedModel.

The file holds nothing but their bytes, in the order of their numbers. A
SavedModel of the network and one that has the network as a part, and was saved
in the same way, hold that same file, which a disk can keep once
(`components.shared.core.links`).
"""

from collections.abc import Sequence

import tensorflow as tf

WEIGHTS = "face_network_weights"
"""The attribute under which a SavedModel keeps the network's variables."""


class _OwnShard(tf.train.experimental.ShardingCallback):
  """Tensors of `WEIGHTS` in the last file, all others in the first."""

  @property
  def description(self) -> str:
    """See the class."""
    return f"{WEIGHTS} in a file of their own"

  def __call__(self, shardable_tensors: Sequence[tf.train.experimental.ShardableTensor]):
    """See the class."""
    shards: tuple[dict, dict] = {}, {}
    for found in sorted(shardable_tensors, key=lambda found: found.checkpoint_key):
      shard = shards[WEIGHTS in found.checkpoint_key.split("/")]
      shard.setdefault(found.checkpoint_key, {})[found.slice_spec] = found.tensor
    return [shard for shard in shards if shard]


def save_options() -> tf.saved_model.SaveOptions:
  """What `tf.saved_model.save` has to be told."""
  return tf.saved_model.SaveOptions(experimental_sharding_callback=_OwnShard())
