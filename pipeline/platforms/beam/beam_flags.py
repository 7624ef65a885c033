"""Beam options as they are written: `--name=value`, for all or for one.

No Beam is imported here: the command line reads them at every start.
"""

import re
from collections.abc import Iterable, Sequence

from components.shared.core import errors

_LOCAL_RUNNERS = ("fnapirunner", "directrunner")
_NO_IMAGE = "--sdk_container_image=none"
_ENVIRONMENTS_WITHOUT_IMAGE = ("external", "process", "loopback")
_PRISM = ("prismrunner", "prism")
"""Its workers are in the run's own process unless something else is said."""


def split(given: Iterable[str]) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]]]:
  """`--flag` and `Component:--flag` -> flags of all, flags by component.

  Raises:
    UserError: a text that is neither.
  """
  of_all: list[str] = []
  of_one: dict[str, tuple[str, ...]] = {}
  for text in given:
    found = re.fullmatch(r"(?:(\w+):)?(--[A-Za-z].*)", text, re.DOTALL)
    if not found:
      raise errors.UserError(
        f"--beam {text}: write it as --beam --name=value, or for one "
        "component as --beam COMPONENT:--name=value"
      )
    component, flag = found.groups()
    if component is None:
      of_all.append(flag)
    else:
      of_one[component] = (*of_one.get(component, ()), flag)
  return tuple(of_all), of_one


def merged(base: Sequence[str], given: Sequence[str]) -> tuple[str, ...]:
  """Flags, changed by others.

  A given flag takes the place of all that have its name. A given runner that
  isn't Beam's local one leaves nothing of what only that understands, nor,
  where workers are made of an image, of the one which is said to be none (it
  keeps TFX from packing itself).
  """
  names = {_name(flag) for flag in given}
  kept = [flag for flag in base if _name(flag) not in names]
  if "runner" in names and not is_local(given):
    kept = [flag for flag in kept if not _name(flag).startswith("direct_")]
    environment = _value([*kept, *given], "environment_type").lower()
    if not environment and _value(given, "runner").lower() in _PRISM:
      environment = "loopback"
    if environment not in _ENVIRONMENTS_WITHOUT_IMAGE:
      kept = [flag for flag in kept if flag != _NO_IMAGE]
  return (*kept, *given)


def is_local(flags: Iterable[str]) -> bool:
  """Whether these flags name Beam's own local runner."""
  runner = _value(flags, "runner").lower()
  return runner in _LOCAL_RUNNERS or f"{runner}runner" in _LOCAL_RUNNERS


def _name(flag: str) -> str:
  return flag[2:].partition("=")[0]


def _value(flags: Iterable[str], name: str) -> str:
  """The last one counts; empty where there is none."""
  values = [flag.partition("=")[2] for flag in flags if _name(flag) == name]
  return values[-1] if values else ""
