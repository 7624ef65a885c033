"""What ML Metadata knows of a pipeline's latest run."""

import dataclasses
from typing import Dict, List, Tuple

from ml_metadata import errors as mlmd_errors
from ml_metadata.metadata_store import metadata_store
from ml_metadata.proto import metadata_store_pb2

_State = metadata_store_pb2.Execution.State


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
      if event.type == metadata_store_pb2.Event.OUTPUT and event.path.steps]
  uris = {artifact.id: artifact.uri for artifact in
          store.get_artifacts_by_id([artifact_id for _, artifact_id in named])}
  outputs: Dict[str, List[str]] = {}
  for name, artifact_id in named:
    outputs.setdefault(name, []).append(uris[artifact_id])
  return outputs
