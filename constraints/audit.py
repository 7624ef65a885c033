#!/usr/bin/env python3
"""Holds every pinned version against known advisories.

First against those of advisories.yaml, which needs no network; then, with
pip-audit in an environment of its own, against those that the Python package
index knows of. An advisory that is accepted there, with a reason and for a
time, is listed and does not count.

Exit status: 0 if there is no other; 1 if there is; 3 if the index can't be
asked (--offline does not ask it).
"""

import argparse
import dataclasses
import datetime
import json
import pathlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence

import package_sources
import yaml
from packaging import requirements, specifiers, utils

FOLDER = pathlib.Path(__file__).resolve().parent
_TOOLS = FOLDER / "audit.txt"
_VENV = FOLDER.parent / ".venvs" / "audit"
_UNASKED = 3


@dataclasses.dataclass(frozen=True)
class Finding:
  """An advisory that a pinned version is affected by.

  Attributes:
    package: as it is pinned, `name==version`.
    id: of the advisory, such as CVE-2025-1550.
    others: names that it has elsewhere.
  """

  package: str
  id: str
  others: Sequence[str] = ()

  def __str__(self) -> str:
    return f"{self.package}  {self.id}"


class Advisories:
  """What advisories.yaml says.

  Args:
    text: of the file.
  """

  def __init__(self, text: str):
    read = yaml.safe_load(text)
    self._affected: Mapping[str, Mapping[str, object]] = read["advisories"]
    self.accepted: Sequence[Mapping[str, object]] = read["accepted"]

  def of(self, pins: Mapping[str, str]) -> Iterator[Finding]:
    """Those that pinned versions, by name, are affected by."""
    for name, version in sorted(pins.items()):
      for id_, ranges in self._affected.get(name, {}).items():
        ranges = [ranges] if isinstance(ranges, str) else ranges
        if any(
          specifiers.SpecifierSet(each).contains(version, prereleases=True) for each in ranges
        ):
          yield Finding(f"{name}=={version}", id_)

  def accepts(self, finding: Finding, day: datetime.date) -> bool:
    """Whether an advisory is accepted for that version, on that day."""
    return any(
      finding.package in each["packages"]
      and day <= each["until"]
      and {finding.id, *finding.others} & set(each["ids"])
      for each in self.accepted
    )


def read() -> Advisories:
  """advisories.yaml."""
  return Advisories((FOLDER / "advisories.yaml").read_text(encoding="utf-8"))


def files() -> list[pathlib.Path]:
  """Those that pin versions."""
  return sorted(FOLDER.glob("*.txt"))


def pins(path: pathlib.Path) -> dict[str, str]:
  """Versions by name, whatever Python they are for.

  Raises:
    ValueError: a line that pins nothing.
  """
  found = {}
  for line in path.read_text(encoding="utf-8").splitlines():
    requirement = requirements.Requirement(line)
    pinned = list(requirement.specifier)
    if (
      requirement.url
      or len(pinned) != 1
      or (pinned[0].operator != "==" or "*" in pinned[0].version)
    ):
      raise ValueError(f"{path.name}: {line}: pins no version")
    found[utils.canonicalize_name(requirement.name)] = pinned[0].version
  return found


def _ask(path: pathlib.Path) -> list[Finding]:
  """What the index knows of a file's pins.

  Raises:
    OSError: it can't be asked, or does not know all of them.
  """
  with tempfile.TemporaryDirectory() as folder:
    answer = pathlib.Path(folder) / "answer.json"
    done = subprocess.run(
      [
        _VENV / "bin" / "pip-audit",
        "--no-deps",
        "--disable-pip",
        "--progress-spinner",
        "off",
        "--aliases",
        "on",
        "--format",
        "json",
        "--output",
        answer,
        "--requirement",
        path,
      ],
      check=False,
      capture_output=True,
      text=True,
    )
    if not answer.exists():
      raise OSError((done.stderr.strip().splitlines() or ["no answer"])[-1])
    packages = json.loads(answer.read_text())["dependencies"]
  unknown = [each["name"] for each in packages if "skip_reason" in each]
  if unknown:
    raise OSError(
      f"it knows nothing of {len(unknown)} of {len(packages)} packages, such as {unknown[0]}"
    )
  return [
    Finding(
      f"{utils.canonicalize_name(each['name'])}=={each['version']}",
      found["id"],
      tuple(found["aliases"]),
    )
    for each in packages
    for found in each["vulns"]
  ]


def _make_environment() -> None:
  """pip-audit's own: it would change what is pinned for the project."""
  ready = _VENV / "ready"
  if ready.exists() and ready.read_text() == _TOOLS.read_text():
    return
  subprocess.run(
    [sys.executable, "-I", "-m", "venv", "--clear", _VENV],
    check=True,
    env=package_sources.environment(),
  )
  python = _VENV / "bin" / "python"
  subprocess.run(
    [python, "-m", "pip", "install", "--quiet", "--constraint", _TOOLS, "pip-audit"],
    check=True,
    env=package_sources.for_pip(package_sources.read(python)),
  )
  ready.write_text(_TOOLS.read_text())


def _say(advisories: Advisories, findings: Sequence[Finding], day: datetime.date) -> bool:
  """Prints findings, and says whether one is not accepted."""
  bad = [each for each in findings if not advisories.accepts(each, day)]
  for finding in findings:
    print(f"  {finding}  {'AFFECTED' if finding in bad else 'accepted'}")
  return bool(bad)


def main() -> int:
  """Asks; see above."""
  parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawTextHelpFormatter
  )
  parser.add_argument("--offline", action="store_true", help="advisories.yaml alone")
  offline = parser.parse_args().offline
  advisories, day, status = read(), datetime.date.today(), 0
  for path in files():
    print(f"{path.name}, by advisories.yaml")
    if _say(advisories, list(advisories.of(pins(path))), day):
      status = 1
  if offline:
    return status
  try:
    _make_environment()
    for path in files():
      print(f"{path.name}, by the package index")
      if _say(advisories, _ask(path), day):
        status = 1
  except (OSError, package_sources.SettingsError, subprocess.CalledProcessError) as error:
    if isinstance(error, subprocess.CalledProcessError):
      error = "pip-audit can't be installed"
    print(
      f"error: the package index can't be asked for advisories ({error}); "
      "what is above is what is known here. Run this again where there is "
      "a network",
      file=sys.stderr,
    )
    return status or _UNASKED
  return status


if __name__ == "__main__":
  sys.exit(main())
