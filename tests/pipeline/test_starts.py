"""A mistake is told before anything is imported that takes seconds."""

import json
import os
import pathlib
import subprocess
import sys

import pytest

_ROOT = pathlib.Path(__file__).parents[2]
_HEAVY = (
  "tensorflow",
  "tfx",
  "keras",
  "tf_keras",
  "apache_beam",
  "h5py",
  "sklearn",
  "scipy",
  "pandas",
  "matplotlib",
)
_CALL = """
import json, sys
from pipeline.programs import cli
found = []
for arguments in json.loads(sys.stdin.read()):
  sys.argv = ["pipeline", *arguments]
  try:
    cli.main()
  except SystemExit as ended:
    found.append((ended.code, sorted(set(%r).intersection(sys.modules))))
  print("next", file=sys.stderr)
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def mistakes(tmp_path_factory, sample_photos):
  """Command lines, and what is said of each."""
  folder = tmp_path_factory.mktemp("mistakes")
  photos = folder / "photos"
  photos.mkdir()
  for number in range(7, 19):
    name = f"{number:06d}.jpg"
    (photos / name).write_bytes((sample_photos / name).read_bytes())
  (folder / "one_class.csv").write_text(
    "image_id,Male\n" + "".join(f"{path.name},1\n" for path in photos.iterdir())
  )
  (folder / "odd.csv").write_text("image_id,Male\n000007.jpg,maybe\n")
  (folder / "wrong.yaml").write_text("generator: {epoch: 3}\n")
  (folder / "busy" / "sample").mkdir(parents=True)
  (folder / "busy" / "sample" / "run.json").write_text(
    json.dumps({"source": "elsewhere", "id": "01234567"})
  )
  (folder / "pushed" / "sample" / "model" / "7").mkdir(parents=True)
  ours = ("photos", "--source", photos, "--attribute", "Male")
  new = ("--output", folder / "output")
  return [
    (("run", "--source", folder / "nowhere", *new), "nothing at"),
    (("run", "--labels", folder / "nowhere.csv", *new), "nowhere.csv"),
    (("run", "--attribute", "Mail", *new), "did you mean Male?"),
    (("run", *ours, "--labels", folder / "one_class.csv", *new), "Male = 0"),
    (("run", *ours, "--labels", folder / "odd.csv", *new), "maybe"),
    (("run", "--set", "splits.labeled=000101-000102", *new), "needs 2"),
    (("run", "--set", "generator.epoch=3"), "generator.epoch"),
    (("run", "--config", folder / "nowhere.yaml"), "nowhere.yaml"),
    (("run", "--config", folder / "wrong.yaml"), "generator.epoch"),
    (("run", "--metadata", "mysql://me@127.0.0.1:1/runs", *new), "Can't connect"),
    (("run", "--set", "embedder.weights=nowhere.h5", *new), "nowhere.h5"),
    (("run", "--set", "embedder.output=fc7", *new), "embedder.output"),
    (("run", "--generator", "stylegan", *new), "dcgan-digiface"),
    (("run", "--output", folder / "busy"), "belongs to another run"),
    (("cost", "--source", folder / "nowhere"), "nothing at"),
    (("label", folder / "nowhere", "--attribute", "Male", *new), "nothing at"),
    (("label", photos, "--attribute", "image_id", *new), "uses this name"),
    (("predict", folder / "nowhere.jpg", *new), "no such photo"),
    (("predict", photos, *new), "no model was pushed"),
    (("predict", photos, "--output", folder / "pushed"), "no pushed model is here"),
    (("report", *new), "no run was completed"),
    (("sweep", *new), "no run was completed"),
    (("bench", "nonsense"), "there is no benchmark"),
    (("try", *new), "no run is here"),
    (("notebook", *new), "no run was completed"),
    (("tensorboard", *new), "no run was completed"),
  ]


def test_mistakes_import_nothing_large(mistakes):
  done = subprocess.run(
    [sys.executable, "-c", _CALL % (_HEAVY,)],
    capture_output=True,
    text=True,
    input=json.dumps([[str(part) for part in arguments] for arguments, _ in mistakes]),
    check=True,
    env={**os.environ, "PYTHONPATH": str(_ROOT)},
  )
  errors = done.stderr.split("next\n")
  for (arguments, said), (status, heavy), error in zip(
    mistakes, json.loads(done.stdout), errors[:-1], strict=True
  ):
    assert status == 2 and said in error, (arguments, error)
    assert len(error.splitlines()) == 1, error
    assert not heavy, (arguments, heavy)
  assert len(errors) == len(mistakes) + 1


def test_help_imports_nothing_large():
  done = subprocess.run(
    [
      sys.executable,
      "-c",
      "import sys\nfrom pipeline.programs import cli\n"
      f"print(sorted({{*{_HEAVY!r}, 'numpy'}}.intersection(sys.modules)))",
    ],
    capture_output=True,
    text=True,
    check=True,
    env={**os.environ, "PYTHONPATH": str(_ROOT)},
  )
  assert done.stdout == "[]\n" and done.stderr == ""
