"""ExamplesUnion: the splits of both, and how far each embedding is from photos."""

import pathlib
from collections.abc import Sequence

import numpy as np
import pytest
from tfx import v1 as tfx
from tfx.dsl.components.base import base_beam_executor
from tfx.types import standard_artifacts

from components.examples_union import executor
from components.examples_union.component import ExamplesUnion
from components.shared.core import errors
from components.shared.data import examples
from tests import beam_options

_REAL = ("labeled", "unlabeled")


def _write(uri: pathlib.Path, splits: Sequence[str]) -> str:
  """Three files of five records a split."""
  rng = np.random.default_rng(len(splits))
  for split in splits:
    for shard in range(3):
      path = examples.shard_path(str(uri), split, shard, shards=3)
      with examples.open_shard(path) as writer:
        for number in range(5):
          writer.write(
            examples.encode(
              {
                "image_id": f"{split}-{shard}-{number}.jpg".encode(),
                "embedding": rng.normal(0.5, 1.0, 6).tolist(),
                "label_Male": None if split == "unlabeled" else number % 2,
              }
            )
          )
  return str(uri)


def _read(uri: str, split: str) -> list[dict]:
  return [
    examples.decode(record) for record in examples.dataset(str(uri), split).as_numpy_iterator()
  ]


def _content(uri: pathlib.Path) -> dict[str, bytes]:
  return {
    str(path.relative_to(uri)): path.read_bytes()
    for path in pathlib.Path(uri).rglob("*")
    if path.is_file()
  }


def _artifact(uri: pathlib.Path, splits: Sequence[str]):
  artifact = standard_artifacts.Examples()
  artifact.uri = str(uri)
  examples.set_splits(artifact, splits)
  return artifact


def _join(
  folder: pathlib.Path,
  first: Sequence[str],
  second: Sequence[str],
  name: str = "union",
  beam_args: Sequence[str] = beam_options.ONE_WORKER,
):
  """Joins `folder`/a and `folder`/b."""
  union = _artifact(folder / name, [])
  context = base_beam_executor.BaseBeamExecutor.Context(
    beam_pipeline_args=list(beam_args), tmp_dir=str(folder / "tmp"), unique_id="1"
  )
  executor.Executor(context).Do(
    {"first": [_artifact(folder / "a", first)], "second": [_artifact(folder / "b", second)]},
    {"examples": [union]},
    {},
  )
  return union


def _importer(name: str, uri: str, splits: str) -> tfx.dsl.Importer:
  return tfx.dsl.Importer(
    source_uri=uri, artifact_type=standard_artifacts.Examples, properties={"split_names": splits}
  ).with_id(name)


def test_through_tfx(run_components, tmp_path):
  real = _write(tmp_path / "real", _REAL)
  synthetic = _write(tmp_path / "synthetic", ["synthetic_train"])
  first = _importer("First", real, '["labeled", "unlabeled"]')
  second = _importer("Second", synthetic, '["synthetic_train"]')
  run = run_components(
    [first, second, ExamplesUnion(first=first.outputs["result"], second=second.outputs["result"])]
  )
  (uri,) = run["ExamplesUnion"].outputs["examples"]
  assert _content(uri).keys() == (_content(real).keys() | _content(synthetic).keys())

  unlabeled = np.array([r["embedding"] for r in _read(real, "unlabeled")])
  for source, split in ((real, "labeled"), (real, "unlabeled"), (synthetic, "synthetic_train")):
    joined = _read(uri, split)
    assert len(joined) == 15
    for number, record in enumerate(joined):
      others = unlabeled
      if split == "unlabeled":
        others = np.delete(unlabeled, number, axis=0)
      mean, x = others.mean(axis=0), np.array(record["embedding"])
      assert record.pop("distance_from_photos") == pytest.approx(
        np.linalg.norm(x - mean) / np.sqrt(others.var(axis=0).sum()), abs=1e-6
      )
    assert joined == _read(source, split)


def test_same_bytes_with_one_worker_and_with_three(tmp_path):
  _write(tmp_path / "a", _REAL)
  _write(tmp_path / "b", ["synthetic_train"])
  union = _join(tmp_path, _REAL, ["synthetic_train"], "one")
  assert union.split_names == '["labeled", "unlabeled", "synthetic_train"]'
  _join(tmp_path, _REAL, ["synthetic_train"], "three", beam_options.processes(3))
  assert len(_content(tmp_path / "one")) == 9
  assert _content(tmp_path / "one") == _content(tmp_path / "three")


@pytest.mark.parametrize(
  "first, second, message",
  [
    (_REAL, ["labeled"], "both .* a split labeled"),
    (["labeled"], ["synthetic_train"], "neither .* a split unlabeled"),
  ],
)
def test_splits_that_do_not_fit(tmp_path, first, second, message):
  with pytest.raises(errors.UserError, match=message):
    _join(tmp_path, first, second)
  assert not (tmp_path / "union").exists()
