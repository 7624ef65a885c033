"""Connects the artifacts of `SyntheticFaceGen` with what makes faces."""

import os
from typing import Any, Dict, List

from apache_beam.utils import shared
import numpy as np
from tfx import types
from tfx.dsl.components.base import base_beam_executor
from tfx.types import artifact_utils

from components import examples
from components import settings as settings_lib
from components.latent_directions import directions
from components.latent_directions import executor as directions_executor
from components.latent_directions import generator as generator_lib
from components.latent_directions import latents as latents_lib
from components.synthetic_face_gen import decoding
from components.synthetic_face_gen import pictures
from components.synthetic_face_gen import settings as own_settings

_SHEET_FACES = 96
_SHEET_COLUMNS = 8
_STRIPS = 8
_STRIP_POSITIONS = np.linspace(-2, 2, 9)


class Executor(base_beam_executor.BaseBeamExecutor):
  """Model and directions -> synthetic faces and pictures."""

  def Do(self, input_dict: Dict[str, List[types.Artifact]],
         output_dict: Dict[str, List[types.Artifact]],
         exec_properties: Dict[str, Any]) -> None:
    """Writes the splits, and draws pictures of them.

    Raises:
      UserError: a generator without what the settings ask for.
    """
    self._log_startup(input_dict, output_dict, exec_properties)
    settings = settings_lib.from_json(
        own_settings.SyntheticSettings, exec_properties["settings"])
    faces = artifact_utils.get_single_instance(output_dict["examples"])
    folder = artifact_utils.get_single_uri(input_dict["directions"])
    source = decoding.Source(
        model_uri=artifact_utils.get_single_uri(input_dict["model"]),
        direction_path=os.path.join(folder, directions_executor.DIRECTIONS),
        latents_path=os.path.join(folder, directions_executor.LATENTS),
        settings=settings)
    handle = shared.Shared()
    counts = {examples.SYNTHETIC_TRAIN: settings.train_faces,
              examples.SYNTHETIC_EVAL: settings.eval_faces}
    with self._make_beam_pipeline() as pipeline:
      for split, count in counts.items():
        _ = pipeline | split >> decoding.MakeSplit(
            source, handle, faces.uri, split, count)
    examples.set_splits(faces, counts)
    _draw(source, artifact_utils.get_single_uri(output_dict["pictures"]))


def _draw(source: decoding.Source, folder: str) -> None:
  """Writes `contact_sheet.png` and `interpolation.png`."""
  generator = generator_lib.Generator(source.model_uri)
  direction = directions.overall(source.direction_path)
  has, has_not = (f"{direction.attribute} annotation: {word}"
                  for word in ("has", "has not"))
  images, labels, _ = source.load().make(
      examples.SYNTHETIC_TRAIN, 0,
      min(_SHEET_FACES, source.settings.train_faces))
  pictures.save(
      pictures.contact_sheet(
          [has, has_not], [images[labels == 1], images[labels == 0]],
          _SHEET_COLUMNS),
      os.path.join(folder, "contact_sheet.png"))
  codes = _codes_to_move(latents_lib.read(source.latents_path))
  rows = [
      generator.decode(direction.place(
          np.repeat(code[np.newaxis], len(_STRIP_POSITIONS), axis=0),
          _STRIP_POSITIONS))
      for code in codes]
  pictures.save(pictures.strips([has_not, has], rows),
                os.path.join(folder, "interpolation.png"))


def _codes_to_move(latents: latents_lib.Latents) -> np.ndarray:
  """Codes of the first photos; of drawn faces where there is no encoder."""
  if len(latents.codes):
    return latents.codes[:_STRIPS]
  mean, root = latents.gaussian()
  noise = np.random.default_rng(0).standard_normal([_STRIPS, len(mean)])
  return mean + noise @ root.T
