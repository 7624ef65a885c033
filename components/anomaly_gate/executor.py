"""Lets a run continue only if no validator has found an anomaly."""

import json
import os
from typing import Any

import tensorflow as tf
from absl import logging
from tfx import types
from tfx.dsl.components.base import base_executor
from tfx.types import artifact_utils

from components.shared.artifacts import anomalies

FILE_NAME = "passed.txt"
DRIFT = "drift_anomalies"
LABEL_DRIFT = "label_drift_anomalies"

_WAY_OUT = "Fix the data, or change schema/ if the schema is wrong"
_WAYS_OUT = {
  DRIFT: "Synthetic faces are too unlike the photos: look at both, and train "
  "the generator longer; schema/README.md says what the bounds follow from",
  LABEL_DRIFT: "A class is missing among the labelled photos or the "
  "synthetic faces: label more photos of it; schema/README.md says what the "
  "bound follows from",
}
"""The way out, by input; for inputs not listed here it is that of the data."""


class Executor(base_executor.BaseExecutor):
  """ExampleAnomalies of any validators -> GateResult, or an error."""

  def Do(
    self,
    input_dict: dict[str, list[types.Artifact]],
    output_dict: dict[str, list[types.Artifact]],
    exec_properties: dict[str, Any],
  ) -> None:
    """Reads all anomalies and writes one line if there are none.

    Raises:
      UserError: there is an anomaly.
      ValueError: an input holds no validation result at all.
    """
    self._log_startup(input_dict, output_dict, exec_properties)
    validators = json.loads(exec_properties["validators"])
    found, checked = {}, []
    for key in sorted(input_dict):
      for artifact in input_dict[key]:
        splits = anomalies.splits(artifact.uri)
        if not splits:
          raise ValueError(f"{key}: nothing was validated in {artifact.uri}")
        checked += splits
        found[key] = anomalies.read(artifact.uri)
    wrong = [key for key in found if found[key]]
    anomalies.block(
      {validators[key]: found[key] for key in wrong},
      ". ".join(dict.fromkeys(_WAYS_OUT.get(key, _WAY_OUT) for key in wrong)),
    )
    result = f"no anomalies in {', '.join(checked)}"
    logging.info("%s", result)
    uri = artifact_utils.get_single_uri(output_dict["result"])
    tf.io.gfile.makedirs(uri)
    with tf.io.gfile.GFile(os.path.join(uri, FILE_NAME), "w") as stream:
      stream.write(f"{result}\n")
