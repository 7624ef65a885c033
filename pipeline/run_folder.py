"""The folder of a run: whose it is, and what lies where."""

import contextlib
import dataclasses
import fcntl
import json
import os
import pathlib
import re
import tempfile
import urllib.parse
import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from components.shared.core import errors, regular_file
from pipeline import metadata_url

if TYPE_CHECKING:  # What labels or predicts knows no settings and no ML Metadata.
  from pipeline import config as config_lib
  from pipeline import places as places_lib

_OWNER_FILE = "run.json"
_MOST_BYTES = 50 << 20


@dataclasses.dataclass(frozen=True)
class RunFolder:
  """Paths below `output/<name>/`."""

  path: pathlib.Path

  @property
  def tfx_root(self) -> pathlib.Path:
    """TFX's artifacts, one folder a component."""
    return self.path / "tfx"

  @property
  def metadata(self) -> pathlib.Path:
    """ML Metadata's SQLite file."""
    return self.path / "metadata.sqlite"

  @property
  def checkpoints(self) -> pathlib.Path:
    """What an interrupted training resumes from."""
    return self.path / "checkpoints"

  @property
  def pushed(self) -> pathlib.Path:
    """Pushed models, one folder a version."""
    return self.path / "model"

  @property
  def report(self) -> pathlib.Path:
    """The page's folder."""
    return self.path / "report"

  @property
  def evaluation(self) -> pathlib.Path:
    """The figures of the last complete run."""
    return self.path / "evaluation.json"

  @property
  def scores(self) -> pathlib.Path:
    """What the last complete run's steps said of the evaluation photos."""
    return self.path / "scores.csv"

  @property
  def failure(self) -> pathlib.Path:
    """Why the last run failed; absent if it did not."""
    return self.path / "failure.json"

  @property
  def config(self) -> pathlib.Path:
    """The settings of the last run."""
    return self.path / "config.yaml"

  @property
  def sweep(self) -> pathlib.Path:
    """Ladders by number of labels."""
    return self.path / "sweep"

  def swept(self, attribute: str, first: str) -> pathlib.Path:
    """The table of an attribute's sweep; that of the run's first attribute is
    at the top, others have their own folders."""
    place = (
      self.sweep if attribute == first else self.sweep / urllib.parse.quote(attribute, safe="")
    )
    return place / "sweep.json"

  @property
  def log(self) -> pathlib.Path:
    """Everything that TFX, Beam and TensorFlow had to say."""
    return self.path / "run.log"

  def places(self, config: "config_lib.Config") -> "places_lib.Places":
    """What the pipeline has to be told about this folder.

    Args:
      config: of the run that has claimed the folder.
    """
    from pipeline import metadata_store
    from pipeline import places as places_lib

    return places_lib.Places(
      pipeline_name=self._pipeline_name(config),
      root=str(self.tfx_root.absolute()),
      pushed=str(self.pushed.absolute()),
      checkpoints=str(self.checkpoints.absolute()),
      metadata=metadata_store.connection(config.runtime.metadata, self.metadata),
    )

  def _pipeline_name(self, config: "config_lib.Config") -> str:
    """The run's name in ML Metadata: its first, whatever its folder is called now.

    A server may know runs of that name from other machines, or from a folder
    that was deleted: what they made is not here. The folder's id keeps them
    apart.
    """
    try:
      owner = _read_object(self.path / _OWNER_FILE)
    except FileNotFoundError:
      owner = {}
    name = owner.get("name", config.name)
    # TFX takes 63 characters.
    return name if config.runtime.metadata is None else f"{name[:54]}-{owner['id']}"

  def _first_name(self, config: "config_lib.Config") -> str:
    """Of a folder whose owner's file doesn't say it."""
    try:
      return self.read_config().name
    except errors.UserError:
      return config.name

  def read_config(self) -> "config_lib.Config":
    """The settings of the last run.

    Raises:
      UserError: they can't be read, or are another version's.
    """
    from pipeline import config as config_lib

    try:
      return config_lib.build(config_lib.Config(), self.config)
    except errors.UserError as error:
      raise errors.UserError(
        f"{error}; if another version of this program wrote it, use that one, or another --name"
      ) from None

  def read_evaluation(self) -> dict[str, Any]:
    """The content of `evaluation.json`.

    Raises:
      UserError: no run was completed here.
    """
    try:
      return _read_object(self.evaluation)
    except FileNotFoundError:
      raise errors.UserError(
        f"{self.evaluation}: no such file; no run was completed here, "
        "`python -m pipeline run` makes one"
      ) from None
    except ValueError:
      raise errors.UserError(
        f"{self.evaluation}: is damaged; `python -m pipeline run` makes it again"
      ) from None

  def latest_pushed(self) -> pathlib.Path:
    """The newest pushed model.

    Raises:
      UserError: nothing was pushed.
    """
    versions = [p for p in self.pushed.glob("*") if re.fullmatch("[0-9]{1,18}", p.name)]
    if not versions:
      raise errors.UserError(
        f"{self.pushed}: no model was pushed; run the pipeline first, or "
        "read in its report why the model was not blessed"
      )
    return max(versions, key=lambda p: int(p.name))


def check(config: "config_lib.Config") -> None:
  """Whether a run's folder may be claimed, as far as can be told by looking.

  Raises:
    UserError: as `claimed`.
  """
  path = RunFolder(config.folder).path
  try:
    _check_owner(path, _owner(config))
  except OSError as error:
    raise _unwritable(path, error) from None


def check_path(path: pathlib.Path) -> None:
  """Whether what lies below a path can be found by TFX, Beam and TensorFlow.

  Raises:
    UserError: it can't.
  """
  if re.search(r"[\[?*]", str(path.absolute())):
    raise errors.UserError(
      f"{path.absolute()}: TFX and Beam take `[`, `?` and `*` in a path for patterns of names; "
      "choose another --output or --name, or rename the folder"
    )


@contextlib.contextmanager
def claimed(config: "config_lib.Config") -> Iterator[RunFolder]:
  """The run's folder, made if need be, held against other processes.

  Raises:
    UserError: the folder's path is none for TFX, it holds something else, belongs to another
      source, attribute or database, is in use, or can't be written.
  """
  folder = RunFolder(config.folder)
  owner = _owner(config)
  try:
    found = _check_owner(folder.path, owner)
    folder.path.mkdir(parents=True, exist_ok=True)
  except OSError as error:
    raise _unwritable(folder.path, error) from None
  with held(folder.path):
    owner["id"] = found.get("id", uuid.uuid4().hex[:8])
    owner["name"] = found.get("name") or folder._first_name(config)
    write_text(folder.path / _OWNER_FILE, json.dumps(owner, indent=2) + "\n")
    from pipeline import config as config_lib

    write_text(folder.config, config_lib.to_yaml(config))
    yield folder


@contextlib.contextmanager
def held(path: pathlib.Path) -> Iterator[None]:
  """A run's folder, held against other processes.

  Raises:
    UserError: it is in use, or can't be written.
  """
  try:
    lock = open(path / ".lock", "w")
  except OSError as error:
    raise _unwritable(path, error) from None
  with lock:
    try:
      fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
      raise errors.UserError(
        f"{path}: another run is at work in this folder; wait for it or choose another --name"
      ) from None
    yield


def write_text(path: pathlib.Path, text: str) -> None:
  """Writes a file whole or not at all."""
  write_bytes(path, text.encode())


def write_bytes(path: pathlib.Path, content: bytes) -> None:
  """Writes a file whole or not at all."""
  with tempfile.NamedTemporaryFile(
    "wb", dir=path.parent, prefix=f".{path.name}-", delete=False
  ) as file:
    file.write(content)
  os.chmod(file.name, 0o644)
  os.replace(file.name, path)


def _read_object(path: pathlib.Path) -> dict[str, Any]:
  """What a small file of JSON holds.

  Raises:
    OSError: it can't be read.
    ValueError: it is damaged.
  """
  try:
    found = json.loads(regular_file.read(path, _MOST_BYTES))
  except RecursionError:
    raise ValueError("nested too deep") from None
  if not isinstance(found, dict):
    raise ValueError("no object")
  return found


def _unwritable(path: pathlib.Path, error: OSError) -> errors.UserError:
  return errors.UserError(
    f"{path}: can't be written ({error.strerror}); choose another folder with --output"
  )


def _owner(config: "config_lib.Config") -> dict[str, Any]:
  """What all runs in a folder have in common."""
  url = config.runtime.metadata
  # Folders of artifacts bear numbers that each database counts by itself.
  return {
    "source": config.source.path,
    "labels": config.source.labels,
    "attributes": list(config.source.attributes),
    "metadata": None if url is None else metadata_url.parse(url).place,
  }


def _check_owner(path: pathlib.Path, owner: dict[str, Any]) -> dict[str, Any]:
  """What is known of the run whose folder it is; nothing of a new one."""
  check_path(path)
  if not path.exists():
    return {}
  if not path.is_dir():
    raise errors.UserError(
      f"{path}: there is a file where the run's folder should be; choose another --name or --output"
    )
  marker = path / _OWNER_FILE
  if not marker.exists():
    if any(p.name != ".lock" for p in path.iterdir()):
      raise errors.UserError(
        f"{path}: this folder holds something that is not a run; choose another --name or --output"
      )
    return {}
  try:
    found = _read_object(marker)
    if not re.fullmatch("[0-9a-f]{8}", found.get("id", "0" * 8)):
      raise ValueError("no id")
    if not isinstance(found.get("name", ""), str):
      raise ValueError("no name")
  except (ValueError, TypeError):
    raise errors.UserError(
      f"{marker}: is damaged; delete the folder {path} or choose another --name"
    ) from None
  for key, value in owner.items():
    if found.get(key) != value:
      raise errors.UserError(
        f"{path}: belongs to another run, whose {key} is "
        f"{errors.shown(repr(found.get(key)), 300)} and not {value!r}; "
        "choose another --name"
      )
  return found
