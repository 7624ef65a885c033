"""Kubeflow Pipelines: compiling for it, and rehearsing what was compiled."""

import importlib.util

from components.shared.core import errors


def check_installed() -> None:
  """Kubeflow's packages do not come with every stack.

  Raises:
    UserError: one is missing.
  """
  # TFX leaves its compiler out without a word where they are not there.
  for package in ("kfp", "kfp.kubernetes", "celpy"):
    try:
      found = importlib.util.find_spec(package)
    except ModuleNotFoundError:
      found = None
    if found is None:
      raise errors.UserError(
        f"the Python package {package.replace('.', '-')} is not installed: "
        "it comes with TFX 1.21 (make env STACK=1.21, or pip install "
        "latent-labels[kfp]); TFX 1.16 can't have it"
      )
