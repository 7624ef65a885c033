"""Conditions of steps."""

import pytest

pytest.importorskip("celpy", reason="Kubeflow's packages come with TFX 1.21")

# pylint: disable=wrong-import-position
from components.shared.core import errors
from pipeline.platforms.kubeflow import condition

_INPUTS = {
  "parameterValues": {"mode": "fast", "faces": 300},
  "artifacts": {"blessing": {"artifacts": [{"uri": "gs://b/x", "metadata": {"blessed": 1.0}}]}},
}


@pytest.mark.parametrize(
  "expression, expected",
  [
    ("inputs.parameter_values['mode'] == 'fast'", True),
    ("!(inputs.parameter_values['mode'] == 'fast')", False),
    ("int(inputs.parameter_values['faces']) > 299", True),
    ("inputs.artifacts['blessing'].artifacts[0].metadata['blessed'] == 1.0", True),
    ("inputs.artifacts['blessing'].artifacts[0].uri == 'gs://b/y'", False),
  ],
)
def test_what_inputs_say(expression, expected):
  assert condition.holds(expression, _INPUTS) is expected


@pytest.mark.parametrize(
  "expression", ["inputs.parameter_values['other'] == 'x'", "1 +", "'text'", "__import__('os')"]
)
def test_what_cannot_be_decided_is_refused(expression):
  with pytest.raises(errors.UserError, match="the condition"):
    condition.holds(expression, _INPUTS)
