"""A run's folder that was moved, renamed or copied is the same run."""

import shutil

import pytest
from tfx import v1 as tfx

from components.face_example_gen.component import FaceExampleGen
from components.shared.data import settings
from pipeline import cache_keys, lineage, local_runner
from tests import beam_options, metadata


@pytest.fixture
def photos(tmp_path, sample_photos):
  """Twelve photos and labels of all."""
  folder = tmp_path / "photos"
  folder.mkdir()
  names = [f"{number:06d}.jpg" for number in range(7, 19)]
  for name in names:
    (folder / name).write_bytes((sample_photos / name).read_bytes())
  (tmp_path / "labels.csv").write_text(
    "image_id,Male\n" + "".join(f"{name},{index % 2}\n" for index, name in enumerate(names))
  )
  return settings.SourceSettings(path=str(folder), labels=str(tmp_path / "labels.csv"))


def _connection(folder):
  return tfx.orchestration.metadata.sqlite_metadata_connection_config(
    str(folder / "metadata.sqlite")
  )


def _run(folder, photos):
  faces = FaceExampleGen(
    settings=photos.photos,
    reservation=settings.SplitSettings(hand_labeled="000007-000010").reservation,
    photos_fingerprint="same",
  ).with_beam_pipeline_args(beam_options.ONE_WORKER)
  statistics = tfx.components.StatisticsGen(
    examples=faces.outputs["examples"]
  ).with_beam_pipeline_args(beam_options.ONE_WORKER)
  with cache_keys.without_places():
    local_runner.run(
      tfx.dsl.Pipeline(
        pipeline_name="moving",
        pipeline_root=str(folder / "tfx"),
        metadata_connection_config=_connection(folder),
        enable_cache=True,
        components=[faces, statistics],
      )
    )
  return lineage.latest_run(_connection(folder), "moving")


@pytest.mark.parametrize("move", [shutil.move, shutil.copytree])
def test_what_it_made_is_found_and_not_made_again(photos, tmp_path, move):
  folder = tmp_path / "before"
  folder.mkdir()
  assert not any(component.cached for component in _run(folder, photos).values())
  now = tmp_path / "now at another place"
  move(str(folder), str(now))
  root = str(now / "tfx")
  looked_at = lineage.latest_run(_connection(now), "moving", root)
  (uri,) = looked_at["FaceExampleGen"].outputs["examples"]
  assert uri.startswith(f"{root}/FaceExampleGen/examples/")
  assert looked_at["StatisticsGen"].inputs["examples"] == [uri]

  assert lineage.bring_along(_connection(now), "moving", root) == 3
  assert lineage.bring_along(_connection(now), "moving", root) == 0
  again = _run(now, photos)
  assert all(component.cached for component in again.values())
  assert again["FaceExampleGen"].outputs["examples"] == [uri]


def test_only_what_is_there_is_looked_for_here(tmp_path):
  (tmp_path / "Trainer" / "model" / "3").mkdir(parents=True)
  here = str(tmp_path / "Trainer" / "model" / "3")
  assert lineage.here("/gone/tfx/Trainer/model/3", str(tmp_path)) == here
  assert lineage.here(here, str(tmp_path)) == here
  for elsewhere in ("/models/brought/in", "/gone/tfx/Trainer/model/4", "gs://bucket/model"):
    assert lineage.here(elsewhere, str(tmp_path)) == elsewhere
  assert lineage.here("/gone/tfx/Trainer/model/3", None) == "/gone/tfx/Trainer/model/3"


def test_the_engine_of_a_pushed_model_is_found(tmp_path):
  recorder = metadata.Recorder(tmp_path / "metadata.sqlite")
  metadata.pushed_model(recorder, "/gone/tfx", "100")
  before = lineage.embedder_of(recorder.connection, "100")
  assert before is not None and before.engine.startswith("/gone/tfx/")
  inside = tmp_path.joinpath(*before.engine.split("/")[-3:])
  inside.mkdir(parents=True)
  assert lineage.embedder_of(recorder.connection, "100", str(tmp_path)).engine == str(inside)
