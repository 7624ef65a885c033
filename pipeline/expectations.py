"""How long a run will take, and how sure its figures will be, before it starts."""

import collections
import json
import math
from collections.abc import Iterable, Sequence

from components.shared.data import feature_names, splits
from pipeline import places as places_lib
from pipeline import run_folder

_TYPICAL_ACCURACY = 0.85
_Z = 1.96


def seconds(folder: run_folder.RunFolder, places: places_lib.Places) -> dict[str, float]:
  """What components took when they last did their work, by id.

  From ML Metadata; what that does not know, from other runs beside this one.

  Args:
    folder: of the run.
    places: of the run; where its ML Metadata is.
  """
  found: dict[str, float] = {}
  others = folder.path.parent.glob("*/evaluation.json")
  for path in sorted(others, key=lambda path: path.stat().st_mtime):
    try:
      content = json.loads(path.read_text(encoding="utf-8"))
      took = {
        name: float(value)
        for name, value in content["seconds"].items()
        if name not in content["cached"]
      }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
      continue  # The run that it is of will be told.
    found.update(took)
  if folder.metadata.is_file() or places.metadata and not places.metadata.HasField("sqlite"):
    from pipeline import lineage  # ML Metadata's library is not needed to look ahead.

    found.update(lineage.usual_seconds(places.metadata, places.pipeline_name))
  return found


def of_labels(attributes: Sequence[str], assigned: Iterable[splits.Assigned]) -> list[str]:
  """How many labels teach and how many evaluate, and what that is good for.

  Args:
    attributes: that are learned, in the order of the labels.
    assigned: each photo's place.
  """
  counts = collections.Counter(
    (attribute, photo.split)
    for photo in assigned
    if photo.split in (feature_names.LABELED, feature_names.HAND_LABELED)
    for attribute, label in zip(attributes, photo.labels, strict=True)
    if label is not None
  )
  lines = []
  for attribute in attributes:
    teach = counts[attribute, feature_names.LABELED]
    evaluate = counts[attribute, feature_names.HAND_LABELED]
    if evaluate:
      half = _Z * math.sqrt(_TYPICAL_ACCURACY * (1 - _TYPICAL_ACCURACY) / evaluate)
      lines.append(
        f"{attribute}: {teach + evaluate} labels: {teach} teach, {evaluate} evaluate; the "
        f"accuracy's 95% interval will reach about {half:.2f} either way"
      )
  return lines
