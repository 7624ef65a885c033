"""Records in the files and the order that their ids say."""

import apache_beam as beam
import pytest

from components.shared.core import errors
from components.shared.data import completeness, examples, write_split

_PAIRS = [(f"é{n:03d}.jpg", f"record {n:03d}".encode() + bytes(n % 5)) for n in range(400)]


def _write(folder, pairs, shards=3, **options):
  with beam.Pipeline(runner="FnApiRunner") as pipeline:
    _ = (
      pipeline
      | beam.Create(pairs)
      | write_split.WriteSplit(str(folder), "labeled", shards, **options)
    )


# A file for each record, for some, for all of a bundle.
@pytest.mark.parametrize("held_bytes", [1, 500, 1 << 20])
def test_records_are_where_their_ids_say(tmp_path, held_bytes):
  _write(tmp_path, reversed(_PAIRS), held_bytes=held_bytes)
  files = examples.split_files(str(tmp_path), "labeled")
  assert files == [examples.shard_path(str(tmp_path), "labeled", n, 3) for n in range(3)]
  expected = [
    record
    for shard in range(3)
    for image_id, record in _PAIRS
    if examples.shard_of(image_id, 3) == shard
  ]
  assert list(examples.dataset(str(tmp_path), "labeled").as_numpy_iterator()) == expected


def test_nothing_else_is_left(tmp_path):
  _write(tmp_path, _PAIRS, held_bytes=500)
  assert {path.name for path in tmp_path.iterdir()} == {"Split-labeled"}
  assert len(list((tmp_path / "Split-labeled").iterdir())) == 3


def test_no_records_are_no_files(tmp_path):
  _write(tmp_path, [])
  assert not list(tmp_path.iterdir())


def test_what_is_held_and_grouped_is_small(tmp_path):
  """The local runner keeps in memory what is grouped."""
  sort = write_split._Sort(str(tmp_path), shards=3, held_bytes=10_000)
  sort.start_bundle()
  runs = []
  for number in range(300):
    runs += sort.process((f"{number}.jpg", bytes(500)))
    assert sum(len(record) for pairs in sort._pairs.values() for _, record in pairs) <= 10_000
  assert len(runs) == 15 * 3 and len(list(tmp_path.iterdir())) == 15
  assert sum(run.end - run.start for _, run in runs) > 300 * 500


def test_a_bundle_that_is_run_twice_changes_nothing(tmp_path):
  """Engines run a bundle again whose worker was lost, and keep one of its
  results; what the other attempt has written is not read."""
  folder = str(tmp_path / "Split-labeled-runs")
  sort = write_split._Sort(folder, shards=1, held_bytes=500)
  attempts = []
  for _ in range(2):
    sort.start_bundle()
    runs = [run for pair in _PAIRS for _, run in sort.process(pair)]
    attempts.append([*runs, *(windowed.value[1] for windowed in sort.finish_bundle())])
  for _ in range(2):  # And so does what writes the shard.
    write_split._write_shard((0, attempts[1]), str(tmp_path), "labeled", 1)
    written = list(examples.dataset(str(tmp_path), "labeled").as_numpy_iterator())
    assert written == [record for _, record in _PAIRS]
  write_split._remove(1, folder)
  write_split._remove(1, folder)
  assert {path.name for path in tmp_path.iterdir()} == {"Split-labeled"}


@pytest.mark.parametrize("lost", [1, len(_PAIRS)])
def test_a_short_split_is_no_success(tmp_path, lost):
  _write(tmp_path, _PAIRS[lost:])
  completeness.check("FaceEmbedder", str(tmp_path), "labeled", len(_PAIRS) - lost)
  with pytest.raises(errors.UserError, match=rf"has {len(_PAIRS) - lost} records instead of 400"):
    completeness.check("FaceEmbedder", str(tmp_path), "labeled", len(_PAIRS))
