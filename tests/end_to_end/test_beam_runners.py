"""The pipeline's Beam components, run elsewhere than in its own process."""

import pathlib

import apache_beam as beam
import pytest
import tensorflow as tf

from components.shared.core import errors
from components.shared.data import examples
from tests import beam_engines, beam_options
from tests.end_to_end import running

pytestmark = pytest.mark.slow

# Left to processes of the run's own machine.
_IN_PROCESSES = ("RealFaceEmbedder", "SyntheticFaceGen")
_BY_THE_SERVER = {
  "FaceExampleGen",
  "FaceStatistics",
  "LabeledEmbeddings",
  "SyntheticFaceEmbedder",
  "LabelFilter",
  "ExamplesUnion",
  "EmbeddingStatistics",
  "Transform",
  "Evaluator",
}
_SAME_BYTES = (
  ("FaceExampleGen", "examples"),
  ("FaceExampleGen", "quarantine"),
  ("RealFaceEmbedder", "embeddings"),
  ("LabeledEmbeddings", "embeddings"),
  ("SyntheticFaceGen", "examples"),
  ("SyntheticFaceEmbedder", "embeddings"),
  ("LabelFilter", "examples"),
  ("LabelFilter", "counts"),
  ("ExamplesUnion", "examples"),
  ("Evaluator", "blessing"),
)


@pytest.fixture(scope="module", params=beam_engines.NAMES)
def engine(request, tmp_path_factory):
  with beam_engines.running(request.param, tmp_path_factory.mktemp("servers")) as started:
    yield started


def _run(output, few_photos, name, *arguments):
  run = running.run_pipeline(
    output,
    name,
    *few_photos,
    "--generator",
    "dcgan-digiface",
    *arguments,
    settings=running.SMALLEST,
  )
  assert run.status == 0, run.errors
  return run


def _beam(flags, component=""):
  return [part for flag in flags for part in ("--beam", f"{component}{flag}")]


@pytest.fixture(scope="module")
def portable(output, few_photos, engine):
  """Its Beam components are run by the engine, two by local processes."""
  return _run(
    output,
    few_photos,
    f"portable-{engine.name}",
    *_beam(engine.flags),
    *(
      part
      for component in _IN_PROCESSES
      for part in _beam(beam_options.processes(2), f"{component}:")
    ),
  )


def _files(folder: pathlib.Path):
  return {
    str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()
  }


def _statistics(run, component, split):
  from tensorflow_metadata.proto.v0 import statistics_pb2

  path = run.artifact(component, "statistics") / f"Split-{split}" / "FeatureStats.pb"
  data = statistics_pb2.DatasetFeatureStatisticsList.FromString(path.read_bytes()).datasets[0]
  return data.num_examples, {
    feature.path.step[0]: pytest.approx(feature.num_stats.mean, rel=1e-6)
    for feature in data.features
  }


def _transformed(run, split):
  folder = run.artifact("Transform", "transformed_examples")
  records = tf.data.TFRecordDataset(
    tf.io.gfile.glob(examples.split_pattern(str(folder), split)), compression_type="GZIP"
  ).as_numpy_iterator()
  found = [examples.decode(record) for record in records]
  return {face["image_id"]: face[examples.EMBEDDING] for face in found}


@pytest.mark.parametrize("component, key", _SAME_BYTES)
def test_artifacts_are_the_same_byte_for_byte(few_run, portable, component, key):
  files = _files(few_run.artifact(component, key))
  assert files == _files(portable.artifact(component, key))
  assert files


def test_statistics_are_the_same(few_run, portable):
  for component, split in (
    ("FaceStatistics", "training"),
    ("EmbeddingStatistics", "synthetic_train"),
  ):
    found = _statistics(few_run, component, split)
    assert found == _statistics(portable, component, split)
    assert found[0] > 10


def test_what_transform_gives_is_the_same(few_run, portable):
  """Its records are in no order, nor are the features of a record."""
  for split in ("labeled", "unlabeled", "synthetic_train", "synthetic_eval"):
    found = _transformed(few_run, split)
    assert found
    assert _transformed(portable, split) == {
      name: pytest.approx(values, abs=1e-5) for name, values in found.items()
    }


def test_evaluation_is_the_same(few_run, portable):
  for key in ("ladder", "hand_labeled", "blessed", "generator"):
    assert portable.evaluation[key] == few_run.evaluation[key], key


def test_each_job_had_a_worker_of_the_pool(portable, engine):
  del portable
  if engine.log is None:
    pytest.skip("its workers are in the run's own process")
  assert engine.log.read_text().count("Starting worker with command") == len(_BY_THE_SERVER)


def _refuse(_):
  raise errors.UserError("photo.jpg: is not what it should be")


def test_what_a_worker_says_of_a_mistake_is_found(engine):
  for flags in ([*engine.flags, "--sdk_container_image=none"], beam_options.processes(2)):
    with pytest.raises(RuntimeError) as raised, beam.Pipeline(argv=list(flags)) as pipeline:
      _ = pipeline | beam.Create([1]) | beam.Map(_refuse)
    found = errors.find_user_error(raised.value)
    assert str(found).startswith("photo.jpg: is not what it should be")
