"""What goes into the components that few and many photos go through."""

import csv
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from components.shared.data import examples, sources
from components.shared.networks import networks
from components.shared.networks.engine_settings import EngineSettings
from devtools.bench import built

FEW = 32
"""Photos that nearly all time is start-up for."""
ATTRIBUTE, OTHER = "Male", "Smiling"
LABELED = 10
"""Of `FEW`, so that some are left without a label."""
_SHARES = {
  examples.LABELED: 1,
  examples.UNLABELED: 4,
  examples.SYNTHETIC_TRAIN: 4,
  examples.SYNTHETIC_EVAL: 1,
}
"""Tenths of the embeddings that Transform is given."""


def prepare(
  root: pathlib.Path, photos: Sequence[bytes], counts: Mapping[str, Sequence[int]]
) -> None:
  """Writes what the first of the components read.

  Args:
    root: folder for it.
    photos: the sample's.
    counts: how many photos each of the components is given.
  """
  for component, given in counts.items():
    for count in (FEW, *given):
      if component == "transform":
        _write_embeddings(root / f"embeddings-{count}", count)
      else:
        _write_photos(root / f"photos-{count}", photos, count)
  if "face_embedder" in counts:
    built.write(root, photos, EngineSettings())


def _write_photos(folder: pathlib.Path, photos: Sequence[bytes], count: int) -> None:
  """Files under distinct names, and the sample's labels over and over."""
  if folder.exists():
    return
  with open(sources.SAMPLE_LABELS, encoding="utf-8", newline="") as file:
    header, *labels = csv.reader(file)
  folder.mkdir()
  lines = [header]
  for number in range(count):
    name = f"{number:06d}.jpg"
    (folder / name).write_bytes(photos[number % len(photos)])
    lines.append([name, *labels[number % len(labels)][1:]])
  with open(folder / "labels.csv", "w", encoding="utf-8", newline="") as file:
    csv.writer(file, lineterminator="\n").writerows(lines)


def _write_embeddings(folder: pathlib.Path, count: int) -> None:
  """Random ones, as ExamplesUnion would hand them on."""
  random = np.random.default_rng(0)
  for split, tenths in _SHARES.items():
    inside = count * tenths // 10
    shards = examples.shards_for(inside)
    for shard in range(shards):
      with examples.open_shard(examples.shard_path(str(folder), split, shard, shards)) as writer:
        for number in range(shard, inside, shards):
          writer.write(examples.encode(_embedding(split, number, random)))


def _embedding(split: str, number: int, random: np.random.Generator) -> dict[str, Any]:
  real = split in examples.REAL_SPLITS
  known = split != examples.UNLABELED
  return {
    examples.IMAGE_ID: f"{split}-{number:06d}.jpg".encode(),
    examples.EMBEDDING: random.normal(size=networks.FACENET.embedding_width).tolist(),
    examples.DISTANCE: 0.5,
    examples.DOMAIN: examples.REAL if real else examples.SYNTHETIC,
    examples.label(ATTRIBUTE): number % 2 if known else None,
    examples.FOLD: None if real else number % 5,
  }


def of(root: pathlib.Path, component: str, photos: int) -> Mapping[str, pathlib.Path]:
  """Folders of a component's inputs, some of them outputs of the others."""
  faces = root / f"face_example_gen-{photos}" / "examples"
  return {
    "face_example_gen": {},
    "statistics": {"examples": faces, "schema": root / "Face-schema" / "schema"},
    "face_embedder": {"faces": faces, "network": root / "network", "engine": root / "engine"},
    "transform": {
      "examples": root / f"embeddings-{photos}",
      "schema": root / "Embedding-schema" / "schema",
    },
  }[component]
