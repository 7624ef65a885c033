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
           slices: Dict[str, results.Slices], uris: Dict[str, str]) -> str:
  """The report as one HTML document.

  Args:
    name: of the run.
    config: the run's settings, as text.
    evaluation: of `results.evaluation`.
    slices: of `results.slices`.
    uris: of the input artifacts, by name.
  """
  environment = jinja2.Environment(
      loader=jinja2.PackageLoader("components.report", ""),
      autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True,
      lstrip_blocks=True)
  return environment.get_template(_TEMPLATE).render(
      name=name, config=config, evaluation=evaluation,
      steps=steps.DESCRIPTIONS, slices=slices,
      ladder_charts={
          attribute: charts.ladder(figures["ladder"], figures["step"])
          for attribute, figures in evaluation["attributes"].items()},
      training_charts=_training_charts(uris.get("training_log")),
      pictures=_pictures(uris["pictures"]),
      quarantined=quarantine.read(uris["quarantine"]))


def _training_charts(uri: Optional[str]) -> Dict[str, str]:
  """By caption; none where the generator was not trained here."""
  if uri is None:
    return {}
  training = history.read(uri)
  found = {
      "Means by epoch, each curve in units of its largest value.":
          charts.curves(training, list(training[-1])),
      "How probably real the discriminator finds what it sees; healthy is near "
      "one half, without one curve leaving the others.":
          charts.probabilities(training)}
  nats = history.read_health(uri)["kl_by_dimension"]
  if nats:
    found["What each latent dimension carries in the last epoch."] = (
        charts.divergences(nats, health.ACTIVE_NATS))
  return found


def _pictures(uri: str) -> List[Dict[str, str]]:
  """PNG files as data URIs, in the order of their names."""
  found = []
  for path in sorted(tf.io.gfile.glob(os.path.join(uri, "*.png"))):
    with tf.io.gfile.GFile(path, "rb") as file:
      data = base64.b64encode(file.read()).decode()
    found.append({"title": pictures.title(path),
                  "source": f"data:image/png;base64,{data}"})
  return found
