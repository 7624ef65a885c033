"""Processes that know nothing of each other spread over the devices.

Logical CPUs stand for GPUs; they are fixed once TensorFlow runs, hence other
processes.
"""

import contextlib
import pathlib
import subprocess
import sys

import pytest

from components.shared.core import placement

_ROOT = pathlib.Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def own_locks(tmp_path, monkeypatch):
  """Locks of this test alone, here and in processes that it starts."""
  monkeypatch.setattr("tempfile.tempdir", None)
  monkeypatch.setenv("TMPDIR", str(tmp_path))


@pytest.fixture
def decode(decoder_uri):
  """decode(): a process that decodes and keeps its device; and where."""
  with contextlib.ExitStack() as stack:

    def _start():
      return stack.enter_context(
        subprocess.Popen(
          [sys.executable, "-m", "tests.components.decode_on_device", "2", decoder_uri],
          cwd=_ROOT,
          text=True,
          stdin=subprocess.PIPE,
          stdout=subprocess.PIPE,
          stderr=subprocess.DEVNULL,
        )
      )

    yield _start


def _device(process) -> str:
  return process.stdout.readline().strip()


def test_processes_take_turns_on_the_devices(decode):
  together = [decode(), decode()]
  devices = [_device(process) for process in together]
  assert sorted(devices) == ["CPU:0", "CPU:1"]
  together[0].communicate()  # It ends, and makes room.
  assert _device(decode()) == devices[0]


def test_devices_of_one_process_take_turns():
  places = [placement.claim(["CPU:0", "CPU:1"]) for _ in range(4)]
  assert [place.device for place in places] == ["CPU:0", "CPU:1", "CPU:0", "CPU:1"]
  del places[1]
  assert placement.claim(["CPU:0", "CPU:1"]).device == "CPU:1"


def test_gpus_are_told_apart_by_what_is_visible(monkeypatch):
  """A process that sees GPU 3 alone does not count on GPU 0."""
  monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3,0")
  first = placement.claim(["GPU:0", "GPU:1"])  # Physically 3.
  monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,3")
  assert placement.claim(["GPU:0", "GPU:1"]).device == "GPU:0"
  del first


def test_where_there_is_one_device_nothing_is_locked(tmp_path):
  assert placement.claim().device == placement.devices()[0]
  assert not list(tmp_path.rglob("*.lock"))
