"""What computes embeddings, and how many photos at a time."""

from typing import Literal

import pydantic

from components.shared.core.settings import settings

Kind = Literal["tensorflow", "onnx_fp32", "onnx_int8"]


@settings
class EngineSettings:
  """The engine that runs the face network."""

  kind: Literal["auto", "tensorflow", "onnx_fp32", "onnx_int8"] = pydantic.Field(
    "auto",
    description="auto: tensorflow on GPUs, onnx_int8 "
    "on CPUs with 8-bit dot products, else onnx_fp32",
  )
  batch_size: int = pydantic.Field(32, ge=1, description="photos a batch")
  calibration_photos: int = pydantic.Field(
    128,
    ge=8,
    description="photos of `unlabeled` whose activations set the "
    "ranges of onnx_int8; as many others check it",
  )
  median_cosine: float = pydantic.Field(
    0.99, ge=0, le=1, description="least median cosine of onnx_int8 embeddings to tensorflow's"
  )
  low_cosine: float = pydantic.Field(
    0.97, ge=0, le=1, description="least 1st percentile of that cosine"
  )
