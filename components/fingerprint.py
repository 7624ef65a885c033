"""A fingerprint of the source code that a component runs.

TFX's cache key covers parameters and inputs, and not the executor's code: a
changed executor would be answered with the old result. Each component of this
pipeline therefore takes the fingerprint of its code as a parameter.
"""

import ast
import hashlib
import importlib.util
import pathlib
from typing import Dict, Iterable, Set

_OWN_PACKAGES = ("components",)


def of_modules(*names: str) -> str:
  """SHA-256 (hex, first 16 digits) over modules and all they import of ours.

  Args:
    *names: dotted names of modules under `components`.

  Returns:
    The same text for the same sources, whatever folder they lie in. Files
    beside the code that are not Python (templates, data) do not count.
  """
  sources: Dict[str, bytes] = {}
  pending = list(names)
  while pending:
    name = pending.pop()
    if name in sources:
      continue
    spec = importlib.util.find_spec(name)
    source = pathlib.Path(spec.origin).read_bytes()
    sources[name] = source
    pending.extend(_own_imports(ast.parse(source)))
  digest = hashlib.sha256()
  for name in sorted(sources):
    digest.update(f"{name}\0{len(sources[name])}\0".encode())
    digest.update(sources[name])
  return digest.hexdigest()[:16]


def _own_imports(tree: ast.AST) -> Iterable[str]:
  found: Set[str] = set()
  for node in ast.walk(tree):
    if isinstance(node, ast.Import):
      candidates = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom) and not node.level:
      candidates = [node.module]
      candidates += [f"{node.module}.{alias.name}" for alias in node.names]
    else:
      continue
    found.update(c for c in candidates if _is_own_module(c))
  return found


def _is_own_module(name: str) -> bool:
  if name.split(".")[0] not in _OWN_PACKAGES:
    return False
  try:
    return importlib.util.find_spec(name) is not None
  except ModuleNotFoundError:
    return False
