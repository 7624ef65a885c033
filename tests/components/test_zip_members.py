import struct
import zipfile

import pytest

from components.shared.core import zip_members


def _zip(path, content: bytes, method: int) -> zipfile.ZipFile:
  with zipfile.ZipFile(path, "w", method) as archive:
    archive.writestr("a", content)
  return zipfile.ZipFile(path)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_members_are_read(tmp_path, method):
  content = bytes(range(256)) * 20_000
  archive = _zip(tmp_path / "a.zip", content, method)
  assert zip_members.read(archive, "a", len(content)) == content
  with pytest.raises(zipfile.BadZipFile, match="too large"):
    zip_members.read(archive, "a", len(content) - 1)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unusual_ways_are_not_unpacked(tmp_path, method):
  archive = _zip(tmp_path / "a.zip", bytes(100), method)
  with pytest.raises(zip_members.UnknownWay):
    zip_members.read(archive, "a", 100)


@pytest.mark.parametrize("said", [1, 10_000])
def test_members_that_lie_about_their_size(tmp_path, said):
  _zip(tmp_path / "a.zip", bytes(5000), zipfile.ZIP_DEFLATED).close()
  data = bytearray((tmp_path / "a.zip").read_bytes())
  at = data.index(b"PK\x01\x02")
  data[at + 24 : at + 28] = struct.pack("<I", said)
  (tmp_path / "a.zip").write_bytes(data)
  with pytest.raises(zipfile.BadZipFile):
    zip_members.read(zipfile.ZipFile(tmp_path / "a.zip"), "a", 20_000)
