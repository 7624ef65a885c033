import pytest

from components.shared.artifacts import quarantine
from components.shared.core import errors
from components.shared.data import plan as plan_lib
from components.shared.data import settings as settings_lib


@pytest.fixture
def plan(make_folder, two_classes):
  folder = make_folder({**two_classes, "bad;name $.jpg": ""})
  (folder / "bad;name $.jpg").write_bytes(b"broken")
  return plan_lib.photos(
    settings_lib.SourceSettings(path=str(folder)).photos,
    settings_lib.SplitSettings(hand_labeled="000-009").reservation,
  )


@pytest.fixture
def aside(tmp_path):
  folder = tmp_path / "quarantine"
  folder.mkdir()
  return folder


def _list(folder, rows):
  (folder / "quarantine.csv").write_text(
    "image_id,reason\n" + "".join(f"{i},{r}\n" for i, r in rows)
  )


def test_keeps_originals_under_safe_names(aside, plan):
  _list(aside, [("001.jpg", "odd"), ("bad;name $.jpg", "not an image")])
  quarantine.keep_photos(str(aside), plan)
  kept = {p.name: p.read_bytes() for p in (aside / "photos").iterdir()}
  assert kept == {"00-001.jpg": plan.source.read("001.jpg"), "01-bad_name__.jpg": b"broken"}


def test_too_many_unreadable_photos(aside, plan):
  _list(aside, [("001.jpg", "empty file"), ("002.jpg", "empty file")])
  quarantine.check(str(aside), plan, max_share=0.05)
  with pytest.raises(errors.UserError) as caught:
    quarantine.check(str(aside), plan, max_share=0.04)
  message = str(caught.value)
  assert message.startswith("2 of 41 photos are unreadable, more than 4%")
  for part in ("001.jpg (empty file)", f"{aside}-quarantine.csv", "source.max_quarantine_share"):
    assert part in message


def test_photos_that_could_be_read_do_not_count(aside, plan):
  _list(
    aside,
    [
      ("001.jpg", "empty file"),
      *(
        (f"{n:03d}.jpg", "set aside: the same file as the evaluation photo `000.jpg`")
        for n in range(20, 40)
      ),
    ],
  )
  quarantine.check(str(aside), plan, max_share=0.05)


def test_a_split_without_readable_photos(aside, plan):
  _list(aside, [(f"{n:03d}.jpg", "empty file") for n in range(10)])
  with pytest.raises(errors.UserError, match="no photo of split `reserved`"):
    quarantine.check(str(aside), plan, max_share=1)


def test_names_with_ends_of_lines_are_read_back(aside):
  rows = [("a\nb.jpg", "odd"), ("a\rb.jpg", "odd"), ('"\r\n",.jpg', "odd")]
  quarantine._write(rows, str(aside))
  assert quarantine.read(str(aside)) == dict(rows)
