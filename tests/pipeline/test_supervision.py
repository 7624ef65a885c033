"""Who watches says what the one that works no longer can."""

import pathlib
import signal
import subprocess
import sys
import time

import pytest

_ROOT = pathlib.Path(__file__).parents[2]
_BEGIN = """
import os, signal, sys, time
from pipeline import supervision
supervision.begin()
supervision.tell(["Trainer"], sys.argv[1])
"""


def _start(work, log):
  return subprocess.Popen(
    [sys.executable, "-c", _BEGIN + work, str(log)],
    cwd=_ROOT,
    text=True,
    stdout=subprocess.PIPE,
    stderr=subprocess.PIPE,
  )


def _ended(work, log):
  started = _start(work, log)
  _, said = started.communicate(timeout=60)
  return started.returncode, said


@pytest.mark.parametrize("status", [0, 2])
def test_an_end_of_its_own_is_passed_on(tmp_path, status):
  assert _ended(f"sys.exit({status})", tmp_path / "log") == (status, "")


def test_killed(tmp_path):
  status, said = _ended("os.kill(os.getpid(), 9)", tmp_path / "log")
  assert status == 128 + signal.SIGKILL
  # On a line of its own, whatever was on the last one.
  assert said.startswith(
    "\nerror: the run was killed (SIGKILL) while Trainer "
    "was at work, by someone or because memory ran out; it "
    "held "
  )
  assert said.endswith("give the same command again: it resumes from what was finished\n")
  assert said.count("\n") == 2


def test_native_code_that_crashes(tmp_path):
  log = tmp_path / "log"
  status, said = _ended("os.kill(os.getpid(), signal.SIGSEGV)", log)
  assert status == 128 + signal.SIGSEGV
  assert (
    f"crashed (SIGSEGV) while Trainer was at work, in a library's native "
    f"code; the end of {log} may say why" in said
  )


def test_memory_that_native_code_does_not_get(tmp_path):
  log = tmp_path / "log"
  log.write_text("terminate called after throwing std::bad_alloc\n")
  status, said = _ended("os.abort()", log)
  assert status == 128 + signal.SIGABRT
  assert "error: memory ran out while Trainer was at work; it held " in said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_are_handed_on(tmp_path, number):
  started = _start(
    """
try:
  print('at work', flush=True)
  time.sleep(60)
except KeyboardInterrupt:
  sys.exit(130)
""",
    tmp_path / "log",
  )
  started.stdout.readline()
  started.send_signal(number)
  _, said = started.communicate(timeout=60)
  if number == signal.SIGINT:
    assert (started.returncode, said) == (130, "")
  else:
    assert started.returncode == 128 + number
    assert said.startswith("\nerror: stopped (SIGTERM) while Trainer was at work; give the same")


def test_work_ends_with_who_watches(tmp_path):
  started = _start("print(os.getpid(), flush=True); time.sleep(60)", tmp_path / "log")
  worker = int(started.stdout.readline())
  started.kill()
  started.communicate(timeout=60)
  for _ in range(100):
    if not _is_at_work(worker):
      return
    time.sleep(0.05)
  pytest.fail("nobody watches over it, and it is still there")


def _is_at_work(process):
  try:
    stat = pathlib.Path(f"/proc/{process}/stat").read_text()
  except OSError:
    return False
  return stat.rpartition(")")[2].split()[0] != "Z"


@pytest.mark.parametrize("seconds", [0.3, 1.5])
def test_ctrl_c_at_once_is_a_line(tmp_path, seconds):
  command = [sys.executable, "-m", "pipeline", "run", "--output", str(tmp_path / "output")]
  process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
  time.sleep(seconds)
  process.send_signal(signal.SIGINT)
  _, error = process.communicate(timeout=100)
  assert process.returncode in (130, -signal.SIGINT)
  assert "Traceback" not in error
  # Before it only what was read, a line each.
  *_, last = error.strip().splitlines() or [""]
  assert process.returncode != 130 or last.startswith("stopped")
