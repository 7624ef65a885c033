"""What a server does with a model, in a process that has nothing else.

    python -I serve_alone.py MODEL FOLDER REPEATS

Loads a SavedModel into a session, as TensorFlow Serving does, and feeds it each
PredictRequest in FOLDER, `<name>.request`, by the names in the signature that
it asks for; the PredictResponse goes to `<name>.response`. Requests whose names
begin with `timed` are answered REPEATS times more. `measured.json` says how
long the model took to load and each request to be answered (seconds; the first
answer does not count), and the most memory that this process held (bytes).

Imports nothing of this project.
"""

import json
import pathlib
import resource
import sys
import time
from typing import Any

import tensorflow as tf
from tensorflow_serving.apis import predict_pb2


def main(model: str, folder: str, repeats: str) -> None:
  """See the module."""
  started = time.monotonic()
  with tf.compat.v1.Session(graph=tf.Graph()) as session:
    graph = tf.compat.v1.saved_model.load(session, ["serve"], model)
    measured: dict[str, Any] = {"load_seconds": time.monotonic() - started, "seconds": {}}
    for path in sorted(pathlib.Path(folder).glob("*.request")):
      request = predict_pb2.PredictRequest.FromString(path.read_bytes())
      path.with_suffix(".response").write_bytes(
        _answer(session, graph.signature_def, request).SerializeToString()
      )
      if path.stem.startswith("timed"):
        measured["seconds"][path.stem] = [
          _seconds(session, graph.signature_def, request) for _ in range(int(repeats))
        ]
  measured["peak_rss_bytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
  pathlib.Path(folder, "measured.json").write_text(json.dumps(measured), encoding="utf-8")


def _seconds(session, signatures, request: predict_pb2.PredictRequest) -> float:
  started = time.monotonic()
  _answer(session, signatures, request)
  return time.monotonic() - started


def _answer(
  session, signatures, request: predict_pb2.PredictRequest
) -> predict_pb2.PredictResponse:
  name = request.model_spec.signature_name
  if name not in signatures:
    raise KeyError(f"there is no signature {name}")
  signature = signatures[name]
  outputs = session.run(
    {name: tensor.name for name, tensor in signature.outputs.items()},
    {signature.inputs[name].name: tf.make_ndarray(value) for name, value in request.inputs.items()},
  )
  response = predict_pb2.PredictResponse(model_spec=request.model_spec)
  for name, value in outputs.items():
    response.outputs[name].CopyFrom(tf.make_tensor_proto(value))
  return response


if __name__ == "__main__":
  main(*sys.argv[1:])
