"""A node of the DAG, as `create_pipeline` configures it, run by itself."""

import pathlib
import shutil
import tempfile
import time
from collections.abc import Mapping

from tfx.dsl.components.base import base_beam_executor, base_executor

from components.shared.data import examples
from pipeline import config as config_lib
from pipeline import dag, places


class Node:
  """An executor with the parameters and Beam options that a run gives it.

  Args:
    config: of the run.
    name: of the node, as the DAG has it.
    others: annotations besides those to learn.

  Attributes:
    name: of the node.
  """

  def __init__(self, config: config_lib.Config, name: str, others: tuple = ()):
    pipeline = dag.create_pipeline(
      config,
      places.Places(pipeline_name=config.name, root="", pushed=""),
      dag.Inputs(photos_fingerprint="", labels_fingerprint="", others=others),
    )
    self.name = name
    (self._node,) = (node for node in pipeline.components if node.id == name)

  def run(self, inputs: Mapping[str, pathlib.Path], output: pathlib.Path) -> float:
    """Runs it, and returns how many seconds that took.

    Args:
      inputs: folders of artifacts by name; of Examples, their splits are
        those that have a folder.
      output: folder of the outputs, one below it for each; replaced.
    """
    shutil.rmtree(output, ignore_errors=True)
    given = {
      name: [_artifact(self._node.inputs[name].type, folder)] for name, folder in inputs.items()
    }
    made = {
      name: [_artifact(channel.type, output / name)] for name, channel in self._node.outputs.items()
    }
    parameters = {
      name: value for name, value in self._node.exec_properties.items() if value is not None
    }
    with tempfile.TemporaryDirectory(dir=output.parent) as scratch:
      executor = self._executor(scratch)
      start = time.perf_counter()
      executor.Do(given, made, parameters)
      return time.perf_counter() - start

  def _executor(self, scratch: str) -> base_executor.BaseExecutor:
    spec = self._node.executor_spec
    kind = spec.executor_class
    if issubclass(kind, base_beam_executor.BaseBeamExecutor):
      return kind(
        kind.Context(
          beam_pipeline_args=list(spec.beam_pipeline_args), tmp_dir=scratch, unique_id="1"
        )
      )
    return kind(kind.Context(tmp_dir=scratch, unique_id="1"))


def _artifact(kind, uri: pathlib.Path):
  uri.mkdir(parents=True, exist_ok=True)
  made = kind()
  made.uri = str(uri)
  if kind.TYPE_NAME == "Examples":
    splits = sorted(path.name.partition("-")[2] for path in uri.glob("Split-*"))
    examples.set_splits(made, splits)
  return made
