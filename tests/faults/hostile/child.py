"""The process that runs hostile cases: a line in for each, two lines out.

python -m tests.faults.hostile.child FOLDER
"""

import contextlib
import gc
import hashlib
import json
import os
import pathlib
import shutil
import stat
import sys
import traceback
import warnings
from collections.abc import Iterator

warnings.filterwarnings("ignore")
_OUT = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # What libraries print is no answer.

# pylint: disable=wrong-import-position
from pipeline import memory
from tests.faults.hostile import audit, cases, corpus, entries, payloads

_MOST_HASHED = 1 << 20


def main(folder: pathlib.Path) -> None:
  """Answers until there are no more lines."""
  scratch = folder / "scratch"
  scratch.mkdir(parents=True)
  os.environ["HOSTILE_SCRATCH"] = str(scratch)
  os.environ["TMPDIR"] = str(scratch)
  os.chdir(scratch)
  watch = audit.Watch()
  known = {(case.kind, case.name): case for case in corpus.everything()}
  warmed = set()
  _say("ready", {})
  for number, line in enumerate(sys.stdin):
    kind, name = json.loads(line)
    if kind not in warmed:
      warmed.add(kind)
      _warm(kind, known, folder)
    own = folder / f"{number:04d}"
    own.mkdir()
    made = known[kind, name].make(own)
    before = _snapshot(own), _snapshot(scratch)
    _say("made", {})
    said = _run(known[kind, name], made, own, watch)
    if (_snapshot(own), _snapshot(scratch)) != before and kind != "journal":
      said["findings"].append("files have changed")
    if (scratch / payloads.TRACE).exists() or (own / payloads.TRACE).exists():
      said["findings"].append("code out of it was run")
    _say("done", said)
    shutil.rmtree(own)


def _warm(kind: str, known: dict, folder: pathlib.Path) -> None:
  """Imports and builds what the first case would otherwise pay for."""
  own = folder / f"warm-{kind}"
  own.mkdir()
  sound = next(
    (case for (of, _), case in known.items() if of == kind and case.outcome == cases.ACCEPTED), None
  )
  if sound is not None:
    with contextlib.suppress(Exception):
      entries.run(sound, sound.make(own))
  shutil.rmtree(own)
  gc.collect()
  gc.freeze()  # What is imported is looked through no more.


def _run(case: cases.Case, made: pathlib.Path, own: pathlib.Path, watch: audit.Watch) -> dict:
  findings = []
  outcome = reason = None
  memory.forget_peak()
  base = memory.peak_bytes()
  watch.begin(own)
  try:
    outcome, reason = entries.run(case, made)
  except Exception:  # pylint: disable=broad-except
    findings.append(
      "lets through: " + " | ".join(traceback.format_exc().strip().splitlines()[-5:])[-600:]
    )
  findings += watch.end()
  return {
    "outcome": outcome,
    "reason": reason or "",
    "findings": findings,
    "grown": memory.peak_bytes() - base,
  }


def _snapshot(folder: pathlib.Path) -> dict[str, object]:
  """What there is in a folder, and a hash of what is not huge."""
  return dict(_entries(folder))


def _entries(folder: pathlib.Path) -> Iterator:
  for place, folders, files in os.walk(os.fsencode(folder)):
    for name in (*folders, *files):
      path = os.path.join(place, name)
      status = os.lstat(path)
      content = None
      if stat.S_ISREG(status.st_mode) and status.st_size < _MOST_HASHED:
        with open(path, "rb") as file:
          content = hashlib.sha256(file.read()).hexdigest()
      yield path, (status.st_mode, status.st_size, content)


def _say(what: str, content: dict) -> None:
  _OUT.write(json.dumps({what: content}) + "\n")
  _OUT.flush()


if __name__ == "__main__":
  main(pathlib.Path(sys.argv[1]))
