"""The parsers under a coverage-guided fuzzer: none lets anything through."""

import pytest

from tests.faults.hostile import fuzzing

atheris = pytest.importorskip("atheris")

_FEW = 4000


def _fuzz(target: str, executions: int, folder) -> None:
  fuzzed = fuzzing.run(target, executions, folder / "fuzz")
  print(fuzzed)
  assert not fuzzed.finding, str(fuzzed)
  assert fuzzed.executions >= executions
  assert fuzzed.coverage > 20


def test_there_are_a_million():
  assert sum(fuzzing.EXECUTIONS.values()) == 1_000_000


def test_a_few(tmp_path):
  _fuzz(fuzzing.EVERYTHING, _FEW, tmp_path)


@pytest.mark.long
@pytest.mark.parametrize("target", fuzzing.EXECUTIONS)
def test_its_share_of_a_million(target, tmp_path, capsys):
  with capsys.disabled():
    _fuzz(target, fuzzing.EXECUTIONS[target], tmp_path)
