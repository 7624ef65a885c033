"""The newest run of a folder: its settings, and where its artifacts are."""

import dataclasses
import pathlib

from components.shared.core import errors
from pipeline import config as config_lib
from pipeline import lineage, metadata_store, run_folder


@dataclasses.dataclass(frozen=True)
class FinishedRun:
  """What ML Metadata knows of the newest run in a folder.

  Attributes:
    folder: of the run.
    config: its settings.
    components: by component id, in the order in which they ran.
  """

  folder: run_folder.RunFolder
  config: config_lib.Config
  components: dict[str, lineage.ComponentRun]

  def has(self, component: str) -> bool:
    """Whether a component was part of the run, and finished."""
    return component in self.components and (self.components[component].complete)

  def artifact(self, component: str, output: str) -> pathlib.Path:
    """The folder of a component's only artifact of that name.

    Raises:
      UserError: the component did not finish, or its folder is gone.
    """
    if not self.has(component):
      raise errors.UserError(
        f"{self.folder.path}: {component} did not finish in the newest run "
        "of this folder; run it again"
      )
    path = pathlib.Path(self.components[component].outputs[output][0])
    if not path.is_dir():
      raise errors.UserError(
        f"{path}: this folder of {component} is gone; a run that was cleaned up has to be run again"
      )
    return path


def open_run(folder: run_folder.RunFolder) -> FinishedRun:
  """Asks ML Metadata for the newest run of a folder in which one was completed.

  Raises:
    UserError: no run was completed there, or ML Metadata can't be asked.
  """
  folder.read_evaluation()  # Says so if no run was completed.
  return newest(folder)


def newest(folder: run_folder.RunFolder) -> FinishedRun:
  """Asks ML Metadata for the newest run of a folder, wherever that ended.

  Raises:
    UserError: ML Metadata can't be asked, or knows of none.
  """
  run_folder.check_path(folder.path)
  config = folder.read_config()
  url = config.runtime.metadata
  metadata_store.prepare(url, folder.metadata)
  # To ask for a file that is not there would make it.
  there = url is not None or folder.metadata.is_file()
  places = folder.places(config)
  components = there and lineage.latest_run(places.metadata, places.pipeline_name, places.root)
  if not components:
    raise errors.UserError(f"{folder.path}: ML Metadata knows nothing of this run; run it again")
  return FinishedRun(folder, config, components)


def find(output: pathlib.Path) -> list[run_folder.RunFolder]:
  """The folders below `output` in which a run was completed, by name.

  Raises:
    UserError: there is none.
  """
  folders = [run_folder.RunFolder(path.parent) for path in sorted(output.glob("*/evaluation.json"))]
  if not folders:
    raise errors.UserError(
      f"{output}: no run was completed here; `python -m pipeline run` makes "
      "one, --output names another folder"
    )
  return folders
