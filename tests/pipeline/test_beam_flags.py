"""Beam options: which of them a component is left with."""

import pytest

from components.shared.core import errors
from pipeline import config
from pipeline.platforms.beam import beam_flags

_DEFAULTS = config.RuntimeSettings().beam
_ELSEWHERE = ("--runner=PortableRunner", "--job_endpoint=host:1")


def test_a_flag_takes_the_place_of_its_namesakes():
  base = ("--runner=FnApiRunner", "--experiments=a", "--experiments=b")
  assert beam_flags.merged(base, ["--experiments=c", "--experiments=d"]) == (
    "--runner=FnApiRunner",
    "--experiments=c",
    "--experiments=d",
  )


def test_the_local_runner_keeps_what_it_understands():
  assert beam_flags.merged(_DEFAULTS, ["--direct_num_workers=2"]) == (
    *_DEFAULTS,
    "--direct_num_workers=2",
  )
  assert "--direct_running_mode=in_memory" in beam_flags.merged(
    _DEFAULTS, ["--runner=DirectRunner"]
  )


def test_another_runner_keeps_nothing_that_is_not_for_it():
  assert beam_flags.merged(_DEFAULTS, _ELSEWHERE) == _ELSEWHERE
  dataflow = ("--runner=DataflowRunner", "--sdk_container_image=mine")
  assert beam_flags.merged(_DEFAULTS, dataflow) == dataflow
  # What was asked for stays.
  assert beam_flags.merged(_DEFAULTS, [*_ELSEWHERE, "--direct_num_workers=2"])[-1] == (
    "--direct_num_workers=2"
  )


def test_workers_that_have_all_code_need_not_be_sent_tfx():
  flags = (*_ELSEWHERE, "--environment_type=EXTERNAL")
  assert beam_flags.merged(_DEFAULTS, flags) == ("--sdk_container_image=none", *flags)


def test_of_all_and_of_one():
  assert beam_flags.split(["--a=x:y", "Evaluator:--b", "Evaluator:--c=--d"]) == (
    ("--a=x:y",),
    {"Evaluator": ("--b", "--c=--d")},
  )


@pytest.mark.parametrize("text", ["runner=X", "Evaluator", "Evaluator:a", ""])
def test_what_is_no_flag(text):
  with pytest.raises(errors.UserError, match="--beam COMPONENT:--name=value"):
    beam_flags.split([text])
