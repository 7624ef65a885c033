"""Runs keras-vggface's VGG-Face, in a process of its own.

Arguments: WEIGHTS PHOTOS OUTPUTS COPY FOLDER...; it loads WEIGHTS, saves them
again as COPY, and each FOLDER is put before all else that is imported from.
"""

import importlib
import pathlib
import sys

import numpy as np

# It was written for Keras 2.2, whose successor is tf_keras: where the modules
# that it imports are there.
_MOVED = {
  "keras": "tf_keras",
  "keras.backend": "tf_keras.backend",
  "keras.engine": "tf_keras.src.engine",
  "keras.engine.topology": "tf_keras.src.utils.layer_utils",
  "keras.layers": "tf_keras.layers",
  "keras.models": "tf_keras.models",
  "keras.utils": "tf_keras.src.utils",
  "keras.utils.data_utils": "tf_keras.src.utils.data_utils",
  "keras.utils.layer_utils": "tf_keras.src.utils.layer_utils",
}


def _run(weights: str, photos: str, outputs: str, copy: str) -> None:
  import tf_keras
  from keras_vggface import utils, vggface

  _offer(pathlib.Path(weights), utils.VGGFACE_DIR)
  network = vggface.VGGFace(model="vgg16", weights="vggface")
  network.save_weights(copy)
  layers = {"fc7": "fc7/relu", "fc8": "fc8", "prob": "fc8/softmax"}
  named = tf_keras.Model(
    network.input, {name: network.get_layer(layer).output for name, layer in layers.items()}
  )
  pixels = utils.preprocess_input(np.load(photos, allow_pickle=False), version=1)
  np.savez(outputs, **named.predict_on_batch(pixels))


def _offer(weights: pathlib.Path, subfolder: str) -> None:
  """Puts the weights where Keras looks for them before it downloads."""
  folder = pathlib.Path.home() / ".keras" / subfolder
  folder.mkdir(parents=True)
  (folder / "rcmalli_vggface_tf_vgg16.h5").symlink_to(weights)


if __name__ == "__main__":
  sys.path[:0] = sys.argv[5:]
  sys.modules.update({old: importlib.import_module(new) for old, new in _MOVED.items()})
  _run(*sys.argv[1:5])
