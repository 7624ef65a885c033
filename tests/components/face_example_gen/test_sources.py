import os
import pathlib
import pickle
import random
import zipfile

import pytest

from components.shared.core import errors
from components.shared.data import photos, plan, sources
from components.shared.data import settings as settings_lib

CELEBA = "3\nMale Young\n000001.jpg 1 -1\n000002.jpg -1 1\n000003.jpg 1 1\n"
NAMES = ("000001.jpg", "000002.jpg", "000003.jpg")
ROWS = {
  "000001.jpg": {"Male": 1, "Young": 0},
  "000002.jpg": {"Male": 0, "Young": 1},
  "000003.jpg": {"Male": 1, "Young": 1},
}


def _open(path, **settings):
  return sources.open_source(settings_lib.SourceSettings(path=str(path), **settings))


def _rows(source):
  return {row.image_id: row.annotations for row in source.rows()}


def _celeba(root: pathlib.Path, encode, folder: str, labels: str) -> None:
  (root / folder).mkdir(parents=True, exist_ok=True)
  for seed, name in enumerate(NAMES):
    (root / folder / name).write_bytes(encode(seed=seed))
  (root / labels).parent.mkdir(parents=True, exist_ok=True)
  (root / labels).write_text(CELEBA)


def _zip(path: pathlib.Path, encode, **others: str) -> pathlib.Path:
  with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
    archive.writestr("img_align_celeba/", b"")
    for seed, name in enumerate(NAMES):
      archive.writestr(f"img_align_celeba/{name}", encode(seed=seed))
    for name, content in others.items():
      archive.writestr(name.replace("__", "."), content)
  return path


@pytest.mark.parametrize(
  "given, folder, labels",
  [
    ("", "img_align_celeba", "list_attr_celeba.txt"),
    ("img_align_celeba", "img_align_celeba", "list_attr_celeba.txt"),
    ("", "img_align_celeba", "img_align_celeba/list_attr_celeba.txt"),
    ("", "Img/img_align_celeba", "Anno/list_attr_celeba.txt"),
    ("Img/img_align_celeba", "Img/img_align_celeba", "Anno/list_attr_celeba.txt"),
    ("", "img_align_celeba/img_align_celeba", "list_attr_celeba.txt"),
  ],
)
def test_finds_celeba(tmp_path, encode, given, folder, labels):
  _celeba(tmp_path, encode, folder, labels)
  source = _open(tmp_path / given)
  assert source.attributes == ("Male", "Young")
  assert _rows(source) == ROWS
  assert source.read("000002.jpg") == encode(seed=1)
  assert "3 photos" in source.describe()


def test_finds_celeba_beside_a_relative_path(tmp_path, encode, monkeypatch):
  _celeba(tmp_path, encode, "img_align_celeba", "list_attr_celeba.txt")
  monkeypatch.chdir(tmp_path / "img_align_celeba")
  assert _rows(_open(".")) == ROWS


def test_celeba_attributes_as_csv(tmp_path, encode):
  _celeba(tmp_path, encode, "img_align_celeba", "unused.txt")
  (tmp_path / "list_attr_celeba.csv").write_text(
    "image_id,Male,Young\n"
    + "".join(f"{n},{2 * v['Male'] - 1},{2 * v['Young'] - 1}\n" for n, v in ROWS.items())
  )
  assert _rows(_open(tmp_path)) == ROWS


def test_reads_a_zip_without_extracting_it(tmp_path, encode):
  path = _zip(tmp_path / "faces.zip", encode, list_attr_celeba__txt=CELEBA)
  source = _open(path)
  assert _rows(source) == ROWS
  assert source.read("000002.jpg") == encode(seed=1)
  assert os.listdir(tmp_path) == ["faces.zip"]


@pytest.mark.parametrize("labels", ["list_attr_celeba.txt", "../Anno/list_attr_celeba.txt"])
def test_zip_with_labels_beside_it(tmp_path, encode, labels):
  (tmp_path / "Img").mkdir()
  (tmp_path / "Anno").mkdir()
  path = _zip(tmp_path / "Img" / "img_align_celeba.zip", encode)
  (tmp_path / "Img" / labels).write_text(CELEBA)
  assert _rows(_open(path)) == ROWS


def test_sources_travel_to_workers(tmp_path, encode, make_folder):
  archive = _open(
    _zip(tmp_path / "faces.zip", encode), labels=str(_write(tmp_path / "attributes.txt", CELEBA))
  )
  archive.read("000001.jpg")
  folder = _open(make_folder({"a.jpg": "1"}), attributes=("Smiling",))
  for source in (archive, folder):
    copy = pickle.loads(pickle.dumps(source))
    assert _rows(copy) == _rows(source)
    assert copy.fingerprint() == source.fingerprint()
    for image_id in source.image_ids():
      assert copy.read(image_id) == source.read(image_id)


def _write(path: pathlib.Path, text: str) -> pathlib.Path:
  path.write_text(text)
  return path


def test_sample(sample_photos):
  source = _open("sample")
  assert len(source.image_ids()) == 500
  assert source.attributes[:2] == ("Male", "Smiling") and len(source.attributes) == 12
  assert sum(row.annotations["Male"] is None for row in source.rows()) == 3
  photo = sample_photos / "000007.jpg"
  assert source.read("000007.jpg") == photo.read_bytes()


def test_photos_without_a_row_are_unknown(make_folder):
  folder = make_folder({"a.jpg": "1", "b.jpg": "0", "c.jpg": ""}, csv="image_id,Smiling\nb.jpg,0\n")
  rows = _rows(_open(folder, attributes=("Smiling",)))
  assert [rows[n]["Smiling"] for n in ("a.jpg", "b.jpg", "c.jpg")] == [None, 0, None]


def test_labels_survive_shuffled_files_and_rows(make_folder, two_classes):
  folder = make_folder(two_classes)
  before = list(_open(folder, attributes=("Smiling",)).rows())
  shuffled = random.Random(0).sample(sorted(two_classes), len(two_classes))
  (folder / "labels.csv").write_text(
    "image_id,Smiling\n" + "".join(f"{name},{two_classes[name]}\n" for name in shuffled)
  )
  for position, name in enumerate(shuffled):
    content = (folder / name).read_bytes()
    (folder / name).unlink()
    (folder / name).write_bytes(content)
    os.utime(folder / name, (1_000_000 - position, 1_000_000 - position))
  assert list(_open(folder, attributes=("Smiling",)).rows()) == before
  assert {row.image_id: str(row.annotations["Smiling"]) for row in before} == two_classes


def test_fingerprint_changes_with_photos_and_not_with_labels(make_folder, encode):
  folder = make_folder({"a.jpg": "1", "b.jpg": "0"})

  def fingerprint():
    return _open(folder, attributes=("Smiling",)).fingerprint()

  seen = [fingerprint()]
  assert fingerprint() == seen[0]
  (folder / "a.jpg").write_bytes(encode(seed=9))
  seen.append(fingerprint())
  os.utime(folder / "b.jpg", (5, 5))
  seen.append(fingerprint())
  (folder / "b.jpg").rename(folder / "c.jpg")
  seen.append(fingerprint())
  assert len(set(seen)) == len(seen)
  (folder / "labels.csv").write_text("image_id,Smiling\na.jpg,0\n")
  assert fingerprint() == seen[-1]


def test_fingerprint_changes_with_the_zip(tmp_path, encode):
  path = _zip(tmp_path / "faces.zip", encode, list_attr_celeba__txt=CELEBA)
  before = _open(path).fingerprint()
  os.utime(path, (5, 5))
  assert _open(path).fingerprint() != before


def test_names_the_nearest_attributes(tmp_path, encode):
  _celeba(tmp_path, encode, "img_align_celeba", "list_attr_celeba.txt")
  with pytest.raises(errors.UserError, match="did you mean Young?"):
    _open(tmp_path, attributes=("yung",))
  with pytest.raises(errors.UserError, match="it has Male, Young"):
    _open(tmp_path, attributes=("Eyeglasses",))


def _plan(folder, others=None, attributes=("Smiling",)):
  return plan.make(
    settings_lib.SourceSettings(path=str(folder), attributes=attributes),
    settings_lib.SplitSettings(),
    others,
  )


def test_columns_whose_names_the_pipeline_needs_are_not_kept(make_folder, many_of_two_classes):
  csv = "image_id,Smiling,domain,Young\n" + "".join(
    f"{name},{label},0,1\n" for name, label in many_of_two_classes.items() if name < "110"
  )
  folder = make_folder(many_of_two_classes, csv=csv)
  assert _plan(folder).others == ("Young",)
  with pytest.raises(errors.UserError, match="rename that column"):
    _plan(folder, others=("domain",))
  with pytest.raises(errors.UserError, match="which evaluation.slices names"):
    _plan(folder, others=("Old",))


def test_notes_are_read_only_where_they_are_asked_for(make_folder, many_of_two_classes):
  csv = "image_id,Smiling,notes\n" + "".join(
    f"{name},{label},{'blurry' if name == '002.jpg' else ''}\n"
    for name, label in many_of_two_classes.items()
    if name < "110"
  )
  folder = make_folder(many_of_two_classes, csv=csv)
  made = _plan(folder)
  assert made.others == ()
  assert "not read: notes (line 4 says `blurry`)" in made.told[1]
  for others, attributes in ((("notes",), ("Smiling",)), (None, ("notes",))):
    with pytest.raises(errors.UserError, match="line 4: notes is `blurry`; a label is"):
      _plan(folder, others, attributes)


def test_every_file_of_a_folder_is_accounted_for(make_folder, encode, many_of_two_classes):
  labels = {name: label for name, label in many_of_two_classes.items() if name < "110"}
  folder = make_folder(
    many_of_two_classes,
    csv="image_id,Smiling\n" + "".join(f"{name},{label}\n" for name, label in labels.items()),
  )
  for name in (
    "raw.dng",
    "b.DNG",
    "film.mov",
    "noending",
    ".hidden.jpg",
    ".1.HEIC.icloud",
    "._001.jpg",
    "Thumbs.db",
  ):
    (folder / name).write_bytes(b"")
  for deeper in ("more", "more/still", ".git", "__MACOSX"):
    (folder / deeper).mkdir()
    (folder / deeper / "1.jpg").write_bytes(encode())
  told = _plan(folder).told
  assert told == (
    f"120 photos in {folder}; left out: 2 ending in .dng, 1 ending in .mov, 1 hidden, 1 photos in "
    "its folder more, 1 photos in its folder more/still, 1 still in iCloud, ending in .icloud, "
    "1 without an ending",
    f"{folder}/labels.csv: 1 annotation",
    *told[2:],
  )
  split = [line.partition(" photos")[0] for line in told[2:]]
  assert [line.split(":")[0] for line in split[:3]] == ["hand_labeled", "labeled", "unlabeled"]
  # Every photo is in one of them, or waits for a label.
  assert told[5].endswith("photos are reserved for evaluation and have no label")
  assert sum(int(line.split()[-1]) for line in split) == 120
  with pytest.raises(errors.UserError, match="2 ending in .dng"):
    plan.make(
      settings_lib.SourceSettings(path=str(folder), attributes=("Smiling",)),
      settings_lib.SplitSettings(hand_labeled="900-901"),
    )


def test_a_folder_of_other_files_says_what_they_are(tmp_path):
  folder = _mkdir(tmp_path / "photos")
  for number in range(3):
    (folder / f"{number}.CR2").write_bytes(b"")
  (folder / "labels.csv").write_text("image_id,Smiling\n0.CR2,1\n")
  with pytest.raises(errors.UserError, match="holds no photos, but 3 ending in .cr2; expected"):
    _open(folder, attributes=("Smiling",))


def test_the_only_folder_with_photos_is_found(tmp_path, make_folder, two_classes):
  make_folder(two_classes, "a_b")
  inner = _mkdir(_mkdir(tmp_path / "download") / "archive")
  (tmp_path / "a_b").rename(inner / "faces")
  opened = _open(tmp_path / "download", attributes=("Smiling",))
  assert len(opened.image_ids()) == 40
  assert opened.labels.path == str(inner / "faces" / "labels.csv")
  (_mkdir(inner / "other") / "x.jpg").write_bytes(b"")
  with pytest.raises(errors.UserError, match=r"photos in 2 folders: .*faces \(40\), .*other \(1\)"):
    _open(tmp_path / "download", attributes=("Smiling",))


@pytest.mark.parametrize("given", ["data", "data/celeba", "data/celeba/img_align_celeba"])
def test_finds_celeba_from_above_and_from_within(tmp_path, encode, given):
  inner = "data/celeba/img_align_celeba/img_align_celeba"
  _celeba(tmp_path, encode, inner, "data/celeba/list_attr_celeba.txt")
  assert _rows(_open(tmp_path / given)) == ROWS


def test_two_files_of_labels_that_differ_are_refused(tmp_path, encode):
  _celeba(tmp_path, encode, "img_align_celeba", "img_align_celeba/list_attr_celeba.txt")
  own = tmp_path / "img_align_celeba" / "labels.csv"
  own.write_text("image_id,Male\n000001.jpg,0\n")
  with pytest.raises(errors.UserError, match="labels.csv and .*list_attr_celeba.txt both hold"):
    _open(tmp_path)
  assert _open(tmp_path, labels=str(own)).labels.path == str(own)
  path = _zip(tmp_path / "two.zip", encode, labels__csv="image_id,Male\n000001.jpg,1\n")
  with zipfile.ZipFile(path, "a") as archive:
    archive.writestr("old/labels.csv", "image_id,Male\n000001.jpg,0\n")
  with pytest.raises(
    errors.UserError, match=r"two.zip \(labels.csv\) and .*\(old/labels.csv\) both"
  ):
    _open(path)


def test_back_slashes_in_a_zip_are_folders(tmp_path, encode):
  path = tmp_path / "photos.zip"
  with zipfile.ZipFile(path, "w") as archive:
    for seed, name in enumerate(NAMES):
      archive.writestr(f"my photos\\{name}", encode(seed=seed))
    archive.writestr(
      "my photos\\labels.csv",
      "image_id,Male,Young\n"
      + "".join(f"{name},{row['Male']},{row['Young']}\n" for name, row in ROWS.items()),
    )
    archive.writestr("my photos\\raw.nef", b"")
  source = _open(path)
  assert _rows(source) == ROWS
  assert source.read("000002.jpg") == encode(seed=1)
  assert pickle.loads(pickle.dumps(source)).read("000002.jpg") == encode(seed=1)
  assert source.describe().endswith("left out: 1 ending in .nef")
  with zipfile.ZipFile(path, "a") as archive:
    archive.writestr("my photos\\..\\..\\evil.jpg", b"")
  with pytest.raises(errors.UserError, match="outside of the zip's folder"):
    _open(path)


@pytest.mark.parametrize(
  "name, content, told",
  [
    ("p.7z", b"7z\xbc\xaf\x27\x1c", "a 7z archive; .* extract it"),
    ("p.tar.gz", b"\x1f\x8b\x08", "a compressed archive; .* extract it"),
    ("p.parquet", b"PAR1", "a Parquet file; a source is a folder of photos or a zip"),
    ("p.jpg", b"\xff\xd8\xff\xe0", "a picture; .* name the folder"),
    ("p.tfrecord", b"\x10\0\0", "; a source is"),
    ("p.zip", b"PK\x03\x04" + bytes(40), "cut off .*fetch it again"),
    ("p.zip", b"<html>Quota exceeded", "it is a web page .*fetch it again"),
  ],
)
def test_other_containers_are_called_by_their_kind(tmp_path, name, content, told):
  (tmp_path / name).write_bytes(content)
  with pytest.raises(errors.UserError, match=f"{name} is not a zip.*{told}"):
    sources.open_photos(str(tmp_path / name))


def test_misspelt_paths_get_a_hint(make_folder):
  folder = make_folder({"a.jpg": "1"})
  with pytest.raises(errors.UserError, match="did you mean .*/photos?"):
    _open(folder.with_name("photoss"))
  with pytest.raises(errors.UserError, match="no such file; did you mean .*/labels.csv?"):
    _open(folder, labels=str(folder / "label.csv"))
  (folder / "labels.csv").rename(folder / "answers.tsv")
  with pytest.raises(errors.UserError, match=r"\(is it answers.tsv\?\)"):
    _open(folder)


def test_refuses_missing_and_empty_sources(tmp_path, make_folder):
  with pytest.raises(errors.UserError, match="nothing at .*missing"):
    _open(tmp_path / "missing")
  with pytest.raises(errors.UserError, match="set source.labels"):
    _open(_mkdir(tmp_path / "empty"))
  with pytest.raises(errors.UserError, match="holds no photos"):
    _open(make_folder({}), attributes=("Smiling",))
  with pytest.raises(errors.UserError, match="there is no such file"):
    _open(make_folder({"a.jpg": "1"}, "other"), labels="missing.csv")


def _mkdir(path: pathlib.Path) -> pathlib.Path:
  path.mkdir()
  return path


def test_refuses_what_is_no_zip(tmp_path):
  path = tmp_path / "faces.zip"
  path.write_bytes(b"no zip at all")
  with pytest.raises(errors.UserError, match="faces.zip is not a zip"):
    _open(path)


@pytest.mark.parametrize(
  "name", ["../evil.jpg", "img/../../evil.jpg", "/etc/evil.jpg", "C:\\evil.jpg", "..\\evil.jpg"]
)
def test_refuses_zips_that_lead_out(tmp_path, encode, name):
  path = _zip(tmp_path / "faces.zip", encode, list_attr_celeba__txt=CELEBA)
  with zipfile.ZipFile(path, "a") as archive:
    archive.writestr(name, b"")
  with pytest.raises(errors.UserError, match="outside of the zip's folder"):
    _open(path)


def test_refuses_encrypted_zips(tmp_path, encode):
  path = _zip(tmp_path / "faces.zip", encode, list_attr_celeba__txt=CELEBA)
  content = bytearray(path.read_bytes())
  entry = content.index(b"PK\x01\x02")  # the first entry of the directory
  content[entry + 8] |= 1
  path.write_bytes(content)
  with pytest.raises(errors.UserError, match="is encrypted"):
    _open(path)


def test_refuses_photos_in_several_folders_of_a_zip(tmp_path, encode):
  path = _zip(tmp_path / "faces.zip", encode, list_attr_celeba__txt=CELEBA)
  with zipfile.ZipFile(path, "a") as archive:
    archive.writestr("more/000001.jpg", encode())
  with pytest.raises(errors.UserError, match="several folders"):
    _open(path)


def test_a_damaged_member_is_the_photos_problem(tmp_path, encode):
  path = _zip(tmp_path / "faces.zip", encode, list_attr_celeba__txt=CELEBA)
  content = bytearray(path.read_bytes())
  start = content.index(b"000002.jpg") + len(b"000002.jpg")
  content[start + 40 : start + 60] = bytes(20)
  path.write_bytes(content)
  source = _open(path)
  with pytest.raises(photos.PhotoError, match="damaged"):
    source.read("000002.jpg")
  assert source.read("000003.jpg") == encode(seed=2)


def test_a_photo_that_vanished_is_the_photos_problem(make_folder):
  folder = make_folder({"a.jpg": "1", "b.jpg": "0"})
  source = _open(folder, attributes=("Smiling",))
  (folder / "a.jpg").unlink()
  with pytest.raises(photos.PhotoError, match="cannot be read") as caught:
    source.read("a.jpg")
  assert str(folder) not in str(caught.value)


def test_photos_alone_need_no_annotations(tmp_path, encode):
  folder = tmp_path / "photos"
  _celeba(folder, encode, "Img/img_align_celeba", "Anno/list.txt")
  for path in (folder, _zip(tmp_path / "photos.zip", encode)):
    opened = sources.open_photos(str(path))
    assert tuple(opened.image_ids()) == NAMES
    assert opened.attributes == ()
    assert _rows(opened) == {name: {} for name in NAMES}
    assert opened.read(NAMES[0])


@pytest.mark.parametrize(
  "name, told",
  [("nowhere", "there is nothing at"), ("empty", "holds no photos"), ("text.zip", "is not a zip")],
)
def test_no_photos_are_said(tmp_path, name, told):
  (tmp_path / "empty").mkdir()
  (tmp_path / "text.zip").write_text("no zip")
  with pytest.raises(errors.UserError, match=told):
    sources.open_photos(str(tmp_path / name))


def test_what_only_has_a_photos_name_is_listed_and_not_read(make_folder):
  folder = make_folder({"a.jpg": "1", "b.jpg": "0"})
  os.mkfifo(folder / "fifo.jpg")
  (folder / "folder.jpg").mkdir()
  (folder / "link.jpg").symlink_to("a.jpg")
  (folder / "loop.jpg").symlink_to("loop.jpg")
  (folder / "zero.jpg").symlink_to("/dev/zero")
  source = _open(folder, attributes=("Smiling",))
  assert source.fingerprint()
  assert source.read("link.jpg") == source.read("a.jpg")
  for name, reason in (
    ("fifo.jpg", "neither a file nor a folder"),
    ("zero.jpg", "neither a file nor a folder"),
    ("folder.jpg", "it is a folder"),
    ("loop.jpg", "symbolic links"),
  ):
    assert name in source.image_ids()
    with pytest.raises(photos.PhotoError, match=reason):
      source.read(name)


def test_a_member_in_an_unusual_way_is_the_photos_problem(tmp_path, encode):
  path = _zip(tmp_path / "faces.zip", encode, list_attr_celeba__txt=CELEBA)
  with zipfile.ZipFile(path, "a") as archive:
    folder = next(name for name in archive.namelist() if name.endswith(".jpg")).rpartition("/")[0]
    archive.writestr(f"{folder}/new.jpg".lstrip("/"), encode(), zipfile.ZIP_BZIP2)
  with pytest.raises(photos.PhotoError, match="compressed in an unknown way"):
    _open(path).read("new.jpg")


def test_a_member_without_a_name_is_no_photo(tmp_path, encode):
  path = _zip(tmp_path / "faces.zip", encode, list_attr_celeba__txt=CELEBA)
  with zipfile.ZipFile(path, "a") as archive:
    archive.writestr("a", b"")
  data = path.read_bytes()
  at = data.rindex(b"PK\x01\x02")
  data = data[: at + 28] + b"\0" + data[at + 29 : at + 46] + data[at + 47 :]
  end = data.rindex(b"PK\x05\x06")
  size = int.from_bytes(data[end + 12 : end + 16], "little") - 1
  path.write_bytes(data[: end + 12] + size.to_bytes(4, "little") + data[end + 16 :])
  assert "" in zipfile.ZipFile(path).namelist()
  assert tuple(_open(path).image_ids()) == NAMES


@pytest.mark.parametrize("path", ["a" * 300, "photos/" + "a" * 300 + "/b"])
def test_places_that_cant_be_looked_at_are_said(tmp_path, make_folder, path):
  folder = make_folder({"a.jpg": "1"})
  for look in (
    lambda: sources.open_photos(str(tmp_path / path)),
    lambda: _open(tmp_path / path),
    lambda: _open(folder, labels=str(tmp_path / path)),
  ):
    with pytest.raises(errors.UserError, match="can't be read .File name too long"):
      look()
