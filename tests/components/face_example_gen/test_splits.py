import collections
import os
import random

import pydantic
import pytest

from components.shared.core import errors
from components.shared.data import examples, source, sources, splits
from components.shared.data import settings as settings_lib


def _rows(labels: dict[str, int | None]) -> list[source.Row]:
  return [source.Row(image_id, {"Male": label}) for image_id, label in labels.items()]


def _labels(count: int) -> dict[str, int | None]:
  return {f"{n:06d}.jpg": n % 2 for n in range(1, count + 1)}


def _divide(rows: list[source.Row], attributes: list[str], **settings) -> list[splits.Assigned]:
  given = settings_lib.SplitSettings(**settings)
  reserved = splits.reserve({row.image_id for row in rows}, given.reservation)
  return splits.assign(rows, reserved, attributes, given)


def _assign(labels, **settings) -> dict[str, splits.Assigned]:
  assigned = _divide(_rows(labels), ["Male"], **settings)
  assert len(assigned) == len(labels)
  return {photo.image_id: photo for photo in assigned}


def _count(assigned) -> dict[str | None, int]:
  return collections.Counter(photo.split for photo in assigned.values())


RANGES = dict(hand_labeled="000001-000010", labeled="000011-000020")


def test_ranges_by_file_name():
  assigned = _assign(_labels(30), **RANGES)
  for name, photo in assigned.items():
    number = int(name[:6])
    label = number % 2
    if number <= 10:
      expected = (examples.HAND_LABELED, label, None)
    elif number <= 20:
      expected = (examples.LABELED, label, None)
    else:
      expected = (examples.UNLABELED, None, label)
    assert (photo.split, *photo.labels, *photo.held_out_labels) == expected


def test_order_of_the_rows_does_not_matter():
  labels = _labels(200)
  shuffled = dict(random.Random(0).sample(list(labels.items()), len(labels)))
  for ranges in (RANGES, {}):
    assert _assign(labels, max_labeled=20, **ranges) == _assign(shuffled, max_labeled=20, **ranges)


def test_blank_annotations():
  labels = {**_labels(30), "000005.jpg": None, "000015.jpg": None, "000025.jpg": None}
  assigned = _assign(labels, **RANGES)
  assert assigned["000005.jpg"][1:] == (None, (None,), (None,))
  for name in ("000015.jpg", "000025.jpg"):
    assert assigned[name][1:] == (examples.UNLABELED, (None,), (None,))


@pytest.mark.parametrize(
  "ones, zeros, cap, expected",
  [
    (30, 60, 40, (20, 20)),
    (10, 60, 40, (10, 30)),
    (60, 10, 40, (30, 10)),
    (30, 30, 41, (20, 21)),
    (41, 58, 100, (41, 58)),
    (30, 60, None, (30, 60)),
  ],
)
def test_cap_is_as_equal_by_class_as_possible(ones, zeros, cap, expected):
  labels = {f"{n:06d}.jpg": n % 2 for n in range(1, 11)}
  labels.update({f"{n:06d}.jpg": int(n - 11 < ones) for n in range(11, 11 + ones + zeros)})
  labels["999999.jpg"] = None
  assigned = _assign(labels, hand_labeled="000001-000010", labeled="000011-009999", max_labeled=cap)
  kept = [p.labels[0] for p in assigned.values() if p.split == examples.LABELED]
  assert (sum(kept), len(kept)) == (
    (expected[0], sum(expected))
    if ones != zeros
    else (pytest.approx(expected[0], abs=1), sum(expected))
  )
  for photo in assigned.values():
    if photo.split == examples.UNLABELED:
      assert photo.labels == (None,)
      assert photo.held_out_labels == (labels[photo.image_id],)


def test_drawn_splits():
  labels = {**_labels(2000), **{f"unknown-{n}.jpg": None for n in range(400)}}
  assigned = _assign(labels, hand_labeled_share=0.25, max_labeled=50)
  counts = _count(assigned)
  assert counts[examples.HAND_LABELED] == pytest.approx(500, abs=60)
  assert counts[None] == pytest.approx(100, abs=30)
  assert counts[examples.LABELED] == 50
  chosen = [p.labels[0] for p in assigned.values() if p.split == examples.LABELED]
  assert sum(chosen) == 25
  assert _assign(labels, hand_labeled_share=0.25, max_labeled=50) == assigned
  assert _assign(labels, hand_labeled_share=0.25, max_labeled=50, seed=1) != assigned


def _reserved(image_ids, **settings) -> frozenset[str]:
  return splits.reserve(image_ids, settings_lib.SplitSettings(**settings).reservation)


@pytest.mark.parametrize("settings", [{}, RANGES, dict(labeled="000101-000200")])
def test_photos_and_labels_that_come_later_move_no_photo(settings):
  """What a generator has seen judges nothing later."""
  some, more = set(_labels(200)), set(_labels(300))
  assert _reserved(more, **settings) & some == _reserved(some, **settings)
  first, later = (
    _assign({**_labels(300), **dict.fromkeys(sorted(more)[place:300:4])}, **settings)
    for place in (0, 1)
  )
  for one, other in ((first, later), (later, first)):
    judged = {name for name, photo in one.items() if photo.split == examples.HAND_LABELED}
    learned = {
      name for name, photo in other.items() if photo.split in (examples.LABELED, examples.UNLABELED)
    }
    assert judged and not judged & learned


def test_one_drawn_and_one_given():
  labels = _labels(400)
  drawn = _assign(labels, labeled="000001-000050")
  assert all(drawn[f"{n:06d}.jpg"].split == examples.LABELED for n in range(1, 51))
  assert _count(drawn)[examples.HAND_LABELED] == pytest.approx(70, abs=20)
  rest = _assign(_labels(100), hand_labeled="000001-000050", max_labeled=20)
  assert _count(rest) == {examples.HAND_LABELED: 50, examples.LABELED: 20, examples.UNLABELED: 30}


def test_a_listed_photo_may_have_been_set_aside(tmp_path):
  (tmp_path / "some.txt").write_text("".join(f"{n:06d}.jpg\n" for n in range(20, 41)))
  rows, given = _rows(_labels(35)), settings_lib.SplitSettings(labeled=f"@{tmp_path}/some.txt")
  reserved = {f"{n:06d}.jpg" for n in range(1, 11)}
  with pytest.raises(errors.UserError, match="there is no photo `000036.jpg`"):
    splits.assign(rows, reserved, ["Male"], given)
  assigned = splits.assign(rows, reserved, ["Male"], given, all_there=False)
  assert sum(photo.split == examples.LABELED for photo in assigned) == 16


def test_files_that_list_names(tmp_path):
  (tmp_path / "test.txt").write_bytes(
    "\ufeff000001.jpg\r\n\r\n000002.jpg\r\n000003.jpg\r\n000004.jpg".encode()
  )
  assigned = _assign(_labels(30), hand_labeled=f"@{tmp_path}/test.txt", labeled="000011-000020")
  assert {n for n, p in assigned.items() if p.split == examples.HAND_LABELED} == {
    f"00000{n}.jpg" for n in (1, 2, 3, 4)
  }


def test_ranges_of_unpadded_numbers_and_of_other_names():
  numbers = {f"{n}.png": n % 2 for n in range(1, 31)}
  assert _count(_assign(numbers, hand_labeled="1-9", labeled="10-20")) == {
    examples.HAND_LABELED: 9,
    examples.LABELED: 11,
    examples.UNLABELED: 10,
  }
  names = {f"IMG-{n:04d}.JPG": n % 2 for n in range(1, 31)}
  assert _count(
    _assign(names, hand_labeled="IMG-0001-IMG-0010", labeled="IMG-0011.JPG-IMG-0020.JPG")
  ) == {examples.HAND_LABELED: 10, examples.LABELED: 10, examples.UNLABELED: 10}


@pytest.mark.parametrize("max_labeled, labeled", [(100, 99), (20, 20)])
def test_sample(sample_photos, max_labeled, labeled):
  opened = sources.open_source(settings_lib.SourceSettings())
  assigned = _divide(
    list(opened.rows()),
    ["Male"],
    hand_labeled="000001-000100",
    labeled="000101-000200",
    max_labeled=max_labeled,
  )
  counts = collections.Counter(photo.split for photo in assigned)
  assert counts == {
    examples.HAND_LABELED: 94,
    examples.LABELED: labeled,
    examples.UNLABELED: 406 - labeled,
  }
  assert {p.image_id for p in assigned} == {path.name for path in sample_photos.glob("*.jpg")}


@pytest.mark.parametrize(
  "settings, message",
  [
    (dict(hand_labeled="000001-000010", labeled="000010-000020"), "overlap, in `000010.jpg`"),
    (dict(hand_labeled="000010-000001"), "is no range"),
    (dict(hand_labeled="000010"), "is no range"),
    (dict(hand_labeled="-"), "is no range"),
    (dict(labeled="a-b-c"), "is no range"),
    (dict(labeled="@missing.txt"), "missing.txt cannot be read"),
    (
      dict(hand_labeled="000001-000003", labeled="000011-000020"),
      "split `hand_labeled` has 1 photo.* Male = 0 and needs 2",
    ),
    (
      dict(hand_labeled="000001-000010", labeled="000011-000013"),
      "split `labeled` has 1 photo.* Male = 0 and needs 2",
    ),
    (
      dict(hand_labeled="000001-000010", labeled="000011-000030", max_labeled=None),
      "no photo is left for split `unlabeled`",
    ),
    (dict(max_labeled=2), "split `labeled` has 1 photo"),
  ],
)
def test_refuses(settings, message):
  with pytest.raises(errors.UserError, match=message):
    _assign(_labels(30), **settings)


def test_refuses_listed_names_that_do_not_exist(tmp_path):
  (tmp_path / "test.txt").write_text("000001.jpg\n000099.jpg\n")
  with pytest.raises(errors.UserError, match="line 2: there is no photo"):
    _assign(_labels(30), hand_labeled=f"@{tmp_path}/test.txt")


def _several(count: int) -> list[source.Row]:
  """Two attributes, one of them rare, and unknown in every tenth photo."""
  return [
    source.Row(f"{n:06d}.jpg", {"Male": n % 2, "Hat": None if n % 10 == 9 else int(n % 8 == 0)})
    for n in range(1, count + 1)
  ]


def test_photos_are_labelled_that_have_every_annotation():
  assigned = _divide(
    _several(400), ["Hat", "Male"], hand_labeled="000001-000100", labeled="000101-000200"
  )
  for number, photo in enumerate(assigned, 1):
    if number % 10 == 9:
      assert photo.split == (None if number <= 100 else examples.UNLABELED)
      if number > 100:
        assert photo.held_out_labels == (None, number % 2)
    else:
      known = (int(number % 8 == 0), number % 2)
      expected = {
        (examples.HAND_LABELED, known, (None, None)),
        (examples.LABELED, known, (None, None)),
        (examples.UNLABELED, (None, None), known),
      }
      assert (photo.split, photo.labels, photo.held_out_labels) in expected


def test_drawn_splits_have_every_class_of_every_attribute():
  assigned = _divide(_several(400), ["Hat", "Male"], max_labeled=30)
  labels = [p.labels for p in assigned if p.split == examples.LABELED]
  assert sorted(collections.Counter(labels).values()) == [10, 10, 10]
  judged = [p.labels for p in assigned if p.split == examples.HAND_LABELED]
  assert len(judged) == pytest.approx(72, abs=20)
  waiting = [p for p in assigned if p.split is None]
  assert waiting and {p.labels for p in waiting} == {(None, None)}


def test_an_attribute_of_one_class_is_named():
  rows = [source.Row(row.image_id, {**row.annotations, "Alive": 1}) for row in _several(400)]
  with pytest.raises(errors.UserError, match="0 photo.s. with Alive = 0 and needs 2; label"):
    _divide(rows, ["Male", "Alive"])


@pytest.mark.parametrize("attributes", [(), ("",), ("Male", "Male")])
def test_attributes_that_make_no_sense(attributes):
  with pytest.raises(pydantic.ValidationError):
    settings_lib.SourceSettings(attributes=attributes)


def test_numbers_of_any_length_are_compared():
  inside = splits._range("7-" + "9" * 6000, "splits.labeled")
  assert inside("007.jpg") and inside("1" + "0" * 5000)
  assert not inside("06.jpg") and not inside("a.jpg")


def test_a_list_that_never_ends_is_not_read(tmp_path):
  os.mkfifo(tmp_path / "fifo")
  for path in (tmp_path / "fifo", "/dev/zero", "a\0b"):
    with pytest.raises(errors.UserError, match="splits.labeled: .* cannot be read as text"):
      splits._named(f"@{path}", "splits.labeled", ["a.jpg"])
