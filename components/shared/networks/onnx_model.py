"""A face network as an ONNX file, beside its SavedModel."""

import importlib.util
import logging
import os
import tempfile
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from components.shared.core import hardware
from components.shared.networks import saved_model

if TYPE_CHECKING:
  import keras
  import onnxruntime

_OPSET = 17  # The newest whose operators ONNX Runtime's quantizer all knows.
FILE = "network.onnx"
_PACKAGES = ("onnx", "onnxruntime", "tf2onnx")


def missing_package() -> str:
  """A package that ONNX needs here and that is not installed, or ""."""
  return next((name for name in _PACKAGES if not is_installed(name)), "")


def file(uri: str) -> str:
  """Where the file is within the Model artifact of `EmbeddingNetwork`."""
  return os.path.join(uri, FILE)


def session(
  model: str | bytes,
  optimised: str | None = None,
  threads: int | None = None,
  spinning: bool = False,
) -> "onnxruntime.InferenceSession":
  """A model, loaded by ONNX Runtime for the CPU.

  Args:
    model: the path of an ONNX file, or its contents.
    optimised: where to write the model with what any machine gains by; else
      it is optimised for this one.
    threads: how many share each operator; none: as many as may run at once.
      Operators come one after the other, so there is no pool for them.
    spinning: whether a thread without work keeps its core busy until there is
      some, which is ONNX Runtime's default. `make bench ARGS=embed` measures
      what that gains on a quiet machine and costs beside other processes.
  """
  import onnxruntime  # Only who chooses this engine has to have it.

  options = onnxruntime.SessionOptions()
  # Left to itself it takes a thread for each pair of virtual CPUs.
  options.intra_op_num_threads = threads or hardware.threads()
  options.add_session_config_entry("session.intra_op.allow_spinning", str(int(spinning)))
  if optimised is not None:
    options.optimized_model_filepath = optimised
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
  return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def write(model: "keras.Model", uri: str) -> None:
  """Writes a network as ONNX Runtime likes it best.

  Its input is `pixels`, float32 [n, size, size, 3], RGB, 0 to 255; its output
  `embedding`, float32 [n, width]. Constants are folded, and scales and
  activations fused into the convolutions before them, so that they cost
  nothing and no tensor between them is quantized later.

  The converter gets the weights as inputs, and they are put in afterwards: as
  constants within TensorFlow's graph, VGG-Face's took 13 GB and a minute.

  Args:
    model: float32 [n, size, size, 3] -> float32 [n, width].
    uri: the Model artifact.
  """
  import onnx  # Heavy, and not everybody's.
  import tensorflow as tf  # Heavy as well; who only reads does without.

  variables = [*model.trainable_variables, *model.non_trainable_variables]
  names = [f"weight_{number}" for number in range(len(variables))]
  trainable = len(model.trainable_variables)

  def embed(pixels, *weights):
    embedding, _ = model.stateless_call(
      weights[:trainable], weights[trainable:], pixels, training=False
    )
    return {saved_model.EMBEDDING: embedding}

  signature = [
    tf.TensorSpec([None, *model.input_shape[1:]], tf.float32, saved_model.PIXELS),
    *(
      tf.TensorSpec(variable.shape, variable.dtype, name)
      for variable, name in zip(variables, names, strict=True)
    ),
  ]
  function = tf.function(embed, input_signature=signature, autograph=False)
  proto = _converted(function, signature)
  for given in [i for i in proto.graph.input if i.name in names]:
    proto.graph.input.remove(given)
  proto.graph.initializer.extend(
    onnx.numpy_helper.from_array(variable.numpy(), name)
    for variable, name in zip(variables, names, strict=True)
  )
  with tempfile.TemporaryDirectory() as folder:
    converted = os.path.join(folder, FILE)
    optimised = os.path.join(folder, f"optimised-{FILE}")
    onnx.save(proto, converted)
    del proto
    session(converted, optimised)
    tf.io.gfile.copy(optimised, file(uri), overwrite=True)


def _converted(function: Any, signature: Sequence[Any]) -> Any:
  """An ONNX model of a `tf.function`."""
  import tf2onnx

  def convert() -> Any:
    return tf2onnx.convert.from_function(function, input_signature=signature, opset=_OPSET)[0]

  # If the variable is there, whatever it says, the graph is not copied before each
  # step of the optimisation, which takes half of the time.
  name = tf2onnx.constants.ENV_TF2ONNX_CATCH_ERRORS
  os.environ[name] = "FALSE"
  try:
    return convert()
  except Exception:  # pylint: disable=broad-except
    logging.warning("Converting again, without steps that fail", exc_info=True)
  finally:
    del os.environ[name]
  return convert()


def is_installed(name: str) -> bool:
  """Whether a package can be imported."""
  try:
    return importlib.util.find_spec(name) is not None
  except (ImportError, ValueError):  # A module that is marked as not to be imported.
    return False
