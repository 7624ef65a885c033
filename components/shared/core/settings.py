"""Settings: frozen, keyword-only, validated dataclasses that travel as JSON.

Each component folder owns the settings of what it builds; `pipeline.config`
composes them into one tree. TFX stores parameters as strings, so a component
receives its own branch as JSON, which also makes that branch, and no other,
part of the component's cache key.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import pydantic
import typing_extensions
from pydantic import dataclasses

from components.shared.core import errors

T = TypeVar("T")
_MOST_PROBLEMS = 5
_MOST_SHOWN = 300


@typing_extensions.dataclass_transform(kw_only_default=True, frozen_default=True)
def settings(cls: type[T]) -> type[T]:
  """Class decorator: a frozen, keyword-only dataclass that validates its values.

  They are validated where an object is built; names that it does not know are refused.
  """
  return dataclasses.dataclass(
    cls, frozen=True, kw_only=True, config=pydantic.ConfigDict(extra="forbid", allow_inf_nan=False)
  )


def to_json(value: Any) -> str:
  """JSON of a settings object; the same settings give the same text."""
  return pydantic.TypeAdapter(type(value)).dump_json(value).decode()


def to_dict(value: Any) -> dict:
  """A settings object as plain, JSON-compatible values."""
  return pydantic.TypeAdapter(type(value)).dump_python(value, mode="json")


def from_json(cls: type[T], text: str) -> T:
  """The inverse of `to_json`.

  Raises:
    UserError: the text does not hold valid settings of that class.
  """
  return _validated(pydantic.TypeAdapter(cls).validate_json, text)


def from_dict(cls: type[T], values: dict) -> T:
  """Settings from nested plain values, as a config file holds them.

  Raises:
    UserError: an unknown name, a wrong type or a value out of range; the
      message names the setting and what is wrong with it.
  """
  return _validated(pydantic.TypeAdapter(cls).validate_python, values)


def _validated(validate: Callable[[Any], T], values: Any) -> T:
  try:
    return validate(values)
  except pydantic.ValidationError as error:
    problems = []
    found = error.errors(include_url=False, include_input=False)
    for problem in found[:_MOST_PROBLEMS]:
      where = ".".join(errors.shown(str(part)) for part in problem["loc"]) or "config"
      message = errors.shown(problem["msg"].removeprefix("Value error, "), _MOST_SHOWN)
      if problem["type"] in ("unexpected_keyword_argument", "extra_forbidden"):
        message = "no such setting; `python -m pipeline config` lists them"
      problems.append(f"{where}: {message}")
    if len(found) > _MOST_PROBLEMS:
      problems.append(f"and {len(found) - _MOST_PROBLEMS:,} more")
    raise errors.UserError("; ".join(problems)) from None
