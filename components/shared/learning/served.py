"""A model as a server will have it: loaded and asked in a clean process."""

import dataclasses
import json
import os
import pathlib
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2
from tensorflow_serving.apis import predict_pb2

from components.shared.core import errors

_CHILD = pathlib.Path(__file__).with_name("serve_alone.py")
_TIMED = "timed"
_MOST_SECONDS = 1800
_ON_CPU = {"CUDA_VISIBLE_DEVICES": "-1"}
"""The GPUs are this process's, which may have taken their memory whole."""


@dataclasses.dataclass(frozen=True)
class Request:
  """Something that a server is asked.

  Attributes:
    signature: its name.
    inputs: arrays [n, ...] by the signature's names; bytes as objects.
    timed: whether it is asked again, and how long that takes measured.
  """

  signature: str
  inputs: Mapping[str, np.ndarray]
  timed: bool = False


@dataclasses.dataclass(frozen=True)
class Answers:
  """What a server said, and what it took.

  Attributes:
    outputs: arrays by name, for each request.
    seconds: the median of each timed request, in their order.
    load_seconds: until the model was loaded.
    peak_rss_bytes: most memory that the process held.
  """

  outputs: list[dict[str, np.ndarray]]
  seconds: list[float]
  load_seconds: float
  peak_rss_bytes: int


class NotServed(Exception):
  """A model can't be loaded, or doesn't answer; the text says why."""


def signatures(model: str) -> dict[str, tuple[list[str], list[str]]]:
  """Names of inputs and of outputs, sorted, by signature.

  Args:
    model: a SavedModel's folder.

  Raises:
    NotServed: its graph is missing or damaged.
  """
  try:
    with tf.io.gfile.GFile(os.path.join(model, "saved_model.pb"), "rb") as file:
      graphs = saved_model_pb2.SavedModel.FromString(file.read()).meta_graphs
  except Exception as error:  # pylint: disable=broad-except  # Protobuf's own error has no name here.
    raise NotServed(f"its graph can't be read ({_first_line(str(error))})") from None
  return {
    name: (sorted(signature.inputs), sorted(signature.outputs))
    for graph in graphs
    for name, signature in graph.signature_def.items()
  }


def ask(model: str, requests: Sequence[Request], repeats: int = 5) -> Answers:
  """Has a process that has TensorFlow, and nothing of this project, answer.

  Args:
    model: a SavedModel's folder; may be in an object store.
    requests: answered in this order.
    repeats: how often a timed request is asked again.

  Raises:
    NotServed: the model can't be loaded, or does not answer in time.
  """
  with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    stems = [
      f"{_TIMED if request.timed else 'asked'}-{number:04d}"
      for number, request in enumerate(requests)
    ]
    for stem, request in zip(stems, requests, strict=True):
      (folder / f"{stem}.request").write_bytes(_message(request).SerializeToString())
    _run([model, name, str(repeats)])
    measured = json.loads((folder / "measured.json").read_text(encoding="utf-8"))
    outputs = [_outputs((folder / f"{stem}.response").read_bytes()) for stem in stems]
  return Answers(
    outputs=outputs,
    seconds=[float(np.median(measured["seconds"][s])) for s in stems if s in measured["seconds"]],
    load_seconds=measured["load_seconds"],
    peak_rss_bytes=measured["peak_rss_bytes"],
  )


def check(model: str) -> None:
  """Loads a model in a clean process.

  Raises:
    UserError: it is damaged.
  """
  try:
    ask(model, [])
  except NotServed as error:
    raise errors.UserError(f"{model}: this model is damaged: {error}") from None


def _run(arguments: Sequence[str]) -> None:
  try:
    done = subprocess.run(
      [sys.executable, "-I", str(_CHILD), *arguments],
      env={**os.environ, **_ON_CPU},
      capture_output=True,
      text=True,
      errors="replace",
      check=False,
      timeout=_MOST_SECONDS,
    )
  except subprocess.TimeoutExpired:
    raise NotServed(f"it did not answer within {_MOST_SECONDS // 60} minutes") from None
  if done.returncode:
    said = [line for line in done.stderr.splitlines() if line.strip()]
    raise NotServed(
      f"the process that was to load it ended with status {done.returncode} "
      f"({_first_line(said[-1]) if said else 'it said nothing'})"
    )


def _message(request: Request) -> predict_pb2.PredictRequest:
  message = predict_pb2.PredictRequest()
  message.model_spec.signature_name = request.signature
  for name, values in request.inputs.items():
    message.inputs[name].CopyFrom(tf.make_tensor_proto(values))
  return message


def _outputs(response: bytes) -> dict[str, Any]:
  found = predict_pb2.PredictResponse.FromString(response).outputs
  return {name: tf.make_ndarray(value) for name, value in found.items()}


def _first_line(text: str) -> str:
  return errors.shown(text.strip().partition("\n")[0], 200)
