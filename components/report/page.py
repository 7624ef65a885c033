"""The page: everything inline, nothing fetched."""

import base64
import os
from typing import Any, Dict, List, Optional

import jinja2
import tensorflow as tf

from components.face_example_gen import quarantine
from components.ladder import steps
from components.report import charts
from components.report import results
from components.synthetic_face_gen import pictures
from components.vae_gan_trainer import health
from components.vae_gan_trainer import history

_TEMPLATE = "page.html.j2"


def render(name: str, config: str, evaluation: Dict[str, Any],
           uris: Dict[str, str]) -> str:
  """The report as one HTML document.

  Args:
    name: of the run.
    config: the run's settings, as text.
    evaluation: of `results.evaluation`.
    uris: of the input artifacts, by name.
  """
  environment = jinja2.Environment(
      loader=jinja2.PackageLoader("components.report", ""),
      autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True,
      lstrip_blocks=True)
  return environment.get_template(_TEMPLATE).render(
      name=name, config=config, evaluation=evaluation,
      steps=steps.DESCRIPTIONS,
      slices={attribute: results.slices(uris["evaluation"], attribute)
              for attribute in evaluation["attributes"]},
      ladder_charts={
          attribute: charts.ladder(figures["ladder"], figures["step"])
          for attribute, figures in evaluation["attributes"].items()},
      training=_training(uris.get("training_log")),
      pictures=_pictures(uris["pictures"]),
      quarantined=quarantine.read(uris["quarantine"]))


def _training(uri: Optional[str]) -> Optional[Dict[str, Any]]:
  """Charts and alarms; None where the generator was not trained here."""
  if uri is None:
    return None
  training, state = history.read(uri), history.read_health(uri)
  nats = state["kl_by_dimension"]
  return {
      "alarms": state["alarms"],
      "charts": {
          "Means by epoch, each curve in units of its largest value.":
              charts.curves(training, list(training[-1])),
          "How probably real the discriminator finds what it sees; healthy "
          "is near one half, without one curve leaving the others.":
              charts.probabilities(training),
          **({"What each latent dimension carries in the last epoch.":
                  charts.divergences(nats, health.ACTIVE_NATS)}
             if nats else {})},
  }


def _pictures(uri: str) -> List[Dict[str, str]]:
  """PNG files as data URIs, in the order of their names."""
  found = []
  for path in sorted(tf.io.gfile.glob(os.path.join(uri, "*.png"))):
    with tf.io.gfile.GFile(path, "rb") as file:
      data = base64.b64encode(file.read()).decode()
    found.append({"title": pictures.title(path),
                  "source": f"data:image/png;base64,{data}"})
  return found
