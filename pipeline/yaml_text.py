"""YAML of people: plain values, none that runs or grows."""

import re
from typing import Any

import yaml

_DAMAGE = (yaml.YAMLError, ValueError, TypeError, LookupError, AttributeError, RecursionError)
"""PyYAML lets through what int() and others say of values that are none."""
_MOST_PAIRS = 1000
_MOST_REASON = 300


def load(text: str) -> Any:
  """The value that a text holds.

  Raises:
    ValueError: it is no YAML, or asks for more than plain values; the message
      is one line.
  """
  try:
    return yaml.load(text, _Loader)  # noqa: S506, TID251  It is a SafeLoader.
  except _DAMAGE as error:
    reason = re.sub(r"\s+", " ", str(error))[:_MOST_REASON]
    raise ValueError(f"not valid YAML: {reason}") from None


class _Loader(yaml.SafeLoader):
  """Aliases are no copies; what is merged (`<<`) is, and may not grow."""

  def flatten_mapping(self, node: yaml.MappingNode) -> None:
    """As PyYAML calls its own method, which takes merged pairs over."""
    super().flatten_mapping(node)
    if len(node.value) > _MOST_PAIRS:
      raise yaml.constructor.ConstructorError(None, None, "too many merged values", node.start_mark)
