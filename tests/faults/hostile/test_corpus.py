"""Every hostile case ends well: accepted, set aside or refused, with a reason.

Nothing crashes, takes more than ten seconds of a processor or 2 GiB, writes
outside its folder, or runs code.
"""

import pathlib
from collections.abc import Sequence

import pytest

from tests.faults.hostile import cases, corpus, warden

_SELECTED = 200


def _all_end_well(chosen: Sequence[cases.Case], folder: pathlib.Path) -> None:
  verdicts = list(warden.run(chosen, folder))
  assert [verdict.case for verdict in verdicts] == list(chosen)
  findings = [str(verdict) for verdict in verdicts if verdict.findings]
  assert not findings, "\n".join([f"{len(findings)} findings", *findings])


def test_there_are_more_than_a_thousand_and_of_every_kind():
  kinds = {case.kind for case in corpus.everything()}
  assert len(corpus.everything()) > 1000
  assert {case.kind for case in corpus.selection(_SELECTED)} == kinds


def test_a_selection(tmp_path):
  # What is large takes seconds to make.
  _all_end_well(
    [case for case in corpus.selection(_SELECTED) if not corpus.is_large(case)], tmp_path
  )


@pytest.mark.long
def test_everything(tmp_path):
  _all_end_well(corpus.everything(), tmp_path)
