"""The faces of a photo that are to be labelled."""

import dataclasses

from components.shared import assets
from components.shared.data import photos as photos_lib
from components.shared.face_finder import extraction
from components.shared.face_finder import finder as finder_lib
from pipeline.programs.prediction import prediction

NO_FACE = "no face was found"


@dataclasses.dataclass(frozen=True, eq=False)
class FaceOfPhoto:
  """One of them.

  Attributes:
    jpeg: of an aligned face.
    box: around the face in the photo; None where none was looked for.
    score: how sure the finder is of it.
    found: how many faces the photo shows.
  """

  jpeg: bytes
  box: prediction.Box | None = None
  score: float | None = None
  found: int = 1


def load_finder() -> finder_lib.FaceFinder:
  """The finder, fetched if it is not there yet.

  Raises:
    UserError: it can't be fetched, or needs a package that is missing.
  """
  return finder_lib.FaceFinder(assets.face_finder())


def of_photo(
  photo: bytes, finder: finder_lib.FaceFinder | None, largest: bool, for_tensorflow: bool
) -> list[FaceOfPhoto]:
  """The faces of a photo, the largest first.

  Args:
    photo: an encoded photo.
    finder: finds them; None takes the photo for an aligned face.
    largest: whether the largest is enough.
    for_tensorflow: whether TensorFlow will have to read the JPEGs, which knows
      fewer kinds. If not, pixels that are cut off may go unnoticed here.

  Raises:
    PhotoError: it can't be read, or holds no face.
  """
  if finder is None:
    return [FaceOfPhoto(_whole(photo, for_tensorflow))]
  pixels = photos_lib.to_pixels(photo)
  found = extraction.extract(finder, pixels, largest)
  if not found:
    raise photos_lib.PhotoError(NO_FACE)
  return [
    FaceOfPhoto(
      _whole(photo, for_tensorflow)
      if face.aligned is None
      else photos_lib.from_pixels(face.aligned),
      face.face.box,
      face.face.score,
      face.found,
    )
    for face in found
  ]


def _whole(photo: bytes, for_tensorflow: bool) -> bytes:
  """A photo as a JPEG; decoded no more often than need be."""
  if not for_tensorflow and photos_lib.is_plain_jpeg(photo):
    return photo
  return photos_lib.to_jpeg(photo)
