"""A face network in 8-bit integers, in mixed precision where it has to be.

Post-training static quantization: Jacob et al., "Quantization and Training of
Neural Networks for Efficient Integer-Arithmetic-Only Inference" (CVPR 2018,
arXiv:1712.05877), as ONNX Runtime's quantizer does it. Weights are signed,
with a scale for each output channel; activations are unsigned, with the range
that they have on real photos. (Unsigned times signed is what x86's VNNI
multiplies; with both signed it was 2.5 times as slow.)
"""

import os
import pathlib
from collections.abc import Callable, Sequence

import numpy as np

from components.shared.networks import onnx_model, saved_model

FLOAT_SHARES = (0.05, 0.1, 0.2, 0.4)
"""Shares of the layers that are left in float32, tried in this order after
none."""

_BATCH = 16
_LOCATING_PHOTOS = 8
_LAYERS = ("Conv", "Gemm", "MatMul")
_EXACT = 60.0  # dB, for a tensor that is not quantized


def quantize(
  model: str, calibration: np.ndarray, path: str, is_good: Callable[[str], bool], work: pathlib.Path
) -> list[str] | None:
  """Writes the network in as much int8 as `is_good` allows.

  If it isn't good with all layers in int8, those that lose most by it are
  left in float32, step by step (`FLOAT_SHARES`).

  Args:
    model: ONNX file, optimised for ONNX Runtime.
    calibration: uint8 [n, size, size, 3], photos.
    path: of the new ONNX file.
    is_good: whether the ONNX file of that name will do.
    work: a folder for intermediate files.

  Returns:
    The names of the layers that stay in float32; None if it isn't good with
    the largest share of them either.
  """
  quantized = _Quantizer(model, calibration, work)
  quantized.write(path, [])
  if is_good(path):
    return []
  by_loss = _layers_by_loss(model, path, calibration[:_LOCATING_PHOTOS], work)
  for share in FLOAT_SHARES:
    kept = by_loss[: max(1, round(share * len(by_loss)))]
    quantized.write(path, kept)
    if is_good(path):
      return kept
  return None


class _Quantizer:
  """What `onnxruntime.quantization.quantize_static` does, in two steps.

  Photos are run once, however often the network is written, and in a session
  whose threads don't spin: 8 s of processor time instead of 15 for 128 photos.
  """

  def __init__(self, model: str, calibration: np.ndarray, work: pathlib.Path):
    """Finds the range of each tensor.

    Args:
      model: ONNX file, optimised for ONNX Runtime.
      calibration: uint8 [n, size, size, 3], photos.
      work: a folder for an intermediate file.
    """
    from onnxruntime.quantization import (
      calibrate,  # Imports onnx: heavy.
      registry,
    )

    self._model = model
    self._operators = sorted({*registry.QLinearOpsRegistry, *registry.QDQRegistry})

    class Calibrater(calibrate.MinMaxCalibrater):
      """Runs the network as the product does."""

      def create_inference_session(self):
        self.infer_session = onnx_model.session(os.fspath(self.augmented_model_path))

    self._head = _head(model)
    calibrater = Calibrater(
      model, self._operators, augmented_model_path=os.fspath(work / "augmented.onnx")
    )
    calibrater.augment_graph()
    calibrater.create_inference_session()
    calibrater.collect_data(_reader(calibration))
    self._ranges = calibrater.compute_data()

  def write(self, path: str, kept: Sequence[str]) -> None:
    """Writes the network in int8, but for the layers that are kept."""
    from onnxruntime import quantization
    from onnxruntime.quantization import qdq_quantizer, quant_utils

    quantizer = qdq_quantizer.QDQQuantizer(
      quant_utils.load_model_with_shape_infer(pathlib.Path(self._model)),
      per_channel=True,
      reduce_range=False,
      weight_qType=quantization.QuantType.QInt8,
      activation_qType=quantization.QuantType.QUInt8,
      tensors_range=self._ranges,
      nodes_to_quantize=[],
      nodes_to_exclude=[*self._head, *kept],
      op_types_to_quantize=self._operators,
      extra_options={},
    )
    quantizer.quantize_model()
    quantizer.model.save_model_to_file(path, False)


def _head(model: str) -> list[str]:
  """Names of the nodes behind which there is no convolution.

  They cost next to nothing in float32, and what they give is looked at closely:
  depths are averaged, standardised and projected there.
  """
  import onnx

  nodes = list(onnx.load(model).graph.node)
  to_convolutions: set[str] = set()
  head = []
  for node in reversed(nodes):  # A graph's nodes come in the order of its data.
    if node.op_type == "Conv" or to_convolutions.intersection(node.output):
      to_convolutions.update(node.input)
    if node.op_type != "Conv" and not to_convolutions.intersection(node.output):
      head.append(node.name)
  return head


def _reader(pixels: np.ndarray):
  """The photos as ONNX Runtime's quantizer takes them."""
  from onnxruntime import quantization

  class Reader(quantization.CalibrationDataReader):
    """Batches, once through."""

    def __init__(self):
      self._batches = iter(np.array_split(pixels, range(_BATCH, len(pixels), _BATCH)))

    def get_next(self) -> dict[str, np.ndarray] | None:
      batch = next(self._batches, None)
      if batch is None:
        return None
      return {saved_model.PIXELS: batch.astype(np.float32)}

  return Reader()


def _layers_by_loss(
  model: str, quantized: str, pixels: np.ndarray, work: pathlib.Path
) -> list[str]:
  """Names of the layers, the one first that loses most by int8.

  A layer's loss is how much smaller the signal-to-quantization-noise ratio
  (dB) of its output is than that of its input, errors of all layers before
  included. Ranking by the rounding of the output alone told nothing: FaceNet
  with the worst 40% in float32 was as far off as without.
  """
  import onnx
  from onnxruntime.quantization import qdq_loss_debug

  activations = []
  for source in (model, quantized):
    traced = os.fspath(work / f"traced-{pathlib.Path(source).name}")
    qdq_loss_debug.modify_model_output_intermediate_tensors(source, traced)
    activations.append(qdq_loss_debug.collect_activations(traced, _reader(pixels)))
  errors = qdq_loss_debug.compute_activation_error(
    qdq_loss_debug.create_activation_matching(activations[1], activations[0])
  )
  ratio = {tensor: error["xmodel_err"] for tensor, error in errors.items()}
  losses = {}
  for name, source, target in _layers(onnx.load(model)):
    if target in ratio:
      losses[name] = ratio.get(source, _EXACT) - ratio[target]
  return sorted(losses, key=lambda name: (-losses[name], name))


def _layers(model) -> list[tuple[str, str, str]]:
  """Each layer's name, its input, and the tensor that it and a ReLU give."""
  relu = {node.input[0]: node.output[0] for node in model.graph.node if node.op_type == "Relu"}
  return [
    (node.name, node.input[0], relu.get(node.output[0], node.output[0]))
    for node in model.graph.node
    if node.op_type in _LAYERS
  ]
