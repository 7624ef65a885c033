"""What ML Metadata knows of a pipeline's latest run."""

import dataclasses
from typing import Dict, Iterable, List, Optional, Set, Tuple

from ml_metadata import errors as mlmd_errors
from ml_metadata.metadata_store import metadata_store
from ml_metadata.proto import metadata_store_pb2

from components import artifacts

_State = metadata_store_pb2.Execution.State
_Event = metadata_store_pb2.Event


@dataclasses.dataclass(frozen=True)
class ComponentRun:
  """One component of a run.

  Attributes:
    seconds: from its start to its end; nothing but the look-up when cached.
    cached: an earlier result was taken.
    complete: it succeeded, or was cached.
    outputs: URIs of what it made or took, by output name.
  """
  seconds: float
  cached: bool
  complete: bool
  outputs: Dict[str, List[str]]


def latest_run(connection: metadata_store_pb2.ConnectionConfig,
               pipeline_name: str) -> Dict[str, ComponentRun]:
  """The components of the newest run, in the order in which they ran.

  Returns:
    By component id; empty when there was no run.
  """
  store = metadata_store.MetadataStore(connection)
  # Runs don't say whose they are; other pipelines may be in the same store.
  try:
    pipeline = store.get_context_by_type_and_name("pipeline", pipeline_name)
  except mlmd_errors.NotFoundError:
    pipeline = None
  newest = pipeline and store.get_executions_by_context(
      pipeline.id, metadata_store.ListOptions(
          limit=1, order_by=metadata_store.OrderByField.ID, is_asc=False))
  if not newest:
    return {}
  run = next(context for context in store.get_contexts_by_execution(
      newest[0].id) if context.type == "pipeline_run")
  executions = sorted(store.get_executions_by_context(run.id),
                      key=lambda execution: execution.id)
  return {_component_id(store, execution, pipeline_name):
          _component_run(store, execution) for execution in executions}


@dataclasses.dataclass(frozen=True)
class Embedder:
  """What embeds photos as those were that a model learned from.

  Attributes:
    network: URI of the face network, which is within the model.
    engine: URI of the engine that was made of it.
  """
  network: str
  engine: str


def embedder_of(connection: metadata_store_pb2.ConnectionConfig,
                version: str) -> Optional[Embedder]:
  """What embedded the photos of a pushed model.

  Args:
    connection: to ML Metadata.
    version: the pushed model's; its folder's name.

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
          engine.id for engine in _by_type(store, artifacts.Engine.TYPE_NAME))
      made_of = _inputs(store, _makers(store, engines), "network")
      if len(engines) == len(networks) == 1 and made_of == networks:
        return Embedder(network=_uri(store, networks),
                        engine=_uri(store, engines))
  return None


def _by_type(store: metadata_store.MetadataStore, name: str
             ) -> List[metadata_store_pb2.Artifact]:
  try:
    return store.get_artifacts_by_type(name)
  except mlmd_errors.NotFoundError:
    return []


def _uri(store: metadata_store.MetadataStore, artifact: Set[int]) -> str:
  return store.get_artifacts_by_id(artifact)[0].uri


def _makers(store: metadata_store.MetadataStore,
            artifact_ids: Set[int]) -> Set[int]:
  """The executions that gave artifacts; those that only looked them up, too."""
  return {event.execution_id
          for event in store.get_events_by_artifact_ids(artifact_ids)
          if event.type == _Event.OUTPUT}


def _inputs(store: metadata_store.MetadataStore, execution_ids: Iterable[int],
            name: Optional[str] = None) -> Set[int]:
  """The artifacts that executions took, or one of their inputs."""
  return {event.artifact_id
          for event in store.get_events_by_execution_ids(execution_ids)
          if event.type == _Event.INPUT and (
              name is None or event.path.steps[0].key == name)}


def _ancestors(store: metadata_store.MetadataStore,
               artifact_ids: Set[int]) -> Set[int]:
  """All artifacts that artifacts came from."""
  found: Set[int] = set()
  newest = artifact_ids
  while newest:
    newest = _inputs(store, _makers(store, newest)) - found
    found |= newest
  return found


def _component_id(store: metadata_store.MetadataStore,
                  execution: metadata_store_pb2.Execution,
                  pipeline_name: str) -> str:
  names = [context.name for context in store.get_contexts_by_execution(
      execution.id) if context.type == "node"]
  return names[0][len(pipeline_name) + 1:]


def _component_run(store: metadata_store.MetadataStore,
                   execution: metadata_store_pb2.Execution) -> ComponentRun:
  milliseconds = (execution.last_update_time_since_epoch
                  - execution.create_time_since_epoch)
  return ComponentRun(
      seconds=milliseconds / 1000,
      cached=execution.last_known_state == _State.CACHED,
      complete=execution.last_known_state in (_State.COMPLETE, _State.CACHED),
      outputs=_outputs(store, execution.id))


def _outputs(store: metadata_store.MetadataStore,
             execution_id: int) -> Dict[str, List[str]]:
  named: List[Tuple[str, int]] = [
      (event.path.steps[0].key, event.artifact_id)
      for event in store.get_events_by_execution_ids([execution_id])
      if event.type == _Event.OUTPUT and event.path.steps]
  uris = {artifact.id: artifact.uri for artifact in
          store.get_artifacts_by_id([artifact_id for _, artifact_id in named])}
  outputs: Dict[str, List[str]] = {}
  for name, artifact_id in named:
    outputs.setdefault(name, []).append(uris[artifact_id])
  return outputs
