"""Model, photos and what was validated -> InfraBlessing."""

import json
import os
from typing import Any

import tensorflow as tf
import tensorflow_model_analysis as tfma
from tfx import types
from tfx.components.util import model_utils
from tfx.dsl.components.base import base_executor
from tfx.types import artifact_utils
from tfx.utils import path_utils

from components.serving_gate import trial
from components.serving_gate.settings import ServingSettings
from components.shared.artifacts import serving_files
from components.shared.core import progress
from components.shared.core import settings as settings_lib
from components.shared.learning import serving

_BLESSED = "blessed"  # What TFX's Pusher asks for.


class Executor(base_executor.BaseExecutor):
  """Writes `serving.json`, and a baseline for monitoring if all is well."""

  def Do(
    self,
    input_dict: dict[str, list[types.Artifact]],
    output_dict: dict[str, list[types.Artifact]],
    exec_properties: dict[str, Any],
  ) -> None:
    """Tries the model; one that the Evaluator did not bless is left alone."""
    self._log_startup(input_dict, output_dict, exec_properties)
    blessing = artifact_utils.get_single_instance(output_dict["infra_blessing"])
    evaluated = artifact_utils.get_single_instance(input_dict["blessing"])
    if model_utils.is_model_blessed(evaluated):
      found = trial.run(
        path_utils.serving_model_path(artifact_utils.get_single_uri(input_dict["model"])),
        artifact_utils.get_single_uri(input_dict["faces"]),
        artifact_utils.get_single_uri(input_dict["embeddings"]),
        _validated(artifact_utils.get_single_uri(input_dict["evaluation"])),
        settings_lib.from_json(ServingSettings, exec_properties["settings"]),
      )
    else:
      found = trial.Trial({}, ["the Evaluator did not bless the model, which was not tried"])
    _write(found, blessing.uri)
    blessing.set_int_custom_property(_BLESSED, int(not found.problems))
    progress.note(f"ServingGate: {_said(found)}")


def _validated(uri: str) -> trial.Validated:
  """The Evaluator's overall figures of the new model."""
  result = tfma.load_eval_result(uri)
  if len(result.config.model_specs) > 1:
    result = tfma.load_eval_result(uri, model_name=tfma.CANDIDATE_KEY)
  overall = dict(result.slicing_metrics)[()]
  return {
    attribute: {
      name: _number(figure)
      for name, figure in overall[serving.probability_of(attribute)][""].items()
      if name in (trial.ACCURACY, trial.AUC)
    }
    for attribute in serving.attributes_of(overall)
  }


def _number(figure: dict[str, Any]) -> float:
  return float(figure.get("boundedValue", {}).get("value", figure.get("doubleValue", "nan")))


def _write(found: trial.Trial, uri: str) -> None:
  tf.io.gfile.makedirs(uri)
  content = json.dumps({**found.measured, "problems": found.problems}, indent=2) + "\n"
  files = {
    serving_files.MEASURED: content.encode(),
    # As TFX's InfraValidator does.
    "INFRA_NOT_BLESSED" if found.problems else "INFRA_BLESSED": b"",
  }
  if found.baseline is not None:
    files[serving_files.BASELINE] = found.baseline
  for name, data in files.items():
    with tf.io.gfile.GFile(os.path.join(uri, name), "wb") as file:
      file.write(data)


def _said(found: trial.Trial) -> str:
  if found.problems:
    return f"not to be pushed: {'; '.join(found.problems)}"
  return (
    f"a clean process labels a photo in {found.measured['seconds_1']:.3f} s and 32 in "
    f"{found.measured['seconds_32']:.2f} s, with {found.measured['peak_rss_bytes'] >> 20:,} MiB"
  )
