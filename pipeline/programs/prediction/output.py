"""Predictions as a table for people, as JSON or as CSV."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pipeline.programs.prediction import prediction

_BOX = ("left", "top", "right", "bottom")


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
      f"{row.labels[name]:>{width}}  {row.probabilities[name]:>11.3f}"
      for name, width in widths.items()
    )
    yield f"{figures}  {row.photo}{_which(row)}"


def _which(row: prediction.Prediction) -> str:
  """Which face of the photo it is, if there are several."""
  if row.count == 1:
    return ""
  left, top, right, bottom = (round(side) for side in row.box)
  return (
    f" (face {row.number} of {row.count}: {right - left} x {bottom - top} pixels at {left}, {top})"
  )


def as_json(predictions: Iterable[prediction.Prediction]) -> Iterator[str]:
  """Lines of one JSON document, a list, an object a face or failed photo."""
  opening = "["
  for row in predictions:
    yield opening if opening == "[" else f"{opening},"
    opening = json.dumps(_object(row))
  if opening == "[":
    yield "[]"
  else:
    yield opening
    yield "]"


def _object(row: prediction.Prediction) -> dict[str, Any]:
  found: dict[str, Any] = {"photo": row.photo}
  if row.reason is None:
    found.update(
      face=row.number,
      faces=row.count,
      box=row.box and dict(zip(_BOX, (round(side, 1) for side in row.box), strict=True)),
      score=row.score and round(row.score, 4),
      labels=row.labels,
      probabilities={name: round(value, 6) for name, value in row.probabilities.items()},
    )
  found["reason"] = row.reason
  return found


def as_csv(
  predictions: Iterable[prediction.Prediction], attributes: Sequence[str]
) -> Iterator[str]:
  """Lines of CSV, a row a face or failed photo, below the names of columns."""
  yield _csv_line(
    [
      "photo",
      "face",
      "faces",
      *_BOX,
      "score",
      *(f"{kind}_{name}" for name in attributes for kind in ("label", "probability")),
      "reason",
    ]
  )
  for row in predictions:
    if row.reason is not None:
      yield _csv_line([row.photo, *[""] * (7 + 2 * len(attributes)), row.reason])
      continue
    box = [""] * 4 if row.box is None else [f"{side:.1f}" for side in row.box]
    figures = [
      text for name in attributes for text in (row.labels[name], f"{row.probabilities[name]:.6f}")
    ]
    score = "" if row.score is None else f"{row.score:.4f}"
    yield _csv_line([row.photo, row.number, row.count, *box, score, *figures, ""])


def _csv_line(cells: list[Any]) -> str:
  line = io.StringIO()
  csv.writer(line, lineterminator="").writerow(cells)
  return line.getvalue()
