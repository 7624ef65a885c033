"""Examples artifacts of photos, to be measured with."""

import os
from collections.abc import Sequence

from components.shared.data import examples

_PER_SHARD = 1000


def write(uri: os.PathLike, photos: Sequence[bytes], count: int) -> None:
  """Writes so many Examples, the photos over and over, as `training`."""
  shards = examples.shards_for(count, _PER_SHARD)
  for shard in range(shards):
    with examples.open_shard(
      examples.shard_path(os.fspath(uri), examples.TRAINING, shard, shards)
    ) as writer:
      for number in range(shard, count, shards):
        writer.write(
          examples.encode(
            {
              examples.IMAGE_ID: f"{number:06d}.jpg".encode(),
              examples.IMAGE: photos[number % len(photos)],
              examples.DOMAIN: examples.REAL,
            }
          )
        )
