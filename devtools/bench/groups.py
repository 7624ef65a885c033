"""What can be measured."""

from collections.abc import Sequence

from components.shared.core import errors

GROUPS = (
  "start",
  "decode",
  "facenet",
  "vgg_face",
  "embed",
  "predict",
  "train",
  "stream",
  "beam",
  "load",
  "evaluator",
  "tfx",
  "run",
)
"""By name, in this order."""


def check(groups: Sequence[str]) -> None:
  """Told before anything is imported that takes seconds.

  Raises:
    UserError: there is no such group.
  """
  for group in groups:
    if group not in GROUPS:
      raise errors.UserError(f"there is no benchmark {group!r}; there are: " + ", ".join(GROUPS))
