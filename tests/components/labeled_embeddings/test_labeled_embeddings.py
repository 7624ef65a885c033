"""Annotations and embeddings through TFX, joined by file name."""

import pathlib

import numpy as np
import pytest
from tfx import v1 as tfx
from tfx.types import standard_artifacts

from components.annotation_gen.component import AnnotationGen
from components.labeled_embeddings.component import LabeledEmbeddings
from components.shared.artifacts import annotation_table
from components.shared.artifacts import types as artifacts
from components.shared.core import errors
from components.shared.data import examples, plan
from components.shared.data import settings as settings_lib
from tests import beam_options

SPLITS = settings_lib.SplitSettings(hand_labeled="000-009", max_labeled=8)
COUNTS = {"reserved": range(10), "training": range(10, 40)}


def _name(number: int) -> str:
  return f"{number:03d}.jpg"


@pytest.fixture
def folder(tmp_path) -> pathlib.Path:
  """Forty files that are no photos: nothing here opens one."""
  photos = tmp_path / "photos"
  photos.mkdir()
  for number in range(41):
    (photos / _name(number)).write_bytes(b"")
  _annotate(photos)
  return photos


def _annotate(photos: pathlib.Path, **changes: str) -> None:
  """Every fourth photo lacks a label, and Hat is known of the first 20 only."""
  rows = {
    _name(n): f"{'' if n % 4 == 3 else n % 2},{int(n % 3 == 0) if n < 20 else ''}"
    for n in range(41)
  }
  rows.update({f"{name}.jpg": row for name, row in changes.items()})
  (photos / "labels.csv").write_text(
    "image_id,Odd,Hat\n" + "".join(f"{n},{r}\n" for n, r in rows.items())
  )


@pytest.fixture
def embeddings(tmp_path) -> str:
  """Of all photos but the last, which can't be read."""
  uri = str(tmp_path / "embeddings")
  for split, numbers in COUNTS.items():
    with examples.open_shard(examples.shard_path(uri, split, 0, 1)) as writer:
      for number in numbers:
        writer.write(
          examples.encode(
            {
              "image_id": _name(number).encode(),
              "embedding": np.full(3, number).tolist(),
              "domain": examples.REAL,
            }
          )
        )
  return uri


def _components(folder, embeddings, flags=beam_options.ONE_WORKER, **source):
  settings = settings_lib.SourceSettings(**{"path": str(folder), "attributes": ("Odd",), **source})
  seen = plan.make(settings, SPLITS)
  annotations = AnnotationGen(
    settings=settings, labels_fingerprint=seen.labels_fingerprint, others=seen.others
  )
  photos = tfx.dsl.Importer(
    source_uri=embeddings,
    artifact_type=standard_artifacts.Examples,
    properties={"split_names": '["reserved", "training"]'},
  ).with_id("photos")
  joined = LabeledEmbeddings(
    photos=photos.outputs["result"],
    annotations=annotations.outputs["annotations"],
    splits=SPLITS,
    attributes=settings.attributes,
  ).with_beam_pipeline_args(flags)
  return [annotations, photos, joined]


def _read(uri: str) -> dict[str, dict[int, dict]]:
  found = {}
  for split in examples.REAL_SPLITS:
    rows = map(examples.decode, examples.dataset(uri, split).as_numpy_iterator())
    found[split] = {int(row["image_id"][:3]): row for row in rows}
  return found


def test_labels_meet_their_photos(run_components, folder, embeddings, capfd):
  run = run_components(_components(folder, embeddings))
  found = _read(run["LabeledEmbeddings"].outputs["embeddings"][0])
  assert list(found["hand_labeled"]) == [n for n in range(10) if n % 4 != 3]
  assert len(found["labeled"]) == 8
  assert sorted([*found["labeled"], *found["unlabeled"]]) == list(range(10, 40))
  for split, rows in found.items():
    for number, row in rows.items():
      assert row.pop("embedding") == [number] * 3
      assert row.pop("domain") == examples.REAL and row.pop("image_id")
      known = {} if number % 4 == 3 else {"Odd": number % 2}
      name = "held_out_label_Odd" if split == "unlabeled" else "label_Odd"
      assert row == {
        **({name: known["Odd"]} if known else {}),
        **({"Hat": int(number % 3 == 0)} if number < 20 else {}),
      }
  assert (
    "hand_labeled 8, labeled 8, unlabeled 22; 2 more are reserved for evaluation"
  ) in capfd.readouterr().err


def test_one_label_more(run_components, folder, embeddings):
  """It evaluates where the photo is reserved, and teaches where it isn't."""
  before = run_components(_components(folder, embeddings))
  again = run_components(_components(folder, embeddings))
  assert again["AnnotationGen"].cached and again["LabeledEmbeddings"].cached
  _annotate(folder, **{"003": "1,", "011": "0,"})
  after = run_components(_components(folder, embeddings))
  assert not after["AnnotationGen"].cached and not after["LabeledEmbeddings"].cached
  first, second = (
    _read(run["LabeledEmbeddings"].outputs["embeddings"][0]) for run in (before, after)
  )
  assert set(second["hand_labeled"]) - set(first["hand_labeled"]) == {3}
  known = {**second["labeled"], **second["unlabeled"]}[11]
  assert known.get("label_Odd", known.get("held_out_label_Odd")) == 0


def test_same_bytes_with_one_worker_and_with_two(run_components, folder, embeddings):
  uris = []
  for flags in (beam_options.ONE_WORKER, beam_options.processes(2)):
    _annotate(folder)
    (folder / "labels.csv").write_text((folder / "labels.csv").read_text() + "\n" * len(uris))
    run = run_components(_components(folder, embeddings, flags))
    assert not run["LabeledEmbeddings"].cached
    uris.append(run["LabeledEmbeddings"].outputs["embeddings"][0])
  one, two = (
    {path.relative_to(uri): path.read_bytes() for path in pathlib.Path(uri).rglob("*.gz")}
    for uri in uris
  )
  assert one == two and len(one) == 3


def test_a_class_that_is_missing_is_named(run_components, folder, embeddings):
  components = _components(folder, embeddings)
  (folder / "labels.csv").write_text("image_id,Odd,Hat\n000.jpg,1,\n")
  with pytest.raises(Exception) as caught:
    run_components(components)
  assert "split `hand_labeled` has 0 photo(s) with Odd = 0 and needs 2; label some of the 9" in str(
    errors.find_user_error(caught.value)
  )


def test_annotations_that_are_wrong_are_named(run_components, folder, embeddings):
  components = _components(folder, embeddings)
  with open(folder / "labels.csv", "a", encoding="utf-8") as file:
    file.write("000.jpg,1,1\n")
  with pytest.raises(Exception) as caught:
    run_components(components)
  assert "labels.csv, line 43: `000.jpg` is listed twice" in str(
    errors.find_user_error(caught.value)
  )


def test_annotations_can_come_as_artifacts(run_components, folder):
  """As on Kubeflow, which copies them out of a bucket."""
  stored = {
    name: tfx.dsl.Importer(source_uri=str(uri), artifact_type=kind).with_id(name)
    for name, uri, kind in (
      ("photos", folder, artifacts.Photos),
      ("labels", folder / "labels.csv", artifacts.Annotations),
    )
  }
  settings = settings_lib.SourceSettings(
    path="s3://bucket/photos", labels="s3://bucket/labels.csv", attributes=("Hat",)
  )
  made = AnnotationGen(
    settings=settings,
    labels_fingerprint="",
    others=(),
    **{name: node.outputs["result"] for name, node in stored.items()},
  )
  run = run_components([*stored.values(), made])
  table = annotation_table.read(run["AnnotationGen"].outputs["annotations"][0])
  assert table.attributes == ("Hat",)
  assert table.values["003.jpg"] == (1,) and table.values["030.jpg"] == (None,)


def test_names_of_any_kind_are_read_back(tmp_path):
  values = {'a,"b".jpg': (1, None), "a\nb.jpg": (0, 1), "a\rb.jpg": (None, None), " c.jpg": (1, 0)}
  annotation_table.write(["Odd", 'Hat, "old"'], values, str(tmp_path))
  table = annotation_table.read(str(tmp_path))
  assert table.attributes == ("Odd", 'Hat, "old"') and table.values == values
