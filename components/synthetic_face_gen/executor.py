"""Connects the artifacts of `SyntheticFaceGen` with what makes faces."""

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
from apache_beam.utils import shared
from tfx import types
from tfx.dsl.components.base import base_beam_executor
from tfx.types import artifact_utils

from components.shared.artifacts import directions_files
from components.shared.core import errors
from components.shared.core import settings as settings_lib
from components.shared.data import completeness, examples
from components.shared.generators import generator as generator_lib
from components.shared.generators import pictures
from components.shared.learning import directions
from components.shared.learning import latents as latents_lib
from components.synthetic_face_gen import decoding
from components.synthetic_face_gen import settings as own_settings

_SHEET_FACES = 96
_SHEET_COLUMNS = 8
_STRIPS = 8
_STRIP_POSITIONS = np.linspace(-2, 2, 9)


class Executor(base_beam_executor.BaseBeamExecutor):
  """Model and directions -> synthetic faces and pictures."""

  def Do(
    self,
    input_dict: dict[str, list[types.Artifact]],
    output_dict: dict[str, list[types.Artifact]],
    exec_properties: dict[str, Any],
  ) -> None:
    """Writes the splits, and draws pictures of them.

    Raises:
      UserError: a generator without what the settings ask for.
    """
    self._log_startup(input_dict, output_dict, exec_properties)
    settings = settings_lib.from_json(own_settings.SyntheticSettings, exec_properties["settings"])
    faces = artifact_utils.get_single_instance(output_dict["examples"])
    folder = artifact_utils.get_single_uri(input_dict["directions"])
    source = decoding.Source(
      model_uri=artifact_utils.get_single_uri(input_dict["model"]),
      direction_path=os.path.join(folder, directions_files.DIRECTIONS),
      latents_path=os.path.join(folder, directions_files.LATENTS),
      settings=settings,
    )
    handle = shared.Shared()
    found = directions.overall(source.direction_path)
    if settings.combinations:
      _check_combinations(list(found.values()))
    maker = source.load()
    with self._make_beam_pipeline() as pipeline:
      for split in examples.SYNTHETIC_SPLITS:
        _ = pipeline | split >> decoding.MakeSplit(
          source, handle, faces.uri, split, maker.total(split)
        )
    for split in examples.SYNTHETIC_SPLITS:
      completeness.check("SyntheticFaceGen", faces.uri, split, maker.total(split))
    examples.set_splits(faces, examples.SYNTHETIC_SPLITS)
    folder = artifact_utils.get_single_uri(output_dict["pictures"])
    codes = _codes_to_move(next(iter(latents_lib.read(source.latents_path).values())))
    for attribute, direction in found.items():
      _draw_sheet(maker, attribute, folder)
      _draw_strips(maker.generator, codes, direction, folder)


def _check_combinations(found: Sequence[directions.Direction]) -> None:
  alike = directions.alike(found)
  if alike:
    raise errors.UserError(
      f"{alike}, so faces with one and without the other can't be made: "
      "leave one out, or set synthetic.combinations=false"
    )


def _titles(attribute: str) -> list[str]:
  return [f"{attribute} annotation: {word}" for word in ("has", "has not")]


def _draw_sheet(maker: decoding.Maker, attribute: str, folder: str) -> None:
  """Writes the contact sheet of an attribute's classes."""
  numbers = maker.numbers(examples.SYNTHETIC_TRAIN, attribute)[:_SHEET_FACES]
  faces = maker.make(examples.SYNTHETIC_TRAIN, numbers.start, numbers.stop)
  labels = faces.labels[:, maker.attributes.index(attribute)]
  pictures.save(
    pictures.contact_sheet(
      _titles(attribute), [faces.images[labels == label] for label in (1, 0)], _SHEET_COLUMNS
    ),
    pictures.path(folder, attribute, "contact sheet"),
  )


def _draw_strips(
  generator: generator_lib.Generator,
  codes: np.ndarray,
  direction: directions.Direction,
  folder: str,
) -> None:
  """Writes strips of faces whose codes are moved along a direction."""
  rows = [
    generator.decode(
      directions.place(
        [direction],
        np.repeat(code[np.newaxis], len(_STRIP_POSITIONS), 0),
        _STRIP_POSITIONS[:, np.newaxis],
      )
    )
    for code in codes
  ]
  has, has_not = _titles(direction.attribute)
  pictures.save(
    pictures.strips([has_not, has], rows),
    pictures.path(folder, direction.attribute, "interpolation"),
  )


def _codes_to_move(latents: latents_lib.Latents) -> np.ndarray:
  """Codes of the first photos; of drawn faces where there is no encoder."""
  if len(latents.codes):
    return latents.codes[:_STRIPS]
  mean, root = latents.gaussian()
  noise = np.random.default_rng(0).standard_normal([_STRIPS, len(mean)])
  return mean + noise @ root.T
