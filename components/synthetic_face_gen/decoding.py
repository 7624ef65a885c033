"""Beam: from the numbers of faces to faces in TFRecords."""

from typing import Dict, Iterator, NamedTuple, Tuple

import apache_beam as beam
from apache_beam.utils import shared
import numpy as np

from components import examples
from components import folds
from components import progress
from components.latent_directions import directions
from components.latent_directions import generator
from components.latent_directions import latents
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
    return Maker(generator.Generator(self.model_uri), samplers(
        self.settings, latents.read(self.latents_path),
        directions.read(self.direction_path)))


def samplers(settings: own_settings.SyntheticSettings, codes_: latents.Latents,
             found: Dict[int, directions.Direction]
             ) -> Dict[int, codes.Sampler]:
  """A sampler for each fold, which has seen neither its codes nor its labels.

  Args:
    settings: which codes are decoded.
    codes_: the photos' codes.
    found: directions by fold; the one of all labels is used only where there
      are no folds.
  """
  wanted = [fold for fold in found if fold != folds.NO_FOLD] or list(found)
  return {fold: codes.Sampler(settings, codes_.without(fold), found[fold])
          for fold in wanted}


class Maker:
  """A generator and the codes that it decodes; one a process.

  Folds take turns, a pair of faces (one of each class) at a time.
  """

  def __init__(self, generator_: generator.Generator,
               samplers_: Dict[int, codes.Sampler]):
    self._generator = generator_
    self._samplers = samplers_

  def make(self, split: str, start: int, stop: int):
    """Faces uint8 [m, s, s, 3], labels int64 [m] and folds int64 [m]."""
    numbers = np.arange(start, stop)
    names = np.array(list(self._samplers))
    face_folds = names[(numbers // 2) % len(names)]
    labels = numbers % 2
    samples = None
    for fold, sampler in self._samplers.items():
      mine = face_folds == fold
      if mine.any():
        drawn, _ = sampler.sample(split, numbers[mine])
        if samples is None:
          samples = np.empty([len(numbers), drawn.shape[1]], drawn.dtype)
        samples[mine] = drawn
    return self._generator.decode(samples), labels, face_folds


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

  def __init__(self, source: Source, handle: shared.Shared, artifact_uri: str,
               split: str, count: int):
    super().__init__()
    self._make = _MakeDoFn(source, handle, split)
    self._artifact_uri = artifact_uri
    self._split = split
    self._count = count

  def expand(self, pipeline):
    ranges = [(start, min(start + _BATCH, self._count))
              for start in range(0, self._count, _BATCH)]
    return (
        pipeline
        | "Ranges" >> beam.Create(ranges)
        | "Spread" >> beam.Reshuffle()
        | "Make" >> beam.ParDo(self._make)
        | "Progress" >> progress.CountElements(
            self._split, self._count, "face")
        | "Write" >> examples.WriteSplit(
            self._artifact_uri, self._split,
            examples.shards_for(self._count)))


class _MakeDoFn(beam.DoFn):

  def __init__(self, source: Source, handle: shared.Shared, split: str):
    self._source = source
    self._handle = handle
    self._split = split
    self._maker = None

  def setup(self):
    self._maker = self._handle.acquire(self._source.load)

  def process(self, span: Tuple[int, int]) -> Iterator[Tuple[str, bytes]]:
    start, stop = span
    images, labels, folds_ = self._maker.make(self._split, start, stop)
    files = generator.to_jpeg(images)
    for index, image, label, fold in zip(
        range(start, stop), files, labels, folds_):
      name = f"{self._split.replace('_', '-')}-{index:08d}.jpg"
      yield name, examples.encode({
          examples.IMAGE_ID: name.encode(),
          examples.IMAGE: image,
          examples.LABEL: int(label),
          examples.DOMAIN: examples.SYNTHETIC,
          examples.FOLD: int(fold),
      })
