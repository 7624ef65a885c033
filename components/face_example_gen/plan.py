"""Everything about the photos that is known before one of them is opened."""

import hashlib
from typing import List, NamedTuple, Tuple

from components.face_example_gen import annotations
from components.face_example_gen import settings as settings_lib
from components.face_example_gen import source
from components.face_example_gen import sources
from components.face_example_gen import splits as splits_lib


class Plan(NamedTuple):
  """A checked source and each photo's place.

  Attributes:
    source: where to read the photos.
    attributes: names of the annotations to learn, in the order of
      `Assigned.labels`.
    others: names of the further ones, in the order of `Assigned.others`.
    assigned: one element for each photo.
  """
  source: source.Source
  attributes: Tuple[str, ...]
  others: Tuple[str, ...]
  assigned: List[splits_lib.Assigned]


def make(settings: settings_lib.SourceSettings,
         splits: settings_lib.SplitSettings) -> Plan:
  """Opens the source, reads all annotations and divides the photos.

  Raises:
    UserError: anything that is wrong with them and can be seen without
      decoding a photo; nothing has been written by then.
  """
  opened = sources.open_source(settings)
  return Plan(
      opened, settings.attributes,
      tuple(a for a in opened.attributes if a not in settings.attributes),
      splits_lib.assign_splits(opened.rows(), settings.attributes, splits))


def fingerprint(settings: settings_lib.SourceSettings,
                splits: settings_lib.SplitSettings) -> str:
  """Changes with any photo, the annotations and the files of `@FILE`.

  Returns:
    Hex, 16 digits.

  Raises:
    UserError: the source cannot be opened.
  """
  digest = hashlib.sha256(sources.open_source(settings).fingerprint().encode())
  for choice in (splits.hand_labeled, splits.labeled):
    if choice is not None and choice.startswith("@"):
      digest.update(annotations.AnnotationFile(choice[1:]).digest().encode())
  return digest.hexdigest()[:16]
