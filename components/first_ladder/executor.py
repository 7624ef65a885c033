"""FirstLadder's executor."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tfx import types
from tfx.dsl.components.base import base_executor
from tfx.types import artifact_utils

from components.shared.artifacts import ladder_files
from components.shared.core import progress
from components.shared.core import settings as settings_lib
from components.shared.data import examples
from components.shared.learning import curve, data, steps
from components.shared.learning.settings import ClassifierSettings

_MOST_LINES = 12
_PLAIN, _SELF_TRAINED = "labeled_only", "labeled_self_training"


class Executor(base_executor.BaseExecutor):
  """Reads embeddings of photos, writes `ladder.json` and `scores.csv`."""

  def Do(
    self,
    input_dict: dict[str, list[types.Artifact]],
    output_dict: dict[str, list[types.Artifact]],
    exec_properties: dict[str, Any],
  ) -> None:
    """See the component."""
    settings = settings_lib.from_json(ClassifierSettings, exec_properties["settings"])
    attributes = json.loads(exec_properties["attributes"])
    blocks = json.loads(exec_properties["blocks"])
    photos = data.load_photos(
      artifact_utils.get_single_uri(input_dict["embeddings"]), attributes, len(blocks)
    )
    results, scores = {}, {}
    with progress.bar("first ladder", len(attributes), "attribute") as bar:
      for column, attribute in enumerate(attributes):
        results[attribute], scores[attribute] = _climb(photos, column, blocks, settings)
        bar.update()
    ladder_files.write(artifact_utils.get_single_uri(output_dict["ladder"]), results, scores)
    for line in said(results):
      progress.note(line)


def _climb(
  photos: Mapping[str, data.Arrays],
  column: int,
  blocks: Sequence[int],
  settings: ClassifierSettings,
) -> tuple[dict[str, Any], ladder_files.Scores]:
  """An attribute's part of `ladder.json`, and what stands behind it."""
  judged, known = data.with_labels(photos[examples.HAND_LABELED], column)
  unlabeled = photos[examples.UNLABELED]
  knowledge = steps.Knowledge(
    training=data.training_set(
      photos[examples.LABELED], data.without_rows(unlabeled), unlabeled, column, blocks
    ),
    held_out=data.with_labels(unlabeled, column, data.HELD_OUT_LABELS)[0],
    direction_labels=0,
  )
  scored = {
    steps.MAJORITY: steps.majority(judged.labels),
    **steps.scores(knowledge, settings, judged.embeddings, of=steps.WITHOUT_FACES),
  }
  output = steps.output_alone(knowledge, settings, judged.embeddings)
  training = knowledge.training
  result = {
    "n": len(judged),
    "ladder": {
      step: steps.row(judged.labels, each, steps.labels_used(step, knowledge))
      for step, each in scored.items()
    },
    "references": {
      "output_only": steps.row(judged.labels, output, steps.labels_used(_PLAIN, knowledge))
    },
    "more_labels": curve.forecast(training.labeled, training.blocks, settings),
  }
  return result, ladder_files.Scores(
    [image_id.decode() for image_id in photos[examples.HAND_LABELED][examples.IMAGE_ID][known]],
    judged.labels,
    {step: each.probabilities for step, each in scored.items()},
  )


def said(results: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
  """The first answer in words: a line an attribute, as long as they are few.

  Args:
    results: the content of `ladder.json`.
  """
  yield "before any synthetic face, AUC on the evaluation photos:"
  for attribute, result in list(results.items())[:_MOST_LINES]:
    ladder = result["ladder"]
    line = (
      f"{attribute}: {_figure(ladder[_PLAIN])} from {ladder[_PLAIN]['n']} labels, "
      f"{_figure(ladder[_SELF_TRAINED])} with the unlabelled photos too"
    )
    more = result["more_labels"]
    yield line + (f"; {more['labels']} more labels: about {more['gain']:+.3f}" if more else "")
  if len(results) > _MOST_LINES:
    yield f"and {len(results) - _MOST_LINES} more attributes, in `ladder.json`"


def _figure(row: Mapping[str, Any]) -> str:
  low, high = row["auc_ci95"]
  return f"{row['auc']:.3f} [{low:.2f}, {high:.2f}]"
