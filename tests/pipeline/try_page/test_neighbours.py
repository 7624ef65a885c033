"""Nearest faces are those that a search through all of them finds."""

import numpy as np
import pytest
from sklearn import neighbors

from components.shared.core import errors
from components.shared.data import examples
from pipeline.programs.try_page import neighbours

WIDTH = 8
COUNTS = {"labeled": 12, "unlabeled": 30}
SHARDS = 3


def name(split, number):
  return f"{split}{number}.jpg"


def label(split, number):
  """Labelled photos alternate; every third other one holds a label back."""
  if split == "labeled":
    return {"label_Male": number % 2}
  return {} if number % 3 else {"held_out_label_Male": 1}


@pytest.fixture(name="vectors", scope="module")
def make_vectors():
  rng = np.random.default_rng(3)
  return {
    split: rng.normal(size=[count, WIDTH]).astype(np.float32) for split, count in COUNTS.items()
  }


@pytest.fixture(name="artifacts", scope="module")
def write(tmp_path_factory, vectors):
  """Examples of embeddings and of pictures, in several files."""
  uris = [str(tmp_path_factory.mktemp(kind)) for kind in ("embedded", "faces")]
  photos = [(split, n) for split, rows in vectors.items() for n in range(len(rows))]
  for shard in range(SHARDS):
    mine = [(s, n) for s, n in photos if examples.shard_of(name(s, n), SHARDS) == shard]
    with examples.open_shard(examples.shard_path(uris[1], "training", shard, SHARDS)) as writer:
      for split, n in mine:
        image_id = name(split, n).encode()
        writer.write(examples.encode({"image_id": image_id, "image": image_id}))
    for split, rows in vectors.items():
      with examples.open_shard(examples.shard_path(uris[0], split, shard, SHARDS)) as writer:
        for n in (n for of, n in mine if of == split):
          features = {"image_id": name(split, n).encode(), "embedding": rows[n].tolist()}
          writer.write(examples.encode({**features, **label(split, n)}))
  return uris


@pytest.fixture(name="near", scope="module")
def load(artifacts):
  return neighbours.Neighbours(*artifacts, "training", list(COUNTS), ["Male"])


def test_nearest_are_those_of_a_search_through_all(near, vectors):
  everything = np.concatenate(list(vectors.values()))
  names = [name(split, n) for split, count in COUNTS.items() for n in range(count)]
  search = neighbors.NearestNeighbors(n_neighbors=7, algorithm="brute", metric="cosine").fit(
    everything
  )
  for query in np.random.default_rng(0).normal(size=[5, WIDTH]):
    distances, rows = search.kneighbors(query[np.newaxis])
    found = near.nearest(query, 7)
    assert [one.image_id for one in found] == [names[row] for row in rows[0]]
    np.testing.assert_allclose([one.distance for one in found], distances[0], atol=1e-5)


def test_a_face_is_nearest_to_itself(near, vectors):
  for split, rows in vectors.items():
    first = near.nearest(5 * rows[4], 1)[0]
    assert (first.split, first.image_id) == (split, name(split, 4))
    assert first.distance == pytest.approx(0, abs=1e-6)


def test_labels_are_told_where_known(near):
  found = near.nearest(np.ones(WIDTH), 1000)
  assert len(found) == len(near) == sum(COUNTS.values())
  for one in found:
    known = label(one.split, int(one.image_id[len(one.split) : -4]))
    assert list(one.labels.values()) == list(known.values())
    assert one.held_out == ({"Male": "held_out_label_Male" in known} if known else {})


def test_pictures_are_found_by_row(near):
  for one in near.nearest(np.ones(WIDTH), 1000):
    assert near.image(one.row) == one.image_id.encode()
  with pytest.raises(IndexError):
    near.image(len(near))


def test_a_picture_in_another_file_than_expected_is_found(tmp_path):
  other = 1 - examples.shard_of("a.jpg", 2)
  for shard in range(2):
    with examples.open_shard(examples.shard_path(str(tmp_path), "labeled", shard, 2)) as writer:
      if shard == other:
        writer.write(examples.encode({"image_id": b"a.jpg", "image": b"it"}))
  assert examples.find(str(tmp_path), "labeled", "a.jpg")["image"] == b"it"
  with pytest.raises(KeyError):
    examples.find(str(tmp_path), "labeled", "b.jpg")
  with pytest.raises(KeyError):
    examples.find(str(tmp_path), "unlabeled", "a.jpg")


def test_memory_is_bounded(artifacts):
  few = neighbours.Neighbours(
    *artifacts, "training", list(COUNTS), ["Male"], most_bytes=2 * 5 * 4 * WIDTH
  )
  assert len(few) == 10
  assert len(few.nearest(np.ones(WIDTH), 20)) == 10


def test_no_embeddings_are_said(tmp_path):
  with pytest.raises(errors.UserError, match="no embedded faces"):
    neighbours.Neighbours(str(tmp_path), str(tmp_path), "training", ["labeled"], ["Male"])
