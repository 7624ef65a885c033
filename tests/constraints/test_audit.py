"""What is pinned has no known weakness that nobody has looked at."""

import datetime
import importlib.util
import pathlib
import re
import subprocess
import sys

import pytest
import yaml
from packaging import specifiers

_SCRIPT = pathlib.Path(__file__).parents[2] / "constraints" / "audit.py"
# Whether time has come to look again is what `make audit` says.
_DAY = datetime.date(2026, 11, 30)


@pytest.fixture(name="audit", scope="module")
def load_audit():
  spec = importlib.util.spec_from_file_location("audit", _SCRIPT)
  module = importlib.util.module_from_spec(spec)
  sys.modules["audit"] = module  # Dataclasses look their module up.
  spec.loader.exec_module(module)
  return module


def test_no_pin_is_affected(audit):
  advisories = audit.read()
  assert len(audit.files()) >= 4
  for path in audit.files():
    bad = [
      str(each) for each in advisories.of(audit.pins(path)) if not advisories.accepts(each, _DAY)
    ]
    assert not bad, path.name


def test_what_is_accepted_is_pinned_has_a_reason_and_an_end(audit):
  advisories = audit.read()
  found = {
    (each.package, each.id) for path in audit.files() for each in advisories.of(audit.pins(path))
  }
  accepted = {
    (package, id_)
    for each in advisories.accepted
    for package in each["packages"]
    for id_ in each["ids"]
  }
  assert accepted == found
  for each in advisories.accepted:
    assert len(each["reason"]) > 40
    assert _DAY < each["until"] < _DAY + datetime.timedelta(days=400)


def test_what_is_known_can_be_read():
  known = yaml.safe_load((_SCRIPT.parent / "advisories.yaml").read_text())["advisories"]
  assert len(known) > 40
  for name, advisories in known.items():
    assert re.fullmatch("[a-z0-9-]+", name)
    for id_, ranges in advisories.items():
      assert re.fullmatch(r"CVE-20\d\d-\d{4,}", id_)
      for each in [ranges] if isinstance(ranges, str) else ranges:
        assert any(part.operator == "<" for part in specifiers.SpecifierSet(each)), (name, id_)


_TEXT = """
advisories:
  keras: {CVE-2025-1550: ">=3.0.0,<3.9.0"}
  urllib3: {CVE-2024-37891: ["<1.26.19", ">=2.0.0,<2.2.2"]}
accepted:
- {packages: [keras==3.8.0], ids: [CVE-2025-1550], until: 2026-12-31,
   reason: none}
"""


@pytest.mark.parametrize(
  "name, version, affected",
  [
    ("keras", "3.8.0", True),
    ("keras", "3.9.0", False),
    ("keras", "2.16.0", False),
    ("keras", "3.0.0", True),
    ("urllib3", "1.26.18", True),
    ("urllib3", "1.26.19", False),
    ("urllib3", "2.2.1", True),
    ("urllib3", "2.2.2", False),
    ("requests", "2.0", False),
  ],
)
def test_versions_are_told_apart(audit, name, version, affected):
  assert bool(list(audit.Advisories(_TEXT).of({name: version}))) == affected


def test_accepted_is_one_version_for_a_time(audit):
  advisories = audit.Advisories(_TEXT)
  for version, id_, day, accepted in (
    ("3.8.0", "CVE-2025-1550", (2026, 12, 31), True),
    ("3.8.0", "CVE-2025-1550", (2027, 1, 1), False),
    ("3.8.0", "CVE-2025-0000", (2026, 12, 31), False),
    ("3.7.0", "CVE-2025-1550", (2026, 12, 31), False),
  ):
    finding = audit.Finding(f"keras=={version}", id_)
    assert advisories.accepts(finding, datetime.date(*day)) == accepted
  # The index has names of its own.
  assert advisories.accepts(
    audit.Finding("keras==3.8.0", "GHSA-48g7-3x6r-xfhp", ("CVE-2025-1550",)), _DAY
  )


@pytest.mark.parametrize(
  "line", ["keras>=3", "keras", "keras @ ./keras-3.8.0.whl", "keras==3.*", "keras==3,<4"]
)
def test_what_pins_nothing_is_refused(audit, tmp_path, line):
  (tmp_path / "some.txt").write_text(line + "\n")
  with pytest.raises(ValueError, match="some.txt: keras.*: pins no version"):
    audit.pins(tmp_path / "some.txt")


def test_offline_it_says_what_is_known():
  done = subprocess.run(
    [sys.executable, str(_SCRIPT), "--offline"], check=False, capture_output=True, text=True
  )
  assert "keras==3.12.4  CVE-2026-1462  " in done.stdout and not done.stderr
