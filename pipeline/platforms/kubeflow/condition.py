"""Conditions under which steps run: expressions in CEL, as Kubeflow has them."""

from typing import Any

import celpy

from components.shared.core import errors


def holds(expression: str, inputs: dict[str, Any]) -> bool:
  """Whether a step is to run.

  Args:
    expression: of the task's trigger policy; it knows `inputs.artifacts`,
      `inputs.parameter_values` and no more.
    inputs: ExecutorInput.Inputs of the task.

  Raises:
    UserError: it can't be evaluated, or is neither true nor false.
  """
  environment = celpy.Environment()
  known = celpy.json_to_cel(
    {
      "inputs": {
        "artifacts": inputs.get("artifacts", {}),
        "parameter_values": inputs.get("parameterValues", {}),
      }
    }
  )
  try:
    result = environment.program(environment.compile(expression)).evaluate(known)
  except (celpy.CELParseError, celpy.CELEvalError) as error:
    raise errors.UserError(
      f"the condition {expression!r} can't be evaluated: {error.args[0]}"
    ) from None
  if not isinstance(result, celpy.celtypes.BoolType):
    raise errors.UserError(f"the condition {expression!r} is neither true nor false")
  return bool(result)
