"""All runs of an output folder, held against each other."""

import dataclasses
import pathlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from components.report import names, templating
from components.shared.artifacts import ladder_files
from components.shared.core import errors, progress
from components.shared.learning import intervals
from pipeline import changed_settings, finished_run, run_folder

PAGE = "index.html"
_FEWEST = 10
"""Photos of each class that two runs have to share for their difference to be
worth a look."""


@dataclasses.dataclass(frozen=True)
class Row:
  """One run and one attribute that it learned.

  Attributes:
    name: of the run.
    attribute: that was learned.
    started: when, for people; "" of a run by an earlier version.
    evaluation: the content of its `evaluation.json`.
    figures: of the attribute in it.
    scores: of its evaluation photos; None where the file is gone.
    config: its settings, as YAML.
    changes: settings that differ from those of the run it is held against.
    difference: of the pushed steps' AUC from that of the run it is held
      against, and its 95% interval, on the photos that both evaluate on.
    shared: number of those photos.
    failed: whether a later run in this folder failed.
  """

  name: str
  attribute: str
  started: str
  evaluation: dict[str, Any]
  figures: dict[str, Any]
  scores: ladder_files.Scores | None
  config: str
  changes: list[str]
  difference: tuple[float, intervals.Interval] | None
  shared: int
  failed: bool


def read(output: pathlib.Path, against: str | None = None) -> dict[str, list[Row]]:
  """The completed runs of a folder by attribute, the oldest first.

  Args:
    output: the folder that holds the runs.
    against: name of the run that all others are held against; None: the oldest
      of each attribute.

  Raises:
    UserError: no run was completed there, or none of that name.
  """
  rows = [row for folder in finished_run.find(output) for row in _rows(folder)]
  if against is not None and against not in {row.name for row in rows}:
    raise errors.UserError(
      f"--against {against}: no such run in {output}; there are: "
      + ", ".join(sorted({row.name for row in rows}))
    )
  rows.sort(key=lambda row: (row.started, row.name))
  found: dict[str, list[Row]] = {}
  for row in rows:
    found.setdefault(row.attribute, []).append(row)
  return {attribute: _compared(mine, against) for attribute, mine in found.items()}


def lines(output: pathlib.Path, found: dict[str, list[Row]]) -> Iterator[str]:
  """What is printed of them."""
  for attribute, rows in found.items():
    yield f"{attribute}, on each run's hand-labelled photos; differences on those that are shared"
    yield f"  {'run':<20}{'started':<18}{'pushed':<8}{'AUC':<21}{'accuracy':<21}difference in AUC"
    for row in rows:
      hand_labeled = row.figures["hand_labeled"]
      yield (
        f"  {row.name:<20}{row.started:<18}{'yes' if row.evaluation['blessed'] else 'no':<8}"
        f"{_shown(hand_labeled, 'auc'):<21}{_shown(hand_labeled, 'accuracy'):<21}{compared(row)}"
      )
      for change in row.changes:
        yield f"      {change}"
      if row.failed:
        yield "      a later run in this folder failed"
    yield ""
  yield f"Look at {output / PAGE}"


def compared(row: Row) -> str:
  """A run's difference in words, blank for the run that all are held against."""
  if row.difference is None:
    return f"{row.shared} shared photos are too few" if row.shared >= 0 else ""
  value, (low, high) = row.difference
  said = "better" if low > 0 else "worse" if high < 0 else "no clear difference"
  return f"{value:+.3f} [{low:+.3f}, {high:+.3f}], {said} ({row.shared} photos)"


def write_page(output: pathlib.Path, against: str | None = None) -> None:
  """Writes `index.html` of a folder of runs.

  It is made after every run: what goes wrong with it is said, and the run has
  ended well all the same.
  """
  try:
    found = read(output, against)
    page = templating.environment().get_template("runs.html.j2")
    html = page.render(
      runs=found, compared=compared, name_of=names.of_step, labels_only=names.LABELS_ONLY
    )
    run_folder.write_text(output / PAGE, html)
  except (errors.UserError, OSError, KeyError, ValueError) as error:
    progress.note(f"{output / PAGE}: could not be made ({type(error).__name__}: {error})")


def _rows(folder: run_folder.RunFolder) -> Iterator[Row]:
  evaluation = folder.read_evaluation()
  scores = ladder_files.read_scores(str(folder.scores)) if folder.scores.is_file() else {}
  for attribute, figures in evaluation["attributes"].items():
    yield Row(
      name=folder.path.name,
      attribute=attribute,
      started=evaluation.get("started", ""),
      evaluation=evaluation,
      figures=figures,
      scores=scores.get(attribute),
      config=folder.config.read_text(encoding="utf-8"),
      changes=[],
      difference=None,
      shared=-1,
      failed=folder.failure.exists(),
    )


def _compared(rows: Sequence[Row], against: str | None) -> list[Row]:
  base = next((row for row in rows if row.name == against), rows[0])
  return [row if row is base else _against(row, base) for row in rows]


def _against(row: Row, base: Row) -> Row:
  changes = changed_settings.changes(row.config, base.config)
  if row.scores is None or base.scores is None:
    return dataclasses.replace(row, changes=changes, shared=0)
  theirs = {
    image_id: (label, probability)
    for image_id, label, probability in zip(
      base.scores.image_ids,
      base.scores.labels,
      base.scores.by_step[base.figures["step"]],
      strict=True,
    )
  }
  shared = [
    (label, probability, theirs[image_id][1])
    for image_id, label, probability in zip(
      row.scores.image_ids, row.scores.labels, row.scores.by_step[row.figures["step"]], strict=True
    )
    # A photo that was labelled anew is another question.
    if image_id in theirs and theirs[image_id][0] == label
  ]
  labels, ours, others = np.array(shared).T if shared else np.zeros([3, 0])
  enough = min((labels == 1).sum(), (labels == 0).sum()) >= _FEWEST
  return dataclasses.replace(
    row,
    changes=changes,
    difference=intervals.of_auc_difference(labels, ours, others) if enough else None,
    shared=len(shared),
  )


def _shown(figures: dict[str, Any], name: str) -> str:
  low, high = figures[f"{name}_ci95"]
  return f"{figures[name]:.3f} [{low:.2f}, {high:.2f}]"
