"""A folder full of hostile photos goes through FaceExampleGen."""

import os
import pathlib
import shutil

import pytest
from tfx import v1 as tfx

from components.face_example_gen import component
from components.shared.artifacts import quarantine
from components.shared.data import examples, plan, sources
from components.shared.data import photos as photos_lib
from components.shared.data import settings as settings_lib
from components.shared.data import source as source_lib
from pipeline.programs.label import photos as label_photos
from tests import beam_options
from tests.faults.hostile import images, payloads, photo_cases

_SPLITS = settings_lib.SplitSettings(hand_labeled="000001-000012", labeled="000101-000112")
_GOOD = [f"{first + number:06d}.jpg" for first in (1, 101, 201) for number in range(12)]


def _write(folder: pathlib.Path, every: int) -> pathlib.Path:
  folder.mkdir()
  photo_cases.write_all(folder, every)
  rows = []
  for number, name in enumerate(_GOOD):
    # What follows a JPEG's end makes each a file of its own.
    (folder / name).write_bytes(images.sample(number % 13) + bytes([number]))
    rows.append(f"{name},{number % 2}\n")
  (folder / "labels.csv").write_text("image_id,Male\n" + "".join(rows))
  return folder


def _run(folder: pathlib.Path, root: pathlib.Path) -> None:
  settings = settings_lib.SourceSettings(
    path=str(folder), attributes=("Male",), max_quarantine_share=1
  )
  tfx.orchestration.LocalDagRunner().run(
    tfx.dsl.Pipeline(
      pipeline_name="test",
      pipeline_root=str(root),
      enable_cache=False,
      components=[
        component.FaceExampleGen(
          settings=settings.photos,
          reservation=_SPLITS.reservation,
          photos_fingerprint=plan.make(settings, _SPLITS).photos_fingerprint,
        )
      ],
      beam_pipeline_args=list(beam_options.ONE_WORKER),
      metadata_connection_config=(
        tfx.orchestration.metadata.sqlite_metadata_connection_config(str(root / "metadata.sqlite"))
      ),
    )
  )


def _output(root: pathlib.Path, key: str) -> pathlib.Path:
  (found,) = (root / "FaceExampleGen" / key).iterdir()
  return found


def _taken(root: pathlib.Path) -> dict[str, list[str]]:
  uri = str(_output(root, "examples"))
  return {
    split: [
      examples.decode(record)["image_id"].decode()
      for record in examples.dataset(uri, split).as_numpy_iterator()
    ]
    for split in examples.PHOTO_SPLITS
  }


def _is_sound(folder: pathlib.Path, name: str) -> bool:
  source = sources.open_photos(str(folder))
  try:
    photos_lib.to_jpeg(source.read(name))
  except photos_lib.PhotoError:
    return False
  return True


@pytest.mark.parametrize("every", [6, pytest.param(1, marks=pytest.mark.long)])
def test_all_is_taken_or_set_aside(tmp_path, every):
  folder = _write(tmp_path / "photos", every)
  names = sorted(n for n in os.listdir(folder) if source_lib.is_photo(n))
  assert any("\n" in name for name in names)
  before = sorted(tmp_path.rglob("*"))
  root = tmp_path / "root"
  _run(folder, root)

  taken = _taken(root)
  assert taken["reserved"] == _GOOD[:12]
  assert set(_GOOD[12:]) < set(taken["training"])
  aside = quarantine.read(str(_output(root, "quarantine")))
  assert all(reason.strip() for reason in aside.values())
  assert sorted([*taken["reserved"], *taken["training"], *aside]) == names
  for name in names if every > 1 else ():
    assert (name in aside) == (not _is_sound(folder, name)), name
  assert len(aside) > 40

  kept = _output(root, "quarantine") / quarantine.PHOTO_FOLDER
  copies = list(kept.iterdir())
  assert 1 < len(copies) <= quarantine.MAX_PHOTOS
  assert all(copy.is_file() and not copy.is_symlink() for copy in copies)
  for name, path in quarantine.kept_photos(str(_output(root, "quarantine"))).items():
    assert pathlib.Path(path).read_bytes() == (folder / name).read_bytes()
  assert sorted(path for path in tmp_path.rglob("*") if root not in (path, *path.parents)) == before
  assert not list(tmp_path.rglob(payloads.TRACE))
  shutil.rmtree(folder)


def test_the_labelling_page_skips_them(tmp_path):
  folder = _write(tmp_path / "photos", 20)
  shown = label_photos.Photos(sources.open_photos(str(folder)))
  for number, name in enumerate(shown.image_ids):
    if shown.picture(number, label_photos.SMALL) is None:
      assert shown.skipped[name].strip()
    else:
      assert name not in shown.skipped
  assert set(_GOOD) <= set(shown.image_ids) - set(shown.skipped)
  assert {"fifo.jpg", "loop.jpg", "folder.jpg"} <= set(shown.skipped)
