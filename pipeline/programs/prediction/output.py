"""Predictions as a table for people, as JSON or as CSV."""

import collections
import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pipeline.programs.prediction import prediction

_OF_ATTRIBUTE = ("label", "probability", "uncertain")
BOX = ("left", "top", "right", "bottom")


def as_table(predictions: Iterable[prediction.Prediction]) -> Iterator[str]:
  """Lines for people; photos without labels are not in it."""
  widths: dict[str, int] = {}
  for row in predictions:
    if row.reason is not None:
      continue
    if not widths:
      widths = {name: max(len(name), 5) for name in row.probabilities}
      heads = "  ".join(f"{name:>{width}}  probability" for name, width in widths.items())
      yield f"{heads}  photo"
    figures = "  ".join(
      f"{word(row, name):>{width}}  {row.probabilities[name]:>11.3f}"
      for name, width in widths.items()
    )
    yield f"{figures}  {row.photo}{_which(row)}"


def word(row: prediction.Prediction, attribute: str) -> str:
  """A label for people."""
  return "?" if attribute in row.uncertain else str(row.labels[attribute])


def _which(row: prediction.Prediction) -> str:
  """Which face of the photo it is, if there are several."""
  if row.count == 1:
    return ""
  left, top, right, bottom = (round(side) for side in row.box)
  return (
    f" (face {row.number} of {row.count}: {right - left} x {bottom - top} pixels at {left}, {top})"
  )


class Summary:
  """Counts of what was predicted, and its lines at the end."""

  def __init__(self):
    self._photos = 0
    self._faces = 0
    self._labels: dict[str, collections.Counter] = {}
    self._reasons: collections.Counter[str] = collections.Counter()

  def add(self, row: prediction.Prediction) -> None:
    """Counts a row."""
    if row.reason is not None:
      self._reasons[row.reason] += 1
      return
    self._photos += row.number == row.count
    self._faces += 1
    for name in row.labels:
      self._labels.setdefault(name, collections.Counter())[word(row, name)] += 1

  @property
  def failed(self) -> int:
    """Photos without a label."""
    return self._reasons.total()

  def counts(self) -> dict[str, Any]:
    """All of it, for JSON."""
    return {
      "photos": self._photos,
      "faces": self._faces,
      "labels": {name: dict(of) for name, of in self._labels.items()},
      "reasons": dict(self._reasons),
    }

  def add_counts(self, counts: Mapping[str, Any]) -> None:
    """Adds what another one's `counts` gave."""
    self._photos += counts["photos"]
    self._faces += counts["faces"]
    for name, of in counts["labels"].items():
      self._labels.setdefault(name, collections.Counter()).update(of)
    self._reasons.update(counts["reasons"])

  def lines(self) -> Iterator[str]:
    """For people."""
    yield f"{_many(self._faces, 'face')} in {_many(self._photos, 'photo')}"
    for name, counts in self._labels.items():
      uncertain = f", {counts['?']} uncertain" if counts["?"] else ""
      yield f"{name}: {counts['1']} yes, {counts['0']} no{uncertain}"
    if self._reasons:
      reasons = ", ".join(f"{count} {reason}" for reason, count in self._reasons.most_common())
      yield f"{_many(self.failed, 'photo')} without a label: {reasons}"


def _many(count: int, what: str) -> str:
  return f"{count} {what}{'' if count == 1 else 's'}"


def as_json(predictions: Iterable[prediction.Prediction]) -> Iterator[str]:
  """Lines of one JSON document, a list, an object a face or failed photo."""
  opening = "["
  for row in predictions:
    yield opening if opening == "[" else f"{opening},"
    opening = json.dumps(as_object(row))
  if opening == "[":
    yield "[]"
  else:
    yield opening
    yield "]"


def as_object(row: prediction.Prediction) -> dict[str, Any]:
  """A prediction for JSON; the keys are the same whether there is a label or a
  reason for none."""
  known = row.reason is None
  return {
    "photo": row.photo,
    "face": row.number if known else None,
    "faces": row.count if known else None,
    "faces_found": row.found if known else None,
    "box": row.box and dict(zip(BOX, (round(side, 1) for side in row.box), strict=True)),
    "score": row.score and round(row.score, 4),
    "labels": row.labels if known else None,
    "probabilities": {name: round(value, 6) for name, value in row.probabilities.items()}
    if known
    else None,
    "uncertain": list(row.uncertain) if known else None,
    "reason": row.reason,
  }


def as_csv(
  predictions: Iterable[prediction.Prediction], attributes: Sequence[str]
) -> Iterator[str]:
  """Lines of CSV, a row a face or failed photo, below the names of columns."""
  yield _csv_line(
    [
      "photo",
      "face",
      "faces",
      "faces_found",
      *BOX,
      "score",
      *(f"{kind}_{name}" for name in attributes for kind in _OF_ATTRIBUTE),
      "reason",
    ]
  )
  for row in predictions:
    if row.reason is not None:
      yield _csv_line([row.photo, *[""] * (8 + len(_OF_ATTRIBUTE) * len(attributes)), row.reason])
      continue
    box = [""] * 4 if row.box is None else [f"{side:.1f}" for side in row.box]
    figures = [
      text
      for name in attributes
      for text in (row.labels[name], f"{row.probabilities[name]:.6f}", int(name in row.uncertain))
    ]
    score = "" if row.score is None else f"{row.score:.4f}"
    yield _csv_line([row.photo, row.number, row.count, row.found, *box, score, *figures, ""])


def _csv_line(cells: list[Any]) -> str:
  line = io.StringIO()
  csv.writer(line, lineterminator="").writerow(cells)
  return line.getvalue()
