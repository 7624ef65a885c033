"""Root folders of other systems, and commands in them."""

import os
import pathlib
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence

from images.errors import BuildError

SUPERUSER = (0, 0)

# In namespaces of its own, so that nothing stays mounted or running. /run is
# empty and in memory, with what the machine lends.
_ENTER = """
root=$1 lent=$2 user=$3
shift 3
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --rbind /sys "$root/sys"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
[ -z "$lent" ] || cp -L "$lent"/* "$root/run/"
while [ "$1" != -- ]; do
  mount --bind "$1" "$root$2"
  shift 2
done
shift
exec chroot --userspec="$user" --groups="${user#*:}" "$root" \
  /usr/bin/env --ignore-environment "$@"
"""


class Root:
  """A folder that is another system's root."""

  def __init__(self, folder: pathlib.Path):
    self.folder = folder

  def run(
    self,
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    workdir: str = "/",
    user: tuple[int, int] = SUPERUSER,
    mounts: Sequence[tuple[pathlib.Path, str]] = (),
    lent: pathlib.Path | None = None,
  ) -> int:
    """Executes a command in it.

    Args:
      command: and its arguments.
      environment: all of it.
      workdir: folder to be in.
      user: user and group, by number.
      mounts: folders or files of this machine, and where they are seen.
      lent: folder whose files are in /run.

    Returns:
      Exit status.
    """
    seen = []
    for source, target in mounts:
      self._make_mount_point(source, target)
      seen += [str(source), target]
    return subprocess.run(
      [
        "unshare",
        "--mount",
        "--pid",
        "--fork",
        "--kill-child",
        "bash",
        "-euc",
        _ENTER,
        "enter",
        str(self.folder),
        str(lent or ""),
        f"{user[0]}:{user[1]}",
        *seen,
        "--",
        f"--chdir={workdir}",
        *(f"{name}={value}" for name, value in environment.items()),
        *command,
      ],
      check=False,
    ).returncode

  def _make_mount_point(self, source: pathlib.Path, target: str) -> None:
    place = self.inside(target)
    if source.is_dir():
      place.mkdir(parents=True, exist_ok=True)
    elif not place.exists():
      place.parent.mkdir(parents=True, exist_ok=True)
      place.touch()

  def inside(self, path: str) -> pathlib.Path:
    """Where an absolute path of that system is here.

    Raises:
      BuildError: a link leads out of the root.
    """
    place = self.folder / path.lstrip("/")
    if not place.resolve().is_relative_to(self.folder.resolve()):
      raise BuildError(f"{path}: a link leads out of {self.folder}")
    return place

  def ids(self, user: str) -> tuple[int, int]:
    """Numbers of USER's or --chown's `user[:group]`.

    A user without a group has the one that /etc/passwd says, or 0.

    Raises:
      BuildError: a name that the system does not know.
    """
    name, _, group = user.partition(":")
    known = self._entry("passwd", name)
    if known is None and not name.isdigit():
      raise BuildError(f"{user}: no such user in the image")
    number = int(known[2]) if known else int(name)
    if not group:
      return number, int(known[3]) if known else 0
    of_group = self._entry("group", group)
    if of_group is None and not group.isdigit():
      raise BuildError(f"{user}: no such group in the image")
    return number, int(of_group[2]) if of_group else int(group)

  def home(self, user: int) -> str:
    """A user's home; / for one that has none."""
    known = self._entry("passwd", str(user))
    return known[5] if known else "/"

  def _entry(self, file: str, key: str) -> list[str] | None:
    for line in (self.folder / "etc" / file).read_text().splitlines():
      fields = line.split(":")
      if key in (fields[0], fields[2]):
        return fields
    return None

  def make_folders(self, path: str, owner: tuple[int, int]) -> pathlib.Path:
    """Makes a folder and those above it, where they are missing."""
    place = self.inside(path)
    missing = [p for p in (place, *place.parents) if not p.exists()]
    for folder in reversed(missing):
      folder.mkdir(mode=0o755)
      os.chown(folder, *owner)
    return place

  def put(
    self, source: pathlib.Path, path: str, owner: tuple[int, int], mode: int | None = None
  ) -> None:
    """Copies a file, a link or an empty folder to a path.

    Folders above it that are missing are made as Docker makes them, and not
    with the modes that they have where it comes from.
    """
    if source.is_dir() and not source.is_symlink():
      self.make_folders(path, owner)
      return
    place = self.make_folders(os.path.dirname(path), owner) / (os.path.basename(path))
    if place.is_symlink() or place.is_file():
      place.unlink()
    shutil.copy2(source, place, follow_symlinks=False)
    os.chown(place, *owner, follow_symlinks=False)
    if mode is not None and not place.is_symlink():
      place.chmod(mode)

  def files(self, path: str) -> Iterator[tuple[pathlib.Path, str]]:
    """As `Context.files`, of a path of that system.

    Raises:
      BuildError: there is nothing.
    """
    place = self.inside(path)
    if place.is_file():
      yield place, place.name
    elif place.is_dir():
      for folder, below, names in os.walk(place):
        links = [n for n in below if os.path.islink(os.path.join(folder, n))]
        alone = ["."] if not below and not names else []
        for name in (*names, *links, *alone):
          file = pathlib.Path(folder, name)
          yield file, os.path.relpath(file, place)
    else:
      raise BuildError(f"COPY --from {path}: nothing is there")
