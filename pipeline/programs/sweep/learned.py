"""Whether a run is there that can be swept, told before TensorFlow is imported."""

from components.shared.core import errors
from pipeline import finished_run, run_folder

ALL = "all"
"""In the place of an attribute: every annotation that there is."""


def open_run(
  folder: run_folder.RunFolder, attribute: str | None
) -> tuple[finished_run.FinishedRun, str]:
  """The newest run of a folder, and the attribute to sweep.

  Args:
    folder: of the run.
    attribute: to sweep; None for the first that was learned.

  Raises:
    UserError: no run was completed there, its direction uses all labels, or
      the attribute was not learned, or ML Metadata is not there.
  """
  run = finished_run.open_run(folder)
  learned = run.config.source.attributes
  attribute = attribute or learned[0]
  if attribute not in learned:
    raise errors.UserError(
      f"{folder.path}: this run did not learn {attribute!r}; it learned " + ", ".join(learned)
    )
  if run.config.direction.labels == "pool":
    raise errors.UserError(
      f"{folder.path}: this run's direction uses every label there is "
      "(direction.labels=pool), so numbers of labels can't be compared; "
      "sweep the run of another experiment"
    )
  return run, attribute
