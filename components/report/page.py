"""The page: everything inline, nothing fetched."""

import base64
import os
from typing import Any, Dict, List, Optional

import jinja2
import tensorflow as tf

from components.face_example_gen import quarantine
from components.ladder import steps
from components.latent_directions import directions
from components.latent_directions import executor as directions_executor
from components.report import charts
from components.report import results
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
      slices=results.slices(uris["evaluation"]),
      ladder_chart=charts.ladder(evaluation["ladder"], evaluation["step"]),
      training_chart=_training_chart(uris.get("training_log")),
      direction=directions.overall(os.path.join(
          uris["directions"], directions_executor.DIRECTIONS)),
      pictures=_pictures(uris["pictures"]),
      quarantined=quarantine.read(uris["quarantine"]))


def _training_chart(uri: Optional[str]) -> Optional[str]:
  """None where the generator was not trained here."""
  if uri is None:
    return None
  training = history.read(uri)
  return charts.curves(training, list(training[-1]))


def _pictures(uri: str) -> List[Dict[str, str]]:
  """PNG files as data URIs, in the order of their names."""
  pictures = []
  for path in sorted(tf.io.gfile.glob(os.path.join(uri, "*.png"))):
    with tf.io.gfile.GFile(path, "rb") as file:
      data = base64.b64encode(file.read()).decode()
    title = os.path.splitext(os.path.basename(path))[0].replace("_", " ")
    pictures.append({"title": title, "source": f"data:image/png;base64,{data}"})
  return pictures
