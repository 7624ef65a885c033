"""The paths that all of CelebA takes, on the sample three times over."""

import io
import zipfile

import pytest
import tensorflow as tf
from PIL import Image

from components.shared.data import examples, sources
from components.shared.data import settings as source_settings
from tests.end_to_end import running

pytestmark = pytest.mark.slow

_COPIES = 3


def _again(jpeg: bytes, copy: int) -> bytes:
  """A photo, or another file of the same picture: copies are set aside."""
  if not copy:
    return jpeg
  out = io.BytesIO()
  Image.open(io.BytesIO(jpeg)).save(out, "JPEG", quality=96 - copy)
  return out.getvalue()


@pytest.fixture(scope="module")
def celeba(tmp_path_factory, sample_photos):
  """img_align_celeba.zip with list_attr_celeba.txt beside it."""
  folder = tmp_path_factory.mktemp("celeba")
  lines = []
  with zipfile.ZipFile(folder / "img_align_celeba.zip", "w") as archive:
    for copy in range(_COPIES):
      for row in sources.open_source(source_settings.SourceSettings()).rows():
        male = row.annotations["Male"]
        if male is None:
          continue  # CelebA has a value for each.
        name = f"{int(row.image_id[:6]) + 500 * copy:06d}.jpg"
        archive.writestr(
          f"img_align_celeba/{name}", _again((sample_photos / row.image_id).read_bytes(), copy)
        )
        lines.append(f"{name} {2 * male - 1:2d} {1 - 2 * (copy % 2):2d}")
  (folder / "list_attr_celeba.txt").write_text(
    "\n".join([str(len(lines)), "Male Young", *lines]) + "\n"
  )
  return folder / "img_align_celeba.zip"


def test_photos_are_streamed_and_labels_spread_to_some(output, celeba):
  run = running.run_pipeline(
    output,
    "celeba",
    "celeba",
    "--source",
    str(celeba),
    "--attribute",
    "Male",
    settings=(
      *running.SMALL,
      "generator.epochs=6",
      "generator.batch_size=16",
      "generator.cache_mebibytes=0",
      "direction.propagation.max_photos=300",
      "classifier.propagation.max_photos=300",
      "classifier.spread_weights=[1]",
    ),
  )
  assert run.status == 0, run.errors
  evaluation = run.evaluation
  assert evaluation["hand_labeled"]["n"] == 94
  assert evaluation["learned"]["pseudo_labeled"] == 300
  assert evaluation["ladder"]["labeled_self_training"]["auc"] > 0.9
  # All labels but those of the evaluation photos.
  assert evaluation["ladder"]["ceiling"]["n"] == 497 * _COPIES - 94
  faces = str(run.artifact("FaceExampleGen", "examples"))
  assert len(examples.split_files(faces, "training")) > 1
  model = run.artifact("VaeGanTrainer", "model")
  assert b'"photos": 1397' in tf.io.read_file(str(model / "generator.json")).numpy()
