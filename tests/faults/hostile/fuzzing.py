"""Starts the fuzzer on each parser, with seeds out of the corpus."""

import dataclasses
import os
import pathlib
import re
import subprocess
import sys
import time
from collections.abc import Mapping

from tests.faults.hostile import cases, corpus

EXECUTIONS: Mapping[str, int] = {
  "photo": 100_000,
  "labels": 150_000,
  "celeba": 60_000,
  "list": 60_000,
  "range": 100_000,
  "zip": 60_000,
  "config": 90_000,
  "table": 110_000,
  "journal": 80_000,
  "address": 80_000,
  "note": 20_000,
  "run folder": 10_000,
  "h5": 10_000,
  "mat": 40_000,
  "torch": 20_000,
  "wheel": 10_000,
}
"""A million in all: many of what is quick."""
EVERYTHING = "everything"
"""All parsers in one process."""
_KINDS = {"celeba": "labels"}
"""The kind of case that has a target's seeds, where that is not its name."""
_SEEDS = 120
_SEEDS_OF_EACH = 5
_MOST_SEED = 6000
_MOST_INPUT = {"photo": 6000, "h5": 12_000, "zip": 12_000, "mat": 6000}
_MEMORY_MB = 4096
_REPOSITORY = pathlib.Path(__file__).parents[3]


@dataclasses.dataclass(frozen=True)
class Fuzzed:
  """What became of a target.

  Attributes:
    target: its name.
    executions: how many inputs it had.
    coverage: edges that were reached.
    seconds: that it took.
    finding: what was wrong, with the place of the input; empty if nothing.
  """

  target: str
  executions: int
  coverage: int
  seconds: float
  finding: str

  def __str__(self) -> str:
    return (
      f"{self.target}: {self.executions:,} executions, coverage "
      f"{self.coverage:,}, {self.seconds:.0f} s"
      f"{'; ' if self.finding else ''}{self.finding}"
    )


def write_seeds(target: str, folder: pathlib.Path, most: int = _SEEDS, start: bytes = b"") -> None:
  """Small files of the corpus, to begin with.

  Args:
    target: of `EXECUTIONS`, or `EVERYTHING`.
    folder: that gets them.
    most: how many.
    start: bytes that are put before each.
  """
  if target == EVERYTHING:
    for number, one in enumerate(EXECUTIONS):
      write_seeds(one, folder, _SEEDS_OF_EACH, bytes([number]))
    return
  kind = _KINDS.get(target, target)
  found = [case for case in corpus.everything() if case.kind == kind]
  # What is accepted leads deepest.
  found.sort(key=lambda case: case.outcome != cases.ACCEPTED)
  count = 0
  for case in found:
    if count == most or corpus.is_large(case):
      continue
    scratch = folder / "scratch"
    scratch.mkdir(parents=True)
    made = case.make(scratch)
    if made.is_file() and not made.is_symlink() and (made.stat().st_size <= _MOST_SEED):
      (folder / f"seed-{target}-{count:03d}").write_bytes(start + made.read_bytes())
      made.unlink()
      count += 1
    _remove(scratch)


def _remove(folder: pathlib.Path) -> None:
  for path in folder.iterdir():
    path.unlink()
  folder.rmdir()


def run(target: str, executions: int, folder: pathlib.Path, seed: int = 1) -> Fuzzed:
  """Fuzzes one parser.

  Args:
    target: of `fuzz.TARGETS`.
    executions: inputs to try.
    folder: for seeds and findings; it is made.
    seed: of the fuzzer's choices.
  """
  seeds = folder / "seeds"
  seeds.mkdir(parents=True)
  write_seeds(target, seeds)
  command = [
    # The peak that libFuzzer looks at begins with that of who started it,
    # which pytest's may exceed; a shell's is small.
    "sh",
    "-c",
    '"$@"; exit $?',
    "sh",
    sys.executable,
    "-m",
    "tests.faults.hostile.fuzz",
    target,
    f"-runs={executions}",
    f"-seed={seed}",
    "-timeout=60",
    f"-rss_limit_mb={_MEMORY_MB}",
    f"-max_len={_MOST_INPUT.get(target, 3000)}",
    f"-artifact_prefix={folder}/finding-",
    "-len_control=20",
    "-reload=0",
    "-verbosity=1",
    str(seeds),
  ]
  environment: dict[str, str] = {
    **os.environ,
    "PYTHONPATH": str(_REPOSITORY),
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "-1",
  }
  started = time.monotonic()
  log = folder / "log.txt"
  with open(log, "wb") as file:
    code = subprocess.run(
      command,
      stdin=subprocess.DEVNULL,
      stdout=file,
      stderr=file,
      env=environment,
      cwd=_REPOSITORY,
      check=False,
    ).returncode
  text = log.read_text(errors="replace")
  done = re.findall(r"^Done (\d+) runs", text, re.MULTILINE)
  coverage = re.findall(r" cov: (\d+)", text)
  return Fuzzed(
    target,
    int(done[-1]) if done else 0,
    int(coverage[-1]) if coverage else 0,
    time.monotonic() - started,
    "" if code == 0 and done else _told(code, text, folder),
  )


def _told(code: int, text: str, folder: pathlib.Path) -> str:
  lines = [line for line in text.splitlines() if not line.startswith("#")]
  start = next(
    (i for i, line in enumerate(lines) if "Uncaught Python exception" in line or "ERROR" in line), 0
  )
  kept = ", ".join(str(path) for path in sorted(folder.glob("finding-*")))
  return (
    f"status {code}: "
    + " | ".join(lines[start : start + 30])[:3000]
    + f"; the input is kept in {kept or 'no file'}"
  )
