"""`python -m pipeline health`: what passes, and what each failure says."""

import pathlib
import subprocess
import sys

import pytest

import components
from components.shared.core import errors
from pipeline.programs import cli, self_check


def _invoke(monkeypatch, capsys):
  monkeypatch.setattr(sys, "argv", ["pipeline", "health"])
  status = 0
  try:
    cli.main()
  except SystemExit as error:
    status = error.code
  return status, capsys.readouterr().out.splitlines()


def test_a_sound_installation_passes_with_a_line_for_each_check(monkeypatch, capsys, tmp_path):
  monkeypatch.setenv("FACES_CACHE", str(tmp_path / "new" / "cache"))
  status, lines = _invoke(monkeypatch, capsys)
  assert status == 0
  assert len(lines) == len(self_check.ALL)
  for line, (name, _) in zip(lines, self_check.ALL, strict=True):
    assert line.startswith(f"ok      {name}: "), line
  assert not list((tmp_path / "new" / "cache").iterdir())


def test_a_cache_that_cannot_be_written_fails_and_the_rest_is_still_looked_at(
  monkeypatch, capsys, tmp_path
):
  (tmp_path / "file").touch()
  monkeypatch.setenv("FACES_CACHE", str(tmp_path / "file" / "cache"))
  status, lines = _invoke(monkeypatch, capsys)
  assert status == 1
  assert [line[:2] for line in lines] == ["ok"] * (len(lines) - 1) + ["FA"]
  assert str(tmp_path / "file" / "cache") in lines[-1]
  assert "FACES_CACHE" in lines[-1]


def test_all_folders_with_an_executor_are_imported():
  here = {path.parent.name for path in pathlib.Path(components.__path__[0]).glob("*/executor.py")}
  assert self_check.executors().startswith(f"{len(here)} ")
  assert {f"components.{name}.executor" for name in here} <= set(sys.modules)


def test_an_executor_that_cannot_be_imported_is_named(tmp_path, monkeypatch):
  package = tmp_path / "broken_step"
  package.mkdir()
  (package / "__init__.py").touch()
  (package / "executor.py").write_text("import no_such_module_anywhere\n")
  monkeypatch.setattr(components, "__path__", [*components.__path__, str(tmp_path)])
  with pytest.raises(self_check.Unsound) as raised:
    self_check.executors()
  assert "components.broken_step.executor" in str(raised.value)
  assert "no_such_module_anywhere" in str(raised.value)


def test_a_gpu_that_tensorflow_does_not_see_fails(tmp_path):
  # Of a kind that this machine's TensorFlow can't see: there is a file only.
  import tensorflow as tf  # pylint: disable=g-import-not-at-top

  if tf.config.list_physical_devices("GPU"):
    pytest.skip("there is a GPU")
  assert "no GPU" in self_check.devices(tmp_path)
  (tmp_path / "nvidia0").touch()
  (tmp_path / "nvidiactl").touch()
  with pytest.raises(self_check.Unsound, match="see nvidia0: .*gpu image"):
    self_check.devices(tmp_path)


def test_a_failure_is_one_line_and_says_why():
  def fail():
    raise errors.UserError("first\nsecond   third")

  first, second = self_check.run([("one", fail), ("two", lambda: "well")])
  assert first.line == "FAILED  one: first second third"
  assert second.line == "ok      two: well"


def test_without_tfx_the_command_fails():
  done = subprocess.run(
    [
      sys.executable,
      "-c",
      "import sys; sys.modules['tfx'] = None\n"
      "from pipeline.programs import cli; sys.argv[1:] = ['health']; cli.main()",
    ],
    cwd=pathlib.Path(components.__path__[0]).parent,
    check=False,
    text=True,
    capture_output=True,
  )
  assert done.returncode == 1, done.stderr
  failed = [line for line in done.stdout.splitlines() if line.startswith("FAILED")]
  assert [line.split()[1] for line in failed] == ["executors:", "pipeline:"]
  assert len(done.stdout.splitlines()) == len(self_check.ALL)
