"""Embeds every split of an Examples artifact of faces."""

from collections.abc import Iterator
from typing import Any

import apache_beam as beam
import tensorflow as tf
from tfx import types
from tfx.dsl.components.base import base_beam_executor
from tfx.types import artifact_utils

from components.face_embedder import embed, spot_check
from components.shared.core import counting
from components.shared.core import settings as settings_lib
from components.shared.data import completeness, examples, write_split
from components.shared.networks import engine_artifact, handler, network_artifact
from components.shared.networks.engine_settings import EngineSettings

_ONE_PROCESS = "--direct_running_mode=in_memory"


class Executor(base_beam_executor.BaseBeamExecutor):
  """Executor of `FaceEmbedder`."""

  def Do(
    self,
    input_dict: dict[str, list[types.Artifact]],
    output_dict: dict[str, list[types.Artifact]],
    exec_properties: dict[str, Any],
  ) -> None:
    """Writes the splits, and looks whether some of it is right.

    Raises:
      UserError: a photo can't be decoded, or an embedding is not what it
        should be.
    """
    settings = settings_lib.from_json(EngineSettings, exec_properties["settings"])
    faces = artifact_utils.get_single_instance(input_dict["faces"])
    embeddings = artifact_utils.get_single_instance(output_dict["embeddings"])
    network_uri = artifact_utils.get_single_uri(input_dict["network"])
    engine_uri = artifact_utils.get_single_uri(input_dict["engine"])
    network = network_artifact.read(network_uri)
    face_handler = handler.FaceModelHandler(
      engine_uri,
      network_uri,
      input_size=network.input_size,
      batch_size=settings.batch_size,
      share=_ONE_PROCESS not in self._beam_pipeline_args,
    )
    splits = artifact_utils.decode_split_names(faces.split_names)
    examples.set_splits(embeddings, splits)
    files = {split: examples.split_files(faces.uri, split) for split in splits}
    with self._make_beam_pipeline() as pipeline:
      # One RunInference for all splits: each would load its own network. Files
      # are what is brought together, since Beam's local runner would hold the
      # photos of all splits in memory to flatten them.
      embedded = (
        pipeline
        | "Files"
        >> beam.Create([(split, path) for split, paths in files.items() for path in paths])
        | "Spread" >> beam.Reshuffle()
        | "Read" >> beam.FlatMapTuple(_read)
        | embed.EmbedFaces(face_handler, network.embedding_width)
        | counting.CountElements("embed")
        | beam.Partition(lambda pair, _: splits.index(pair[0]), len(splits))
      )
      for split, pairs in zip(splits, embedded, strict=True):
        _ = (
          pairs
          | f"Unkey[{split}]" >> beam.Values()
          | f"Write[{split}]" >> write_split.WriteSplit(embeddings.uri, split, len(files[split]))
        )
    reference = engine_artifact.load_reference(engine_uri, network_uri)
    for split in splits:
      expected = completeness.count(faces.uri, split)
      completeness.check("FaceEmbedder", embeddings.uri, split, expected)
      spot_check.check(faces.uri, embeddings.uri, split, reference, network.input_size)


def _read(split: str, path: str) -> Iterator[tuple[str, bytes]]:
  records = tf.data.TFRecordDataset(path, compression_type="GZIP")
  return ((split, face) for face in records.as_numpy_iterator())
