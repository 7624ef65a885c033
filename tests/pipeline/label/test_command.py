"""`python -m pipeline label`, as a person would start and stop it."""

import contextlib
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest

from components.shared.core import errors
from pipeline import run_folder
from pipeline.programs import cli
from pipeline.programs.label import journal as journal_lib
from pipeline.programs.label import run as run_lib
from tests.end_to_end import running


@pytest.fixture(name="refused")
def make_refused(tmp_path):
  """A function: the one line with which a start is refused."""

  def call(
    source, attribute="Male", csv=tmp_path / "labels.csv", order="random", audit=False, port=0
  ):
    said = []
    with pytest.raises(errors.UserError) as caught:
      run_lib.run(
        str(source),
        attribute,
        csv,
        run_folder.RunFolder(tmp_path / "no run"),
        order=order,
        seed=0,
        audit=audit,
        port=port,
        open_browser=False,
        say=said.append,
      )
    assert not any("browser" in line for line in said)
    assert "\n" not in str(caught.value)
    return str(caught.value)

  return call


def test_mistakes_are_one_line(refused, folder, tmp_path):
  place = folder(3)
  assert "there is nothing at" in refused(tmp_path / "nowhere")
  (tmp_path / "empty").mkdir()
  assert "holds no photos" in refused(tmp_path / "empty")
  (tmp_path / "text.zip").write_text("no zip")
  assert "is not a zip" in refused(tmp_path / "text.zip")
  assert "there is no folder" in refused(place, csv=tmp_path / "a" / "b.csv")
  assert "is no file" in refused(place, csv=place)
  assert "is no name" in refused(place, attribute=" Male")
  assert "uses this name" in refused(place, attribute="image_id")
  assert "uses this name" in refused(place, attribute="embedding")
  assert "no model was pushed" in refused(place, order="informative")
  assert "0 photos are labelled yes" in refused(place, audit=True)
  assert not (tmp_path / "labels.csv").exists()


def test_a_port_in_use_is_said_and_nothing_stays_locked(refused, folder, tmp_path):
  place = folder(3)
  with socket.create_server(("127.0.0.1", 0)) as taken:
    port = taken.getsockname()[1]
    assert f"port {port} is in use" in refused(place, port=port)
  csv = tmp_path / "labels.csv"
  journal_lib.Journal(csv.with_name("labels.csv.answers"), csv).close()


def test_a_broken_model_is_said(refused, folder, tmp_path):
  (tmp_path / "no run" / "model" / "7").mkdir(parents=True)
  assert "no pushed model is here" in refused(folder(3), order="informative")


@contextlib.contextmanager
def _started(*arguments):
  """The command; waits for the address that it prints."""
  process = subprocess.Popen(
    [sys.executable, "-m", "pipeline", "label", *map(str, arguments)],
    cwd=running.ROOT,
    stdout=subprocess.PIPE,
    stderr=subprocess.PIPE,
    text=True,
    env={
      **os.environ,
      "PYTHONPATH": str(running.ROOT),
      "PYTHONUNBUFFERED": "1",
      # No browser is on this path, and no screen for one.
      "PATH": str(pathlib.Path(sys.executable).parent),
      "DISPLAY": "",
    },
  )
  try:
    for line in process.stdout:
      found = re.search(r"http://127\.0\.0\.1:\d+/", line)
      if found:
        break
    yield process, found[0], line
  finally:
    process.kill()
    process.wait()


def test_labels_until_it_is_interrupted(folder, tmp_path, monkeypatch, capsys):
  """No browser is here, so it prints the address; a second one is refused."""
  place, csv = folder(3), tmp_path / "labels.csv"
  arguments = (place, "--attribute", "Smiling", "--labels", csv, "--order", "name")
  with _started(*arguments) as (process, url, line):
    assert line.startswith(f"Open {url} in a browser; Ctrl+C")
    request = urllib.request.Request(
      f"{url}answer",
      json.dumps({"number": 0, "answer": "yes"}).encode(),
      {"Content-Type": "application/json", "Origin": url.rstrip("/")},
    )
    with urllib.request.urlopen(request) as response:
      assert json.load(response)["photo"]["name"] == "000008.jpg"
    monkeypatch.setattr(sys, "argv", ["pipeline", "label", *map(str, arguments), "--no-browser"])
    with pytest.raises(SystemExit) as second:
      cli.main()
    assert second.value.code == 2
    assert capsys.readouterr() == (
      "",
      (
        f"error: {csv}: someone is labelling into this file at the moment; "
        "stop that first, or name another file with --labels\n"
      ),
    )
    process.send_signal(signal.SIGINT)
    told = process.stdout.read()
    assert process.wait() == 0
  assert f"1 of 3 photos answered: 1 yes, 0 no, 0 can't tell; in {csv}" in told
  assert f"--labels {csv} --attribute Smiling --name smiling" in told
  assert csv.read_text() == "image_id,Smiling\n000007.jpg,1\n"
