"""The page: everything inline, nothing fetched."""

import io
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import tensorflow as tf
import yaml
from PIL import Image

from components.report import (
  charts,
  drift,
  facts,
  judged,
  names,
  neighbours,
  results,
  statistics,
  templating,
  tfma_plots,
  thumbnails,
  verdict,
)
from components.shared.artifacts import ladder_files, quarantine
from components.shared.generators import health, history, pictures
from components.shared.learning import steps

_QUARANTINED = 500
_SECTIONS = {
  "answer": "Answer",
  "ladder": "Ladder",
  "chosen": "Chosen",
  "photos": "Photos",
  "evaluation": "Evaluation",
  "faces": "Synthetic faces",
  "training": "Training",
  "drift": "Drift",
  "data": "Data",
  "quarantine": "Set aside",
  "run": "Run",
  "history": "History",
  "card": "Model card",
  "settings": "Settings",
}
_OF_RUN = ("run", "history")

_LOOK_FOR = {
  "contact sheet": ": do the two halves differ in the attribute, and in nothing else?",
  "interpolation": ": from left to right the attribute should appear, and the person stay.",
}
"""What to look for in a picture, by what its title ends in."""

FACE_VALIDATORS = {"anomalies": "photos"}
"""ExampleAnomalies among the inputs, by a name for people."""
EMBEDDING_VALIDATORS = {
  "embedding_anomalies": "embeddings with labels",
  "unlabeled_embedding_anomalies": "embeddings without",
}
DRIFT_VALIDATORS = {
  "drift_anomalies": "drift of embeddings",
  "label_drift_anomalies": "drift of labels",
}


def render(
  name: str,
  config: str,
  found: results.Results,
  card: str,
  uris: Mapping[str, str],
  run: facts.Run | None = None,
) -> str:
  """The report as one HTML document.

  Args:
    name: of the run.
    config: the run's settings, as text.
    found: the run's figures.
    card: the model card, as HTML.
    uris: of the input artifacts, by name.
    run: how it came about, where that is known.
  """
  attributes = list(found.evaluation["attributes"])
  plots = tfma_plots.read(uris["evaluation"], attributes)
  return (
    templating.environment()
    .get_template("page.html.j2")
    .render(
      name=name,
      config=config,
      evaluation=found.evaluation,
      card=card,
      source=_source(config),
      name_of=names.of_step,
      choices={
        attribute: _choices(figures["learned"])
        for attribute, figures in found.evaluation["attributes"].items()
      },
      slices=found.slices,
      thresholds=found.thresholds,
      threshold_used={
        attribute: _threshold(figures)
        for attribute, figures in found.evaluation["attributes"].items()
      },
      sections=[(anchor, _SECTIONS[anchor]) for anchor in sections(with_run=run is not None)],
      lowest_auc={
        attribute: _lowest_auc(figures["ladder"])
        for attribute, figures in found.evaluation["attributes"].items()
      },
      sweeps=_sweeps(run.sweeps if run else {}),
      audit=run.audit if run else {},
      tfma_plots={
        attribute: {
          "roc": charts.roc(of.confusion, _threshold(found.evaluation["attributes"][attribute])),
          "precision": charts.precision(
            of.confusion, _threshold(found.evaluation["attributes"][attribute])
          ),
          "calibration": charts.calibration(of.calibration),
          "confusion": of.confusion.at(_threshold(found.evaluation["attributes"][attribute])),
        }
        for attribute, of in plots.items()
      },
      galleries=judged.galleries(found.judged, uris["faces"]),
      pictures=_pictures(uris["pictures"]),
      neighbours=neighbours.find(
        uris["embeddings"], uris["synthetic_faces"], uris["faces"], attributes
      ),
      training_charts=_training_charts(uris.get("training_log")),
      drifts=statistics.drifts([uris[key] for key in DRIFT_VALIDATORS]),
      drift_charts=charts.drift(drift.by_dimension(uris["embeddings"])),
      validations=_validations(uris),
      statistics={
        "photos": statistics.features(uris["face_statistics"]),
        "embeddings": statistics.features(uris["embedding_statistics"]),
      },
      run=run,
      **_quarantined(uris.get("quarantine")),
    )
  )


def render_failure(
  name: str, config: str, failure: facts.Failure, uris: Mapping[str, str], run: facts.Run
) -> str:
  """The page of a run that did not come to its end.

  Args:
    name: of the run.
    config: the run's settings, as text.
    failure: where and why it ended.
    uris: of those of the artifacts of `render` that were made.
    run: how far it came.
  """
  return (
    templating.environment()
    .get_template("failed.html.j2")
    .render(
      name=name,
      config=config,
      failure=failure,
      run=run,
      first=ladder_files.read(uris["first_ladder"]) if "first_ladder" in uris else {},
      name_of=names.of_step,
      validations=[of for of in _validations(uris) if of.found],
      **_quarantined(uris.get("quarantine")),
    )
  )


def sections(with_run: bool) -> Sequence[str]:
  """The ids of the page's sections, in their order."""
  return [anchor for anchor in _SECTIONS if with_run or anchor not in _OF_RUN]


def _validations(uris: Mapping[str, str]) -> list[statistics.Validation]:
  named = {**FACE_VALIDATORS, **EMBEDDING_VALIDATORS, **DRIFT_VALIDATORS}
  return statistics.validations({title: uris[key] for key, title in named.items() if key in uris})


def _quarantined(uri: str | None) -> dict[str, Any]:
  """Photos that were set aside, with pictures of those that can be drawn."""
  reasons = quarantine.read(uri) if uri else {}
  originals = quarantine.kept_photos(uri) if uri else {}
  shown = list(reasons.items())[:_QUARANTINED]
  return {
    "quarantined": [
      {"image_id": image_id, "reason": reason, "thumbnail": _of_file(originals.get(image_id))}
      for image_id, reason in shown
    ],
    "quarantined_more": len(reasons) - len(shown),
  }


def _of_file(path: str | None) -> str | None:
  return None if path is None else thumbnails.of_file(path)


def _source(config: str) -> str:
  """What the photos were read from, as it was set."""
  return yaml.safe_load(config)["source"]["path"]


def _choices(learned: Mapping[str, Any]) -> list[dict[str, Any]]:
  """What cross-validation chose between, with its figures."""
  found = list(learned.get("choices") or ())
  if len(learned.get("validation") or ()) > 1:
    found.append(
      {
        "choice": "weight of all synthetic faces, in weights of all photos",
        "chosen": learned["synthetic_weight"],
        "candidates": [
          {"name": weight, "cv_log_loss": of["log_loss"], "cv_auc": of["auc"]}
          for weight, of in learned["validation"].items()
        ],
      }
    )
  return found


def _lowest_auc(ladder: Mapping[str, Any]) -> float:
  """Where the ladder's lines start: a tenth below all intervals."""
  lows = [row["auc_ci95"][0] for step, row in ladder.items() if step != steps.MAJORITY]
  return min(0.9, max(0.0, math.floor(10 * min(lows, default=0.0)) / 10))


def _threshold(figures: Mapping[str, Any]) -> float:
  """From which probability on the pushed model says 1."""
  return figures["ladder"][figures["step"]]["threshold"]


def _sweeps(sweeps: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, dict[str, str]]:
  """Chart and answer, by attribute."""
  return {
    attribute: {
      "chart": charts.sweep(rows, (names.LABELS_ONLY, steps.WITH_SYNTHESIS, steps.CEILING)),
      "answer": verdict.enough_labels(rows),
    }
    for attribute, rows in sweeps.items()
  }


def _training_charts(uri: str | None) -> list[str]:
  """Small multiples; none where the generator was not trained here."""
  if uri is None:
    return []
  found = charts.training(history.read(uri))
  nats = history.read_health(uri)["kl_by_dimension"]
  return [*found, charts.divergences(nats, health.ACTIVE_NATS)] if nats else found


def _pictures(uri: str) -> list[dict[str, str]]:
  """PNG files as data URIs, in the order of their names."""
  found = []
  for path in _png_files(uri):
    title = pictures.title(path)
    look_for = next((text for kind, text in _LOOK_FOR.items() if kind in title), "")
    found.append({"title": title, "look_for": look_for, "source": _as_jpeg(path)})
  return found


def _png_files(uri: str) -> Iterable[str]:
  return sorted(tf.io.gfile.glob(os.path.join(uri, "*.png")))


def _as_jpeg(path: str) -> str:
  """A tenth of the size, and as good to look at."""
  with tf.io.gfile.GFile(path, "rb") as file:
    return thumbnails.as_uri(Image.open(io.BytesIO(file.read())).convert("RGB"))
