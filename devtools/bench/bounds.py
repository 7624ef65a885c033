"""What the machine can do at most: large matrix products."""

from collections.abc import Callable

import numpy as np

from components.shared.networks import onnx_model

VGG_FACE_MULTIPLICATIONS = 15_476_908_032
"""Of one photo: for each convolution its outputs times the size of its kernel,
and the weights of the three fully-connected layers (after Parkhi et al., "Deep
Face Recognition", BMVC 2015, table 3, configuration D)."""

FP32 = "bound/fp32"
INT8 = "bound/int8"

_PIXELS, _CHANNELS, _PRODUCTS = 28, 512, 8
_TIMES = 20


def ways(batch: int = 4) -> dict[str, Callable[[], float]]:
  """What to time for `bound/fp32` and `bound/int8`, in photos of VGG-Face.

  Matrix products of 784 pixels a photo by 512 x 512 channels, one after the
  other, computed by ONNX Runtime, as the network is. They are written as
  convolutions of 1 x 1: as MatMulInteger, whose output is in 32 bits, the same
  products took up to 1.8 times as long.

  Args:
    batch: photos a product.
  """
  return {FP32: _products(batch, np.float32), INT8: _products(batch, np.uint8)}


def _products(batch: int, dtype) -> Callable[[], float]:
  """Products to be timed; they return their size in photos."""
  import onnx

  is_float = dtype == np.float32
  helper, arrays = onnx.helper, onnx.numpy_helper
  constants = [
    arrays.from_array(value, name)
    for name, value in (
      ("scale", np.float32(0.01)),
      ("middle", np.uint8(128)),
      ("zero", np.int8(0)),
    )
  ]
  rng = np.random.default_rng(0)
  nodes, tensor = [], "input"
  for number in range(_PRODUCTS):
    kernel, output = f"kernel{number}", f"output{number}"
    constants.append(
      arrays.from_array(
        rng.integers(-127, 127, (_CHANNELS, _CHANNELS, 1, 1)).astype(
          np.float32 if is_float else np.int8
        ),
        kernel,
      )
    )
    nodes.append(
      helper.make_node("Conv", [tensor, kernel], [output])
      if is_float
      else helper.make_node(
        "QLinearConv",
        [tensor, "scale", "middle", kernel, "scale", "zero", "scale", "middle"],
        [output],
      )
    )
    tensor = output
  kind = onnx.TensorProto.FLOAT if is_float else onnx.TensorProto.UINT8
  shape = [batch, _CHANNELS, _PIXELS, _PIXELS]
  graph = helper.make_graph(
    nodes,
    "products",
    [helper.make_tensor_value_info("input", kind, shape)],
    [helper.make_tensor_value_info(tensor, kind, shape)],
    constants,
  )
  model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
  session = onnx_model.session(model.SerializeToString())
  pixels = rng.integers(0, 255, shape).astype(dtype)
  multiplications = _PRODUCTS * batch * _PIXELS**2 * _CHANNELS**2

  def multiply() -> float:
    for _ in range(_TIMES):
      session.run(None, {"input": pixels})
    return _TIMES * multiplications / VGG_FACE_MULTIPLICATIONS

  return multiply
