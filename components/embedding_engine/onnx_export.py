"""A face network's SavedModel as an ONNX file."""

import os

import tensorflow as tf

from components.embedding_network import saved_model

_OPSET = 17  # The newest whose operators ONNX Runtime's quantizer all knows.


def export(network_uri: str, path: str) -> None:
  """Writes the network's `embed_pixels` as ONNX, optimised for ONNX Runtime.

  Its input `pixels` and output `embedding` are those of the signature.

  Args:
    network_uri: the Model artifact of `EmbeddingNetwork`.
    path: of the new ONNX file.
  """
  import onnx  # Heavy, and only needed by who builds an ONNX engine.
  import tf2onnx
  network = tf.saved_model.load(saved_model.folder(network_uri))
  embed_pixels = network.signatures[saved_model.EMBED_PIXELS]
  pixels = tf.TensorSpec(
      embed_pixels.structured_input_signature[1][saved_model.PIXELS].shape,
      tf.float32, saved_model.PIXELS)

  @tf.function(input_signature=[pixels])
  def embed(pixels):
    return embed_pixels(pixels=pixels)

  model, _ = tf2onnx.convert.from_function(
      embed, input_signature=[pixels], opset=_OPSET)
  onnx.save(model, path)


def optimise(path: str, optimised: str) -> None:
  """Writes what ONNX Runtime makes of an ONNX file before it is quantized.

  Scales, biases and activations are fused into the convolutions before them,
  so that they cost nothing and no tensor between them is quantized.

  Args:
    path: an ONNX file.
    optimised: of the new one.
  """
  import onnxruntime
  options = onnxruntime.SessionOptions()
  options.optimized_model_filepath = os.fspath(optimised)
  options.graph_optimization_level = (
      onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC)
  onnxruntime.InferenceSession(
      os.fspath(path), options, providers=["CPUExecutionProvider"])
