"""Photos as phones, cameras and picture-making networks write them."""

import base64
import io

import numpy as np
import pytest
from PIL import Image, ImageCms, PngImagePlugin

from components.shared.data import photos

_HEIC = base64.b64decode(
  b"AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAchtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAA"
  b"AAAAAAAAAAADRpbG9jAAAAAERAAAIAAQAAAAAB7AABAAAAAAAAAEYAAgAAAAACMgABAAAAAAAAACQAAAA4aWluZgAA"
  b"AAAAAgAAABVpbmZlAgAAAAABAABodmMxAAAAABVpbmZlAgAAAQACAABFeGlmAAAAAA5waXRtAAAAAAABAAABB2lwcn"
  b"AAAADmaXBjbwAAAHZodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroC"
  b"QGEAAQAqQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbq5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFzwIkAAAATY29scm"
  b"5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAAAQAAAAEAAAAAoY2xhcAAAADAAAAABAAAAIAAAAAH////wAAAAAv///+AA"
  b"AAACAAAAEHBpeGkAAAAAAwgICAAAAAlpcm90AwAAABlpcG1hAAAAAAAAAAEAAQaBAgMFhIYAAAAaaXJlZgAAAAAAAA"
  b"AOY2RzYwACAAEAAQAAAHJtZGF0AAAAQigBr1jm+TodPuUbaDC06aySEaQPyt1drab6uW8i8RUdDtSkOLocyAHJi8cw"
  b"g+mFTXICdp9hLBB4WlWMC/7pam00vAAAAAZFeGlmAABNTQAqAAAACAABARIAAwAAAAEABgAAAAAAAA=="
)
"""A ramp of colours, 48 x 32 pixels and turned by EXIF data; nothing here can write one."""


def _encoded(image: Image.Image, format: str, **options) -> bytes:
  stream = io.BytesIO()
  image.save(stream, format, **options)
  return stream.getvalue()


def test_heic_is_read_whatever_it_is_called():
  pytest.importorskip("pillow_heif")
  pixels = photos.to_pixels(_HEIC)
  assert pixels.shape == (48, 32, 3)
  top_right = pixels[0, -1].astype(int)
  assert np.abs(top_right - (0, 0, 200)).max() < 25
  jpeg = photos.to_jpeg(_HEIC)
  assert photos.is_plain_jpeg(jpeg)


def test_a_damaged_heic_has_a_reason():
  pytest.importorskip("pillow_heif")
  with pytest.raises(photos.PhotoError, match="damaged or cut off"):
    photos.to_pixels(_HEIC[:300])


def test_avif_is_read():
  image = Image.new("RGB", (40, 30), (10, 200, 90))
  pixels = photos.to_pixels(_encoded(image, "AVIF"))
  assert pixels.shape == (30, 40, 3)
  assert np.abs(pixels.astype(int) - (10, 200, 90)).max() < 8


@pytest.mark.parametrize("size", [(8160, 6144), (8192, 6144), (12_000, 9000)])
def test_large_phones_photos_are_read(size):
  assert photos.is_plain_jpeg(_encoded(Image.new("L", size), "JPEG"))


def test_no_photo_takes_more_than_a_gigabyte():
  with pytest.raises(photos.PhotoError, match="too large: 16400 x 12300 pixels, at most 134"):
    photos.is_plain_jpeg(_encoded(Image.new("1", (16_400, 12_300)), "PNG"))


def _profile(red_is_blue: bool) -> bytes:
  profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
  if red_is_blue:
    red, blue = (profile.index(tag, 128) for tag in (b"rXYZ", b"bXYZ"))
    profile[red : red + 4], profile[blue : blue + 4] = b"bXYZ", b"rXYZ"
    name = "sRGB".encode("utf-16-be")
    at = profile.index(name)
    profile[at : at + len(name)] = "test".encode("utf-16-be")
  return bytes(profile)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_colours_are_those_of_the_profile(format):
  image = Image.new("RGB", (24, 24), (200, 40, 40))
  options = {"quality": 95}
  plain = _encoded(image, format, icc_profile=_profile(False), **options)
  other = _encoded(image, format, icc_profile=_profile(True), **options)
  assert np.abs(photos.to_pixels(plain)[12, 12].astype(int) - (200, 40, 40)).max() < 12
  assert np.abs(photos.to_pixels(other)[12, 12].astype(int) - (40, 40, 200)).max() < 12
  if format == "JPEG":
    assert photos.to_jpeg(plain) == plain
    assert photos.to_jpeg(other) != other


def test_a_damaged_profile_changes_nothing():
  image = Image.new("RGB", (24, 24), (200, 40, 40))
  data = _encoded(image, "JPEG", icc_profile=b"no profile" * 20)
  assert photos.to_jpeg(data) == data


@pytest.mark.parametrize("size, read", [(5_000_000, True), (40_000_000, False)])
def test_pngs_with_much_text(size, read):
  info = PngImagePlugin.PngInfo()
  info.add_text("workflow", "w" * size, zip=True)
  data = _encoded(Image.new("RGB", (24, 24)), "PNG", pnginfo=info)
  if read:
    assert photos.to_pixels(data).shape == (24, 24, 3)
  else:
    with pytest.raises(photos.PhotoError, match="too much text"):
      photos.to_pixels(data)


@pytest.mark.parametrize(
  "data, told",
  [
    (b"%PDF-1.7", "it is a PDF; save it as JPEG"),
    (b"\0\0\0\x18ftypisom", "it is a video; save it as JPEG"),
    (b"<!doctype html><title>Quota exceeded", "not an image: it is a web page"),
    (b"version https://git-lfs.github.com/spec/v1", "Git LFS pointer, without the file itself"),
  ],
)
def test_what_is_no_photo_is_called_by_its_kind(data, told):
  with pytest.raises(photos.PhotoError, match=told):
    photos.to_jpeg(data + bytes(64))
