"""A sweep goes on from a finished run, and from where it was stopped."""

import json

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(name="sweep")
def make_sweep(invoke, own_run):
  """sweep(*arguments): of a copy of the first run."""
  return lambda *arguments: invoke(
    "sweep",
    "--name",
    own_run.folder.name,
    "--output",
    own_run.folder.parent,
    "--seeds",
    "2",
    "--faces",
    "200",
    *arguments,
  )


def test_sweep(own_run, sweep):
  folder = own_run.folder / "sweep"
  done = sweep("--labels", "4")
  assert done.status == 0, done.errors
  first = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
  assert {
    "labels-4-seed-0.json",
    "labels-4-seed-1.json",
    "sweep.csv",
    "sweep.json",
    "sweep.png",
  } == set(first)

  (folder / "labels-4-seed-1.json").unlink()
  again = sweep("--labels", "4,20")
  assert again.status == 0, again.errors
  # What was there was neither made again nor lost.
  assert "4 labels, 402 unlabelled, seed 0" not in again.errors
  for line in (
    "4 labels, 402 unlabelled, seed 1",
    "20 labels, 386 unlabelled, seed 0",
    "20 labels, 386 unlabelled, seed 1",
  ):
    assert line in again.errors
  kept = "labels-4-seed-0.json"
  assert (folder / kept).stat().st_mtime_ns == first[kept]

  cells = [
    json.loads((folder / f"labels-{labels}-seed-{seed}.json").read_text())
    for labels in (4, 20)
    for seed in (0, 1)
  ]
  for cell in cells:
    ladder = cell["ladder"]
    assert ladder["labeled_only"]["n"] == cell["labels"]
    assert ladder["ceiling"]["n"] == 403
    assert ladder["labeled_self_training"]["auc"] > 0.8
  # Other photos, so another classifier.
  assert cells[0]["ladder"]["labeled_only"] != cells[1]["ladder"]["labeled_only"]
  table = json.loads((folder / "sweep.json").read_text())
  assert {row["labels"] for row in table} == {4, 20}
  assert (
    "With 20 labels and 386 unlabelled photos synthetic faces change the AUC by" in again.printed
  )


def test_all_labels_give_the_run_s_own_steps(own_run, sweep):
  """Without a generator nothing is left to chance but the seed."""
  done = sweep("--labels", "100")
  assert done.status == 0, done.errors
  cell = json.loads((own_run.folder / "sweep" / "labels-100-seed-0.json").read_text())
  for step in ("labeled_only", "labeled_self_training", "ceiling"):
    ours, theirs = (
      ladder[step]["auc"] for ladder in (cell["ladder"], own_run.evaluation["ladder"])
    )
    assert abs(ours - theirs) < 0.005, step


def test_few_unlabelled_photos(own_run, sweep):
  done = sweep("--labels", "20", "--unlabeled", "10,1000")
  assert done.status == 0, done.errors
  cells = [
    json.loads((own_run.folder / "sweep" / f"labels-20-unlabeled-{count}-seed-1.json").read_text())
    for count in (10, 1000)
  ]
  assert [cell["unlabeled"] for cell in cells] == [10, 386]
  few, all_ = (cell["ladder"] for cell in cells)
  assert few["ceiling"]["n"] <= 30 < 400 < all_["ceiling"]["n"]
  assert few["labeled_self_training"]["auc"] <= all_["labeled_self_training"]["auc"]
  # Embeddings are standardised by the photos that are there.
  assert few["labeled_only"]["n"] == all_["labeled_only"]["n"] == 20


def test_more_labels_than_there_are(sweep):
  done = sweep("--labels", "4,300")
  assert done.status == 2
  assert "--labels 300: this run has 99 labelled photos" in done.errors


def test_no_finished_run(tmp_path, invoke):
  done = invoke("sweep", "--name", "none", "--output", tmp_path)
  assert done.status == 2
  assert "no run was completed here" in done.errors
