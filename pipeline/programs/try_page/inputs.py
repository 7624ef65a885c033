"""What the page needs of a run, found in ML Metadata."""

import dataclasses
import os
from collections.abc import Callable
from typing import TypeVar

import numpy as np
import tensorflow as tf

from components.shared.artifacts import directions_files
from components.shared.core import errors
from components.shared.data import examples
from components.shared.generators import generator as generator_lib
from components.shared.learning import directions as directions_lib
from components.shared.learning import latents as latents_lib
from pipeline import config as config_lib
from pipeline import lineage, metadata_store, run_folder
from pipeline.programs import prediction
from pipeline.programs.try_page import faces, neighbours

EVALUATION_PHOTOS = 8
_LOOKED_AT = 200
_Part = TypeVar("_Part")


@dataclasses.dataclass(frozen=True)
class EvaluationPhoto:
  """A hand-labelled photo that nothing has learned from.

  Attributes:
    image_id: its file's name.
    photo: its bytes.
    labels: 1 or 0 by attribute.
  """

  image_id: str
  photo: bytes
  labels: dict[str, int]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Parts:
  """What can be tried; what could not be loaded is None, or empty.

  Attributes:
    name: of the run.
    attributes: that it learned.
    predictor: labels photos.
    photos: those of the run that were learned from.
    synthetic: faces that were learned from.
    evaluation: some photos of `hand_labeled`.
    sliders: the generator.
    notes: a line for each part that is not there, or is not of this run.
  """

  name: str
  attributes: tuple[str, ...]
  predictor: prediction.Predictor | None = None
  photos: neighbours.Neighbours | None = None
  synthetic: neighbours.Neighbours | None = None
  evaluation: tuple[EvaluationPhoto, ...] = ()
  sliders: faces.Sliders | None = None
  notes: tuple[str, ...] = ()


def load(folder: run_folder.RunFolder) -> Parts:
  """Loads what there is of the newest run in a folder.

  Raises:
    UserError: ML Metadata is not there, or nothing of the run can be tried.
  """
  run_folder.check_path(folder.path)
  config = folder.read_config()
  attributes = config.source.attributes
  artifacts = _Artifacts(folder, config)
  notes: list[str] = []

  def part(made: Callable[[], _Part]) -> _Part | None:
    try:
      return made()
    except errors.UserError as error:
      notes.append(str(error))
      return None

  def near(faces_of: str, faces_split: str, *splits: str) -> neighbours.Neighbours:
    found = neighbours.Neighbours(
      artifacts.uri("ExamplesUnion", "examples"),
      artifacts.uri(faces_of, "examples"),
      faces_split,
      splits,
      attributes,
    )
    _check_width(found, predictor, folder)
    return found

  predictor = part(lambda: prediction.Predictor(folder.latest_pushed()))
  photos, synthetic = None, None
  if predictor is not None:
    notes.extend(_of_an_earlier_run(folder))
    photos = part(
      lambda: near("FaceExampleGen", examples.TRAINING, examples.LABELED, examples.UNLABELED)
    )
    synthetic = part(
      lambda: near("SyntheticFaceGen", examples.SYNTHETIC_TRAIN, examples.SYNTHETIC_TRAIN)
    )
  evaluation = part(
    lambda: evaluation_photos(
      artifacts.uri("LabeledEmbeddings", "embeddings"),
      artifacts.uri("FaceExampleGen", "examples"),
      attributes,
    )
  )
  sliders = part(lambda: _sliders(artifacts))
  if predictor is None and sliders is None:
    raise errors.UserError("; ".join(notes))
  return Parts(
    name=config.name,
    attributes=attributes,
    predictor=predictor,
    photos=photos,
    synthetic=synthetic,
    evaluation=evaluation or (),
    sliders=sliders,
    notes=tuple(dict.fromkeys(notes + (sliders.notes if sliders else []))),
  )


class _Artifacts:
  """The artifacts of a folder's newest run."""

  def __init__(self, folder: run_folder.RunFolder, config: config_lib.Config):
    if config.runtime.metadata is None and not folder.metadata.is_file():
      raise errors.UserError(
        f"{folder.metadata}: no such file, so what the run made can't be found; run it again"
      )
    metadata_store.prepare(config.runtime.metadata, folder.metadata)
    places = folder.places(config)
    self._folder = folder
    self._components = lineage.latest_run(places.metadata, places.pipeline_name, places.root)

  def uri(self, component: str, name: str) -> str:
    """Where an artifact is that a component made, or read.

    Raises:
      UserError: there is none, or it is gone.
    """
    found = self._components.get(component)
    uris = found and found.complete and {**found.inputs, **found.outputs}.get(name)
    if not uris:
      raise errors.UserError(
        f"{self._folder.path}: the newest run has no {name} of {component}; run it again"
      )
    if tf.io.gfile.exists(uris[0]):
      return uris[0]
    raise errors.UserError(
      f"{uris[0]}: what {component} gave as {name} was here, and is gone; run it again"
    )


def evaluation_photos(
  embeddings_uri: str, faces_uri: str, attributes: tuple[str, ...]
) -> tuple[EvaluationPhoto, ...]:
  """A few photos of `hand_labeled`, of both labels of the first attribute by
  turns, as far as there are.

  Raises:
    UserError: there are none.
  """
  by_label: dict[int, list[EvaluationPhoto]] = {}
  records = examples.dataset(embeddings_uri, examples.HAND_LABELED).take(_LOOKED_AT)
  for record in records.as_numpy_iterator():
    features = examples.decode(record)
    labels = {a: features[examples.label(a)] for a in attributes}
    of_label = by_label.setdefault(labels[attributes[0]], [])
    if len(of_label) < EVALUATION_PHOTOS // 2:
      image_id = features[examples.IMAGE_ID].decode()
      image = examples.find(faces_uri, examples.RESERVED, image_id)[examples.IMAGE]
      of_label.append(EvaluationPhoto(image_id, image, labels))
  if not by_label:
    raise errors.UserError(f"{embeddings_uri}: no photos of {examples.HAND_LABELED} are here")
  return tuple(
    sorted(
      (photo for photos in by_label.values() for photo in photos), key=lambda photo: photo.image_id
    )
  )


def _sliders(artifacts: _Artifacts) -> faces.Sliders:
  folder = artifacts.uri("LatentDirections", "directions")
  latents = latents_lib.read(os.path.join(folder, directions_files.LATENTS))
  sliders = faces.Sliders(
    generator_lib.Generator(artifacts.uri("LatentCodes", "model")),
    next(iter(latents.values())),  # All attributes share the codes.
    directions_lib.overall(os.path.join(folder, directions_files.DIRECTIONS)),
  )
  sliders.picture(sliders.draw(0))  # The first takes longest.
  return sliders


def _check_width(
  found: neighbours.Neighbours, predictor: prediction.Predictor, folder: run_folder.RunFolder
) -> None:
  """The first prediction also takes longest, and nobody waits for it here."""
  grey = generator_lib.to_jpeg(np.full([1, 64, 64, 3], 128, np.uint8))
  (one,) = predictor.predict([("grey", grey[0])], faces="as-is")
  if len(one.embedding) != found.width:
    raise errors.UserError(
      f"{folder.pushed}: the newest pushed model is of an earlier run, with "
      "another face network, so no nearest faces are shown"
    )


def _of_an_earlier_run(folder: run_folder.RunFolder) -> list[str]:
  if folder.read_evaluation()["blessed"]:
    return []
  return [
    f"the newest run's model was not blessed; labels are those of "
    f"{folder.latest_pushed()}, an earlier run's"
  ]
