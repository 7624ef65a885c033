"""What stands for a run's parameter inside a compiled text, and filling it in.

Settings are JSON texts in a compiled file, some of them inside other JSON or
inside a schema's text. A token holds quotation marks: whatever text it is put
into escapes them, so the backslashes in front of them say how often a value
must be escaped to stand in that place. Kubeflow's own placeholders are replaced
without any escapes, and before Kubeflow 2.14 in random order, so that some stay.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from components.shared.core import errors

_TOKEN = re.compile(r'@(\\*)"([a-z0-9_]+)\1"@')


def of(name: str) -> str:
  """The token of a parameter; for a place inside quotation marks, or a number."""
  return f'@"{name}"@'


def names(text: str) -> list[str]:
  """The parameters whose tokens are in a text."""
  return [found[2] for found in _TOKEN.finditer(text)]


def fill(values: Mapping[str, Any]) -> dict[str, Any]:
  """A step's parameters, with values for the tokens in their texts.

  Args:
    values: of the step's parameters, those of the run among them.

  Raises:
    UserError: a text has the token of a parameter that the step is not given.
  """

  def value(found: re.Match) -> str:
    name = found[2]
    if name not in values:
      raise errors.UserError(f"the step is not given the run's parameter {name}; compile again")
    given = values[name]
    if isinstance(given, float) and given.is_integer():
      given = int(given)  # JSON knows one kind of number.
    text = given if isinstance(given, str) else json.dumps(given)
    for _ in range(len(found[1]).bit_length()):
      text = json.dumps(text, ensure_ascii=False)[1:-1]
    return text

  return {
    name: _TOKEN.sub(value, text) if isinstance(text, str) else text
    for name, text in values.items()
  }
