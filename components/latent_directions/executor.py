"""Connects the artifacts of `LatentDirections` with what finds them."""

import json
import os
from collections.abc import Sequence
from typing import Any

from absl import logging
from tfx import types
from tfx.dsl.components.base import base_executor
from tfx.types import artifact_utils

from components.latent_directions import finding
from components.latent_directions import photos as photos_lib
from components.shared.artifacts import latent_codes
from components.shared.artifacts.directions_files import DIRECTIONS, LATENTS, SCORERS
from components.shared.core import progress
from components.shared.core import settings as settings_lib
from components.shared.data import folds
from components.shared.learning import directions, scorer
from components.shared.learning import latents as latents_lib
from components.shared.learning.direction_settings import DirectionSettings


class Executor(base_executor.BaseExecutor):
  """Latent codes, and embeddings with labels -> directions."""

  def Do(
    self,
    input_dict: dict[str, list[types.Artifact]],
    output_dict: dict[str, list[types.Artifact]],
    exec_properties: dict[str, Any],
  ) -> None:
    """Scores what the generator drew, and finds the directions.

    Raises:
      UserError: too few labelled photos of a class, or a generator that draws
        one face only.
    """
    uris = {
      name: artifact_utils.get_single_uri(artifacts) for name, artifacts in input_dict.items()
    }
    settings = settings_lib.from_json(DirectionSettings, exec_properties["settings"])
    attributes = json.loads(exec_properties["attributes"])
    codes = latent_codes.read(uris["codes"])
    photos = photos_lib.read(uris["embeddings"], attributes, settings)
    latents = photos_lib.label(codes, uris["embeddings"], attributes, settings)
    finding.require_variety(codes, photos[attributes[0]])
    found = {
      attribute: finding.find(attribute, photos[attribute], latents[attribute], codes, settings)
      for attribute in attributes
    }
    _say([one.directions[folds.NO_FOLD] for one in found.values()])
    folder = artifact_utils.get_single_uri(output_dict["directions"])
    latents_lib.write(latents, os.path.join(folder, LATENTS))
    scorer.write(
      {attribute: one.scorers for attribute, one in found.items()}, os.path.join(folder, SCORERS)
    )
    directions.write(
      {attribute: one.directions for attribute, one in found.items()},
      os.path.join(folder, DIRECTIONS),
    )


def _say(found: Sequence[directions.Direction]) -> None:
  for direction in found:
    logging.info(
      "direction of %s by %s: cross-validated AUC %.3f, of the scorer %s, on %d labelled photos",
      direction.attribute,
      direction.method,
      direction.separation_auc,
      direction.scorer_auc,
      direction.positives + direction.negatives,
    )
    if direction.warning:
      progress.note(f"{direction.attribute}: {direction.warning}")
  alike = directions.alike(found)
  if alike:
    progress.note(f"{alike}: what is made for one is made for the other")
