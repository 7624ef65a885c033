"""ML Metadata as runs would have written it, without running them."""

import pathlib
from collections.abc import Sequence

from ml_metadata.metadata_store import metadata_store
from ml_metadata.proto import metadata_store_pb2

_Event = metadata_store_pb2.Event


class Recorder:
  """Writes artifacts, and executions with named inputs and outputs."""

  def __init__(self, file: pathlib.Path):
    self.connection = metadata_store_pb2.ConnectionConfig()
    self.connection.sqlite.filename_uri = str(file)
    self.connection.sqlite.connection_mode = self.connection.sqlite.READWRITE_OPENCREATE
    self._store = metadata_store.MetadataStore(self.connection)

  def run(
    self,
    component: str,
    inputs: Sequence[tuple[str, int]],
    output: str,
    kind: str,
    uri: str,
    **properties: str,
  ) -> int:
    """One execution; gives the id of its one output."""
    kind_id = self._store.put_artifact_type(metadata_store_pb2.ArtifactType(name=kind))
    made = metadata_store_pb2.Artifact(type_id=kind_id, uri=uri)
    for name, value in properties.items():
      made.custom_properties[name].string_value = value
    (made_id,) = self._store.put_artifacts([made])
    (ran_id,) = self._store.put_executions(
      [
        metadata_store_pb2.Execution(
          type_id=self._store.put_execution_type(metadata_store_pb2.ExecutionType(name=component)),
          last_known_state=metadata_store_pb2.Execution.COMPLETE,
        )
      ]
    )
    events = [self._event(ran_id, artifact, _Event.INPUT, name) for name, artifact in inputs]
    self._store.put_events([*events, self._event(ran_id, made_id, _Event.OUTPUT, output)])
    return made_id

  def _event(
    self, execution: int, artifact: int, kind: "_Event.Type", name: str
  ) -> metadata_store_pb2.Event:
    event = _Event(execution_id=execution, artifact_id=artifact, type=kind)
    event.path.steps.add().key = name
    event.path.steps.add().index = 0
    return event


def pushed_model(
  recorder: Recorder, root: str, version: str, baseline: Sequence[int] = (), base_model: int = 0
) -> dict[str, int]:
  """What a run writes that ends with a pushed model.

  Args:
    recorder: writes.
    root: of the artifacts.
    version: of the pushed model.
    baseline: models that the new one is held against.
    base_model: the network within the model; default: the engine's.
  """
  network = recorder.run(
    "EmbeddingNetwork", (), "network", "Model", f"{root}/EmbeddingNetwork/network/1"
  )
  engine = recorder.run(
    "EmbeddingEngine",
    [("network", network)],
    "engine",
    "components.Engine",
    f"{root}/EmbeddingEngine/engine/2",
  )
  embedded = recorder.run(
    "FaceEmbedder",
    [("network", network), ("engine", engine)],
    "embeddings",
    "Examples",
    f"{root}/FaceEmbedder/embeddings/3",
  )
  model = recorder.run(
    "Trainer",
    [("examples", embedded), ("base_model", base_model or network)],
    "model",
    "Model",
    f"{root}/Trainer/model/4",
  )
  others: list[tuple[str, int]] = [("baseline_model", other) for other in baseline]
  blessing = recorder.run(
    "Evaluator",
    [("model", model), *others],
    "blessing",
    "ModelBlessing",
    f"{root}/Evaluator/blessing/5",
  )
  recorder.run(
    "Pusher",
    [("model", model), ("model_blessing", blessing)],
    "pushed_model",
    "PushedModel",
    f"{root}/Pusher/pushed_model/6",
    pushed_version=version,
  )
  return {"network": network, "engine": engine, "model": model}
