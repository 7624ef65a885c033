"""Makes a report's folder out of artifacts: page, figures and model card."""

import json
import os
from collections.abc import Mapping
from typing import Any

import tensorflow as tf

from components.report import facts, model_card, page, results
from components.shared.artifacts import ladder_files

PAGE_FILE = "index.html"
EVALUATION_FILE = "evaluation.json"


def make(
  parameters: Mapping[str, str], uris: Mapping[str, str], folder: str, run: facts.Run | None = None
) -> dict[str, Any]:
  """Writes `index.html`, and the files that it links to: `evaluation.json`,
  `model_card.md` and `scores.csv`.

  Args:
    parameters: of the component.
    uris: of its inputs, by name.
    folder: to write to.
    run: how the run came about, where that is known.

  Returns:
    The content of `evaluation.json`.
  """
  found = results.gather(json.loads(parameters["attributes"]), parameters["embedder"], uris)
  card = model_card.render(parameters["name"], found.evaluation, found.slices, parameters["config"])
  html = page.render(
    parameters["name"], parameters["config"], found, model_card.to_html(card), uris, run
  )
  tf.io.gfile.makedirs(folder)
  _write(os.path.join(folder, EVALUATION_FILE), json.dumps(found.evaluation, indent=2) + "\n")
  _write(os.path.join(folder, model_card.FILE_NAME), card)
  tf.io.gfile.copy(
    os.path.join(uris["ladder"], ladder_files.SCORES),
    os.path.join(folder, ladder_files.SCORES),
    overwrite=True,
  )
  _write(os.path.join(folder, PAGE_FILE), html)
  return found.evaluation


def _write(path: str, text: str) -> None:
  with tf.io.gfile.GFile(path, "w") as file:
    file.write(text)
