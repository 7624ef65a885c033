"""Reads embeddings of photos and of synthetic faces, writes `measures.json`."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from tfx import types
from tfx.dsl.components.base import base_executor
from tfx.types import artifact_utils

from components.shared.artifacts import kept_counts
from components.shared.artifacts import measures as measures_artifact
from components.shared.data import embeddings, examples
from components.shared.learning import selection
from components.synthetic_measures import measures

_AT_MOST = 2000
_SEED = 0
_Labels = dict[str, np.ndarray]
"""int64 [n] by attribute: 1, 0 or `embeddings.UNKNOWN`."""


class Executor(base_executor.BaseExecutor):
  """Measures the faces that were made, and those that were kept."""

  def Do(
    self,
    input_dict: dict[str, list[types.Artifact]],
    output_dict: dict[str, list[types.Artifact]],
    exec_properties: dict[str, Any],
  ) -> None:
    """See the component."""
    uris = {
      name: artifact_utils.get_single_uri(artifacts) for name, artifacts in input_dict.items()
    }
    counts = kept_counts.read(uris["counts"])
    attributes = json.loads(exec_properties["attributes"])
    photos = _photos(uris["photos"])
    result = measure(
      photos,
      _annotations(photos, attributes),
      embeddings.read(uris["candidates"], examples.SYNTHETIC_TRAIN, _AT_MOST, _SEED),
      embeddings.read(uris["kept"], examples.SYNTHETIC_TRAIN, _AT_MOST, _SEED),
      attributes,
    )
    for attribute, figures in result["attributes"].items():
      rows = [
        row
        for row in counts
        if row["attribute"] == attribute and row["split"] == examples.SYNTHETIC_TRAIN
      ]
      figures["kept"] = selection.share(
        sum(row["kept"] for row in rows), sum(row["made"] for row in rows)
      )
    measures_artifact.write(result, artifact_utils.get_single_uri(output_dict["measures"]))


def _photos(uri: str) -> embeddings.Embedded:
  """Photos that the generator has seen."""
  parts = [
    embeddings.read(uri, split, _AT_MOST, _SEED) for split in (examples.LABELED, examples.UNLABELED)
  ]
  return embeddings.Embedded(
    np.concatenate([part.embeddings for part in parts]),
    [row for part in parts for row in part.features],
  )


def _annotations(photos: embeddings.Embedded, attributes: Sequence[str]) -> _Labels:
  """Every annotation that exists, those to learn and others.

  Labels that are held back from all learning are used here: nothing but this
  report comes of it.
  """
  labels = {
    name: np.maximum(
      photos.annotation(examples.label(name)), photos.annotation(examples.held_out_label(name))
    )
    for name in attributes
  }
  others = sorted(
    {name for row in photos.features for name in row} - examples.feature_names(attributes)
  )
  return {**labels, **{name: photos.annotation(name) for name in others}}


def measure(
  photos: embeddings.Embedded,
  annotations: _Labels,
  made: embeddings.Embedded,
  kept: embeddings.Embedded,
  attributes: Sequence[str],
) -> dict[str, Any]:
  """Every measure by name.

  Args:
    photos: real ones.
    annotations: of the photos, by attribute.
    made: synthetic faces.
    kept: those of them that are learned from.
    attributes: that faces were made for.

  Returns:
    `measures.of_sets`, and `attributes`: for each of them `label_fidelity`,
    `label_fidelity_unfiltered`, and `attribute_drift` by other attribute.
  """
  return {
    **measures.of_sets(photos.embeddings, kept.embeddings, _SEED),
    "attributes": {
      attribute: _of_attribute(photos, annotations, made, kept, attribute)
      for attribute in attributes
    },
  }


def _of_attribute(
  photos: embeddings.Embedded,
  annotations: _Labels,
  made: embeddings.Embedded,
  kept: embeddings.Embedded,
  attribute: str,
) -> dict[str, Any]:
  is_known = annotations[attribute] != embeddings.UNKNOWN
  known, labels = photos.embeddings[is_known], annotations[attribute][is_known]
  result: dict[str, Any] = {}
  for name, faces in (("label_fidelity", kept), ("label_fidelity_unfiltered", made)):
    result[name] = measures.label_fidelity(*_made_for(faces, attribute), known, labels)
  result["attribute_drift"] = {}
  for name, values in annotations.items():
    both = is_known & (values != embeddings.UNKNOWN)
    drift = (
      None
      if name == attribute
      else measures.attribute_drift(
        *_made_for(kept, attribute),
        photos.embeddings[both],
        annotations[attribute][both],
        values[both],
      )
    )
    if drift is not None:
      result["attribute_drift"][name] = drift
  return result


def _made_for(faces: embeddings.Embedded, attribute: str) -> tuple[np.ndarray, np.ndarray]:
  """Embeddings and labels of the faces that were made for an attribute."""
  labels = faces.annotation(examples.label(attribute))
  mine = labels != embeddings.UNKNOWN
  return faces.embeddings[mine], labels[mine]
