"""Connects the artifacts of `SyntheticFaceGen` with what makes faces."""

import os
from typing import Any, Dict, List

from absl import logging
from apache_beam.utils import shared
import numpy as np
from tfx import types
from tfx.dsl.components.base import base_beam_executor
from tfx.types import artifact_utils

from components import examples
from components import settings as settings_lib
from components.synthetic_face_gen import decoding
from components.synthetic_face_gen import directions
from components.synthetic_face_gen import generator as generator_lib
from components.synthetic_face_gen import latents as latents_lib
from components.synthetic_face_gen import pictures
from components.synthetic_face_gen import settings as own_settings

DIRECTIONS = "directions.json"
_LATENTS = "latents.npz"
_SHEET_FACES = 96
_SHEET_COLUMNS = 8
_STRIPS = 8
_STRIP_POSITIONS = np.linspace(-3, 3, 9)


class Executor(base_beam_executor.BaseBeamExecutor):
  """Model and faces -> synthetic faces, directions and pictures."""

  def Do(self, input_dict: Dict[str, List[types.Artifact]],
         output_dict: Dict[str, List[types.Artifact]],
         exec_properties: Dict[str, Any]) -> None:
    """Finds the direction and writes the splits.

    Raises:
      UserError: too few labelled photos of a class, or a generator without
        the signatures.
    """
    self._log_startup(input_dict, output_dict, exec_properties)
    settings = settings_lib.from_json(
        own_settings.SyntheticSettings, exec_properties["settings"])
    faces = artifact_utils.get_single_instance(output_dict["examples"])
    folder = artifact_utils.get_single_uri(output_dict["directions"])
    source = decoding.Source(
        model_uri=artifact_utils.get_single_uri(input_dict["model"]),
        direction_path=os.path.join(folder, DIRECTIONS),
        latents_path=os.path.join(folder, _LATENTS),
        settings=settings)
    _find_direction(
        artifact_utils.get_single_uri(input_dict["photos"]), source,
        exec_properties["attribute"])
    handle = shared.Shared()
    counts = {examples.SYNTHETIC_TRAIN: settings.train_faces,
              examples.SYNTHETIC_EVAL: settings.eval_faces}
    with self._make_beam_pipeline() as pipeline:
      for split, count in counts.items():
        _ = pipeline | split >> decoding.MakeSplit(
            source, handle, faces.uri, split, count)
    examples.set_splits(faces, counts)
    _draw(source, exec_properties["attribute"],
          artifact_utils.get_single_uri(output_dict["pictures"]))


def _find_direction(photos: str, source: decoding.Source,
                    attribute: str) -> None:
  """Writes the direction and the codes it comes from."""
  generator = generator_lib.Generator(source.model_uri)
  latents = latents_lib.encode(
      photos, generator, source.settings.direction_labels)
  direction = directions.find(
      *latents.with_labels(), attribute, source.settings.seed)
  logging.info("direction of %s: cross-validated AUC %.3f on %d photos",
               attribute, direction.separation_auc,
               direction.positives + direction.negatives)
  if direction.warning:
    logging.warning("%s: %s", attribute, direction.warning)
  latents_lib.write(latents, source.latents_path)
  directions.write(direction, source.direction_path)


def _draw(source: decoding.Source, attribute: str, folder: str) -> None:
  """Writes `contact_sheet.png` and `interpolation.png`."""
  generator = generator_lib.Generator(source.model_uri)
  direction = directions.read(source.direction_path)
  has, has_not = (f"{attribute} annotation: {word}"
                  for word in ("has", "has not"))
  images, labels, _ = source.load().make(
      examples.SYNTHETIC_TRAIN, 0,
      min(_SHEET_FACES, source.settings.train_faces))
  pictures.save(
      pictures.contact_sheet(
          [has, has_not], [images[labels == 1], images[labels == 0]],
          _SHEET_COLUMNS),
      os.path.join(folder, "contact_sheet.png"))
  codes = latents_lib.read(source.latents_path).codes[:_STRIPS]
  rows = [
      generator.decode(direction.place(
          np.repeat(code[np.newaxis], len(_STRIP_POSITIONS), axis=0),
          _STRIP_POSITIONS))
      for code in codes]
  pictures.save(pictures.strips([has_not, has], rows),
                os.path.join(folder, "interpolation.png"))
