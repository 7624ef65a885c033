"""`python -m pipeline try`: a line for each mistake, at once."""

import socket
import sys

import pytest

from pipeline.programs import cli


@pytest.fixture(name="refused")
def make_refused(monkeypatch, capsys, tmp_path):
  """The one line of a command that is refused."""

  def call(*arguments):
    monkeypatch.setattr(
      sys,
      "argv",
      ["pipeline", "try", "--output", str(tmp_path), "--no-browser", *map(str, arguments)],
    )
    with pytest.raises(SystemExit) as error:
      cli.main()
    assert error.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    return line

  return call


def test_no_run_is_said(refused, tmp_path):
  line = refused("--name", "nobody")
  assert line.startswith("error: ") and str(tmp_path / "nobody") in line
  assert "no run is here" in line and "--name" in line
  assert not list(tmp_path.iterdir())


def test_a_port_in_use_is_said_at_once(refused, tmp_path):
  (tmp_path / "sample").mkdir()
  (tmp_path / "sample" / "config.yaml").write_text("name: sample\n")
  with socket.create_server(("127.0.0.1", 0)) as taken:
    port = taken.getsockname()[1]
    assert f"port {port} is in use" in refused("--port", port)


def test_a_run_without_metadata_is_said(refused, tmp_path):
  (tmp_path / "sample").mkdir()
  (tmp_path / "sample" / "config.yaml").write_text("name: sample\n")
  line = refused()
  assert "metadata.sqlite: no such file" in line and "run it again" in line
  assert [path.name for path in (tmp_path / "sample").iterdir()] == ["config.yaml"]
