"""Reads a Dockerfile: stages and their instructions.

The part of Docker's language that this project uses, see
https://docs.docker.com/reference/dockerfile/; anything else is refused by line
number, and not passed over.
"""

import dataclasses
import json
import re
import shlex
from collections.abc import Iterator, Mapping

from images.errors import BuildError

KNOWN = (
  "ARG",
  "CMD",
  "COPY",
  "ENTRYPOINT",
  "ENV",
  "FROM",
  "HEALTHCHECK",
  "LABEL",
  "RUN",
  "USER",
  "WORKDIR",
)
_FLAGS = {
  "COPY": ("chmod", "chown", "from"),
  "FROM": ("platform",),
  "HEALTHCHECK": ("interval", "retries", "start-period", "timeout"),
}
_VARIABLE = re.compile(
  r"\\(?P<escaped>\$)|\$(?P<plain>\w+)"
  r"|\$\{(?P<name>\w+)(?::(?P<sign>[-+])(?P<word>[^}]*))?\}"
)


@dataclasses.dataclass(frozen=True)
class Instruction:
  """One instruction.

  Attributes:
    line: number of its first line, from 1.
    name: in capitals.
    flags: its `--name=value` options.
    value: the rest, on one line.
  """

  line: int
  name: str
  flags: Mapping[str, str]
  value: str

  @property
  def array(self) -> list[str] | None:
    """The value as a JSON array of texts, if it is one."""
    try:
      parsed = json.loads(self.value)
    except ValueError:
      return None
    return parsed if isinstance(parsed, list) else None

  @property
  def command(self) -> list[str]:
    """The command to execute; a shell's, unless it is an array."""
    return self.array or ["/bin/sh", "-c", self.value]

  def words(self, variables: Mapping[str, str]) -> list[str]:
    """The value's words, with variables filled in."""
    words = self.array or shlex.split(self._kept_escapes(), comments=False)
    return [substitute(word, variables) for word in words]

  def pairs(self, variables: Mapping[str, str]) -> dict[str, str]:
    """`name=value` words.

    Raises:
      BuildError: a word without a name.
    """
    found = {}
    for word in self.words(variables):
      name, equals, value = word.partition("=")
      if not name or not equals:
        raise BuildError(f"line {self.line}: {word}: write it as NAME=VALUE")
      found[name] = value
    return found

  def _kept_escapes(self) -> str:
    # shlex would take the backslash off a dollar that is to stay one.
    return self.value.replace("\\$", "\\\\$")


@dataclasses.dataclass(frozen=True)
class Stage:
  """FROM and what follows it.

  Attributes:
    name: after AS; its number where it has none.
    base: an earlier stage's name, or an image's.
    instructions: without FROM.
  """

  name: str
  base: str
  instructions: tuple[Instruction, ...]

  @property
  def copied_from(self) -> list[str]:
    """Other stages that COPY takes files from."""
    return [i.flags["from"] for i in self.instructions if "from" in i.flags]


@dataclasses.dataclass(frozen=True)
class Dockerfile:
  """All stages, in order."""

  stages: Mapping[str, Stage]

  def needed_for(self, target: str) -> list[Stage]:
    """The stages that a target is made of, itself last.

    Raises:
      BuildError: there is no such stage.
    """
    if target not in self.stages:
      raise BuildError(f"no target {target}; there are: {', '.join(self.stages)}")
    needed = {target}
    for stage in reversed(self.stages.values()):
      if stage.name in needed:
        needed.update((stage.base, *stage.copied_from))
    return [stage for stage in self.stages.values() if stage.name in needed]

  def lineage(self, target: str) -> list[Instruction]:
    """The instructions whose effect is in a target's own root, in order."""
    stage = self.stages[target]
    inherited = self.lineage(stage.base) if stage.base in self.stages else []
    return [*inherited, *stage.instructions]


def parse(text: str, build_args: Mapping[str, str] = {}) -> Dockerfile:
  """Reads a Dockerfile's text.

  Args:
    text: of the file.
    build_args: that replace defaults of ARG before the first FROM.

  Raises:
    BuildError: what is not in this part of the language.
  """
  stages: dict[str, Stage] = {}
  variables: dict[str, str] = {}
  opened: tuple[str, str] | None = None
  collected: list[Instruction] = []

  def close():
    if opened is not None:
      stages[opened[0]] = Stage(*opened, tuple(collected))
    collected.clear()

  for instruction in _instructions(text):
    if instruction.name == "FROM":
      close()
      words = instruction.words(variables)
      if len(words) not in (1, 3) or words[1:2] not in ([], ["AS"], ["as"]):
        raise BuildError(f"line {instruction.line}: FROM image [AS name]")
      opened = (words[2] if words[2:] else str(len(stages)), words[0])
    elif opened is not None:
      collected.append(instruction)
    elif instruction.name == "ARG":
      name, value = argument(instruction, variables, build_args)
      variables[name] = value or ""
    else:
      raise BuildError(f"line {instruction.line}: {instruction.name} before FROM")
  close()
  return Dockerfile(stages)


def argument(
  instruction: Instruction, variables: Mapping[str, str], build_args: Mapping[str, str]
) -> tuple[str, str | None]:
  """Name and value of an ARG; None where it has neither default nor value."""
  (word,) = instruction.words(variables)
  name, equals, default = word.partition("=")
  return name, build_args.get(name, default if equals else None)


def substitute(text: str, variables: Mapping[str, str]) -> str:
  """Fills in `$name`, `${name}`, `${name:-else}` and `${name:+then}`."""

  def value(match):
    if match["escaped"]:
      return "$"
    found = variables.get(match["plain"] or match["name"], "")
    if match["sign"] == "-":
      return found or match["word"]
    if match["sign"] == "+":
      return match["word"] if found else ""
    return found

  return _VARIABLE.sub(value, text)


def _instructions(text: str) -> Iterator[Instruction]:
  for number, line in _logical_lines(text):
    name, _, value = line.partition(" ")
    name = name.upper()
    if name not in KNOWN:
      raise BuildError(f"line {number}: {name} is not carried out here")
    value = value.strip()
    flags = {}
    while match := re.match(r"--([\w-]+)=(\S+)(?:\s+|$)", value):
      if match[1] not in _FLAGS.get(name, ()):
        raise BuildError(f"line {number}: {name} --{match[1]} is not carried out here")
      flags[match[1]] = match[2]
      value = value[match.end() :]
    if "<<" in value and name in ("COPY", "RUN"):
      raise BuildError(f"line {number}: here-documents are not carried out here")
    yield Instruction(number, name, flags, value)


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
  """Lines with those that continue them; comments and blank lines are out."""
  first, parts = 0, []
  for number, line in enumerate(text.splitlines(), 1):
    line = line.strip()
    if not line or line.startswith("#"):
      continue
    first = first if parts else number
    parts.append(line[:-1].rstrip() if line.endswith("\\") else line)
    if not line.endswith("\\"):
      yield first, " ".join(parts)
      parts = []
  if parts:
    raise BuildError(f"line {first}: ends in the middle")
