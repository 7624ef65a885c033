"""The models that a run's folder has pushed, and where each came from."""

import dataclasses
import datetime
import hashlib
import json
import pathlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml
from ml_metadata.proto import metadata_store_pb2

from components.shared.artifacts import versions
from components.shared.core import errors
from components.shared.learning import arrays
from pipeline import config as config_lib
from pipeline import lineage, metadata_store, run_folder

_FINGERPRINT, _CODE = "_fingerprint", "code"


@dataclasses.dataclass(frozen=True)
class Model:
  """A pushed version.

  Attributes:
    version: its number.
    pushed: when, ISO 8601 in UTC.
    state: `served`, the highest number; `older`; `withdrawn` by a rollback;
      `gone`, its folder is, and only ML Metadata knows of it.
    copy_of: the version that a rollback made this one of, or None.
    run: name of the pipeline in ML Metadata, or None where that knows nothing
      of this version; so are all that follow but the attributes.
    attributes: that it labels; for each, where they are known, `auc` and
      `accuracy` on hand-labelled photos, `n` of those, and the `ladder`'s AUC
      by step.
    source: the photos.
    labels: the file of annotations; None: beside the photos.
    inputs: fingerprints of photos and annotations, by parameter.
    code: fingerprint of the code of all steps.
    report: folder of the report of its run, if that is there.
  """

  version: int
  pushed: str
  state: str
  copy_of: int | None = None
  run: str | None = None
  attributes: Mapping[str, Any] = dataclasses.field(default_factory=dict)
  source: str | None = None
  labels: str | None = None
  inputs: Mapping[str, str] = dataclasses.field(default_factory=dict)
  code: str | None = None
  report: str | None = None


def connection(
  folder: run_folder.RunFolder, writable: bool = False
) -> metadata_store_pb2.ConnectionConfig | None:
  """How the run's ML Metadata is reached; None where there is none.

  Raises:
    UserError: the database can't be used, or the run's settings are damaged.
  """
  if not folder.config.is_file():
    return None
  config = config_lib.build(config_lib.Config(), folder.config)
  url = config.runtime.metadata
  if url is None and not folder.metadata.is_file():
    return None  # To ask for a file that is not there would make it.
  metadata_store.prepare(url)
  found = metadata_store.connection(url, folder.metadata)
  if url is None and not writable:
    found.sqlite.connection_mode = found.sqlite.READONLY
  return found


def read(folder: run_folder.RunFolder) -> list[Model]:
  """All versions, the newest first.

  Raises:
    UserError: nothing was pushed; ML Metadata can't be used.
  """
  pushed = str(folder.pushed)
  there = versions.numbers(pushed)
  asked = connection(folder)
  known = {} if asked is None else lineage.pushed_models(asked, str(folder.pushed.absolute()))
  # The folder is the truth about what is served; a store may know other folders.
  numbers = sorted({*there, *known}, reverse=True)
  if not numbers:
    folder.latest_pushed()  # Says why there may be none.
  withdrawn = versions.withdrawn(pushed)
  found = []
  for number in numbers:
    original = versions.original_of(pushed, number)
    state = "withdrawn" if original in withdrawn else "older"
    if number not in there:
      state = "gone"
    elif number == there[-1]:
      state = "served"
    found.append(_model(folder, number, state, known.get(original), known.get(number)))
  return found


def _model(
  folder: run_folder.RunFolder,
  number: int,
  state: str,
  made: lineage.PushedModel | None,
  pushed: lineage.PushedModel | None,
) -> Model:
  """One of them.

  Args:
    folder: of the run.
    number: of the version.
    state: see `Model`.
    made: how the model was made, of which this version may be a copy.
    pushed: how this version was.
  """
  path = folder.pushed / str(number)
  rollback = versions.rollback_of(str(path)) if state != "gone" else None
  when = _iso(pushed.milliseconds / 1000 if pushed else number)
  if rollback is not None:
    when = rollback.time
  copy_of = rollback.version if rollback else pushed.copy_of if pushed else None
  if made is None:
    return Model(number, when, state, copy_of, attributes=_attributes_in(path))
  settings = yaml.safe_load(made.config) if made.config else {}
  source = settings.get("source", {})
  report = None if made.report is None else _here(folder, made.report)
  evaluation = _evaluation(report)
  figures = evaluation.get("attributes", {})
  names = list(figures) or source.get("attributes") or list(_attributes_in(path))
  return Model(
    number,
    when,
    state,
    copy_of,
    run=made.pipeline,
    attributes={name: _figures(figures.get(name, {})) for name in names},
    source=source.get("path"),
    labels=source.get("labels"),
    inputs=_fingerprints(made.parameters),
    code=_code(made.parameters),
    report=str(report) if evaluation else None,
  )


def _iso(seconds: float) -> str:
  try:
    when = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
  except (OverflowError, ValueError, OSError):
    return "unknown"  # A number that is no time.
  return when.isoformat(timespec="seconds")


def _here(folder: run_folder.RunFolder, uri: str) -> pathlib.Path:
  """Where an artifact of a run is now, even if its folder was moved."""
  return folder.tfx_root.joinpath(*pathlib.PurePath(uri).parts[-3:])


def _evaluation(report: pathlib.Path | None) -> dict[str, Any]:
  """The run's `evaluation.json`; nothing where it is gone."""
  if report is None or not (report / "evaluation.json").is_file():
    return {}
  return json.loads((report / "evaluation.json").read_text(encoding="utf-8"))


def _figures(evaluated: Mapping[str, Any]) -> dict[str, Any]:
  if not evaluated:
    return {}
  judged = evaluated["hand_labeled"]
  return {
    **{name: judged[name] for name in ("auc", "accuracy", "n") if name in judged},
    "ladder": {step: row["auc"] for step, row in evaluated["ladder"].items()},
  }


def _attributes_in(path: pathlib.Path) -> dict[str, Any]:
  """What a pushed model's own files say; nothing where they are damaged."""
  try:
    found = arrays.read(path) if path.is_dir() else None
  except errors.UserError:
    found = None
  return {name: {} for name in found.committees} if found else {}


def _fingerprints(parameters: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
  return {
    name: value
    for component in parameters.values()
    for name, value in sorted(component.items())
    if name.endswith(_FINGERPRINT)
  }


def _code(parameters: Mapping[str, Mapping[str, str]]) -> str:
  """Changes with the code of any step; hex, 12 digits."""
  digest = hashlib.sha256()
  for component, named in sorted(parameters.items()):
    code = named.get(_CODE)
    if code is None and "custom_config" in named:
      code = (json.loads(named["custom_config"]) or {}).get(_CODE)
    digest.update(f"{component}\0{code}\0".encode())
  return digest.hexdigest()[:12]


def as_json(models: Sequence[Model]) -> str:
  """A list of objects, see `Model`."""
  return json.dumps([dataclasses.asdict(model) for model in models], indent=2)


def as_table(models: Sequence[Model]) -> Iterator[str]:
  """A line for each model, below the names of columns."""
  heads = ("version", "pushed (UTC)", "state", "run", "AUC", "inputs", "code")
  rows = [heads, *map(_row, models)]
  widths = [max(len(row[column]) for row in rows) for column in range(len(heads))]
  for row in rows:
    yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
  newest = models[0]
  if newest.source is not None:
    yield (
      f"{newest.version} learned from {newest.source}, labels "
      f"{newest.labels or 'beside the photos'}; ladder: "
      + "; ".join(
        f"{name} " + ", ".join(f"{step} {auc:.3f}" for step, auc in figures["ladder"].items())
        for name, figures in newest.attributes.items()
        if "ladder" in figures
      )
    )


def _row(model: Model) -> tuple[str, ...]:
  state = model.state if model.copy_of is None else f"{model.state}, is {model.copy_of} again"
  auc = ", ".join(
    f"{name} {figures['auc']:.3f}" if "auc" in figures else name
    for name, figures in model.attributes.items()
  )
  return (
    str(model.version),
    model.pushed[:19].replace("T", " "),
    state,
    model.run or "unknown",
    auc or "unknown",
    ",".join(value[:8] for value in model.inputs.values()) or "unknown",
    model.code or "unknown",
  )
