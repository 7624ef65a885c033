"""The build context: the work tree without what .dockerignore names."""

import os
import pathlib
import re
from collections.abc import Iterator

from images.errors import BuildError


class Context:
  """Files that COPY may take.

  Patterns are those of https://docs.docker.com/build/concepts/context/: of
  several that fit a file, the last one decides; `!` takes it in again; `**` is
  any number of folders; what fits a folder holds for all that is in it.
  """

  def __init__(self, folder: pathlib.Path):
    """Reads the folder's .dockerignore, if it has one."""
    self._folder = folder.resolve()
    ignore = self._folder / ".dockerignore"
    lines = ignore.read_text().splitlines() if ignore.is_file() else []
    self._rules: list[tuple[bool, re.Pattern]] = []
    for line in (line.strip() for line in lines):
      if line and not line.startswith("#"):
        wanted = line.startswith("!")
        self._rules.append((wanted, _regex(line[wanted:].strip().strip("/"))))

  def has(self, path: str) -> bool:
    """Is this path, relative to the folder, in the context?

    It need not exist.
    """
    included = True
    for wanted, rule in self._rules:
      if rule.fullmatch(path):
        included = wanted
    return included

  def files(self, source: str) -> Iterator[tuple[pathlib.Path, str]]:
    """A file, or all files below a folder.

    Args:
      source: relative to the context; `.` is all of it.

    Yields:
      Files, and their paths relative to `source`, or names if that is one.

    Raises:
      BuildError: there is none.
    """
    place = (self._folder / source.lstrip("/")).resolve()
    if not place.is_relative_to(self._folder):
      raise BuildError(f"COPY {source}: outside of the build context")
    relative = os.path.relpath(place, self._folder)
    if place.is_file() and self.has(relative):
      yield place, place.name
      return
    found = False
    for folder, _, names in os.walk(place):
      for name in sorted(names):
        path = pathlib.Path(folder, name)
        if self.has(os.path.relpath(path, self._folder)):
          found = True
          yield path, os.path.relpath(path, place)
    if not found:
      raise BuildError(f"COPY {source}: not in the build context")


def _regex(pattern: str) -> re.Pattern:
  """A pattern of paths; it also fits everything below them."""
  parts = []
  for part in re.split(r"(\*\*/?|\*|\?|\[[^]]*\])", pattern):
    if part == "**/":
      parts.append("(?:.*/)?")
    elif part == "**":
      parts.append(".*")
    elif part == "*":
      parts.append("[^/]*")
    elif part == "?":
      parts.append("[^/]")
    elif part.startswith("["):
      parts.append(part)
    else:
      parts.append(re.escape(part))
  return re.compile("".join(parts) + "(?:/.*)?")
