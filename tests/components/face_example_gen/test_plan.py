from components.shared.data import plan
from components.shared.data import settings as settings_lib


def test_fingerprint_covers_photos_and_lists(make_folder, two_classes, tmp_path):
  folder = make_folder(two_classes)
  listed = tmp_path / "test.txt"
  listed.write_text("000.jpg\n001.jpg\n")
  source = settings_lib.SourceSettings(path=str(folder), attributes=("Smiling",))
  splits = settings_lib.SplitSettings(hand_labeled=f"@{listed}")
  seen = [plan.fingerprint(source, splits)]
  assert plan.fingerprint(source, splits) == seen[0]
  listed.write_text("000.jpg\n003.jpg\n")
  seen.append(plan.fingerprint(source, splits))
  (folder / "002.jpg").unlink()
  seen.append(plan.fingerprint(source, splits))
  assert len(set(seen)) == 3


def test_others_are_in_the_order_of_their_values(make_folder, two_classes):
  csv = "image_id,Young,Smiling,Hat\n" + "".join(
    f"{name},1,{label},\n" for name, label in two_classes.items()
  )
  made = plan.make(
    settings_lib.SourceSettings(
      path=str(make_folder(two_classes, csv=csv)), attributes=("Smiling",)
    ),
    settings_lib.SplitSettings(max_labeled=10),
  )
  assert made.others == ("Young", "Hat")
  assert {photo.others for photo in made.assigned} == {(1, None)}
