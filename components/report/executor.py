"""Report's executor."""

import json
import os
from typing import Any, Dict, List

import tensorflow as tf
from tfx import types
from tfx.components.evaluator import constants as evaluator_constants
from tfx.dsl.components.base import base_executor
from tfx.types import artifact_utils

from components.report import model_card
from components.report import page
from components.report import results

PAGE_FILE = "index.html"
EVALUATION_FILE = "evaluation.json"


class Executor(base_executor.BaseExecutor):
  """Gathers the figures and pictures of a run and renders the page."""

  def Do(self, input_dict: Dict[str, List[types.Artifact]],
         output_dict: Dict[str, List[types.Artifact]],
         exec_properties: Dict[str, Any]) -> None:
    """See the component."""
    uris = {name: artifact_utils.get_single_uri(artifacts)
            for name, artifacts in input_dict.items() if artifacts}
    blessed = tf.io.gfile.exists(os.path.join(
        uris["blessing"], evaluator_constants.BLESSED_FILE_NAME))
    attributes = json.loads(exec_properties["attributes"])
    slices = results.slices(uris["evaluation"], attributes)
    evaluation = results.evaluation(
        attributes, exec_properties["embedder"], uris, slices, blessed)
    html = page.render(exec_properties["name"], exec_properties["config"],
                       evaluation, slices, uris)
    output = artifact_utils.get_single_uri(output_dict["report"])
    tf.io.gfile.makedirs(output)
    _write(os.path.join(output, EVALUATION_FILE),
           json.dumps(evaluation, indent=2) + "\n")
    _write(os.path.join(output, model_card.FILE_NAME), model_card.render(
        exec_properties["name"], evaluation, slices,
        exec_properties["config"]))
    _write(os.path.join(output, PAGE_FILE), html)


def _write(path: str, text: str) -> None:
  with tf.io.gfile.GFile(path, "w") as file:
    file.write(text)
