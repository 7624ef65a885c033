"""Experiments: each module is one, and its docstring says what to expect."""

import importlib
import pkgutil

from pipeline.config import Config


def all_experiments() -> dict[str, str]:
  """Names of the experiments, with the first line of their docstrings."""
  return {
    module.name: (
      importlib.import_module(f"{__name__}.{module.name}").__doc__ or module.name
    ).splitlines()[0]
    for module in pkgutil.iter_modules(__path__)
  }


def load(name: str) -> Config:
  """The config of an experiment.

  Raises:
    KeyError: there is no experiment of that name.
  """
  if name not in all_experiments():
    raise KeyError(name)
  return importlib.import_module(f"{__name__}.{name}").CONFIG
