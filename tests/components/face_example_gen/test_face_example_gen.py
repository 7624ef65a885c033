"""FaceExampleGen through TFX, with the validator that follows it."""

import csv
import hashlib
import pathlib
import shutil
from collections.abc import Sequence

import pytest
from tfx import v1 as tfx

from components.anomaly_gate import component as gate_component
from components.curated_schema import component as schema_component
from components.face_example_gen import component
from components.shared.artifacts import quarantine
from components.shared.artifacts import types as artifacts
from components.shared.core import errors
from components.shared.data import examples
from components.shared.data import schema as schema_lib
from components.shared.data import settings as settings_lib
from tests import beam_options

FACES = pathlib.Path(__file__).parents[3] / "schema" / "faces.pbtxt"
SPLITS = settings_lib.SplitSettings(hand_labeled="000001-000030")


@pytest.fixture
def photos(tmp_path: pathlib.Path, sample_photos, encode) -> pathlib.Path:
  """90 real photos, one of them as PNG's bytes, and two broken ones."""
  folder = tmp_path / "photos"
  folder.mkdir()
  names = {f"{n:06d}.jpg" for first in (1, 101, 201) for n in range(first, first + 30)}
  for name in sorted(names):
    if (sample_photos / name).exists():
      shutil.copy(sample_photos / name, folder / name)
  (folder / "000202.jpg").write_bytes(encode(format="PNG"))
  (folder / "000203.jpg").write_bytes(b"")
  (folder / "000204.jpg").write_bytes((sample_photos / "000204.jpg").read_bytes()[:2000])
  return folder


def _generator(folder: pathlib.Path, **changes) -> component.FaceExampleGen:
  settings = settings_lib.SourceSettings(path=str(folder), **changes)
  return component.FaceExampleGen(
    settings=settings.photos, reservation=SPLITS.reservation, photos_fingerprint=""
  )


def _run(
  root: pathlib.Path, components: Sequence, beam: Sequence[str] = beam_options.ONE_WORKER
) -> None:
  tfx.orchestration.LocalDagRunner().run(
    tfx.dsl.Pipeline(
      pipeline_name="test",
      pipeline_root=str(root),
      components=list(components),
      enable_cache=False,
      beam_pipeline_args=list(beam),
      metadata_connection_config=(
        tfx.orchestration.metadata.sqlite_metadata_connection_config(str(root / "metadata.sqlite"))
      ),
    )
  )


def _output(root: pathlib.Path, component_id: str, key: str) -> pathlib.Path:
  (found,) = (root / component_id / key).iterdir()
  return found


def _records(root: pathlib.Path) -> dict[str, list[dict]]:
  uri = str(_output(root, "FaceExampleGen", "examples"))
  return {
    split: [examples.decode(record) for record in examples.dataset(uri, split).as_numpy_iterator()]
    for split in examples.PHOTO_SPLITS
  }


def _digests(root: pathlib.Path) -> dict[str, str]:
  folder = _output(root, "FaceExampleGen", "examples").parents[1]
  return {
    path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
    for path in folder.rglob("*")
    if path.is_file() and ".system" not in path.parts
  }


def test_writes_faces_and_quarantine(tmp_path, photos):
  root = tmp_path / "root"
  _run(root, [_generator(photos)])

  records = _records(root)
  by_split = {split: {r["image_id"].decode() for r in found} for split, found in records.items()}
  everything = [name for names in by_split.values() for name in names]
  assert len(everything) == len(set(everything))
  for found in records.values():
    for record in found:
      name = record["image_id"].decode()
      assert set(record) == {"image_id", "image", "domain"}
      assert record["domain"] == b"real"
      if name != "000202.jpg":
        assert record["image"] == (photos / name).read_bytes()
  assert by_split[examples.RESERVED] == {n for n in everything if n < "000031.jpg"}
  assert len(by_split[examples.RESERVED]) == 24
  assert len(by_split[examples.TRAINING]) == 58

  aside = _output(root, "FaceExampleGen", "quarantine")
  with open(aside / "quarantine.csv", newline="") as stream:
    listed = list(csv.reader(stream))
  assert listed == [
    ["image_id", "reason"],
    ["000203.jpg", "empty file"],
    ["000204.jpg", "damaged or cut off"],
  ]
  assert sorted(p.name for p in (aside / "photos").iterdir()) == ["00-000203.jpg", "01-000204.jpg"]


def test_no_copy_of_a_reserved_photo_reaches_any_split(tmp_path, photos, capfd):
  """Neither what learns nor, twice, what evaluates; other copies stay."""
  evaluated = (photos / "000008.jpg").read_bytes()
  copies = ("000009.jpg", "000101.jpg", "000210.jpg")
  for name in copies:
    (photos / name).write_bytes(evaluated)
  (photos / "000211.jpg").write_bytes((photos / "000212.jpg").read_bytes())
  (photos / "000011.jpg").write_bytes(b"")
  root = tmp_path / "root"
  # Three of 84 photos are unreadable, and three more are copies.
  _run(root, [_generator(photos, max_quarantine_share=3 / 84)])
  holders = [
    (split, record["image_id"])
    for split, found in _records(root).items()
    for record in found
    if record["image"] == evaluated
  ]
  assert holders == [(examples.RESERVED, b"000008.jpg")]
  names = {record["image_id"] for record in _records(root)["training"]}
  assert {b"000211.jpg", b"000212.jpg"} <= names
  reasons = quarantine.read(str(_output(root, "FaceExampleGen", "quarantine")))
  assert reasons["000011.jpg"] == reasons["000203.jpg"] == "empty file"
  said = "set aside: the same file as the evaluation photo `000008.jpg`"
  assert [reasons[name] for name in copies] == [said] * 3
  assert (
    "3 photos are the same files as evaluation photos and were set "
    f"aside; the first is 000009.jpg ({said})"
  ) in capfd.readouterr().err


def test_same_bytes_with_one_worker_and_with_four(tmp_path, photos):
  (photos / "000210.jpg").write_bytes((photos / "000008.jpg").read_bytes())
  _run(tmp_path / "one", [_generator(photos)], beam_options.ONE_WORKER)
  _run(tmp_path / "four", [_generator(photos)], beam_options.processes(4))
  assert _digests(tmp_path / "one") == _digests(tmp_path / "four")
  assert len(_digests(tmp_path / "one")) == 5


def test_too_many_unreadable_photos_stop_the_run(tmp_path, photos):
  with pytest.raises(Exception) as caught:
    _run(tmp_path / "root", [_generator(photos, max_quarantine_share=0.01)])
  error = errors.find_user_error(caught.value)
  assert "2 of 84 photos are unreadable, more than 1%" in str(error)
  (listed,) = (tmp_path / "root").rglob("*quarantine.csv")
  assert str(listed) in str(error)
  assert "000203.jpg,empty file" in listed.read_text()


def test_a_split_without_readable_photos_stops_the_run(tmp_path, photos):
  for path in photos.glob("0000*.jpg"):
    path.write_bytes(b"no photo")
  with pytest.raises(Exception) as caught:
    _run(tmp_path / "root", [_generator(photos, max_quarantine_share=1)])
  assert "no photo of split `reserved` can be used" in str(errors.find_user_error(caught.value))


def test_photos_can_come_as_an_artifact(tmp_path, photos):
  """As on Kubeflow, which copies them out of a bucket."""
  stored = tfx.dsl.Importer(source_uri=str(photos), artifact_type=artifacts.Photos).with_id(
    "photos"
  )
  generator = component.FaceExampleGen(
    settings=settings_lib.SourceSettings(path="s3://bucket/photos").photos,
    reservation=SPLITS.reservation,
    photos_fingerprint="",
    photos=stored.outputs["result"],
  )
  root = tmp_path / "root"
  _run(root, [stored, generator])
  assert len(_records(root)["training"]) == 58


def test_validator_and_gate_let_sound_faces_through(tmp_path, photos):
  generator = _generator(photos)
  schema = schema_component.CuratedSchema(schema=schema_lib.read(FACES))
  statistics = tfx.components.StatisticsGen(
    examples=generator.outputs["examples"], schema=schema.outputs["schema"]
  )
  validator = tfx.components.ExampleValidator(
    statistics=statistics.outputs["statistics"], schema=schema.outputs["schema"]
  )
  gate = gate_component.AnomalyGate(anomalies=validator.outputs["anomalies"])
  root = tmp_path / "root"
  _run(root, [generator, schema, statistics, validator, gate])
  passed = _output(root, "AnomalyGate", "result") / "passed.txt"
  assert passed.read_text() == "no anomalies in Split-reserved, Split-training\n"
