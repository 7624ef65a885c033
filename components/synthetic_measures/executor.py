"""Reads embeddings of photos and of synthetic faces, writes `measures.json`."""

import json
import os
from typing import Any, Dict, List, Tuple

import numpy as np
import tensorflow as tf
from tfx import types
from tfx.dsl.components.base import base_executor
from tfx.types import artifact_utils

from components import embeddings
from components import examples
from components.label_filter import executor as filter_executor
from components.label_filter import selection
from components.synthetic_measures import measures

MEASURES_FILE = "measures.json"
_AT_MOST = 2000
_SEED = 0
_NOT_ATTRIBUTES = {examples.IMAGE_ID, examples.DOMAIN, examples.LABEL,
                   examples.HELD_OUT_LABEL, examples.FOLD,
                   examples.TYPICALITY}


class Executor(base_executor.BaseExecutor):
  """Measures the faces that were made, and those that were kept."""

  def Do(self, input_dict: Dict[str, List[types.Artifact]],
         output_dict: Dict[str, List[types.Artifact]],
         exec_properties: Dict[str, Any]) -> None:
    """See the component."""
    uris = {name: artifact_utils.get_single_uri(artifacts)
            for name, artifacts in input_dict.items()}
    counts = filter_executor.read_counts(
        os.path.join(uris["counts"], filter_executor.COUNTS_FILE))
    result = measure(
        *_photos(uris["photos"]),
        embeddings.read(uris["candidates"], examples.SYNTHETIC_TRAIN,
                        _AT_MOST, _SEED),
        embeddings.read(uris["kept"], examples.SYNTHETIC_TRAIN, _AT_MOST,
                        _SEED))
    made = [row for row in counts if row["split"] == examples.SYNTHETIC_TRAIN]
    result["kept"] = selection.share(
        sum(row["kept"] for row in made), sum(row["made"] for row in made))
    path = os.path.join(
        artifact_utils.get_single_uri(output_dict["measures"]), MEASURES_FILE)
    with tf.io.gfile.GFile(path, "w") as file:
      json.dump(result, file, indent=2)


def read(uri: str) -> Dict[str, Any]:
  """What the component wrote."""
  with tf.io.gfile.GFile(os.path.join(uri, MEASURES_FILE)) as file:
    return json.load(file)


def _photos(uri: str) -> Tuple[embeddings.Embedded, np.ndarray]:
  """Photos that the generator has seen, and every label that exists.

  Labels that are held back from all learning are used here: nothing but this
  report comes of it.
  """
  parts = [embeddings.read(uri, split, _AT_MOST, _SEED)
           for split in (examples.LABELED, examples.UNLABELED)]
  photos = embeddings.Embedded(
      np.concatenate([part.embeddings for part in parts]),
      [row for part in parts for row in part.features])
  labels = [part.annotation(name) for part, name in zip(
      parts, (examples.LABEL, examples.HELD_OUT_LABEL))]
  return photos, np.concatenate(labels)


def measure(photos: embeddings.Embedded, photo_labels: np.ndarray,
            made: embeddings.Embedded,
            kept: embeddings.Embedded) -> Dict[str, Any]:
  """Every measure by name; `attribute_drift` holds one for each attribute."""
  is_known = photo_labels != embeddings.UNKNOWN
  known, labels = photos.rows(is_known), photo_labels[is_known]
  return {
      **measures.of_sets(photos.embeddings, kept.embeddings, _SEED),
      "label_fidelity": measures.label_fidelity(
          kept.embeddings, kept.annotation(examples.LABEL),
          known.embeddings, labels),
      "label_fidelity_unfiltered": measures.label_fidelity(
          made.embeddings, made.annotation(examples.LABEL),
          known.embeddings, labels),
      "attribute_drift": _drifts(known, labels, kept),
  }


def _drifts(photos: embeddings.Embedded, labels: np.ndarray,
            faces: embeddings.Embedded) -> Dict[str, float]:
  names = sorted({name for row in photos.features for name in row}
                 - _NOT_ATTRIBUTES)
  result = {}
  for name in names:
    other = photos.annotation(name)
    known = other != embeddings.UNKNOWN
    drift = measures.attribute_drift(
        faces.embeddings, faces.annotation(examples.LABEL),
        photos.embeddings[known], labels[known], other[known])
    if drift is not None:
      result[name] = drift
  return result
