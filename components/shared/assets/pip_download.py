"""A wheel from the package index, as a file, with nothing of it run."""

import contextlib
import os
import pathlib
import re
import subprocess
import sys

from components.shared.core import progress

_MEGABYTE = 1_000_000


class PipError(Exception):
  """pip failed; the message is the last line that it wrote, without the users
  and passwords of addresses."""


def download(package: str, version: str, size: int, folder: pathlib.Path) -> None:
  """Downloads a wheel with pip, whatever Python the wheel asks for.

  Args:
    package: its name on the index.
    version: exactly which one.
    size: of the wheel in bytes, for the progress bar.
    folder: an empty folder; the wheel is there afterwards.

  Raises:
    PipError: pip did not download it.
  """
  # Wheels only: pip would run the setup code of a source distribution.
  command = [
    sys.executable,
    "-m",
    "pip",
    "download",
    "--no-deps",
    "--ignore-requires-python",
    "--only-binary=:all:",
    "--no-input",
    "--disable-pip-version-check",
    "--quiet",
    "--dest",
    str(folder),
    f"{package}=={version}",
  ]
  with open(folder / "pip.log", "w+b") as log:
    process = subprocess.Popen(
      command,
      stdin=subprocess.DEVNULL,
      stdout=log,
      stderr=log,
      env={**os.environ, "TMPDIR": str(folder)},
    )
    try:
      _show_growth(process, f"fetch {package}", size, folder)
    finally:
      process.kill()
      process.wait()
    log.seek(0)
    lines = log.read().decode(errors="replace").strip().splitlines()
  if process.returncode:
    # pip hides an index's password, but not that of a proxy given in another form.
    raise PipError(
      re.sub(r"://\S*@", "://", lines[-1].strip())
      if lines
      else f"it ended with status {process.returncode}"
    )


def _show_growth(process: subprocess.Popen, label: str, size: int, folder: pathlib.Path) -> None:
  """Waits for pip, showing how much it has written into its folder."""
  with progress.bar(label, size // _MEGABYTE, "MB") as bar:
    while process.poll() is None:
      with contextlib.suppress(FileNotFoundError):  # pip moves the file
        grown = sum(p.stat().st_size for p in folder.rglob("*.whl"))
        bar.update(max(0, grown // _MEGABYTE - bar.n))
      with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=0.2)
