"""What the machine can do at most: large matrix products."""

import os
from typing import Callable, Dict, List, Mapping

import numpy as np

from pipeline.bench import rows

VGG_FACE_MULTIPLICATIONS = 15_476_908_032
"""Of one photo: for each convolution its outputs times the size of its kernel,
and the weights of the three fully-connected layers (after Parkhi et al., "Deep
Face Recognition", BMVC 2015, table 3, configuration D)."""

FP32 = "bound/fp32"
INT8 = "bound/int8"

# Sides of the products; the best of them is the bound.
_SHAPES = ((1024, 2048, 1024), (3136, 2304, 256), (784, 4608, 512))


def measure(repeats: int, shapes=_SHAPES) -> List[rows.Row]:
  """Rows `bound/fp32` and `bound/int8`, in photos of VGG-Face a second.

  The products have the shapes of a square and of VGG-Face's own middle
  layers, and ONNX Runtime computes them, as it does the network.
  """
  found: Dict[str, List[List[float]]] = {FP32: [], INT8: []}
  for shape in shapes:
    rates = rows.take_turns(
        {FP32: _product(shape, np.float32), INT8: _product(shape, np.uint8)},
        repeats, "bench bounds")
    for name, values in rates.items():
      found[name].append(values)
  return [rows.Row(name=name, rates=max(values, key=np.median))
          for name, values in found.items()]


def _product(shape, dtype) -> Callable[[], float]:
  """A product to be timed; returns its size in photos."""
  import onnx
  import onnxruntime
  rows_, inner, columns = shape
  is_float = dtype == np.float32
  rng = np.random.default_rng(0)
  left = rng.integers(0, 255, (rows_, inner)).astype(dtype)
  right = rng.integers(-127, 127, (inner, columns)).astype(
      np.float32 if is_float else np.int8)
  node = onnx.helper.make_node(
      "MatMul" if is_float else "MatMulInteger", ["left", "right"], ["out"])
  left_type, out_type = (
      (onnx.TensorProto.FLOAT, onnx.TensorProto.FLOAT) if is_float
      else (onnx.TensorProto.UINT8, onnx.TensorProto.INT32))
  graph = onnx.helper.make_graph(
      [node], "product",
      [onnx.helper.make_tensor_value_info("left", left_type,
                                          [rows_, inner])],
      [onnx.helper.make_tensor_value_info("out", out_type,
                                          [rows_, columns])],
      [onnx.numpy_helper.from_array(right, "right")])
  model = onnx.helper.make_model(
      graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8)
  options = onnxruntime.SessionOptions()
  options.intra_op_num_threads = len(os.sched_getaffinity(0))
  session = onnxruntime.InferenceSession(
      model.SerializeToString(), options,
      providers=["CPUExecutionProvider"])
  times = 20

  def multiply() -> float:
    for _ in range(times):
      session.run(None, {"left": left})
    return times * rows_ * inner * columns / VGG_FACE_MULTIPLICATIONS

  return multiply
