"""The Evaluator on few photos, sliced by few and by many annotations."""

import pathlib
import tempfile
from collections.abc import Sequence

import numpy as np

from components.shared.data import examples
from components.shared.networks import network_artifact, networks, weights
from components.shared.networks.settings import EmbedderSettings
from devtools.bench import node as node_lib
from devtools.bench import pushing, rows
from pipeline import config as config_lib

PHOTOS = 94
"""As many as the sample has in `hand_labeled`."""
_ATTRIBUTES = tuple(f"attribute_{number}" for number in range(6))


def measure(annotations: Sequence[int]) -> list[rows.Row]:
  """Rows `evaluate/<annotations>`: judged photos a second, TFX's own time
  included.

  A model of six attributes judges 94 random embeddings, which are sliced by
  each attribute's label and by so many other annotations, once.

  Args:
    annotations: to slice by besides the labels; the first is the baseline, and
      takes what first calls take.
  """
  embedder = EmbedderSettings(depths=())
  with tempfile.TemporaryDirectory() as folder:
    root = pathlib.Path(folder)
    network_artifact.make(embedder, weights.locate(embedder), str(root / "network"))
    embeddings = (
      np.random.default_rng(0)
      .normal(size=(PHOTOS, networks.FACENET.embedding_width))
      .astype(np.float32)
    )
    pushing.push(root / "model" / "Format-Serving", str(root / "network"), embeddings, _ATTRIBUTES)
    seconds = {count: _evaluate(root, embeddings, count) for count in annotations}
  names = {count: f"evaluate/{count}_annotations" for count in annotations}
  return [
    rows.Row(
      name=name,
      rates=[PHOTOS / seconds[count]],
      baseline=names[annotations[0]] if count != annotations[0] else None,
      details={"seconds": seconds[count]},
    )
    for count, name in names.items()
  ]


def _evaluate(root: pathlib.Path, embeddings: np.ndarray, count: int) -> float:
  """Seconds that the Evaluator takes."""
  others = tuple(f"annotation_{number}" for number in range(count))
  _write(root / f"examples-{count}", embeddings, others)
  node = node_lib.Node(
    config_lib.with_values(config_lib.Config(), {"source.attributes": list(_ATTRIBUTES)}),
    "Evaluator",
    others,
  )
  return node.run(
    {"examples": root / f"examples-{count}", "model": root / "model"}, root / f"evaluator-{count}"
  )


def _write(folder: pathlib.Path, embeddings: np.ndarray, others: Sequence[str]) -> None:
  random = np.random.default_rng(1)
  with examples.open_shard(examples.shard_path(str(folder), examples.HAND_LABELED, 0, 1)) as writer:
    for number, embedding in enumerate(embeddings):
      writer.write(
        examples.encode(
          {
            examples.IMAGE_ID: f"{number:06d}.jpg".encode(),
            examples.EMBEDDING: embedding.tolist(),
            examples.DOMAIN: examples.REAL,
            **{
              name: int(random.integers(2)) for name in (*map(examples.label, _ATTRIBUTES), *others)
            },
          }
        )
      )
