"""The page: everything inline, nothing fetched."""

import io
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import jinja2
import markupsafe
import tensorflow as tf
from PIL import Image

from components.report import (
  charts,
  drift,
  facts,
  judged,
  neighbours,
  results,
  statistics,
  tfma_plots,
  thumbnails,
)
from components.shared.artifacts import quarantine
from components.shared.generators import health, history, pictures
from components.shared.learning import serving, steps

_QUARANTINED = 500
_SECTIONS = {
  "answer": "Answer",
  "ladder": "Ladder",
  "evaluation": "Evaluation",
  "photos": "Photos",
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
    _environment()
    .get_template("page.html.j2")
    .render(
      name=name,
      config=config,
      evaluation=found.evaluation,
      card=card,
      steps=steps.DESCRIPTIONS,
      slices=found.slices,
      thresholds=found.thresholds,
      threshold_used=serving.THRESHOLD,
      sections=[(anchor, _SECTIONS[anchor]) for anchor in sections(with_run=run is not None)],
      ladder_charts={
        attribute: charts.ladder(figures["ladder"], figures["step"])
        for attribute, figures in found.evaluation["attributes"].items()
      },
      tfma_plots={
        attribute: {
          "roc": charts.roc_and_precision(of.confusion, serving.THRESHOLD),
          "calibration": charts.calibration(of.calibration),
          "confusion": of.confusion.at(serving.THRESHOLD),
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
      drift_chart=charts.drift(drift.by_dimension(uris["embeddings"])),
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
    _environment()
    .get_template("failed.html.j2")
    .render(
      name=name,
      config=config,
      failure=failure,
      run=run,
      validations=[of for of in _validations(uris) if of.found],
      **_quarantined(uris.get("quarantine")),
    )
  )


def sections(with_run: bool) -> Sequence[str]:
  """The ids of the page's sections, in their order."""
  return [anchor for anchor in _SECTIONS if with_run or anchor not in _OF_RUN]


def _environment() -> jinja2.Environment:
  environment = jinja2.Environment(
    loader=jinja2.PackageLoader("components.report"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
  )
  environment.filters["code"] = _code
  return environment


def _code(text: str) -> markupsafe.Markup:
  """What stands between backticks, as code."""
  return markupsafe.Markup(re.sub("`([^`]*)`", r"<code>\1</code>", str(markupsafe.escape(text))))  # noqa: S704  It is escaped inside.


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


def _training_charts(uri: str | None) -> dict[str, str]:
  """By caption; none where the generator was not trained here."""
  if uri is None:
    return {}
  training = history.read(uri)
  found = {
    "Means by epoch, each curve in units of its largest value.": charts.curves(
      training, list(training[-1])
    ),
    "How probably real the discriminator finds what it sees; healthy is near "
    "one half, without one curve leaving the others.": charts.probabilities(training),
  }
  nats = history.read_health(uri)["kl_by_dimension"]
  if nats:
    found["What each latent dimension carries in the last epoch."] = charts.divergences(
      nats, health.ACTIVE_NATS
    )
  return found


def _pictures(uri: str) -> list[dict[str, str]]:
  """PNG files as data URIs, in the order of their names."""
  return [{"title": pictures.title(path), "source": _as_jpeg(path)} for path in _png_files(uri)]


def _png_files(uri: str) -> Iterable[str]:
  return sorted(tf.io.gfile.glob(os.path.join(uri, "*.png")))


def _as_jpeg(path: str) -> str:
  """A tenth of the size, and as good to look at."""
  with tf.io.gfile.GFile(path, "rb") as file:
    return thumbnails.as_uri(Image.open(io.BytesIO(file.read())).convert("RGB"))
