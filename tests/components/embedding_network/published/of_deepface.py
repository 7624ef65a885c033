"""Runs deepface's VGG-Face, in a process of its own.

Arguments: WEIGHTS PHOTOS OUTPUTS COPY FOLDER...; it loads WEIGHTS, saves them
again as COPY, and each FOLDER is put before all else that is imported from.
"""

import os
import pathlib
import sys
import types

import numpy as np

# deepface's own DeepFace.py sets it, since the weights file is of Keras 2.
os.environ["TF_USE_LEGACY_KERAS"] = "1"
# Its module of the network imports these two for detecting faces and for
# downloading weights, of which nothing is done here.
_UNUSED = ("cv2", "gdown")


def _run(weights: str, photos: str, outputs: str, copy: str) -> None:
  from deepface.models.facial_recognition.tf import VGGFace
  from deepface.modules import preprocessing

  _offer(pathlib.Path(weights))
  # As its `representation.represent` does: RGB to BGR; then 0 to 1, as its
  # `preprocessing.resize_image` does, which needs OpenCV.
  pixels = np.load(photos, allow_pickle=False)[..., ::-1] / np.float32(255)
  pixels = preprocessing.normalize_input(pixels, normalization="VGGFace")
  network = VGGFace.base_model()
  VGGFace.base_model = lambda: network
  descriptors = VGGFace.VggFaceClient().forward(pixels)  # Fills `network`.
  network.save_weights(copy)

  # The scores were its descriptor up to its pull request 948.
  classifier = VGGFace.Model(
    network.layers[0].input, [layer.output for layer in network.layers[-2:]]
  )
  scores, probabilities = classifier.predict_on_batch(pixels)
  np.savez(outputs, fc8=scores, prob=probabilities, fc7=np.reshape(descriptors, [len(pixels), -1]))


def _offer(weights: pathlib.Path) -> None:
  """Puts the weights where deepface looks for them before it downloads."""
  folder = pathlib.Path(os.environ["DEEPFACE_HOME"], ".deepface", "weights")
  folder.mkdir(parents=True)
  (folder / "vgg_face_weights.h5").symlink_to(weights)


if __name__ == "__main__":
  sys.path[:0] = sys.argv[5:]
  sys.modules.update({name: types.ModuleType(name) for name in _UNUSED})
  _run(*sys.argv[1:5])
