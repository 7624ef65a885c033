"""What stands for an official image where none can be pulled."""

import pathlib
import re
import shutil
import subprocess
from collections.abc import Mapping

from images.errors import BuildError
from images.roots import Root

BASES = pathlib.Path.home() / ".cache/latent-labels-ci/bases"
ENVIRONMENT: Mapping[str, str] = {
  "PATH": "/usr/local/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
}
"""Of every base."""

# Python's own libraries need these; ca-certificates, netbase and tzdata are in
# the official image too.
_PACKAGES = (
  "ca-certificates",
  "netbase",
  "tzdata",
  "libbz2-1.0",
  "libffi8",
  "liblzma5",
  "libncursesw6",
  "libreadline8t64",
  "libsqlite3-0",
  "libssl3t64",
  "libuuid1",
  "zlib1g",
)
_MACHINE = pathlib.Path(__file__).parents[1] / "this_machine.sh"
_LEFT_OUT = ("__pycache__", "site-packages", "test", "idlelib", "tkinter")


def machine(*call: str) -> str:
  """What a function of `this_machine.sh` prints.

  Raises:
    BuildError: it failed; it said why.
  """
  done = subprocess.run(
    ["bash", "-euc", '. "$0" && "$@"', str(_MACHINE), *call],
    check=False,
    stdout=subprocess.PIPE,
    text=True,
  )
  if done.returncode:
    raise BuildError(f"{' '.join(call[:2])} failed")
  return done.stdout


def base(image: str) -> pathlib.Path:
  """The root folder that stands for an image; made when first needed.

  python:<version>-slim-trixie is Debian 13, from Debian's archive, with this
  machine's Python of that version (from pyenv) in /usr/local.

  Raises:
    BuildError: any other image; no such Python.
  """
  match = re.fullmatch(r"python:(3\.\d+)-slim-trixie", image)
  if not match:
    raise BuildError(f"{image}: only python:<version>-slim-trixie can be made without a registry")
  root = BASES / image.replace(":", "-")
  if not (root / "made").exists():
    python = _python(match[1])
    print(f"Making {root}: about 1 minute and 400 MB.", flush=True)
    root.parent.mkdir(parents=True, exist_ok=True)
    machine("make_debian_13", str(root), ",".join(_PACKAGES))
    _install(python, match[1], Root(root))
    (root / "made").touch()
  return root


def _python(version: str) -> pathlib.Path:
  found = sorted((pathlib.Path.home() / ".pyenv/versions").glob(f"{version}.*/bin/python{version}"))
  if not found:
    raise BuildError(f"Python {version} is missing: pyenv install {version}")
  return found[-1].parents[1]


def _install(python: pathlib.Path, version: str, root: Root) -> None:
  """Copies a Python, without packages, to where the official image has it."""
  local = root.folder / "usr/local"
  name = f"python{version}"
  for part in (f"lib/{name}", f"include/{name}"):
    shutil.copytree(
      python / part, local / part, symlinks=True, ignore=shutil.ignore_patterns(*_LEFT_OUT)
    )
  for library in (python / "lib").glob("libpython*.so*"):
    shutil.copy2(library, local / "lib", follow_symlinks=False)
  shutil.copy2(python / "bin" / name, local / "bin")
  for link in ("python3", "python"):
    (local / "bin" / link).symlink_to(name)
  for command in (["ldconfig"], ["python", "-m", "ensurepip"]):
    if root.run(command, environment=ENVIRONMENT):
      raise BuildError(f"{' '.join(command)} failed in {root.folder}")
