"""Photos as people have them: any format, any size, any number of faces."""

import io
import shutil

import numpy as np
import pytest
from PIL import Image, ImageOps

from pipeline.programs import prediction
from tests import canvases


def encoded(image, form="JPEG", **options):
  stream = io.BytesIO()
  image.save(stream, form, **options)
  return stream.getvalue()


def lying(image, orientation):
  """A JPEG that has to be turned to be upright, as cameras make them."""
  exif = Image.Exif()
  exif[0x0112] = orientation
  turn = {
    3: Image.Transpose.ROTATE_180,
    6: Image.Transpose.ROTATE_90,
    8: Image.Transpose.ROTATE_270,
  }[orientation]
  return encoded(image.transpose(turn), exif=exif, quality=95)


@pytest.fixture(scope="module")
def scene(sample_photos):
  """One face, not where aligned photos have it."""
  return canvases.canvas((500, 400), canvases.Pasted(sample_photos / "000201.jpg", (300, 180), 1.2))


@pytest.fixture(scope="module")
def expected(predictor, scene):
  (row,) = predictor.predict([("scene", encoded(scene, "PNG"))])
  assert row.reason is None
  return row


@pytest.mark.parametrize(
  "encode",
  [
    lambda image: encoded(image, quality=95),
    lambda image: encoded(image.convert("CMYK"), quality=95),
    lambda image: encoded(image.convert("RGBA"), "PNG"),
    lambda image: encoded(image, "WEBP", quality=90),
    lambda image: encoded(image, "TIFF"),
    lambda image: lying(image, 3),
    lambda image: lying(image, 6),
    lambda image: lying(image, 8),
  ],
  ids=["jpeg", "cmyk", "rgba", "webp", "tiff", "3", "6", "8"],
)
def test_formats_and_orientations(predictor, scene, expected, encode):
  (row,) = predictor.predict([("photo", encode(scene))])
  np.testing.assert_allclose(row.box, expected.box, atol=4)
  for name in ("Male", "Smiling"):
    assert row.probabilities[name] == pytest.approx(expected.probabilities[name], abs=0.02)
  np.testing.assert_allclose(row.embedding, expected.embedding, atol=0.02)


def test_grey_photo(predictor, scene, expected):
  (row,) = predictor.predict([("grey", encoded(ImageOps.grayscale(scene)))])
  np.testing.assert_allclose(row.box, expected.box, atol=6)
  quarters = row.embedding.reshape(4, 3)
  np.testing.assert_allclose(quarters, quarters[:, :1].repeat(3, 1), atol=0.01)


def test_what_a_prediction_says(predictor, expected):
  assert predictor.attributes == ["Male", "Smiling"]
  assert predictor.engine == "onnx_fp32"
  assert expected.photo == "scene" and expected.number == expected.count == 1
  assert expected.labels == {
    name: int(value >= 0.5) for name, value in expected.probabilities.items()
  }
  assert expected.embedding.shape == (12,)
  assert expected.embedding.dtype == np.float32
  face = Image.open(io.BytesIO(expected.face))
  assert (face.format, face.size) == ("JPEG", (178, 218))


def test_face_is_labelled_as_the_aligned_photo(predictor, sample_photos):
  path = sample_photos / "000201.jpg"
  (crop,) = predictor.predict([("crop", path)])
  assert crop.face == path.read_bytes()
  for scale, degrees in ((0.8, 0), (1.5, 20)):
    image = canvases.canvas((700, 600), canvases.Pasted(path, (330, 310), scale, degrees))
    (row,) = predictor.predict([("pasted", encoded(image, quality=95))])
    np.testing.assert_allclose(row.embedding, crop.embedding, atol=0.08)


def test_engine_gives_what_the_model_gives(model, predictor, sample_photos, tmp_path):
  # The engine may compute in 8-bit integers; what is pushed does in float32.
  bare = tmp_path / "1"
  shutil.copytree(model, bare, ignore=shutil.ignore_patterns("network.onnx"))
  alone = prediction.Predictor(bare, find=False)
  assert alone.engine == "the model's own network"
  photos = [(path.name, path) for path in sorted(sample_photos.iterdir())[:5]]
  for one, other in zip(
    predictor.predict(photos, "as-is"), alone.predict(photos, "as-is"), strict=True
  ):
    np.testing.assert_allclose(one.embedding, other.embedding, atol=0.05)
    assert one.probabilities["Male"] == pytest.approx(other.probabilities["Male"], abs=0.05)


def test_several_faces(predictor, sample_photos):
  large, small = (sample_photos / name for name in ("000009.jpg", "000007.jpg"))
  photo = encoded(
    canvases.canvas(
      (800, 480), canvases.Pasted(small, (180, 200)), canvases.Pasted(large, (560, 240), 1.6)
    )
  )
  rows = list(predictor.predict([("two", photo)]))
  assert [(row.photo, row.number, row.count) for row in rows] == [("two", 1, 2), ("two", 2, 2)]
  assert rows[0].box[0] > 400 > rows[1].box[2]
  assert rows[0].face != rows[1].face
  (largest,) = predictor.predict([("two", photo)], "largest")
  assert (largest.count, largest.face) == (1, rows[0].face)


def test_as_is(predictor, scene):
  photo = encoded(scene)
  (row,) = predictor.predict([("scene", photo)], "as-is")
  assert row.face == photo and row.box is None and row.score is None


def test_photos_without_labels(predictor, tmp_path, scene):
  photo = encoded(scene)
  rows = list(
    predictor.predict(
      [
        ("empty", b""),
        ("text", b"hello"),
        ("cut", photo[:2000]),
        ("nobody", encoded(canvases.canvas((300, 200)))),
        ("good", photo),
        ("nowhere", tmp_path / "nowhere.jpg"),
        ("folder", tmp_path),
      ]
    )
  )
  assert [(row.photo, row.reason) for row in rows] == [
    ("empty", "empty file"),
    ("text", "not an image in a known format"),
    ("cut", "damaged or cut off"),
    ("nobody", "no face was found"),
    ("good", None),
    ("nowhere", "cannot be read: No such file or directory"),
    ("folder", "cannot be read: it is a folder"),
  ]
  assert all(row.labels == {} and row.face is None for row in rows if row.reason)


def test_order_over_many_batches(predictor, sample_photos):
  """And no more is read than is needed for what is asked for."""
  paths = sorted(sample_photos.iterdir())[:8]
  taken = []

  def photos():
    for number in range(400):
      taken.append(number)
      broken = number % 7 == 3
      yield f"{number}", b"broken" if broken else paths[number % 8]

  rows = predictor.predict(photos(), "as-is")
  first = [next(rows) for _ in range(150)]
  assert [row.photo for row in first] == [str(n) for n in range(150)]
  assert len(taken) < 300
  rows.close()
  alone = list(predictor.predict([("", path) for path in paths], "as-is"))
  for number, row in enumerate(first):
    assert (row.reason is not None) == (number % 7 == 3)
    if row.reason is None:
      np.testing.assert_allclose(row.embedding, alone[number % 8].embedding, atol=1e-5)


def test_nothing_to_do(predictor):
  assert not list(predictor.predict([]))
