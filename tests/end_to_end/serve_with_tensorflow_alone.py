"""What TensorFlow Serving does with a request, and nothing else.

    python serve_with_tensorflow_alone.py MODEL SIGNATURE REQUEST RESPONSE

Loads a SavedModel into a session, feeds the tensors of a PredictRequest by the
names in the model's signature, and writes a PredictResponse. Imports
TensorFlow and its Serving's messages, and nothing of this project.
"""

import sys

import tensorflow as tf
from tensorflow_serving.apis import predict_pb2


def main(model: str, signature_name: str, request_file: str,
         response_file: str) -> None:
  request = predict_pb2.PredictRequest()
  with open(request_file, "rb") as file:
    request.ParseFromString(file.read())
  assert request.model_spec.signature_name == signature_name
  with tf.compat.v1.Session(graph=tf.Graph()) as session:
    graph = tf.compat.v1.saved_model.load(session, ["serve"], model)
    signature = graph.signature_def[signature_name]
    assert set(request.inputs) == set(signature.inputs)
    outputs = session.run(
        {name: tensor.name for name, tensor in signature.outputs.items()},
        {signature.inputs[name].name: tf.make_ndarray(value)
         for name, value in request.inputs.items()})
  response = predict_pb2.PredictResponse()
  response.model_spec.CopyFrom(request.model_spec)
  for name, value in outputs.items():
    response.outputs[name].CopyFrom(tf.make_tensor_proto(value))
  with open(response_file, "wb") as file:
    file.write(response.SerializeToString())
  assert not {"components", "pipeline", "schema"}.intersection(sys.modules)


if __name__ == "__main__":
  main(*sys.argv[1:])
