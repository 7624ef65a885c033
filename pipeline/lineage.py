"""What ML Metadata knows of the runs of pipelines."""

import dataclasses
import os
import pathlib
from collections.abc import Iterable, Iterator
from typing import Any

from ml_metadata import errors as mlmd_errors
from ml_metadata.metadata_store import metadata_store
from ml_metadata.proto import metadata_store_pb2

_State = metadata_store_pb2.Execution.State
_Event = metadata_store_pb2.Event
_ENGINE = "components.Engine"
"""`artifacts.Engine.TYPE_NAME`; TFX takes seconds to import."""
_REPORT = "components.report.component.Report"
_CONFIG = "config"
_MOST_EXECUTIONS = 20
"""Of a component, that are looked through for one that was not cached."""
_ROLLBACK = "components.Rollback"
_ROLLED_BACK_TO = "version"

Uris = dict[str, list[str]]
"""Of artifacts, by the name of an input or output."""


@dataclasses.dataclass(frozen=True)
class ComponentRun:
  """One component of a run.

  Attributes:
    seconds: from its start to its end; nothing but the look-up when cached.
    state: as ML Metadata calls it: COMPLETE, CACHED, FAILED, RUNNING, ...
    inputs: what it read.
    outputs: what it made or took.
    parameters: what it was given besides.
  """

  seconds: float
  state: str
  inputs: Uris
  outputs: Uris
  parameters: dict[str, str]

  @property
  def cached(self) -> bool:
    """An earlier result was taken."""
    return self.state == "CACHED"

  @property
  def complete(self) -> bool:
    """It succeeded, or was cached."""
    return self.state in ("COMPLETE", "CACHED")


@dataclasses.dataclass(frozen=True)
class PipelineRun:
  """A run, as far as its end tells.

  Attributes:
    pipeline: its name.
    milliseconds: when it started, since 1970.
    seconds: until its last component ended.
    complete: no component failed, and there is a report.
    report: the URI of its report, or None.
    config: its settings as YAML, or None.
  """

  pipeline: str
  milliseconds: int
  seconds: float
  complete: bool
  report: str | None
  config: str | None


def here(uri: str, root: str | None) -> str:
  """Where an artifact is, even if the folder of its run was moved or copied.

  Args:
    uri: as ML Metadata has it: `<root>/<component>/<output>/<execution>`, of the root that was.
    root: of the artifacts now; None to leave it.
  """
  parts = pathlib.PurePath(uri).parts[-3:]
  inside = root and os.path.join(root, *parts)
  return inside if inside and len(parts) == 3 and os.path.exists(inside) else uri


def bring_along(
  connection: metadata_store_pb2.ConnectionConfig, pipeline_name: str, root: str
) -> int:
  """Tells ML Metadata where a pipeline's artifacts are now, if their folder was moved.

  Returns:
    How many have another place than it knew.
  """
  store = metadata_store.MetadataStore(connection)
  pipeline = _pipeline(store, pipeline_name)
  moved = []
  for artifact in store.get_artifacts_by_context(pipeline.id) if pipeline else ():
    place = here(artifact.uri, root)
    if place != artifact.uri:
      artifact.uri = place
      moved.append(artifact)
  if moved:
    store.put_artifacts(moved)
  return len(moved)


def latest_run(
  connection: metadata_store_pb2.ConnectionConfig, pipeline_name: str, root: str | None = None
) -> dict[str, ComponentRun]:
  """The components of the newest run, in the order in which they ran.

  Args:
    connection: to ML Metadata.
    pipeline_name: under which it knows the pipeline.
    root: of its artifacts, as far as they may have been moved; see `here`.

  Returns:
    By component id; empty when there was no run.
  """
  store = metadata_store.MetadataStore(connection)
  pipeline = _pipeline(store, pipeline_name)
  newest = pipeline and store.get_executions_by_context(
    pipeline.id,
    metadata_store.ListOptions(limit=1, order_by=metadata_store.OrderByField.ID, is_asc=False),
  )
  if not newest:
    return {}
  run = next(
    context
    for context in store.get_contexts_by_execution(newest[0].id)
    if context.type == "pipeline_run"
  )
  executions = sorted(store.get_executions_by_context(run.id), key=lambda execution: execution.id)
  return {
    _component_id(store, execution, pipeline_name): _component_run(store, execution, root)
    for execution in executions
  }


def usual_seconds(
  connection: metadata_store_pb2.ConnectionConfig, pipeline_name: str
) -> dict[str, float]:
  """What each component of a pipeline took when it last did its work.

  Returns:
    Seconds by component id, without those that only ever came from the cache.
  """
  store = metadata_store.MetadataStore(connection)
  try:
    nodes = store.get_contexts_by_type("node")
  except mlmd_errors.NotFoundError:
    return {}
  found = {}
  for node in nodes:
    name = node.name.removeprefix(f"{pipeline_name}.")
    if name == node.name:
      continue
    newest = metadata_store.ListOptions(
      limit=_MOST_EXECUTIONS, order_by=metadata_store.OrderByField.ID, is_asc=False
    )
    for execution in store.get_executions_by_context(node.id, newest):
      if execution.last_known_state == _State.COMPLETE:
        found[name] = _seconds(execution)
        break
  return found


def newest_runs(
  connection: metadata_store_pb2.ConnectionConfig, most: int, root: str | None = None
) -> list[PipelineRun]:
  """The newest runs of all pipelines in the store, newest first.

  Args:
    connection: to ML Metadata.
    most: how many.
    root: as `latest_run`.
  """
  store = metadata_store.MetadataStore(connection)
  try:
    runs = store.get_contexts_by_type("pipeline_run")
  except mlmd_errors.NotFoundError:
    return []
  # By number: a clock may have been put back in between.
  runs = sorted(runs, key=lambda run: run.id, reverse=True)[:most]
  found = [_pipeline_run(store, run, root) for run in runs]
  return [run for run in found if run is not None]


def upstream(components: dict[str, ComponentRun], component: str) -> Iterator[str]:
  """A component and all whose outputs it goes back to, in the run's order."""
  makers = {
    uri: name for name, run in components.items() for uris in run.outputs.values() for uri in uris
  }
  needed, open_ = set(), [component]
  while open_:
    name = open_.pop()
    if name not in needed and name in components:
      needed.add(name)
      open_.extend(
        makers[uri] for uris in components[name].inputs.values() for uri in uris if uri in makers
      )
  return (name for name in components if name in needed)


@dataclasses.dataclass(frozen=True)
class Embedder:
  """What embeds photos as those were that a model learned from.

  Attributes:
    network: URI of the face network, which is within the model.
    engine: URI of the engine that was made of it.
  """

  network: str
  engine: str


def embedder_of(
  connection: metadata_store_pb2.ConnectionConfig, version: str, root: str | None = None
) -> Embedder | None:
  """What embedded the photos of a pushed model.

  Args:
    connection: to ML Metadata.
    version: the pushed model's; its folder's name.
    root: as `latest_run`.

  Returns:
    None where ML Metadata doesn't know that model, or not all it came from.
  """
  store = metadata_store.MetadataStore(connection)
  for pushed in _by_type(store, "PushedModel"):
    if pushed.custom_properties["pushed_version"].string_value == version:
      # Not what the model was held against, which has an engine of its own.
      model = _inputs(store, _makers(store, {pushed.id}), "model")
      networks = _inputs(store, _makers(store, model), "base_model")
      engines = _ancestors(store, model).intersection(
        engine.id for engine in _by_type(store, _ENGINE)
      )
      made_of = _inputs(store, _makers(store, engines), "network")
      if len(engines) == len(networks) == 1 and made_of == networks:
        return Embedder(
          network=here(_uri(store, networks), root), engine=here(_uri(store, engines), root)
        )
  return None


def _pipeline(store: metadata_store.MetadataStore, name: str) -> metadata_store_pb2.Context | None:
  """Runs don't say whose they are; other pipelines may be in the same store."""
  try:
    return store.get_context_by_type_and_name("pipeline", name)
  except mlmd_errors.NotFoundError:
    return None


def _by_type(store: metadata_store.MetadataStore, name: str) -> list[metadata_store_pb2.Artifact]:
  try:
    return store.get_artifacts_by_type(name)
  except mlmd_errors.NotFoundError:
    return []


def _uri(store: metadata_store.MetadataStore, artifact: set[int]) -> str:
  return store.get_artifacts_by_id(artifact)[0].uri


def _makers(store: metadata_store.MetadataStore, artifact_ids: set[int]) -> set[int]:
  """The executions that gave artifacts; those that only looked them up, too."""
  return {
    event.execution_id
    for event in store.get_events_by_artifact_ids(artifact_ids)
    if event.type == _Event.OUTPUT
  }


def _inputs(
  store: metadata_store.MetadataStore, execution_ids: Iterable[int], name: str | None = None
) -> set[int]:
  """The artifacts that executions took, or one of their inputs."""
  return {
    event.artifact_id
    for event in store.get_events_by_execution_ids(execution_ids)
    if event.type == _Event.INPUT and (name is None or event.path.steps[0].key == name)
  }


def _ancestors(store: metadata_store.MetadataStore, artifact_ids: set[int]) -> set[int]:
  """All artifacts that artifacts came from."""
  found: set[int] = set()
  newest = artifact_ids
  while newest:
    newest = _inputs(store, _makers(store, newest)) - found
    found |= newest
  return found


def _component_id(
  store: metadata_store.MetadataStore, execution: metadata_store_pb2.Execution, pipeline_name: str
) -> str:
  names = [
    context.name
    for context in store.get_contexts_by_execution(execution.id)
    if context.type == "node"
  ]
  return names[0][len(pipeline_name) + 1 :]


def _component_run(
  store: metadata_store.MetadataStore, execution: metadata_store_pb2.Execution, root: str | None
) -> ComponentRun:
  inputs, outputs = _artifacts(store, execution.id, root)
  return ComponentRun(
    seconds=_seconds(execution),
    state=_State.Name(execution.last_known_state),
    inputs=inputs,
    outputs=outputs,
    parameters={
      name: _text(value)
      for name, value in sorted(execution.custom_properties.items())
      if not name.startswith("__")
    },
  )


def _seconds(execution: metadata_store_pb2.Execution) -> float:
  milliseconds = execution.last_update_time_since_epoch - execution.create_time_since_epoch
  return max(0, milliseconds) / 1000


def _text(value: metadata_store_pb2.Value) -> str:
  kind = value.WhichOneof("value")
  return "" if kind is None else str(getattr(value, kind))


def _artifacts(
  store: metadata_store.MetadataStore, execution_id: int, root: str | None
) -> tuple[Uris, Uris]:
  named = [
    (event.type, event.path.steps[0].key, event.artifact_id)
    for event in store.get_events_by_execution_ids([execution_id])
    if event.path.steps
  ]
  uris = {
    artifact.id: here(artifact.uri, root)
    for artifact in store.get_artifacts_by_id([artifact_id for _, _, artifact_id in named])
  }
  inputs: Uris = {}
  outputs: Uris = {}
  for kind, name, artifact_id in named:
    side = {_Event.INPUT: inputs, _Event.OUTPUT: outputs}.get(kind)
    if side is not None:
      side.setdefault(name, []).append(uris[artifact_id])
  return inputs, outputs


def _pipeline_run(
  store: metadata_store.MetadataStore, run: metadata_store_pb2.Context, root: str | None
) -> PipelineRun | None:
  executions = store.get_executions_by_context(run.id)
  if not executions:
    return None
  pipeline = next(
    (
      context.name
      for context in store.get_contexts_by_execution(executions[0].id)
      if context.type == "pipeline"
    ),
    run.name,
  )
  started = min(e.create_time_since_epoch for e in executions)
  ended = max(e.last_update_time_since_epoch for e in executions)
  report: Any = next((e for e in executions if e.type == _REPORT), None)
  uris = _artifacts(store, report.id, root)[1].get("report") if report else None
  return PipelineRun(
    pipeline=pipeline,
    milliseconds=started,
    seconds=max(0, ended - started) / 1000,
    complete=bool(uris)
    and all(e.last_known_state in (_State.COMPLETE, _State.CACHED) for e in executions),
    report=uris[0] if uris else None,
    config=report.custom_properties[_CONFIG].string_value if report else None,
  )


@dataclasses.dataclass(frozen=True)
class PushedModel:
  """How a version of a pushed model came about.

  Attributes:
    milliseconds: when it was pushed, since 1970.
    copy_of: the version that a rollback made it of, or None.
    pipeline: whose run made it, its name, or None where that is not known.
    parameters: of each component of that run, by component id.
    report: URI of that run's report, or None.
    config: that run's settings as YAML, or None.
  """

  milliseconds: int
  copy_of: int | None = None
  pipeline: str | None = None
  parameters: dict[str, dict[str, str]] = dataclasses.field(default_factory=dict)
  report: str | None = None
  config: str | None = None


def pushed_models(
  connection: metadata_store_pb2.ConnectionConfig, folder: str
) -> dict[int, PushedModel]:
  """All versions that were pushed to a folder, by number.

  Args:
    connection: to ML Metadata.
    folder: of versions. Of a store in a file, which lies beside its folder
      and may have been moved with it, all pushed models are given.
  """
  store = metadata_store.MetadataStore(connection)
  found: dict[int, PushedModel] = {}
  for version, artifact in _pushed(store, connection, folder):
    makers = sorted(_makers(store, {artifact.id}))
    if makers and version not in found:
      (execution,) = store.get_executions_by_id(makers[:1])
      found[version] = _pushed_model(store, execution)
  return found


def record_rollback(
  connection: metadata_store_pb2.ConnectionConfig, folder: str, original: int, new: int
) -> bool:
  """Writes down that a version is a copy of an older one.

  It goes back to the same Model, so that what is known of that is known of it.

  Args:
    connection: to ML Metadata.
    folder: of versions.
    original: the older version.
    new: the copy.

  Returns:
    Whether ML Metadata knows the older one; nothing is written if not.
  """
  store = metadata_store.MetadataStore(connection)
  older = [
    artifact for version, artifact in _pushed(store, connection, folder) if version == original
  ]
  if not older:
    return False
  models = _inputs(store, _makers(store, {older[0].id}), "model")
  made = metadata_store_pb2.Artifact(
    type_id=older[0].type_id, uri=older[0].uri, state=metadata_store_pb2.Artifact.LIVE
  )
  made.custom_properties["pushed"].int_value = 1
  made.custom_properties["pushed_version"].string_value = str(new)
  made.custom_properties["pushed_destination"].string_value = f"{folder}/{new}"
  execution = metadata_store_pb2.Execution(
    type_id=store.put_execution_type(metadata_store_pb2.ExecutionType(name=_ROLLBACK)),
    last_known_state=_State.COMPLETE,
  )
  execution.custom_properties[_ROLLED_BACK_TO].int_value = original
  taken = [
    (model, _event(_Event.INPUT, "model")) for model in store.get_artifacts_by_id(sorted(models))
  ]
  # In no context: it is part of no run.
  store.put_execution(execution, [*taken, (made, _event(_Event.OUTPUT, "pushed_model"))], [])
  return True


def _event(kind: int, name: str) -> metadata_store_pb2.Event:
  event = _Event(type=kind)
  event.path.steps.add().key = name
  event.path.steps.add().index = 0
  return event


def _pushed(
  store: metadata_store.MetadataStore, connection: metadata_store_pb2.ConnectionConfig, folder: str
) -> Iterator[tuple[int, metadata_store_pb2.Artifact]]:
  """Versions and their artifacts, as they were written."""
  for artifact in sorted(_by_type(store, "PushedModel"), key=lambda artifact: artifact.id):
    properties = artifact.custom_properties
    version = properties["pushed_version"].string_value
    destination = properties["pushed_destination"].string_value
    here = connection.HasField("sqlite") or destination == f"{folder}/{version}"
    if version.isdecimal() and here:
      yield int(version), artifact


def _pushed_model(
  store: metadata_store.MetadataStore, execution: metadata_store_pb2.Execution
) -> PushedModel:
  milliseconds = execution.create_time_since_epoch
  if execution.type == _ROLLBACK:
    return PushedModel(milliseconds, execution.custom_properties[_ROLLED_BACK_TO].int_value)
  try:
    contexts = {context.type: context for context in store.get_contexts_by_execution(execution.id)}
  except mlmd_errors.NotFoundError:
    contexts = {}
  if "pipeline_run" not in contexts or "pipeline" not in contexts:
    return PushedModel(milliseconds)
  name = contexts["pipeline"].name
  run = _pipeline_run(store, contexts["pipeline_run"], None)
  return PushedModel(
    milliseconds,
    pipeline=name,
    parameters={
      _component_id(store, other, name): _component_run(store, other, None).parameters
      for other in store.get_executions_by_context(contexts["pipeline_run"].id)
    },
    report=run.report if run else None,
    config=run.config if run else None,
  )
