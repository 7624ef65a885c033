"""Tables as spreadsheets, pandas, R and annotation tools write them."""

import pathlib
import unicodedata

import pytest

from components.shared.core import errors
from components.shared.data import annotations, label_values, photo_names

PHOTOS = ("a.jpg", "b.jpg", "c.jpg")
SAID = {"a.jpg": (1,), "b.jpg": (0,), "c.jpg": (None,)}


def _table(folder: pathlib.Path, text: str, photos=PHOTOS, encoding="utf-8", name="labels.csv"):
  path = folder / name
  path.write_bytes(text.encode(encoding))
  return annotations.AnnotationFile(str(path)).table(photos, needed=("Smiling",))


@pytest.mark.parametrize(
  "text",
  [
    "image_id;Smiling\na.jpg;1\nb.jpg;0\nc.jpg;\n",
    "image_id\tSmiling\na.jpg\t1\nb.jpg\t0\nc.jpg\t\n",
    "sep=;\nimage_id;Smiling\na.jpg;1\nb.jpg;0\nc.jpg;\n",
    "sep=,\r\nimage_id,Smiling\r\na.jpg,1\r\nb.jpg,0\r\n",
    "image_id;Smiling\na.jpg;1,0\nb.jpg;0,0\n",  # German numbers.
    "image_id,Smiling,\na.jpg,1,\nb.jpg,0,\n",  # A blank column at the right.
    "image_id,Smiling\na.jpg,1,,\nb.jpg,0\n,\n,\n",  # Blank cells, blank rows.
    '"","image_id","Smiling"\n"1","a.jpg",TRUE\n"2","b.jpg",FALSE\n"3","c.jpg",NA\n',  # R.
    ",image_id,Smiling\n0,a.jpg,1.0\n1,b.jpg,0.0\n2,c.jpg,\n",  # pandas, with its index.
    "Image_ID,Smiling\na.jpg,WAHR\nb.jpg,FALSCH\n",
    "File Name,Smiling\na.jpg,Yes\nb.jpg,no\nc.jpg,?\n",
    "filename,id,Smiling\na.jpg,17,y\nb.jpg,18,N\n",
    "Smiling,image_id\n1,a.jpg\n-1,b.jpg\n",
  ],
)
def test_all_say_the_same(tmp_path, text):
  values = _table(tmp_path, text).values
  assert {photo: values.get(photo, (None,)) for photo in PHOTOS} == SAID


def test_excels_unicode_text_is_read(tmp_path):
  text = "image_id\tSmiling\r\na.jpg\t1\r\nb.jpg\t0\r\n"
  assert _table(tmp_path, text, encoding="utf-16").values == {"a.jpg": (1,), "b.jpg": (0,)}


def test_columns_that_are_no_labels_are_notes(tmp_path):
  table = _table(tmp_path, "image_id,notes,Young,Smiling\na.jpg,,1,1\nb.jpg,blurry,0,0\n")
  assert table.attributes == ("Young", "Smiling")
  assert table.values == {"a.jpg": (1, 1), "b.jpg": (0, 0)}
  assert table.notes == {"notes": "line 3 says `blurry`"}


@pytest.mark.parametrize(
  "content, kind",
  [
    (b"PK\x03\x04" + bytes(26) + b"[Content_Types].xml", "an Excel file"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Excel file"),
    (b"PAR1\x15\x04", "a Parquet file"),
    (b'[{"image": "a.jpg", "choice": "Smiling"}]', "a JSON file"),
    (b"<!DOCTYPE html><html>", "a web page .* fetch it again"),
    (b"\x7fELF\x02\0\0\0", "no text"),
  ],
)
def test_other_files_are_called_by_their_kind(tmp_path, content, kind):
  (tmp_path / "labels.csv").write_bytes(content)
  with pytest.raises(errors.UserError, match=f"labels.csv is {kind}"):
    annotations.AnnotationFile(str(tmp_path / "labels.csv")).attributes()


@pytest.mark.parametrize(
  "text, value",
  [(t, 1) for t in ("1", "1.0", "+1", "1,00", "TRUE", "Yes", "y", "vrai")]
  + [(t, 0) for t in ("0", "0.0", "-1", "-1.0", "false", "NO", "n", "Falsch")]
  + [(t, None) for t in ("", "  ", "NA", "NaN", "n/a", "None", "null", "#N/A", "?")],
)
def test_values(text, value):
  assert label_values.read(text) is value


@pytest.mark.parametrize("text", ["2", "10", "0.97", "x", "Smiling", "female", "-", "1 0", "--1"])
def test_values_that_say_neither(text):
  with pytest.raises(ValueError, match="write 1 and 0|a label is"):
    label_values.read(text)


@pytest.mark.parametrize(
  "written, photo",
  [
    ("a.jpg", "a.jpg"),
    ("photos/a.jpg", "a.jpg"),
    (r"C:\My photos\a.jpg", "a.jpg"),
    ("/data/upload/1/ab12cd34-a.jpg", "a.jpg"),
    ("A.JPG", "a.jpg"),
    ("a.png", "a.jpg"),
    (" a.jpg", "a.jpg"),
    ("gs://bucket/my%20photos/%61.jpg", "a.jpg"),
    ("shot at 1.00 PM.png", "shot at 1.00\u202fPM.png"),
    ("a", "a.jpg"),
    ("img_1.heic", "IMG_1.HEIC"),
    (unicodedata.normalize("NFC", "Zoé.jpg"), unicodedata.normalize("NFD", "Zoé.jpg")),
    ("b.txt", None),
    ("", None),
    ("z.jpg", None),
  ],
)
def test_the_same_photo(written, photo):
  photos = {
    "a.jpg",
    "c.jpg",
    "c.png",
    "IMG_1.HEIC",
    "shot at 1.00\u202fPM.png",
    unicodedata.normalize("NFD", "Zoé.jpg"),
  }
  assert photo_names.PhotoNames(photos).find(written) == photo


def test_a_name_that_may_be_two_photos_is_refused(tmp_path):
  photos = ("c.jpg", "c.png")
  assert _table(tmp_path, "image_id,Smiling\nc.jpg,1\nc.png,0\n", photos).values
  with pytest.raises(errors.UserError, match="line 2: `c` may be `c.jpg` or `c.png`; write"):
    _table(tmp_path, "image_id,Smiling\nc,1\n", photos)


def test_two_rows_of_a_photo_are_refused_whatever_they_call_it(tmp_path):
  with pytest.raises(errors.UserError, match="line 3: `x/a.jpg` is listed twice, first in line 2"):
    _table(tmp_path, "image_id,Smiling\na.jpg,1\nx/a.jpg,0\n")


def test_misspelt_names_get_a_hint(tmp_path):
  photos = ("anna_1.jpg", "000012.jpg")
  rows = "image_id,Smiling\n000012.jpg,1\n"
  with pytest.raises(errors.UserError, match="no photo `ana_1.jpg`; did you mean `anna_1.jpg`"):
    _table(tmp_path, rows + "ana_1.jpg,1\n", photos)
  with pytest.raises(errors.UserError, match=r"line 2: .*`12`; did you mean `000012.jpg`"):
    _table(tmp_path, "image_id,Smiling\n12,1\nanna_1.jpg,1\n", photos)


def test_celebas_list_is_known_by_its_content(tmp_path):
  photos = ("000001.jpg", "000002.jpg")
  listed = "image_id,Smiling\n" + "".join(f"{n:06d}.jpg,{1 - 2 * (n % 2)}\n" for n in range(1, 30))
  table = _table(tmp_path, listed, photos, name="celeba_attr.csv")
  assert (table.values, table.elsewhere) == ({"000001.jpg": (0,), "000002.jpg": (1,)}, 27)
  own = listed.replace(",-1", ",0")
  with pytest.raises(errors.UserError, match=r"line 4: .*\(27 of 29 rows name none\)"):
    _table(tmp_path, own, photos)
  png = ("000001.png", "000002.png")
  text = "29\nSmiling\n" + "".join(f"{n:06d}.jpg 1\n" for n in range(1, 30))
  assert _table(tmp_path, text, png, name="list (1).txt").renamed == 2


def test_labels_of_other_photos_altogether_are_refused(tmp_path):
  with pytest.raises(errors.UserError, match="none of the 2 rows names a photo that is here, such"):
    _table(tmp_path, "2\nSmiling\n000001.jpg 1\n000002.jpg 1\n", ("IMG_1.jpg",))
