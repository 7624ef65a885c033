"""A notebook that shows a run in TFMA's and TFDV's own views."""

import importlib.util
import json
import pathlib
import shlex
import sys
from collections.abc import Iterator

from pipeline import finished_run, run_folder

FILE = "look_at_a_run.ipynb"
PARAMETERS = "parameters"
"""Tag of the cell that says which run."""
_HERE = pathlib.Path(__file__).parent


def filled_in(folder: run_folder.RunFolder) -> str:
  """The notebook's JSON, with a run in the place of its parameters.

  Args:
    folder: of the run.
  """
  notebook = json.loads((_HERE / FILE).read_text(encoding="utf-8"))
  (cell,) = (cell for cell in notebook["cells"] if PARAMETERS in cell["metadata"].get("tags", ()))
  path = folder.path.absolute()
  values = {"OUTPUT": str(path.parent), "NAME": path.name, "PROJECT": str(_HERE.parents[1])}
  cell["source"] = "\n".join(
    f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in values.items()
  )
  return json.dumps(notebook, indent=1) + "\n"


def put(folder: run_folder.RunFolder) -> Iterator[str]:
  """Puts the notebook into a run's folder and says how to open it.

  One that is there already may hold somebody's work, and stays.

  Args:
    folder: of a finished run.

  Raises:
    UserError: no run was completed there.
  """
  finished_run.open_run(folder)
  target = folder.path / FILE
  if target.exists():
    yield f"{target} is there already; delete it to get a fresh one"
  else:
    run_folder.write_text(target, filled_in(folder))
    yield f"Written to {target}"
  python = shlex.quote(sys.executable)
  if importlib.util.find_spec("jupyterlab") is None:
    yield f"JupyterLab is missing: {python} -m pip install jupyterlab"
  yield f"Open it: {python} -m jupyterlab {shlex.quote(str(target))}"
