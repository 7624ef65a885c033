"""Where a component ran does not make it run again; its settings do."""

import pytest
from tfx import v1 as tfx

from components.face_example_gen.component import FaceExampleGen
from components.shared.data import settings
from pipeline import cache_keys, lineage, local_runner
from pipeline.platforms.beam import beam_runner
from tests import beam_options


@pytest.fixture
def photos(tmp_path, sample_photos):
  """Twelve photos."""
  folder = tmp_path / "photos"
  folder.mkdir()
  names = [f"{number:06d}.jpg" for number in range(7, 19)]
  for name in names:
    (folder / name).write_bytes((sample_photos / name).read_bytes())
  return settings.SourceSettings(path=str(folder)).photos


@pytest.mark.parametrize("runner", [local_runner, beam_runner])
def test_options_of_beam_are_no_part_of_them(photos, tmp_path, runner):
  connection = tfx.orchestration.metadata.sqlite_metadata_connection_config(
    str(tmp_path / "metadata.sqlite")
  )

  def cached(flags, **splits):
    faces = FaceExampleGen(
      settings=photos,
      reservation=settings.SplitSettings(**splits).reservation,
      photos_fingerprint="same",
    ).with_beam_pipeline_args(flags)
    with cache_keys.without_places():
      runner.run(
        tfx.dsl.Pipeline(
          pipeline_name="keys",
          pipeline_root=str(tmp_path / "tfx"),
          metadata_connection_config=connection,
          enable_cache=True,
          components=[faces],
        )
      )
    return lineage.latest_run(connection, "keys")["FaceExampleGen"].cached

  assert not cached(beam_options.ONE_WORKER, hand_labeled="000007-000010")
  assert cached(beam_options.threads(2), hand_labeled="000007-000010", max_labeled=4)
  assert not cached(beam_options.threads(2), hand_labeled="000007-000011")
