"""Makes a stack's virtual environment, unless it is there.

  set_up.py NAME CONSTRAINTS EXTRAS

prints its folder, `.venvs/NAME`, and makes `.venv` a link to it. uv installs,
pinned in uv.txt, or pip where uv can't be had or INSTALLER=pip says so; where
from: see package_sources.py.

An environment is ready if its file `ready` says what it was made from, and that
is what is wanted. The file is written last. What an interrupted set-up leaves
is made anew; what was made from other pins is brought up to date by uv.
"""

import contextlib
import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping

import package_sources

_VENVS = pathlib.Path(".venvs")
_LINK = pathlib.Path(".venv")
_UV = pathlib.Path("constraints/uv.txt")


class SetUpError(Exception):
  """Something that the user can put right; the text says how."""


def _say(text: str) -> None:
  print(text, file=sys.stderr, flush=True)


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[int]:
  """Waits for other set-ups in this checkout; gives the lock's descriptor.

  Programs that inherit it hold the lock until they end, even without us.
  """
  _VENVS.mkdir(exist_ok=True)
  with open(_VENVS / "lock", "w", encoding="utf-8") as file:
    try:
      fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
      _say("Waiting for another `make` here that is setting up.")
      fcntl.flock(file, fcntl.LOCK_EX)
    yield file.fileno()


def _run(command: list, environment: Mapping[str, str], lock: int) -> bool:
  """Runs a program, all output on standard error; whether it succeeded."""
  return (
    subprocess.run(
      command,
      env=environment,
      check=False,
      pass_fds=[lock],
      stdin=subprocess.DEVNULL,
      stdout=sys.stderr,
    ).returncode
    == 0
  )


def _uv(python: pathlib.Path, environment: Mapping[str, str], lock: int) -> pathlib.Path | None:
  """uv's program, which pip fetches if need be; None if it can't be had.

  Args:
    python: interpreter that has pip.
    environment: of pip.
    lock: descriptor to pass on.
  """
  pin = _UV.read_text(encoding="utf-8").strip()
  folder = _VENVS / pin.replace("==", "-")
  program = folder / "bin" / "uv"
  reason = f"{program} doesn't run"
  if not folder.exists():
    half = folder.with_suffix(".half")
    shutil.rmtree(half, ignore_errors=True)
    fetched = subprocess.run(
      [
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--only-binary=:all:",
        "--target",
        half,
        pin,
      ],
      env=environment,
      check=False,
      pass_fds=[lock],
      stdin=subprocess.DEVNULL,
      capture_output=True,
      text=True,
    )
    if fetched.returncode == 0:
      half.rename(folder)
    else:
      reason = (fetched.stderr.strip().splitlines() or ["pip failed"])[-1]
  with contextlib.suppress(OSError):
    if (
      subprocess.run(
        [program, "--version"], env=environment, check=False, capture_output=True
      ).returncode
      == 0
    ):
      return program
  _say(f"uv is not available here ({reason}): pip installs, which takes longer.")
  return None


def _link_mode(uv: pathlib.Path, environment: Mapping[str, str]) -> dict:
  """Files are copied where the cache is on another file system."""
  cache = pathlib.Path(
    subprocess.run(
      [uv, "cache", "dir"], env=environment, check=True, capture_output=True, text=True
    ).stdout.strip()
  )
  while not cache.exists():
    cache = cache.parent
  same = cache.stat().st_dev == _VENVS.stat().st_dev
  return {} if same else {"UV_LINK_MODE": "copy"}


def _install(venv: pathlib.Path, constraints: str, extras: str, with_uv: bool, lock: int) -> None:
  """Installs this project and what it needs.

  Raises:
    SetUpError: that failed.
  """
  python = venv / "bin" / "python"
  settings = package_sources.read(python)
  environment = package_sources.for_pip(settings)
  uv = _uv(python, environment, lock) if with_uv else None
  if uv:
    environment = package_sources.for_uv(settings)
    environment.update(_link_mode(uv, environment))
    command = [
      uv,
      "pip",
      "install",
      "--python",
      python,
      "--exact",
      "--compile-bytecode",
      "--constraints",
      constraints,
      "--build-constraints",
      constraints,
      *package_sources.uv_options(settings),
    ]
  else:
    # By variables: these hold for what builds packages, too.
    environment.update(PIP_CONSTRAINT=constraints, PIP_BUILD_CONSTRAINT=constraints)
    command = [python, "-m", "pip", "install"]
  if not _run([*command, "--editable", f".[{extras}]"], environment, lock):
    raise SetUpError(
      f"{venv} is not ready, for the reason above. The same command tries "
      "again" + ("; make env INSTALLER=pip installs with pip" if uv else "")
    )


def _base_python() -> str:
  """This Python, or the one that it was made from, if it is an environment's:
  that may be deleted."""
  base = os.path.join(sys.base_prefix, "bin", f"python{sys.version_info[0]}.{sys.version_info[1]}")
  inside = sys.prefix != sys.base_prefix and os.access(base, os.X_OK)
  return base if inside else sys.executable


def _make(venv: pathlib.Path, wanted: str, constraints: str, extras: str, lock: int) -> None:
  """Makes an environment, or brings it up to date.

  Raises:
    SetUpError: it is not ready.
  """
  installer = os.environ.get("INSTALLER") or "uv"
  if installer not in ("uv", "pip"):
    raise SetUpError(f"INSTALLER is uv or pip, not {installer}")
  ready = venv / "ready"
  # Its programs hold its folder's name: one that was moved is made anew.
  update = installer == "uv" and _starts(venv) and (_first_line(ready) == _first_line_of(wanted))
  ready.unlink(missing_ok=True)
  if update:
    _say(f"Bringing {venv} up to date.")
  else:
    python = _base_python()
    _say(
      f"Setting up {venv} with {python} and {installer}: about "
      f"{dict(uv=2, pip=5)[installer]} minutes and 3.5 GB."
    )
    if not _run([python, "-I", "-m", "venv", "--clear", venv], package_sources.environment(), lock):
      raise SetUpError(f"{python} can't make {venv}, for the reason above")
  _install(venv, constraints, extras, installer == "uv", lock)
  ready.write_text(wanted, encoding="utf-8")


def _first_line_of(text: str) -> str:
  return text.partition("\n")[0]


def _first_line(path: pathlib.Path) -> str | None:
  with contextlib.suppress(OSError):
    return _first_line_of(path.read_text(encoding="utf-8"))
  return None


def _starts(venv: pathlib.Path) -> bool:
  """Whether its Python is still there."""
  return os.access(venv / "bin" / "python", os.X_OK)


def _is_ready(venv: pathlib.Path, wanted: str) -> bool:
  with contextlib.suppress(OSError):
    return _starts(venv) and (venv / "ready").read_text(encoding="utf-8") == wanted
  return False


def _link(venv: pathlib.Path) -> None:
  """Makes `.venv` lead to an environment, unless it is someone else's."""
  try:
    target = os.readlink(_LINK)
  except FileNotFoundError:
    target = ""
  except OSError:
    target = None
  if target == str(venv):
    return
  if (
    target is None
    or target
    and (os.path.dirname(os.path.abspath(target)) != os.path.abspath(_VENVS))
  ):
    _say(f".venv is not this project's and stays as it is; where it is spoken of, take {venv}.")
    return
  new = _VENVS / f"link-{os.getpid()}"
  new.symlink_to(venv)
  new.replace(_LINK)


def main(name: str, constraints: str, extras: str) -> None:
  """Makes it, if need be; see above."""
  venv = _VENVS / name
  content = b"".join(pathlib.Path(path).read_bytes() for path in (constraints, "setup.py"))
  # By content: a fresh clone's files are all new.
  wanted = f"{os.getcwd()!a}\n{hashlib.sha256(content).hexdigest()} {extras}\n"
  if not _is_ready(venv, wanted):
    with _one_at_a_time() as lock:
      if not _is_ready(venv, wanted):
        _make(venv, wanted, constraints, extras, lock)
  _link(venv)
  print(venv)


if __name__ == "__main__":
  try:
    main(*sys.argv[1:])
  except (SetUpError, package_sources.SettingsError) as error:
    sys.exit(f"error: {error}")
  except OSError as error:
    sys.exit(f"error: {error.filename or '.venvs'}: {error.strerror}")
  except KeyboardInterrupt:
    _say("Interrupted; the same command resumes.")
    sys.exit(130)
