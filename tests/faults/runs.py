"""Runs that something happens to while they run."""

import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import Any

import ml_metadata
from ml_metadata.metadata_store import metadata_store

from tests.end_to_end import running

_STARTED = re.compile(r"\[ *\d+/\d+\] (\w+).* \.\.\.$")
_NUMBERS = re.compile(r"(?<=examples-)\d+|[0-9a-f]{64}|(?<=tfevents\.)[^/]*")
"""Of analyzer caches, and of TensorBoard's files."""
_PATIENCE = 600
TRAINED = (
  *running.SMALLEST,
  "generator.image_size=32",
  "generator.latent_size=32",
  "generator.widths=[16, 32, 64]",
  "generator.epochs=100",
  "generator.checkpoint_minutes=0.001",
)
"""With a generator that is trained, for half a minute: long enough for the
gates."""


class Started:
  """`python -m pipeline run` at work, in a process group of its own.

  Attributes:
    seen: components that were begun, in that order.
    lines: of standard error, so far.
  """

  def __init__(
    self,
    arguments: Sequence[str],
    environment: Mapping[str, str] | None = None,
    prefix: Sequence[str] = (),
  ):
    self.seen: list[str] = []
    self.lines: list[str] = []
    self._changed = threading.Condition()
    self._ended = False
    self.process = subprocess.Popen(
      [*prefix, sys.executable, "-m", "pipeline", "run", *arguments],
      cwd=running.ROOT,
      stdout=subprocess.DEVNULL,
      stderr=subprocess.PIPE,
      text=True,
      start_new_session=True,
      env={**os.environ, **running.python_path(), **(environment or {})},
    )
    self._reader = threading.Thread(target=self._read, daemon=True)
    self._reader.start()

  def _read(self) -> None:
    for line in self.process.stderr:
      with self._changed:
        self.lines.append(line.rstrip("\n"))
        started = _STARTED.match(self.lines[-1])
        if started:
          self.seen.append(started[1])
        self._changed.notify_all()
    with self._changed:
      self._ended = True
      self._changed.notify_all()

  def wait_for(self, component: str) -> bool:
    """Waits until a component is begun; False if the run ends without."""
    return self._wait(lambda: component in self.seen)

  def wait_for_line(self, words: str) -> bool:
    """Waits until a line holds these words; False if the run ends without."""
    return self._wait(lambda: any(words in line for line in self.lines))

  def _wait(self, condition) -> bool:
    with self._changed:
      self._changed.wait_for(lambda: condition() or self._ended, _PATIENCE)
      return condition()

  def wait(self, seconds: float) -> None:
    """Waits so long, or until the run ends."""
    with self._changed:
      self._changed.wait_for(lambda: self._ended, seconds)

  def kill(self) -> str:
    """SIGKILL to the whole group; returns the component that was at work, or
    "" if the run was over."""
    try:
      os.killpg(self.process.pid, signal.SIGKILL)
    except ProcessLookupError:
      pass
    return self.seen[-1] if self.end() else ""

  def end(self) -> int:
    """Waits for the end; the exit status."""
    self._reader.join(_PATIENCE)
    status = self.process.wait(_PATIENCE)
    self.process.stderr.close()
    return status

  @property
  def errors(self) -> list[str]:
    """The lines that say what is wrong."""
    return [line for line in self.lines if line.startswith("error: ")]

  def told(self) -> str:
    """The end of what it said, for a test that fails."""
    return "\n".join(self.lines[-30:])


def arguments(
  output: pathlib.Path, name: str, source: Sequence[str], settings: Sequence[str] = running.SMALLEST
) -> list[str]:
  """Of a small run into `output/name`."""
  return [
    *source,
    "--name",
    name,
    "--output",
    str(output),
    *(part for setting in settings for part in ("--set", setting)),
  ]


def evaluation(folder: pathlib.Path) -> dict[str, Any]:
  """What the evaluation of a run came to, without times and places."""
  found = json.loads((folder / "evaluation.json").read_text())
  for name in ("seconds", "cached", "peak_rss_bytes", "peak_rss_bytes_of"):
    found.pop(name)
  return found


def executions(folder: pathlib.Path) -> dict[str, list[str]]:
  """The states of each component's executions, in their order."""
  store = _store(folder)
  types = {kind.id: kind.name for kind in store.get_execution_types()}
  contexts = {
    context.id: context.name for kind in ("node",) for context in store.get_contexts_by_type(kind)
  }
  found: dict[str, list[str]] = {}
  for execution in sorted(store.get_executions(), key=lambda e: e.id):
    nodes = [
      contexts[context.id].rpartition(".")[2]
      for context in store.get_contexts_by_execution(execution.id)
      if context.id in contexts
    ]
    name = nodes[0] if nodes else types[execution.type_id]
    found.setdefault(name, []).append(
      ml_metadata.proto.Execution.State.Name(execution.last_known_state)
    )
  return found


def live_artifacts(folder: pathlib.Path) -> list[pathlib.Path]:
  """Folders of all artifacts that ML Metadata calls live, by it alone."""
  return [
    pathlib.Path(artifact.uri)
    for artifact in _store(folder).get_artifacts()
    if artifact.state == ml_metadata.proto.Artifact.LIVE
  ]


def files(folder: pathlib.Path) -> dict[str, bytes]:
  """Contents by name within a folder."""
  return {
    str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()
  }


_SAME_BYTES = (
  "FaceExampleGen",
  "RealFaceEmbedder",
  "LabeledEmbeddings",
  "SyntheticFaceGen",
  "SyntheticFaceEmbedder",
  "LabelFilter",
  "ExamplesUnion",
)
"""Components whose Examples owe nothing to time and place."""


_AFTER_A_BLESSING = ("LatestBlessedModel", "Evaluator")
"""A run that was killed when it had been blessed finds that there is a blessed
model now to be held against: the Evaluator has a new question."""


def check_complete(folder: pathlib.Path, other: pathlib.Path) -> None:
  """A run that was disturbed came to what another came to, and all that it
  says it has is there.

  Args:
    folder: of the run.
    other: of a run of the same settings and photos that nothing happened to.
  """
  assert evaluation(folder) == evaluation(other)
  states = executions(folder)
  done = {
    name: [state for state in of_name if state == "COMPLETE"] for name, of_name in states.items()
  }
  repeated = [
    name for name, times in done.items() if len(times) > 1 and name not in _AFTER_A_BLESSING
  ]
  assert not repeated, f"finished, and done again: {repeated}"
  for uri in live_artifacts(folder):
    place = uri.relative_to(folder / "tfx")
    component, output = place.parts[:2]
    mine, theirs = files(uri), files(_newest(other, component, output))
    assert _names(mine) == _names(theirs), place
    if component in _SAME_BYTES and "Split-" in "".join(mine):
      assert mine == theirs, place
  (version,) = versions(folder)
  trained = _newest(folder, "Trainer", "model") / "Format-Serving"
  assert files(version) == files(trained)


def _names(found: dict[str, bytes]) -> list[str]:
  """Names of files, without the times and numbers of artifacts in them."""
  return sorted(_NUMBERS.sub("", name) for name in found)


def in_order(log: pathlib.Path) -> list[str]:
  """The components of a run, in the order of their turns."""
  return re.findall(r"(?:Component|node) (\S+) is running\.", log.read_text())


def _newest(folder: pathlib.Path, component: str, output: str) -> pathlib.Path:
  return max((folder / "tfx" / component / output).iterdir(), key=lambda path: int(path.name))


def versions(folder: pathlib.Path) -> list[pathlib.Path]:
  """Pushed models, and what else lies where they lie."""
  return sorted((folder / "model").glob("*"))


def _store(folder: pathlib.Path) -> metadata_store.MetadataStore:
  config = ml_metadata.proto.ConnectionConfig()
  config.sqlite.filename_uri = str(folder / "metadata.sqlite")
  config.sqlite.connection_mode = ml_metadata.proto.SqliteMetadataSourceConfig.READONLY
  return metadata_store.MetadataStore(config)
