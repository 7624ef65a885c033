"""Sliders move a code where they say, and nowhere else."""

import io

import numpy as np
import pytest
from PIL import Image

from components.shared.learning import directions
from pipeline.programs.try_page import faces
from tests.components import bright_faces
from tests.pipeline.try_page import generators

BRIGHT = generators.direction("Bright", 1, 0, 0, 0)
SLANTED = generators.direction("Slanted", 1, 0, 2, 0, offset=-0.2, scale=0.8)


@pytest.fixture(name="sliders", scope="module")
def make_sliders(tmp_path_factory):
  return generators.sliders(tmp_path_factory.mktemp("model"), BRIGHT, SLANTED)


def test_positions_are_those_of_the_directions(sliders):
  code = sliders.draw(1)
  moved = sliders.move(code, [1.5, -0.5], [0] * sliders.variations)
  np.testing.assert_allclose(
    moved, directions.place([BRIGHT, SLANTED], code[np.newaxis], np.array([[1.5, -0.5]]))[0]
  )
  np.testing.assert_allclose(sliders.positions(moved), [1.5, -0.5])


def test_an_attribute_that_is_not_moved_stays(sliders):
  code = sliders.draw(2)
  _, slanted = sliders.positions(code)
  moved = sliders.move(code, [2.0, None], [0] * sliders.variations)
  np.testing.assert_allclose(sliders.positions(moved), [2.0, slanted])
  beyond = code + 100 * BRIGHT.unit
  np.testing.assert_allclose(sliders.move(beyond, [None, None], [0] * sliders.variations), beyond)


def test_nothing_goes_beyond_the_sliders_ends(sliders):
  moved = sliders.move(sliders.draw(3), [1e6, -1e6], [0] * sliders.variations)
  np.testing.assert_allclose(sliders.positions(moved), [sliders.limits[0], -sliders.limits[1]])
  far = sliders.move(sliders.draw(3), [0, 0], [1e6] * sliders.variations)
  end = sliders.move(sliders.draw(3), [0, 0], [faces.VARIATION_LIMIT] * sliders.variations)
  np.testing.assert_allclose(far, end)


def test_limits_leave_room_for_the_photos(sliders):
  positions = np.array([sliders.positions(code) for code in generators.codes().codes])
  assert (np.abs(positions) <= sliders.limits).mean() > 0.95
  assert (sliders.limits >= 3).all()


def test_variations_are_the_codes_own_and_move_no_attribute(sliders):
  assert sliders.variations == bright_faces.LATENT - 2
  code = sliders.draw(4)
  own = sliders.positions(code)
  moved = sliders.move(code, [None, None], [1, 0])
  np.testing.assert_allclose(sliders.positions(moved), own, atol=1e-9)
  # The second number varies most, by 2, and is at right angles to both.
  np.testing.assert_allclose(np.abs(moved - code), [0, 2, 0, 0], atol=0.5)


def test_a_face_is_drawn_again_by_its_number(sliders):
  np.testing.assert_array_equal(sliders.draw(5), sliders.draw(5))
  assert not np.allclose(sliders.draw(5), sliders.draw(6))


def test_the_face_follows_the_slider(sliders):
  pictures = [
    sliders.picture(sliders.move(sliders.draw(0), [position, None], [0] * sliders.variations))
    for position in (-1, 0, 1)
  ]
  brightness = [picture.mean() for picture in pictures]
  assert brightness[0] < brightness[1] < brightness[2]
  with Image.open(io.BytesIO(faces.to_png(pictures[1]))) as image:
    np.testing.assert_array_equal(np.asarray(image), pictures[1])


def test_a_photo_has_a_code(sliders):
  photo = io.BytesIO()
  Image.new("RGB", (48, 32), (200, 200, 200)).save(photo, "PNG")
  code = sliders.encode(photo.getvalue())
  assert code[0] == pytest.approx(200 / 255 * 4 - 2, abs=0.01)


def test_directions_along_one_line_share_a_slider(tmp_path):
  twin = generators.direction("Twin", 1, 0, 0.01, 0)
  sliders = generators.sliders(tmp_path, BRIGHT, twin, SLANTED)
  assert sliders.attributes == ["Bright", "Slanted"]
  (note,) = sliders.notes
  assert "Twin" in note and "no slider" in note
  assert np.isfinite(sliders.move(sliders.draw(0), [3, -3], [0] * 2)).all()


def test_without_an_encoder_there_are_directions_only(tmp_path):
  sliders = generators.sliders(tmp_path, BRIGHT, photos=0, signatures=["decode"])
  assert not sliders.has_encoder and sliders.variations == 0
  code = sliders.draw(1)
  assert code.shape == (bright_faces.LATENT,)
  np.testing.assert_allclose(sliders.positions(sliders.move(code, [1.0], [])), [1.0])
