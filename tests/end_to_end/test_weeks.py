"""A month of a pipeline that lives, a week after the other.

The face network is tiny, the photos are the sample's, and the attribute is
whether a photo is bright. `docs/operations.md` tells the same for people.
"""

import csv
import io
import json
import pathlib
import shutil
from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image

from tests.end_to_end import running
from tests.pipeline.monitoring.conftest import another_camera

pytestmark = pytest.mark.slow

_SETTINGS = (*running.SMALLEST, "evaluation.max_auc_drop=0.1", "splits.max_labeled=30")
_NO_BETTER_THAN_CHANCE = "classifier.strengths=[1e-12]"
_LADDER = {"labeled_only", "synthetic_only", "semi_supervised"}


class Weeks:
  """The same command each week, on what has arrived.

  Attributes:
    folder: of the run.
    photos: those of the sample, in a random order.
  """

  def __init__(self, invoke, root: pathlib.Path, photos: Sequence[pathlib.Path]):
    self._invoke = invoke
    self._root = root
    self.folder = root / "output" / "month"
    order = np.random.default_rng(0).permutation(len(photos))
    self.photos = [photos[i] for i in order]
    with_brightness = {}
    for photo in photos:
      with Image.open(photo) as image:
        with_brightness[photo.name] = np.asarray(image.convert("L")).mean()
    usual = np.median(list(with_brightness.values()))
    self._truth = {name: int(value > usual) for name, value in with_brightness.items()}
    self._labels: dict[str, int] = {}

  def arrive(self, span: int, first: int, last: int, labels: int, wrong: bool = False) -> set[str]:
    """Photos come in, the first of which are labelled; their names."""
    folder = self._root / "photos" / str(span)
    folder.mkdir(parents=True)
    for photo in self.photos[first:last]:
      shutil.copy(photo, folder)
    named = {photo.name for photo in self.photos[first : first + labels]}
    self._labels.update({name: self._truth[name] ^ int(wrong) for name in named})
    return named

  def take_out(self, span: int, names: set[str]) -> None:
    """A span is set aside, with its labels."""
    (self._root / "photos" / str(span)).rename(self._root / f"set-aside-{span}")
    for name in names:
      del self._labels[name]

  def run(self, *settings: str) -> dict:
    """The pipeline; its `evaluation.json`."""
    with open(self._root / "labels.csv", "w", encoding="utf-8") as file:
      csv.writer(file).writerows([("image_id", "Bright"), *sorted(self._labels.items())])
    self.do(
      "run",
      "photos",
      "--source",
      self._root / "photos" / "{SPAN}",
      "--labels",
      self._root / "labels.csv",
      "--attribute",
      "Bright",
      "--generator",
      "dcgan-digiface",
      *(part for setting in (*_SETTINGS, *settings) for part in ("--set", setting)),
    )
    return json.loads((self.folder / "evaluation.json").read_text())

  def do(self, verb: str, *arguments, status: int = 0) -> str:
    """Any command about the run; what it prints."""
    done = self._invoke(
      verb, *arguments, "--name", self.folder.name, "--output", self.folder.parent
    )
    assert done.status == status, done.errors
    return done.printed

  def use(self, log: str, jpegs: Sequence[bytes]) -> None:
    """Somebody uses the pushed model."""
    folder = self._root / f"{log}-photos"
    folder.mkdir()
    for number, jpeg in enumerate(jpegs):
      (folder / f"{number}.jpg").write_bytes(jpeg)
    self.do("predict", folder, "--as-is", "--csv", "--log", self._root / log)

  def monitor(self, log: str, status: int) -> dict:
    """What has moved; exits so."""
    return json.loads(self.do("monitor", self._root / log, "--json", status=status))

  def models(self) -> list[dict]:
    """What was pushed, the newest first."""
    return json.loads(self.do("models", "--json"))


def test_a_month(invoke, tmp_path, sample_photos):
  weeks = Weeks(invoke, tmp_path, sorted(sample_photos.iterdir()))

  # Week 1: few photos, some of them labelled.
  weeks.arrive(1, 0, 100, labels=80)
  first = weeks.run()
  assert first["blessed"] and first["pushed"], first["not_blessed_because"]
  assert set(first["ladder"]) >= _LADDER and not first["cached"]
  assert first["serving"]["problems"] == [] and first["serving"]["seconds_32"] > 0
  (one,) = weeks.models()
  assert one["state"] == "served" and one["source"].endswith("{SPAN}")
  assert one["attributes"]["Bright"]["auc"] == first["hand_labeled"]["auc"]

  # Week 2: more of both. What does not depend on photos is not made again.
  weeks.arrive(2, 100, 160, labels=40)
  second = weeks.run()
  assert second["blessed"] and second["pushed"], second["not_blessed_because"]
  assert "PretrainedGenerator" in second["cached"]
  assert second["hand_labeled"]["n"] > first["hand_labeled"]["n"]
  two, one = weeks.models()
  assert (two["state"], one["state"]) == ("served", "older")
  assert two["inputs"] != one["inputs"] and two["code"] == one["code"]

  # Week 3: one labeller answers the wrong way round.
  wrong = weeks.arrive(3, 160, 220, labels=60, wrong=True)
  third = weeks.run()
  assert not third["blessed"] and not third["pushed"]
  assert third["not_blessed_because"]
  assert [model["version"] for model in weeks.models()] == [two["version"], one["version"]]
  weeks.take_out(3, wrong)

  # Week 4: the model is used, and then the camera changes.
  usual = [photo.read_bytes() for photo in weeks.photos[300:370]]
  weeks.use("usual", usual)
  assert weeks.monitor("usual", status=0)["moved"] == []
  weeks.use("changed", [another_camera(jpeg) for jpeg in usual])
  moved = weeks.monitor("changed", status=1)["moved"]
  assert {"saturation", "brightness"} <= {row["feature"] for row in moved}

  # Week 5: a worse model is not pushed; all before it is what it was in week 2.
  fifth = weeks.run(_NO_BETTER_THAN_CHANCE)
  assert not fifth["blessed"] and not fifth["pushed"]
  assert {"FaceExampleGen", "RealFaceEmbedder", "Transform"} <= set(fifth["cached"])
  assert weeks.models()[0]["version"] == two["version"]

  # Week 6: back to the first model. The same command does not undo that.
  said = weeks.do("rollback")
  assert f"{one['version']} again, in the place of {two['version']}" in said
  sixth = weeks.run()
  newest, *older = weeks.models()
  assert newest["state"] == "served" and newest["copy_of"] == one["version"]
  assert newest["inputs"] == one["inputs"]
  assert [model["state"] for model in older] == ["withdrawn", "older"]
  assert not sixth["pushed"]
  rows = list(
    csv.DictReader(io.StringIO(weeks.do("predict", weeks.photos[400], "--as-is", "--csv")))
  )
  assert rows[0]["label_Bright"] in ("0", "1")
