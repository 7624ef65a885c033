"""Wrong data, and code that spoils it, are stopped by a gate that says so.

Each case runs again in the folder of a sound run whose model was blessed and
pushed. Afterwards that model is still the pushed one, byte for byte.
"""

import json
import pathlib
from collections.abc import Iterator

import pytest

from components.shared.artifacts import quarantine
from tests.end_to_end import running
from tests.faults import sabotages, sabotaging
from tests.faults.sabotages import Sabotage


@pytest.fixture
def sound(own_run) -> Iterator[running.Run]:
  """The sound run, whose folder may be used."""
  assert own_run.evaluation["blessed"]
  assert own_run.evaluation["not_blessed_because"] == []
  pushed = sabotaging.pushed(own_run)
  assert pushed
  yield own_run
  assert sabotaging.pushed(own_run) == pushed


def _run(
  sound: running.Run, sabotage: Sabotage, source: sabotaging.Source | None, folder: pathlib.Path
) -> running.Run:
  """The run, again; what is spoiled of its code is copied to the folder."""
  arguments = ["sample", *sabotage.arguments]
  if sabotage.spoil:
    sabotage.spoil(source)
    sabotaging.give_to(sound, source)
    arguments += source.arguments
  code = running.ROOT
  if sabotage.bugs:
    code = sabotaging.with_bugs(folder / "code", sabotage.bugs)
  return running.run_pipeline(sound.folder.parent, sound.folder.name, *arguments, code=code)


@pytest.fixture
def source(tmp_path, sample_photos) -> sabotaging.Source:
  """The sample, to be spoiled."""
  return sabotaging.Source(tmp_path, sample_photos)


def _check(run: running.Run, sabotage: Sabotage) -> None:
  """It was stopped by its gate, which says why."""
  if sabotage.gate == "Evaluator":
    assert run.status == 0, run.errors
    assert not run.evaluation["blessed"]
    said = "; ".join(run.evaluation["not_blessed_because"])
    assert f"Not blessed, so not pushed: {said}" in run.printed
  else:
    assert run.status == 2, run.errors
    failure = json.loads((run.folder / "failure.json").read_text())
    assert failure["components"] == [sabotage.gate], failure["message"]
    said = run.errors.strip().splitlines()[-1]
    assert said.startswith("error: ")
    page = (run.folder / "report" / "index.html").read_text()
    assert f"failed</span> in {sabotage.gate}" in page
    assert json.loads((run.folder / "evaluation.json").read_text())["blessed"]
  for part in sabotage.says:
    assert part in said


@pytest.mark.slow
@pytest.mark.parametrize(
  "sabotage",
  [
    sabotages.PERMUTED,
    sabotages.SWAPPED,
    *(pytest.param(one, marks=pytest.mark.long) for one in sabotages.OTHERS),
  ],
  ids=lambda sabotage: sabotage.name,
)
def test_it_is_stopped(sound, sabotage, source, tmp_path):
  _check(_run(sound, sabotage, source, tmp_path), sabotage)


@pytest.mark.slow
def test_flipped_labels_spoiled_photos_and_copies(sound, source, tmp_path):
  """Three at once, for a run takes long: the last two are set aside."""
  broken = {"000300.jpg": b"", "000301.jpg": (source.photos / "000301.jpg").read_bytes()[:2000]}
  copies = ("000150.jpg", "000302.jpg", "new.jpg")
  for name, content in broken.items():
    (source.photos / name).write_bytes(content)
  for name in copies:
    (source.photos / name).write_bytes((source.photos / "000007.jpg").read_bytes())
  run = _run(sound, sabotages.FLIPPED, source, tmp_path)
  _check(run, sabotages.FLIPPED)
  assert run.evaluation["hand_labeled"]["auc"] < 0.2
  reasons = quarantine.read(str(run.artifact("FaceExampleGen", "quarantine")))
  assert set(reasons) == {*broken, *copies}
  page = (run.folder / "report" / "index.html").read_text()
  for name, reason in reasons.items():
    assert f'<td class="text">{name}</td>' in page
    assert name in broken or reason == (
      "set aside: the same file as the evaluation photo `000007.jpg`"
    )


@pytest.mark.long
@pytest.mark.parametrize("listed", [False, True], ids=["range", "file"])
def test_splits_that_overlap_are_refused_before_anything_runs(sound, tmp_path, listed):
  both = "000050-000200"
  if listed:
    (tmp_path / "labeled.txt").write_text(
      "".join(f"{sabotaging.name(number)}\n" for number in range(50, 101))
    )
    both = f"@{tmp_path / 'labeled.txt'}"
  log = (sound.folder / "run.log").read_bytes()
  run = running.run_pipeline(
    sound.folder.parent, sound.folder.name, "sample", "--set", f"splits.labeled={both}"
  )
  assert run.status == 2
  assert (
    "error: splits.hand_labeled and splits.labeled overlap, in "
    "`000050.jpg` and 50 more; no photo may be in both"
  ) in run.errors
  assert (sound.folder / "run.log").read_bytes() == log


@pytest.mark.long
@pytest.mark.parametrize(
  "numbers, gate, says",
  [
    (
      [201],
      "LatentDirections",
      (
        "the generator draws one face, whatever the code",
        "vary 0.000 times as much as those of the photos (at least 0.05)",
      ),
    ),
    # LabelFilter, which would miss a class, is told to keep all.
    (
      [205, 201],
      "EmbeddingGate",
      (
        "EmbeddingDriftValidator, split `synthetic_train_unlabeled`, "
        "distance_from_photos: High approximate Jensen-Shannon divergence",
      ),
    ),
  ],
  ids=["one face", "two faces"],
)
def test_an_imported_generator_that_draws_hardly_a_face(
  sound, sample_photos, tmp_path, numbers, gate, says
):
  generator = sabotages.save_generator(
    [sample_photos / sabotaging.name(number) for number in numbers], tmp_path / "generator"
  )
  sabotage = Sabotage("", gate, says, ("--generator", generator, "--set", "label_filter.keep=all"))
  _check(_run(sound, sabotage, None, tmp_path), sabotage)


@pytest.mark.long
def test_some_labels_shifted_in_hand_labeled_are_named(own_run, source, tmp_path):
  """The article's: from its 48th photo on a label too many, so that 18 of 94
  are wrong. This gets through, just so, with an AUC of 0.81: the model is right
  about the others, and the last one is judged by the same labels. What tells
  wrong labels from hard photos is no threshold but a look at the suspects.
  """
  before = source.read_labels()
  shift = Sabotage("shifted", "", (), spoil=sabotages.shift_labels(48, 100))
  run = _run(own_run, shift, source, tmp_path)
  assert run.status == 0, run.errors
  found = run.evaluation["hand_labeled"]
  assert found["accuracy"] < 0.85 and found["auc"] < 0.9
  after = source.read_labels()
  wrong = {name for name in before if before[name] != after[name]}
  assert len(wrong) == 18
  assert len(wrong.intersection(found["suspects"])) >= 15
  assert len(set(found["suspects"]) - wrong) <= 4
  page = (run.folder / "report" / "index.html").read_text()
  assert page.count('<figure class="suspect">') == len(found["suspects"])
