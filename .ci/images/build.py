"""Carries out a Dockerfile's steps in root folders."""

import contextlib
import dataclasses
import json
import os
import pathlib
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping

from images import base as base_lib
from images import dockerfile
from images.build_context import Context
from images.errors import BuildError
from images.roots import Root

# Docker hands these on by itself.
_PROXIES = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")


@dataclasses.dataclass
class Config:
  """What an image says of how it is run; names as in OCI's image config."""

  User: str = "0"
  WorkingDir: str = "/"
  Env: dict[str, str] = dataclasses.field(default_factory=dict)
  Labels: dict[str, str] = dataclasses.field(default_factory=dict)
  Entrypoint: list[str] = dataclasses.field(default_factory=list)
  Cmd: list[str] = dataclasses.field(default_factory=list)
  Healthcheck: list[str] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True)
class Image:
  """A root folder and its config: `rootfs/` and `config.json` of a folder."""

  folder: pathlib.Path
  config: Config

  @classmethod
  def load(cls, folder: pathlib.Path) -> "Image":
    """Reads what `build` left.

    Raises:
      BuildError: there is none.
    """
    try:
      text = (folder / "config.json").read_text()
    except OSError:
      raise BuildError(f"{folder}: no image is there; .ci/build_image makes one") from None
    return cls(folder, Config(**json.loads(text)))

  def run(
    self,
    arguments: list[str],
    *,
    user: str | None = None,
    environment: Mapping[str, str] = {},
    workdir: str | None = None,
    entrypoint: list[str] | None = None,
    mounts: list[tuple[pathlib.Path, str]] = (),
  ) -> int:
    """Runs it as `docker run` does: the image's user, environment and folder.

    Returns:
      Exit status.
    """
    root = Root(self.folder / "rootfs")
    user_ids = root.ids(user or self.config.User)
    command = [
      *(self.config.Entrypoint if entrypoint is None else entrypoint),
      *(arguments or self.config.Cmd),
    ]
    return root.run(
      command,
      user=user_ids,
      workdir=workdir or self.config.WorkingDir,
      environment={"HOME": root.home(user_ids[0]), **self.config.Env, **environment},
      mounts=mounts,
    )


@dataclasses.dataclass
class _Built:
  """A stage: its root, its config and the ARGs that later stages inherit."""

  root: Root
  config: Config
  arguments: dict[str, str]


def build(
  context: pathlib.Path, target: str, folder: pathlib.Path, build_args: Mapping[str, str] = {}
) -> Image:
  """Makes an image.

  Args:
    context: folder with Dockerfile and .dockerignore.
    target: name of a stage.
    folder: of the image; what was there is replaced.
    build_args: values of ARGs.

  Raises:
    BuildError: a step failed, or can't be carried out here.
  """
  parsed = dockerfile.parse((context / "Dockerfile").read_text(), build_args)
  stages = parsed.needed_for(target)
  shutil.rmtree(folder, ignore_errors=True)
  work = folder / "stages"
  work.mkdir(parents=True)
  with _lent_by_machine() as lent:
    builder = _Builder(Context(context), work, build_args, lent, stages)
    for stage in stages:
      builder.carry_out(stage)
  made = builder.done[target]
  made.root.folder.rename(folder / "rootfs")
  (folder / "config.json").write_text(json.dumps(dataclasses.asdict(made.config), indent=2) + "\n")
  shutil.rmtree(work)
  return Image(folder, made.config)


class _Builder:
  """Stages one after the other; a root goes when nothing needs it any more."""

  def __init__(
    self,
    context: Context,
    work: pathlib.Path,
    build_args: Mapping[str, str],
    lent: pathlib.Path,
    stages: list[dockerfile.Stage],
  ):
    self.done: dict[str, _Built] = {}
    self._context = context
    self._work = work
    self._build_args = build_args
    self._lent = lent
    self._uses = [name for stage in stages for name in (stage.base, *stage.copied_from)]

  def carry_out(self, stage: dockerfile.Stage) -> None:
    """Makes one stage."""
    print(f"== {stage.name} from {stage.base}", flush=True)
    built = self._start(stage)
    self.done[stage.name] = built
    for instruction in stage.instructions:
      print(
        f"-- {stage.name}, line {instruction.line}: {instruction.name} {instruction.value[:90]}",
        flush=True,
      )
      getattr(self, f"_{instruction.name.lower()}")(built, instruction)
    for source in stage.copied_from:
      self._used(source)

  def _start(self, stage: dockerfile.Stage) -> _Built:
    folder = self._work / stage.name
    if stage.base not in self.done:
      _copy_root(base_lib.base(stage.base), folder)
      return _Built(Root(folder), Config(Env=dict(base_lib.ENVIRONMENT)), {})
    base = self.done[stage.base]
    built = _Built(
      Root(folder),
      Config(**json.loads(json.dumps(dataclasses.asdict(base.config)))),
      dict(base.arguments),
    )
    if self._uses.count(stage.base) == 1:
      base.root.folder.rename(folder)
    else:
      _copy_root(base.root.folder, folder)
    self._used(stage.base)
    return built

  def _used(self, name: str) -> None:
    self._uses.remove(name)
    if name in self.done and name not in self._uses:
      shutil.rmtree(self.done[name].root.folder, ignore_errors=True)

  def _arg(self, built: _Built, instruction: dockerfile.Instruction) -> None:
    name, value = dockerfile.argument(instruction, _variables(built), self._build_args)
    if value is not None:
      built.arguments[name] = value

  def _env(self, built: _Built, instruction: dockerfile.Instruction) -> None:
    built.config.Env.update(instruction.pairs(_variables(built)))

  def _label(self, built: _Built, instruction: dockerfile.Instruction) -> None:
    built.config.Labels.update(instruction.pairs(_variables(built)))

  def _user(self, built: _Built, instruction: dockerfile.Instruction) -> None:
    (built.config.User,) = instruction.words(_variables(built))

  def _workdir(self, built: _Built, instruction: dockerfile.Instruction) -> None:
    (path,) = instruction.words(_variables(built))
    built.config.WorkingDir = os.path.normpath(os.path.join(built.config.WorkingDir, path))
    built.root.make_folders(built.config.WorkingDir, built.root.ids(built.config.User))

  def _entrypoint(self, built: _Built, instruction: dockerfile.Instruction) -> None:
    built.config.Entrypoint, built.config.Cmd = instruction.command, []

  def _cmd(self, built: _Built, instruction: dockerfile.Instruction) -> None:
    built.config.Cmd = instruction.command

  def _healthcheck(self, built: _Built, instruction: dockerfile.Instruction) -> None:
    if instruction.value.upper() == "NONE":
      built.config.Healthcheck = []
      return
    name, _, command = instruction.value.partition(" ")
    if name.upper() != "CMD":
      raise BuildError(f"line {instruction.line}: HEALTHCHECK CMD or NONE")
    built.config.Healthcheck = dataclasses.replace(instruction, value=command.strip()).command

  def _run(self, built: _Built, instruction: dockerfile.Instruction) -> None:
    user = built.root.ids(built.config.User)
    status = built.root.run(
      instruction.command,
      user=user,
      workdir=built.config.WorkingDir,
      environment={"HOME": built.root.home(user[0]), **_of_machine(), **_variables(built)},
      lent=self._lent,
      mounts=[
        (self._lent / name, f"/etc/{place}")
        for name, place in _PLACES.items()
        if (self._lent / name).exists()
      ],
    )
    if status:
      raise BuildError(
        f"line {instruction.line}: RUN {instruction.value[:60]} ... exit status {status}"
      )

  def _copy(self, built: _Built, instruction: dockerfile.Instruction) -> None:
    *sources, target = instruction.words(_variables(built))
    if not sources:
      raise BuildError(f"line {instruction.line}: COPY what, and where?")
    into_folder = target.endswith("/") or len(sources) > 1
    target = os.path.normpath(os.path.join(built.config.WorkingDir, target))
    owner = built.root.ids(instruction.flags.get("chown", "0:0"))
    mode = instruction.flags.get("chmod")
    into_folder = into_folder or built.root.inside(target).is_dir()
    for source in sources:
      for file, name in self._files(source, instruction):
        # A file that is named goes to the target or into it; a folder's
        # contents always go into it.
        alone = name == os.path.basename(source.rstrip("/")) and (not into_folder)
        built.root.put(
          file,
          target if alone else os.path.join(target, name),
          owner,
          int(mode, 8) if mode else None,
        )

  def _files(
    self, source: str, instruction: dockerfile.Instruction
  ) -> Iterator[tuple[pathlib.Path, str]]:
    origin = instruction.flags.get("from")
    if origin is None:
      return self._context.files(source)
    if origin not in self.done:
      raise BuildError(f"line {instruction.line}: COPY --from={origin}: no earlier stage")
    return self.done[origin].root.files(source)


_PLACES = {
  "resolv.conf": "resolv.conf",
  "hosts": "hosts",
  "ca-certificates.crt": "ssl/certs/ca-certificates.crt",
}
"""Files that the machine lends to RUN, and where they are seen below /etc."""


@contextlib.contextmanager
def _lent_by_machine() -> Iterator[pathlib.Path]:
  """What RUN needs to reach package indexes; none of it stays in the image."""
  with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    for file, place in _PLACES.items():
      if pathlib.Path("/etc", place).exists():
        shutil.copy(pathlib.Path("/etc", place), folder / file)
    (folder / "pip.conf").write_text(base_lib.machine("pip_settings"))
    yield folder


def _of_machine() -> dict[str, str]:
  return {
    **{name: os.environ[name] for name in _PROXIES if name in os.environ},
    "PIP_CONFIG_FILE": "/run/pip.conf",
  }


def _variables(built: _Built) -> dict[str, str]:
  return {**built.arguments, **built.config.Env}


def _copy_root(source: pathlib.Path, target: pathlib.Path) -> None:
  subprocess.run(["cp", "--archive", "--reflink=auto", source, target], check=True)


def shown(command: list[str]) -> str:
  """A command as one would type it."""
  return " ".join(map(shlex.quote, command))
