"""The warden sees what it is there to see."""

import os
import pathlib
import pickle
import subprocess
import sys

import pytest

from tests.faults.hostile import cases, payloads, warden

_ROOT = pathlib.Path(__file__).parents[3]
_WATCHED = """
import marshal, os, pathlib, pickle, socket, subprocess, sys
from tests.faults.hostile import audit
folder = pathlib.Path(sys.argv[1])
watch = audit.Watch()
watch.begin(folder)
try:
  {code}
except Exception:
  pass
print("\\n".join(watch.end()))
"""


@pytest.mark.parametrize(
  "code, told",
  [
    ("(folder / 'inside').write_text('a'); open('/proc/version').read()", ""),
    ("open(folder.parent / 'outside', 'w')", "for writing"),
    ("os.open(str(folder / '..' / 'outside'), os.O_CREAT)", "for writing"),
    ("(folder / 'link').symlink_to('..'); open(folder / 'link/x', 'w')", "for writing"),
    ("os.remove(folder.parent / 'none')", "os.remove"),
    ("os.mkdir(folder.parent / 'made')", "os.mkdir"),
    ("subprocess.run(['true'])", "subprocess.Popen"),
    ("os.system('true')", "os.system"),
    (f"pickle.loads(bytes.fromhex('{payloads.pickled().hex()}'))", "pickle.find_class"),
    (f"marshal.loads(bytes.fromhex('{payloads.marshalled().hex()}'))", "marshal.loads"),
    ("exec('1')", "exec"),
    ("socket.socket().connect(('127.0.0.1', 9))", "socket.connect"),
  ],
)
def test_what_is_seen(tmp_path, code, told):
  folder = tmp_path / "own"
  folder.mkdir()
  found = subprocess.run(
    [sys.executable, "-c", _WATCHED.format(code=code), str(folder)],
    stdout=subprocess.PIPE,
    text=True,
    check=True,
    cwd=tmp_path,
    env={**os.environ, "PYTHONPATH": str(_ROOT)},
  ).stdout
  assert told in found
  assert bool(told) == bool(found.strip())


def test_payloads_do_run_when_someone_runs_them(tmp_path, monkeypatch):
  monkeypatch.chdir(tmp_path)
  pickle.loads(payloads.pickled())
  assert (tmp_path / payloads.TRACE).exists()


@pytest.mark.parametrize(
  "said, finding",
  [
    ({"outcome": cases.REFUSED, "reason": "no zip"}, ""),
    ({"outcome": cases.ACCEPTED}, "is accepted, not refused"),
    ({"outcome": cases.REFUSED, "reason": "other"}, "does not say"),
    ({"outcome": None, "findings": ["lets through: KeyError"]}, "KeyError"),
    ({"outcome": cases.REFUSED, "reason": "zip", "grown": 3 << 30}, "takes"),
  ],
)
def test_how_it_judges(said, finding):
  case = cases.Case("a case", "zip", cases.REFUSED, lambda folder: folder, "zip")
  verdict = warden.judged(case, {"findings": [], "reason": "", "grown": 0, **said}, 0.1)
  assert finding in "; ".join(verdict.findings)
  assert bool(finding) == bool(verdict.findings)
