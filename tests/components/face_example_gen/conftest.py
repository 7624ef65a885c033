"""Small sources of photos, made of nothing but random pixels."""

import io
import pathlib
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from PIL import Image

Encode = Callable[..., bytes]
MakeFolder = Callable[..., pathlib.Path]


@pytest.fixture(scope="session")
def encode() -> Encode:
  """encode(mode, size, format, **options): a random image's file."""

  def _encode(
    mode: str = "RGB",
    size: Sequence[int] = (24, 32),
    format: str = "JPEG",
    seed: int = 0,
    **options,
  ) -> bytes:
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    stream = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(stream, format, **options)
    return stream.getvalue()

  return _encode


@pytest.fixture
def make_folder(tmp_path: pathlib.Path, encode: Encode) -> MakeFolder:
  """make_folder(labels): a JPEG for each name, and `labels.csv`."""

  def _make(labels: dict[str, str], name: str = "photos", csv: str | None = None) -> pathlib.Path:
    folder = tmp_path / name
    folder.mkdir()
    for seed, image_id in enumerate(sorted(labels)):
      (folder / image_id).write_bytes(encode(seed=seed))
    if csv is None:
      csv = "image_id,Smiling\n" + "".join(
        f"{image_id},{label}\n" for image_id, label in labels.items()
      )
    (folder / "labels.csv").write_text(csv)
    return folder

  return _make


@pytest.fixture
def two_classes() -> dict[str, str]:
  """Labels of 40 photos, 20 of each class."""
  return {f"{number:03d}.jpg": str(number % 2) for number in range(40)}


@pytest.fixture
def many_of_two_classes() -> dict[str, str]:
  """Labels of 120 photos, 60 of each class: a share of them has both."""
  return {f"{number:03d}.jpg": str(number % 2) for number in range(120)}
