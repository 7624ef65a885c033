"""What TensorFlow Serving does with a request, and nothing else.

    python serve_with_tensorflow_alone.py MODEL [REQUEST RESPONSE]...

Loads a SavedModel into a session, feeds the tensors of each PredictRequest by
the names in the model's signature, and writes a PredictResponse. Imports
TensorFlow and its Serving's messages, and nothing of this project.
"""

import sys

import tensorflow as tf
from tensorflow_serving.apis import predict_pb2


def main(model: str, *files: str) -> None:
  with tf.compat.v1.Session(graph=tf.Graph()) as session:
    graph = tf.compat.v1.saved_model.load(session, ["serve"], model)
    for request_file, response_file in zip(files[::2], files[1::2], strict=True):
      request = predict_pb2.PredictRequest()
      with open(request_file, "rb") as file:
        request.ParseFromString(file.read())
      response = predict(session, graph.signature_def, request)
      with open(response_file, "wb") as file:
        file.write(response.SerializeToString())
  assert not {"components", "pipeline", "schema"}.intersection(sys.modules)


def predict(session, signatures, request) -> predict_pb2.PredictResponse:
  """Outputs by name, of the signature that the request names."""
  signature = signatures[request.model_spec.signature_name]
  assert set(request.inputs) == set(signature.inputs)
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
