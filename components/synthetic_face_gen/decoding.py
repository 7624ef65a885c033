"""Beam: from the numbers of faces to faces in TFRecords."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import apache_beam as beam
import numpy as np
from apache_beam.utils import shared

from components.shared.core import counting
from components.shared.data import examples, folds, write_split
from components.shared.generators import generator
from components.shared.learning import directions, latents
from components.synthetic_face_gen import codes
from components.synthetic_face_gen import settings as own_settings

_BATCH = 64


class Source(NamedTuple):
  """Where a worker finds what faces are made of.

  Attributes:
    model_uri: Model artifact of the generator.
    direction_path: file of `directions.write`.
    latents_path: file of `latents.write`.
    settings: which codes are decoded.
  """

  model_uri: str
  direction_path: str
  latents_path: str
  settings: own_settings.SyntheticSettings

  def load(self) -> "Maker":
    return Maker(
      generator.Generator(self.model_uri),
      self.settings,
      latents.read(self.latents_path),
      directions.read(self.direction_path),
    )


class Faces(NamedTuple):
  """Synthetic faces of one split.

  Attributes:
    images: uint8 [m, s, s, 3].
    labels: int64 [m, k], of each attribute; `UNKNOWN` of those that the face
      was not made for.
    folds: int64 [m].
  """

  images: np.ndarray
  labels: np.ndarray
  folds: np.ndarray


class Maker:
  """A generator and the codes that it decodes; one a process.

  A face's number says what it is. The first `train_faces` (or `eval_faces`)
  are made for the first attribute, the next for the second; with
  `combinations` all are made for all. Every combination of labels takes its
  turn, label 0 first, and then every fold: each half of an attribute's faces
  is one class, exactly.

  Args:
    generator_: what decodes.
    settings: which codes are decoded.
    latents_: the photos' codes by attribute.
    found: directions by attribute and fold; those of all labels are used only
      where there are no folds. A fold's faces owe nothing to its photos'
      labels and codes.

  Attributes:
    generator: as given.
    attributes: in the order of the labels' columns.
  """

  def __init__(
    self,
    generator_: generator.Generator,
    settings: own_settings.SyntheticSettings,
    latents_: dict[str, latents.Latents],
    found: dict[str, dict[int, directions.Direction]],
  ):
    self.generator = generator_
    self.attributes = list(found)
    self._counts = {
      examples.SYNTHETIC_TRAIN: settings.train_faces,
      examples.SYNTHETIC_EVAL: settings.eval_faces,
    }
    everything = list(range(len(self.attributes)))
    self._made_for: list[list[int]] = (
      [everything] if settings.combinations else [[place] for place in everything]
    )
    fold_names = list(found[self.attributes[0]])
    self._folds = [fold for fold in fold_names if fold != folds.NO_FOLD] or fold_names
    self._samplers = {
      (group, fold): _sampler(
        settings, [self.attributes[place] for place in places], fold, latents_, found
      )
      for group, places in enumerate(self._made_for)
      for fold in self._folds
    }

  def total(self, split: str) -> int:
    """How many faces a split has."""
    return self._counts[split] * len(self._made_for)

  def numbers(self, split: str, attribute: str) -> range:
    """Of the faces of a split that are made for an attribute."""
    place = self.attributes.index(attribute)
    (group,) = (group for group, places in enumerate(self._made_for) if place in places)
    count = self._counts[split]
    return range(group * count, (group + 1) * count)

  def make(self, split: str, start: int, stop: int) -> Faces:
    """The faces of a split with these numbers."""
    numbers = np.arange(start, stop)
    groups = numbers // self._counts[split]
    labels = np.full([len(numbers), len(self.attributes)], latents.UNKNOWN, np.int64)
    face_folds = np.empty(len(numbers), np.int64)
    samples = np.empty([len(numbers), self.generator.latent_size], np.float32)
    for group, places in enumerate(self._made_for):
      combinations = 2 ** len(places)
      bits = (numbers[:, np.newaxis] >> np.arange(len(places))) & 1
      turns = (numbers // combinations) % len(self._folds)
      for turn, fold in enumerate(self._folds):
        mine = (groups == group) & (turns == turn)
        if mine.any():
          labels[np.ix_(mine, places)] = bits[mine]
          face_folds[mine] = fold
          samples[mine] = self._samplers[group, fold].sample(split, numbers[mine], bits[mine])
    return Faces(self.generator.decode(samples), labels, face_folds)


def _sampler(
  settings: own_settings.SyntheticSettings,
  attributes: Sequence[str],
  fold: int,
  latents_: dict[str, latents.Latents],
  found: dict[str, dict[int, directions.Direction]],
) -> codes.Sampler:
  """Draws codes that have seen neither the codes nor the labels of a fold."""
  return codes.Sampler(
    settings,
    latents_[attributes[0]].without(fold),
    [found[attribute][fold] for attribute in attributes],
  )


class MakeSplit(beam.PTransform):
  """Decodes and writes a split's faces.

  Batches are fixed ranges of numbers: how many faces are decoded together can
  change their last bits, and must not depend on the number of workers.

  Args:
    source: what faces are made of.
    handle: shared by all splits of a pipeline, so that a process loads once.
    artifact_uri: the Examples artifact that is written.
    split: its name.
    count: number of faces.
  """

  def __init__(
    self, source: Source, handle: shared.Shared, artifact_uri: str, split: str, count: int
  ):
    super().__init__()
    self._make = _MakeDoFn(source, handle, split)
    self._artifact_uri = artifact_uri
    self._split = split
    self._count = count

  def expand(self, pipeline):
    ranges = [(start, min(start + _BATCH, self._count)) for start in range(0, self._count, _BATCH)]
    return (
      pipeline
      | "Ranges" >> beam.Create(ranges)
      | "Spread" >> beam.Reshuffle()
      | "Make" >> beam.ParDo(self._make)
      | "Progress" >> counting.CountElements(self._split, self._count, "face")
      | "Write"
      >> write_split.WriteSplit(self._artifact_uri, self._split, examples.shards_for(self._count))
    )


class _MakeDoFn(beam.DoFn):
  def __init__(self, source: Source, handle: shared.Shared, split: str):
    self._source = source
    self._handle = handle
    self._split = split
    self._maker: Any = None

  def setup(self):
    self._maker = self._handle.acquire(self._source.load)

  def process(self, span: tuple[int, int]) -> Iterator[tuple[str, bytes]]:
    start, stop = span
    faces = self._maker.make(self._split, start, stop)
    files = generator.to_jpeg(faces.images)
    for index, image, labels, fold in zip(
      range(start, stop), files, faces.labels, faces.folds, strict=True
    ):
      name = f"{self._split.replace('_', '-')}-{index:08d}.jpg"
      yield (
        name,
        examples.encode(
          {
            examples.IMAGE_ID: name.encode(),
            examples.IMAGE: image,
            examples.DOMAIN: examples.SYNTHETIC,
            examples.FOLD: int(fold),
            **{
              examples.label(attribute): int(label)
              for attribute, label in zip(self._maker.attributes, labels, strict=True)
              if label != latents.UNKNOWN
            },
          }
        ),
      )
