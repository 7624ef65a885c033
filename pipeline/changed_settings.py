"""What was set differently in one run than in another."""

from typing import Any

import yaml

_NOT_COMPARED = ("runtime.", "kubeflow.", "name")
_MOST_CHANGES = 8


def changes(config: str, before: str) -> list[str]:
  """Settings that differ, as `name: before -> now`.

  Args:
    config: YAML of all settings.
    before: that of an earlier run.
  """
  now, then = _flat(yaml.safe_load(config)), _flat(yaml.safe_load(before))
  found = [
    f"{name}: {then.get(name, 'absent')} -> {now.get(name, 'absent')}"
    for name in sorted(set(now) | set(then))
    if now.get(name) != then.get(name) and not name.startswith(_NOT_COMPARED)
  ]
  more = len(found) - _MOST_CHANGES
  return found[:_MOST_CHANGES] + ([f"and {more} more"] if more > 0 else [])


def _flat(tree: Any, prefix: str = "") -> dict[str, Any]:
  if not isinstance(tree, dict):
    return {prefix: tree}
  flat: dict[str, Any] = {}
  for name, value in tree.items():
    flat.update(_flat(value, f"{prefix}.{name}" if prefix else str(name)))
  return flat
