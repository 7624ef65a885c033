import os

import pytest

from components.shared.core import regular_file


def test_files_and_links_to_them_are_read(tmp_path):
  (tmp_path / "a").write_bytes(b"abc")
  (tmp_path / "link").symlink_to("a")
  assert regular_file.read(tmp_path / "a", 3) == b"abc"
  assert regular_file.read(tmp_path / "link", 3) == b"abc"


def test_what_never_ends_is_not_read(tmp_path):
  os.mkfifo(tmp_path / "fifo")
  for path in (tmp_path / "fifo", "/dev/zero", "/dev/null"):
    with pytest.raises(OSError, match="neither a file nor a folder"):
      regular_file.read(path, 10)
  with pytest.raises(OSError, match="it is a folder"):
    regular_file.read(tmp_path, 10)


def test_no_more_than_may_be(tmp_path):
  with open(tmp_path / "large", "wb") as file:
    file.truncate(1 << 40)
  with pytest.raises(OSError, match="too large, with more than 2 MB"):
    regular_file.read(tmp_path / "large", 2 << 20)
  # It says that it has no bytes.
  with pytest.raises(OSError, match="too large"):
    regular_file.read("/proc/self/maps", 10)
