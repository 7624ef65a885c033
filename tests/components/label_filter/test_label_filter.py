"""Faces that are not what their label says go."""

import dataclasses
import os
import pathlib

import numpy as np
import pytest
from tfx.dsl.components.base import base_beam_executor
from tfx.types import channel, standard_artifacts

from components.label_filter import component, executor
from components.label_filter.settings import FilterSettings
from components.shared.artifacts import directions_files, kept_counts
from components.shared.artifacts import types as artifacts
from components.shared.core import errors
from components.shared.data import examples
from components.shared.learning import directions, scorer, selection
from tests import beam_options

WIDTH = 4


def judge(sign=1.0) -> scorer.Scorer:
  """Sees the attribute where the first dimension is above (below) 0."""
  weights = np.zeros(WIDTH)
  weights[0] = sign
  zeros, ones = np.zeros(WIDTH), np.ones(WIDTH)
  return scorer.Scorer(
    weights=weights,
    bias=np.asarray(0.0),
    mean=zeros,
    deviation=ones,
    face_mean=zeros,
    face_deviation=ones,
    boundary=np.asarray(0.0),
  )


def test_a_face_is_judged_by_the_scorer_of_its_fold():
  rows = np.array([[1.0], [1.0], [-1.0], [-1.0]]) * np.ones(WIDTH)
  kept = selection.confirmed(
    rows,
    np.array([[1], [1], [0], [1]]),
    np.array([0, 1, 0, 0]),
    {"Male": {0: judge(), 1: judge(-1.0)}},
  )
  np.testing.assert_array_equal(kept, [True, False, True, False])


def test_a_face_must_be_what_all_its_labels_say():
  rows = np.array([[1.0], [1.0], [1.0], [-1.0]]) * np.ones(WIDTH)
  kept = selection.confirmed(
    rows,
    np.array([[1, 0], [1, 1], [1, -1], [-1, 0]]),
    np.zeros(4, int),
    {"Male": {0: judge()}, "Female": {0: judge(-1.0)}},
  )
  np.testing.assert_array_equal(kept, [True, False, True, False])


def write(uri: pathlib.Path, wrong_share: float, count=200) -> None:
  """Faces in two files a split; of label 1 a share is on the wrong side."""
  rng = np.random.default_rng(0)
  for split in examples.SYNTHETIC_SPLITS:
    for shard in range(2):
      with examples.open_shard(examples.shard_path(str(uri), split, shard, 2)) as writer:
        for number in range(shard, count, 2):
          label = number // 2 % 2
          wrong = label and rng.random() < wrong_share
          row = rng.normal(size=WIDTH)
          row[0] = abs(row[0]) * (1 if label and not wrong else -1)
          writer.write(
            examples.encode(
              {
                "image_id": f"{split}-{number:05d}.jpg".encode(),
                "embedding": row.tolist(),
                "label_Male": label,
                "fold": number % 2,
                "domain": examples.SYNTHETIC,
              }
            )
          )


SOUND = directions.Direction(
  attribute="Male",
  method="scored_samples",
  fold=-1,
  unit=np.ones(2),
  offset=0.0,
  scale=1.0,
  positives=50,
  negatives=50,
  separation_auc=0.8,
  scorer_auc=0.9,
  warning=None,
)


def run(
  tmp_path, wrong_share, name="out", beam_args=beam_options.ONE_WORKER, direction=SOUND, **settings
):
  source = tmp_path / "faces"
  if not source.exists():
    write(source, wrong_share)
    (tmp_path / "directions").mkdir()
    scorer.write(
      {"Male": {-1: judge(-1.0), 0: judge(), 1: judge()}},
      str(tmp_path / "directions" / directions_files.SCORERS),
    )
    directions.write(
      {"Male": {-1: direction}}, str(tmp_path / "directions" / directions_files.DIRECTIONS)
    )
  made = component.LabelFilter(
    candidates=channel.Channel(type=standard_artifacts.Examples),
    directions=channel.Channel(type=artifacts.Directions),
    settings=FilterSettings(**settings),
  )
  faces, found = standard_artifacts.Examples(), artifacts.Directions()
  faces.uri, found.uri = str(source), str(tmp_path / "directions")
  examples.set_splits(faces, examples.SYNTHETIC_SPLITS)
  outputs = {}
  for key, output in made.outputs.items():
    outputs[key] = output.type()
    outputs[key].uri = str(tmp_path / name / key)
    os.makedirs(outputs[key].uri)
  executor.Executor(
    base_beam_executor.BaseBeamExecutor.Context(
      beam_pipeline_args=list(beam_args), tmp_dir=str(tmp_path / "tmp"), unique_id="1"
    )
  ).Do(
    {"candidates": [faces], "directions": [found]},
    {key: [artifact] for key, artifact in outputs.items()},
    made.exec_properties,
  )
  return tmp_path / name


def read(root, split="synthetic_train"):
  return [
    examples.decode(record.numpy()) for record in examples.dataset(str(root / "examples"), split)
  ]


def test_confirmed_faces_are_kept_and_counted(tmp_path):
  root = run(tmp_path, 0.3)
  for split in examples.SYNTHETIC_SPLITS:
    kept = read(root, split)
    assert all((face["embedding"][0] > 0) == face["label_Male"] for face in kept)
    assert sum(face["label_Male"] == 0 for face in kept) == 100
    assert 50 < sum(face["label_Male"] == 1 for face in kept) < 90
    counts = {
      row["label"]: row for row in kept_counts.read(str(root / "counts")) if row["split"] == split
    }
    assert counts[0]["kept"] == counts[0]["made"] == counts[1]["made"] == 100
    assert counts[1]["kept"] == sum(face["label_Male"] for face in kept)


def test_all_are_kept_if_that_is_wanted(tmp_path):
  assert len(read(run(tmp_path, 0.3, keep="all"))) == 200


def test_the_same_bytes_for_any_number_of_workers(tmp_path):
  one = run(tmp_path, 0.3, "one")
  two = run(tmp_path, 0.3, "two", beam_options.processes(2))
  for split in examples.SYNTHETIC_SPLITS:
    files = [
      [
        pathlib.Path(path).read_bytes()
        for path in examples.split_files(str(root / "examples"), split)
      ]
      for root in (one, two)
    ]
    assert files[0] == files[1] and files[0]


def test_a_class_of_which_hardly_a_face_is_left_stops_the_run(tmp_path):
  doubtful = dataclasses.replace(SOUND, warning="it may separate nothing")
  with pytest.raises(
    errors.UserError, match="confirms only .* of 100 with Male = 1 in synthetic_eval"
  ):
    run(tmp_path, 0.97, direction=doubtful)


def test_labels_that_say_nothing_by_a_sound_direction_stop_the_run(tmp_path):
  """Hardly a face has what half of them are said to have."""
  with pytest.raises(
    errors.UserError,
    match=(
      r"LabelFilter: labels of synthetic faces say nothing: the scorer finds "
      r"Male in \d% of those that are to have it and in 0% of those .* faces "
      r"apart \(AUC 0.80\)"
    ),
  ):
    run(tmp_path, 0.97)
  run(tmp_path, 0.97, name="all", keep="all")


@pytest.mark.parametrize(
  "confirmed_has, confirmed_has_not, fine",
  [(90, 80, True), (61, 55, True), (90, 10, False), (52, 55, False), (10, 20, False)],
)
def test_chance(confirmed_has, confirmed_has_not, fine):
  """Confirmed are right ones; what is always said is right for one class."""
  has, has_not = (
    {"attribute": "Male", "made": 100, "confirmed": count}
    for count in (confirmed_has, confirmed_has_not)
  )
  assert (selection.no_better_than_chance(has, has_not) is None) == fine


def test_faces_without_fold_are_judged_by_who_saw_all_labels():
  rows = np.array([[-1.0], [1.0]]) * np.ones(WIDTH)
  kept = selection.confirmed(
    rows, np.array([[1], [1]]), np.array([-1, -1]), {"Male": {-1: judge(-1.0)}}
  )
  np.testing.assert_array_equal(kept, [True, False])
