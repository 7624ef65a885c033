"""`make env`, of a project of one small package, with uv and with pip."""

import importlib.metadata
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time
import zipfile

import package_sources
import pytest

_ROOT = pathlib.Path(__file__).parents[2]
_STACK = ".".join(importlib.metadata.version("tfx").split(".")[:2])
_COPIED = (
  "Makefile",
  "constraints/choose_stack.sh",
  "constraints/clean.sh",
  "constraints/package_sources.py",
  "constraints/set_up.py",
  "constraints/set_up.sh",
  "constraints/uv.txt",
)
# Builds without setuptools, which is not always at hand; waits while a file
# says so.
_BACKEND = """
import pathlib, time, zipfile

def build_editable(folder, config_settings=None, metadata_directory=None):
  pathlib.Path("building").touch()
  while pathlib.Path("wait").exists():
    time.sleep(0.05)
  name = "latent_labels-0.1.0-py3-none-any.whl"
  info = "latent_labels-0.1.0.dist-info"
  with zipfile.ZipFile(pathlib.Path(folder) / name, "w") as wheel:
    wheel.writestr("latent_labels.pth", str(pathlib.Path.cwd()))
    wheel.writestr(info + "/METADATA", "Metadata-Version: 2.1\\n"
                   "Name: latent-labels\\nVersion: 0.1.0\\n"
                   "Requires-Dist: tiny\\nProvides-Extra: test\\n"
                   "Provides-Extra: kfp\\n")
    wheel.writestr(info + "/WHEEL", "Wheel-Version: 1.0\\nGenerator: x\\n"
                   "Root-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr(info + "/RECORD", "")
  return name

def build_wheel(folder, config_settings=None, metadata_directory=None):
  raise NotImplementedError
"""
_MAIN = """
import json, os, sys
print(json.dumps({"arguments": sys.argv[1:], "path": sys.path,
                  "optimize": sys.flags.optimize,
                  "variables": [name for name in os.environ
                                if name.startswith("PYTHON")
                                and name != "PYTHON"]}))
"""


def _write_wheel(folder: pathlib.Path, version: str) -> None:
  with zipfile.ZipFile(folder / f"tiny-{version}-py3-none-any.whl", "w") as wheel:
    info = f"tiny-{version}.dist-info"
    wheel.writestr("tiny.py", "")
    wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: tiny\nVersion: {version}\n")
    wheel.writestr(
      f"{info}/WHEEL",
      "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    )
    wheel.writestr(f"{info}/RECORD", "")


class Project:
  """A checkout, and a home folder, whose pip knows one folder of packages.

  Args:
    folder: to put both into.
    uv: folder that has uv, or None where it can't be had.
  """

  def __init__(self, folder: pathlib.Path, uv=None):
    self.root = folder / "a check out, ü"
    self.home = folder / "home"
    wheels = folder / "wheels"
    for each in (
      self.root / "constraints",
      self.root / "pipeline",
      self.root / "backend",
      wheels,
      self.home / ".config/pip",
    ):
      each.mkdir(parents=True)
    for name in _COPIED:
      shutil.copy(_ROOT / name, self.root / name)
    self.pin("1.0")
    for version in ("1.0", "2.0"):
      _write_wheel(wheels, version)
    (self.root / "setup.py").touch()
    (self.root / "pyproject.toml").write_text(
      '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["backend"]\n'
    )
    (self.root / "backend/backend.py").write_text(_BACKEND)
    (self.root / "pipeline/__main__.py").write_text(_MAIN)
    (self.home / ".config/pip/pip.conf").write_text(
      f"[global]\nno-index = true\nfind-links = {wheels}\ntarget = {folder}/elsewhere\nquiet = 3\n"
    )
    if uv:
      (self.root / ".venvs").mkdir()
      (self.root / ".venvs" / uv.name).symlink_to(uv)

  def pin(self, version: str) -> None:
    """Pins the one package."""
    for name in ("tfx-1.16-python-3.10", "tfx-1.21-python-3.11-kfp", "tfx-1.21-python-3.13"):
      (self.root / f"constraints/{name}.txt").write_text(f"tiny=={version}\n")

  def start(self, *arguments: str, **variables: str) -> subprocess.Popen:
    """Starts make, in a process group of its own."""
    return subprocess.Popen(
      ["make", f"STACK={_STACK}", f"PYTHON={sys.executable}", *arguments],
      cwd=self.root,
      text=True,
      stdout=subprocess.PIPE,
      stderr=subprocess.PIPE,
      start_new_session=True,
      env={
        **package_sources.environment(),
        "HOME": str(self.home),
        "XDG_CONFIG_HOME": str(self.home / ".config"),
        "XDG_CACHE_HOME": str(self.home / ".cache"),
        **variables,
      },
    )

  def make(self, *arguments: str, **variables: str):
    """Runs make; status, the last line of output, and standard error."""
    process = self.start(*arguments, **variables)
    out, err = process.communicate()
    return process.returncode, out.strip().split("\n")[-1], err

  def made(self, folder: str, by: str, version: str) -> pathlib.Path:
    """Checks what an environment has; gives its folder of packages."""
    assert (self.root / folder / "ready").exists()
    (packages,) = (self.root / folder).glob("lib/python*/site-packages")
    (info,) = packages.glob("tiny-*")
    assert info.name == f"tiny-{version}.dist-info"
    assert (info / "INSTALLER").read_text().strip() == by
    return packages


@pytest.fixture(name="uv", scope="session")
def _uv(tmp_path_factory) -> pathlib.Path:
  """A folder with the pinned uv."""
  pin = (_ROOT / "constraints/uv.txt").read_text().strip()
  name = pin.replace("==", "-")
  if (_ROOT / ".venvs" / name).exists():
    return _ROOT / ".venvs" / name
  folder = tmp_path_factory.mktemp("uv") / name
  python = pathlib.Path(sys.executable)
  if subprocess.run(
    [python, "-m", "pip", "install", "--quiet", "--target", folder, pin],
    env=package_sources.for_pip(package_sources.read(python)),
    check=False,
  ).returncode:
    pytest.skip("uv can't be had here")
  return folder


@pytest.fixture(autouse=True, scope="module")
def _tools():
  for tool in ("make", "g++"):
    if not shutil.which(tool):
      pytest.skip(f"no {tool} is here")


@pytest.fixture(name="ready", scope="module")
def _ready(uv, tmp_path_factory) -> Project:
  """A project that is set up."""
  project = Project(tmp_path_factory.mktemp("ready"), uv)
  code, _, err = project.make("env")
  assert code == 0, err
  return project


def _others_settings(folder: pathlib.Path) -> dict:
  """Variables of other projects that all lead astray."""
  hostile = folder / "hostile"
  hostile.mkdir()
  for name in (
    "sitecustomize",
    "usercustomize",
    "venv",
    "subprocess",
    "tiny",
    "package_sources",
    "hashlib",
  ):
    (hostile / f"{name}.py").write_text("raise SystemExit('hostile')\n")
  (hostile / "pins.txt").write_text("tiny==2.0\n")
  (hostile / "uv.toml").write_text('exclude-newer = "2000-01-01"\n')
  (folder / "home/.config/uv").mkdir()
  shutil.copy(hostile / "uv.toml", folder / "home/.config/uv/uv.toml")
  (folder / "home/.pydistutils.cfg").write_text(f"[install]\nprefix = {folder}/elsewhere\n")
  pins, elsewhere = str(hostile / "pins.txt"), str(folder / "elsewhere")
  return {
    **dict.fromkeys(
      (
        "PIP_USER",
        "PIP_NO_DEPS",
        "PIP_REQUIRE_VIRTUALENV",
        "PIP_DRY_RUN",
        "PIP_REQUIRE_HASHES",
        "UV_OFFLINE",
        "UV_NO_BUILD",
        "UV_DRY_RUN",
        "UV_REQUIRE_HASHES",
        "UV_SYSTEM_PYTHON",
        "UV_NO_EDITABLE",
        "PYTHONINSPECT",
        "PYTHONSAFEPATH",
        "PYTHONDEVMODE",
      ),
      "1",
    ),
    **dict.fromkeys(
      (
        "PIP_PREFIX",
        "PIP_ROOT",
        "PIP_TARGET",
        "PIP_SRC",
        "UV_PROJECT_ENVIRONMENT",
        "VIRTUAL_ENV",
        "CONDA_PREFIX",
        "PYTHONPYCACHEPREFIX",
        "CDPATH",
      ),
      elsewhere,
    ),
    **dict.fromkeys(
      (
        "PIP_CONSTRAINT",
        "PIP_BUILD_CONSTRAINT",
        "UV_CONSTRAINT",
        "UV_OVERRIDE",
        "UV_BUILD_CONSTRAINT",
        "UV_EXCLUDE",
      ),
      pins,
    ),
    **dict.fromkeys(
      (
        "PIP_NO_BINARY",
        "PIP_PYTHON_VERSION",
        "UV_NO_BINARY",
        "UV_PYTHON",
        "UV_INDEX_STRATEGY",
        "UV_PRERELEASE",
        "UV_LINK_MODE",
        "UV_RESOLUTION",
      ),
      "nonsense",
    ),
    "UV_DEFAULT_INDEX": "http://127.0.0.1:9/simple",
    "UV_CONFIG_FILE": str(hostile / "uv.toml"),
    "UV_EXCLUDE_NEWER": "2000",
    "PYTHONPATH": str(hostile),
    "PYTHONSTARTUP": str(hostile / "tiny.py"),
    "PYTHONUSERBASE": elsewhere,
    "PYTHONHOME": "/nonexistent",
    "PYTHONOPTIMIZE": "2",
    "PYTHONWARNINGS": "error",
    "PYTHONPLATLIBDIR": "nonsense",
  }


@pytest.mark.parametrize("by", ["uv", "pip"])
def test_settings_of_other_projects_change_nothing(request, tmp_path, by):
  project = Project(tmp_path, request.getfixturevalue("uv") if by == "uv" else None)
  others = _others_settings(tmp_path)
  code, folder, err = project.make("env", **others)
  assert code == 0, err
  # Where uv can't be had, that is said in a line.
  assert err.count("uv is not available here") == (by == "pip")
  packages = project.made(folder, by, "1.0")
  assert not (tmp_path / "elsewhere").exists()
  # Not of the environment that runs this, which may go.
  assert f"home = {sys.base_prefix}/bin\n" in (project.root / folder / "pyvenv.cfg").read_text()
  assert os.readlink(project.root / ".venv") == folder
  code, out, err = project.make("run", "ARGS=a b", **others)
  assert code == 0, err
  said = json.loads(out)
  assert said["arguments"] == ["run", "a", "b"]
  assert said["optimize"] == 0
  assert said["variables"] == ["PYTHONNOUSERSITE"]
  assert str(packages) in said["path"]
  assert str(tmp_path / "hostile") not in said["path"]


def test_the_second_time_nothing_is_done(ready):
  code, folder, err = ready.make("env")
  assert code == 0
  assert (ready.root / folder).is_dir()
  assert len(err.splitlines()) == 1, err  # Which stack.


@pytest.mark.parametrize("kind", ["folder", "file", "link", "dangling"])
def test_a_venv_of_someone_else_stays(ready, kind):
  link = ready.root / ".venv"
  link.unlink(missing_ok=True)
  other = ready.root.parent / "other"
  (other / "bin").mkdir(parents=True, exist_ok=True)
  try:
    if kind == "folder":
      shutil.copytree(other, link)
    elif kind == "file":
      link.write_text("mine")
    else:
      link.symlink_to(other if kind == "link" else "../gone")
    before = link.lstat().st_ino, sorted(link.glob("*"))
    code, folder, err = ready.make("env")
    assert code == 0
    said = err.splitlines()[-1]
    assert said.startswith(".venv is not this project's") and folder in said
    code, out, _ = ready.make("run")
    assert code == 0 and json.loads(out)["arguments"] == ["run"]
    assert before == (link.lstat().st_ino, sorted(link.glob("*")))
  finally:
    if kind == "folder":
      shutil.rmtree(link)
    else:
      link.unlink()


def test_a_link_to_another_environment_of_ours_is_replaced(ready):
  for target in (".venvs/other", str(ready.root / ".venvs/other")):
    (ready.root / ".venv").unlink(missing_ok=True)
    (ready.root / ".venv").symlink_to(target)
    code, folder, _ = ready.make("env")
    assert code == 0
    assert os.readlink(ready.root / ".venv") == folder


def test_several_at_once(uv, tmp_path):
  project = Project(tmp_path, uv)
  all_of_them = [project.start("env") for _ in range(4)]
  ended = [process.communicate() for process in all_of_them]
  assert [process.returncode for process in all_of_them] == [0] * 4, ended
  (folder,) = {out.strip() for out, _ in ended}
  assert sum("Setting up" in err for _, err in ended) == 1
  project.made(folder, "uv", "1.0")


def _interrupt(project: Project, number: signal.Signals) -> str:
  """Sends a signal while packages are being built; what make said."""
  (project.root / "building").unlink(missing_ok=True)
  process = project.start("env")
  end = time.monotonic() + 120
  while not (project.root / "building").exists():
    assert process.poll() is None and time.monotonic() < end
    time.sleep(0.02)
  os.killpg(process.pid, number)
  _, err = process.communicate()
  assert process.returncode
  assert not list(project.root.glob(".venvs/tfx-*/ready"))
  return err


@pytest.mark.slow
def test_what_was_interrupted_is_completed(uv, tmp_path):
  project = Project(tmp_path, uv)
  (project.root / "wait").touch()
  err = _interrupt(project, signal.SIGINT)
  assert "Traceback" not in err
  assert "Interrupted; the same command resumes." in err
  _interrupt(project, signal.SIGKILL)
  (project.root / "wait").unlink()
  code, folder, err = project.make("env")
  assert code == 0, err
  project.made(folder, "uv", "1.0")


@pytest.mark.slow
def test_another_pin_another_place_and_no_index(uv, tmp_path):
  project = Project(tmp_path, uv)
  code, folder, err = project.make("env")
  assert code == 0, err
  kept = project.made(folder, "uv", "1.0") / "kept"
  kept.touch()
  project.pin("2.0")
  code, _, err = project.make("env")
  assert code == 0 and "up to date" in err, err
  project.made(folder, "uv", "2.0")
  assert kept.exists()
  # Its programs and the project's place are those of the old folder.
  moved = project.root.with_name("moved")
  project.root = project.root.rename(moved)
  project.pin("1.0")
  secret = "s3cret"
  code, _, err = project.make(
    "env",
    PIP_FIND_LINKS=f"http://user:{secret}@127.0.0.1:9/",
    PIP_NO_INDEX="0",
    PIP_INDEX_URL=f"http://user:{secret}@127.0.0.1:9/",
    PIP_RETRIES="0",
  )
  assert code
  assert "Setting up" in err and "INSTALLER=pip" in err
  assert secret not in err
  assert not (moved / folder / "ready").exists()
  code, _, err = project.make("env")
  assert code == 0, err
  packages = project.made(folder, "uv", "1.0")
  assert not (packages / "kept").exists()
  assert (packages / "latent_labels.pth").read_text() == str(moved)


def test_an_installer_that_is_neither(ready):
  ready.pin("2.0")
  try:
    code, _, err = ready.make("env", "INSTALLER=conda")
  finally:
    ready.pin("1.0")
  assert code
  assert "error: INSTALLER is uv or pip, not conda\n" in err


def test_clean_removes_what_is_ours(tmp_path):
  project = Project(tmp_path)
  root = project.root
  ours = (
    ".venvs/tfx-1/bin",
    ".venvs/uv-1",
    ".venvs/audit",
    "build/lib/x",
    "latent_labels.egg-info",
    ".pytest_cache",
    "dist/latent_labels-1",
  )
  elsewhere = tmp_path / "elsewhere"
  others = (root / ".venvs/mine", root / "build/mine", root / "mine.egg-info", elsewhere / "lib")
  for folder in (*(root / name for name in ours), *others):
    folder.mkdir(parents=True)
  (root / ".venv").symlink_to(".venvs/tfx-1")
  assert project.make("clean")[0] == 0
  assert not (root / ".venv").is_symlink()
  assert not any((root / name).exists() for name in ours)
  assert not (root / "dist").exists()
  (root / "dist").symlink_to(elsewhere)
  (root / ".venv").symlink_to(elsewhere)
  assert project.make("clean")[0] == 0
  assert all(folder.is_dir() for folder in others)
  assert (root / ".venv").is_symlink() and (root / "dist").is_symlink()
