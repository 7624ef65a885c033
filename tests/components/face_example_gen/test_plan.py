from components.shared.data import feature_names, plan
from components.shared.data import settings as settings_lib


def test_fingerprints_cover_photos_and_labels_apart(make_folder, two_classes, tmp_path):
  folder = make_folder(two_classes)
  listed = {name: tmp_path / name for name in ("judged.txt", "learned.txt")}
  listed["judged.txt"].write_text("000.jpg\n001.jpg\n002.jpg\n003.jpg\n")
  listed["learned.txt"].write_text("".join(f"{number:03d}.jpg\n" for number in range(10, 20)))
  source = settings_lib.SourceSettings(path=str(folder), attributes=("Smiling",))
  splits = settings_lib.SplitSettings(
    hand_labeled=f"@{listed['judged.txt']}", labeled=f"@{listed['learned.txt']}"
  )

  def seen():
    made = plan.make(source, splits)
    return made.photos_fingerprint, made.labels_fingerprint

  photos, labels = seen()
  assert seen() == (photos, labels)
  for change in (
    lambda: listed["learned.txt"].write_text(listed["learned.txt"].read_text() + "020.jpg\n"),
    lambda: (folder / "labels.csv").write_text(
      (folder / "labels.csv").read_text().replace("005.jpg,1", "005.jpg,0")
    ),
  ):
    change()
    same, other = seen()
    assert same == photos and other != labels
    labels = other
  listed["judged.txt"].write_text("000.jpg\n001.jpg\n002.jpg\n003.jpg\n004.jpg\n")
  other, same = seen()
  assert other != photos and same == labels
  photos = other
  (folder / "new.jpg").write_bytes((folder / "006.jpg").read_bytes())
  other, same = seen()
  assert other != photos and same == labels


def test_photos_are_placed_without_their_labels(make_folder, two_classes):
  folder = make_folder(two_classes)
  splits = settings_lib.SplitSettings(hand_labeled="000-009")
  source = settings_lib.SourceSettings(path=str(folder), attributes=("Smiling",))
  placed = plan.photos(source.photos, splits.reservation).placed
  (folder / "labels.csv").unlink()
  assert plan.photos(source.photos, splits.reservation).placed == placed
  reserved = {photo.image_id for photo in placed if photo.split == feature_names.RESERVED}
  assert reserved == {f"{number:03d}.jpg" for number in range(10)}
  assert {photo.split for photo in placed} == set(feature_names.PHOTO_SPLITS)


def test_others_are_in_the_source_order(make_folder, two_classes):
  csv = "image_id,Young,Smiling,Hat\n" + "".join(
    f"{name},1,{label},\n" for name, label in two_classes.items()
  )
  made = plan.make(
    settings_lib.SourceSettings(
      path=str(make_folder(two_classes, csv=csv)), attributes=("Smiling",)
    ),
    settings_lib.SplitSettings(max_labeled=10, hand_labeled="000-009"),
  )
  assert made.others == ("Young", "Hat")
