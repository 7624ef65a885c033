"""Where a pipeline keeps things: all that differs between one machine and a
cluster."""

import dataclasses

from ml_metadata.proto import metadata_store_pb2


@dataclasses.dataclass(frozen=True)
class Places:
  """What `dag.create_pipeline` has to be told about its surroundings.

  Attributes:
    pipeline_name: under which ML Metadata knows the pipeline.
    root: TFX's artifacts: a folder, or an address in an object store.
    pushed: folder that models are pushed to, one folder a version.
    checkpoints: folder that outlives a killed training, if there is one.
    metadata: the ML Metadata that components are recorded in; None where the
      orchestrator has its own and TFX can't ask it.
  """

  pipeline_name: str
  root: str
  pushed: str
  checkpoints: str | None = None
  metadata: metadata_store_pb2.ConnectionConfig | None = None


def is_address(path: str | None) -> bool:
  """Is it an object's address, such as `s3://bucket/photos.zip`?"""
  return path is not None and "://" in path
