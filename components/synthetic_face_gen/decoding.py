"""Beam: from the numbers of faces to faces in TFRecords."""

from typing import Iterator, NamedTuple, Tuple

import apache_beam as beam
from apache_beam.utils import shared
import tensorflow as tf

from components import examples
from components import progress
from components.synthetic_face_gen import codes
from components.synthetic_face_gen import directions
from components.synthetic_face_gen import generator
from components.synthetic_face_gen import latents
from components.synthetic_face_gen import settings as own_settings

_BATCH = 64
_JPEG_QUALITY = 95


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
        codes.Sampler(self.settings, latents.read(self.latents_path),
                      directions.read(self.direction_path)))


class Maker:
  """A generator and the codes that it decodes; one a process."""

  def __init__(self, generator_: generator.Generator, sampler: codes.Sampler):
    self._generator = generator_
    self._sampler = sampler

  def make(self, split: str, start: int, stop: int):
    """Faces, uint8 [m, s, s, 3], and labels, int64 [m]."""
    samples, labels = self._sampler.sample(split, start, stop)
    return self._generator.decode(samples), labels


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
    images, labels = self._maker.make(self._split, start, stop)
    for index, image, label in zip(range(start, stop), images, labels):
      name = f"{self._split.replace('_', '-')}-{index:08d}.jpg"
      yield name, examples.encode({
          examples.IMAGE_ID: name.encode(),
          examples.IMAGE: tf.io.encode_jpeg(
              image, quality=_JPEG_QUALITY,
              chroma_downsampling=False).numpy(),
          examples.LABEL: int(label),
          examples.DOMAIN: examples.SYNTHETIC,
      })
