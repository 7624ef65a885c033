"""The pipeline's own TFX components, one folder each; shared ground lies
beside them."""

import importlib
from typing import Any

# By its name: what it does changes no result, so that it belongs to no
# component's fingerprint.
importlib.import_module("components.shared.core.library_settings")


def __getattr__(name: str) -> Any:
  """The artifact types, by the names under which TFX imports them.

  TFX takes seconds to import, so it waits until one of them is asked for.
  """
  if name[0].isupper():
    artifacts = importlib.import_module("components.shared.artifacts.types")
    if name in vars(artifacts):
      return getattr(artifacts, name)
  raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
