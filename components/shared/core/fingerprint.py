"""A fingerprint of the source code that a component runs.

TFX's cache key covers parameters and inputs, and not the executor's code: a
changed executor would be answered with the old result. Each component of this
pipeline therefore takes the fingerprint of its code as a parameter.
"""

import ast
import functools
import hashlib
import importlib.util
import pathlib
from collections.abc import Iterable

_FETCHES = "components.shared.assets"
"""What it fetches, it checks by hash, and the hash is part of a key. How it is
fetched changes no result."""
_OWN = "components."
_CODE = (".py", ".pyc")


def of_modules(*names: str) -> str:
  """SHA-256 (hex, first 16 digits) over modules and all they import of their
  own packages, and over what is not Python beside the components that are named
  (templates).

  Args:
    *names: dotted names of modules.

  Returns:
    The same text for the same code, whatever folder it lies in. Comments,
    docstrings and layout do not count, nor does what fetches assets, unless it
    is named.
  """
  packages = frozenset(name.partition(".")[0] for name in names)
  codes: dict[str, str] = {}
  pending = list(names)
  while pending:
    name = pending.pop()
    if name in codes:
      continue
    source = pathlib.Path(importlib.util.find_spec(name).origin).read_bytes()
    codes[name], imported = _read(source)
    pending.extend(c for c in imported if _counts(c) and _is_module_of(c, packages))
  digest = hashlib.sha256()
  for name in sorted(codes):
    digest.update(f"{name}\0{codes[name]}\0".encode())
  for name in names:
    if not name.startswith(_OWN):
      continue  # Its folder may hold anything.
    folder = pathlib.Path(importlib.util.find_spec(name).origin).parent
    for path in sorted(folder.rglob("*")):
      if path.is_file() and path.suffix not in _CODE:
        digest.update(f"{path.relative_to(folder).as_posix()}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
  return digest.hexdigest()[:16]


def _counts(name: str) -> bool:
  return name != _FETCHES and not name.startswith(f"{_FETCHES}.")


@functools.cache  # Most modules are many components'.
def _read(source: bytes) -> tuple[str, frozenset[str]]:
  """A module's code as a digest, and what it may import."""
  tree = ast.parse(source)
  imported = frozenset(_imports(tree))
  for node in ast.walk(tree):
    if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
      node.body = [child for child in node.body if not _is_text(child)]
  return hashlib.sha256(ast.dump(tree).encode()).hexdigest(), imported


def _is_text(node: ast.AST) -> bool:
  """Whether a statement is a string alone: a docstring, or one of an
  attribute."""
  return (
    isinstance(node, ast.Expr)
    and isinstance(node.value, ast.Constant)
    and isinstance(node.value.value, str)
  )


def _imports(tree: ast.AST) -> Iterable[str]:
  found: set[str] = set()
  for node in ast.walk(tree):
    if isinstance(node, ast.Import):
      found.update(alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and not node.level:
      found.add(node.module)
      found.update(f"{node.module}.{alias.name}" for alias in node.names)
  return found


def _is_module_of(name: str, packages: frozenset[str]) -> bool:
  if name.partition(".")[0] not in packages:
    return False
  try:
    return importlib.util.find_spec(name) is not None
  except ModuleNotFoundError:
    return False
