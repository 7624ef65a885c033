"""The registry of face networks: the project's own, and those that packages
bring."""

import pytest
import tensorflow as tf

from components.embedding_network.component import EmbeddingNetwork
from components.shared.core import errors
from components.shared.core import settings as settings_lib
from components.shared.networks import network_artifact, networks, saved_model, weights
from components.shared.networks.settings import EmbedderSettings


def _bring(folder, monkeypatch, name, source):
  """Installs a package, as Python sees it."""
  information = folder / f"{name}-1.0.dist-info"
  information.mkdir()
  (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
  (information / "entry_points.txt").write_text(
    f"[{networks.ENTRY_POINTS}]\n{name} = {name}:network\n"
  )
  (folder / f"{name}.py").write_text(source)
  monkeypatch.syspath_prepend(str(folder))


@pytest.mark.parametrize("name", ["facenet", "vgg_face", "tiny"])
def test_what_is_said_of_a_network_is_so(name):
  network = networks.named(name)
  model = network.build()
  size = network.input_size
  assert model.input_shape == (None, size, size, 3)
  assert model.output_shape == (None, network.embedding_width)


def test_networks_of_packages_are_listed():
  assert networks.names() == ["facenet", "vgg_face", "tiny"]


def test_a_name_that_nobody_brings():
  with pytest.raises(errors.UserError, match="did you mean vgg_face") as caught:
    networks.named("vggface")
  assert "facenet, vgg_face, tiny" in str(caught.value)
  with pytest.raises(errors.UserError, match="there is no face network none"):
    settings_lib.from_dict(EmbedderSettings, {"network": "none"})


@pytest.mark.parametrize(
  "source, message",
  [
    ("import no_such_module\n", "can't be used: ModuleNotFoundError"),
    ("def network(output):\n  return 1\n", "returns int"),
    ("def network():\n  return 1\n", "can't be used: TypeError"),
    ("", "can't be used: AttributeError"),
  ],
)
def test_packages_that_are_broken(tmp_path, monkeypatch, source, message):
  name = f"broken{len(source)}"
  _bring(tmp_path, monkeypatch, name, source)
  with pytest.raises(errors.UserError, match=message) as caught:
    networks.named(name)
  assert name in str(caught.value) and "\n" not in str(caught.value)


def test_weights_that_have_no_use_and_weights_that_are_needed(tmp_path, monkeypatch):
  with pytest.raises(errors.UserError, match="`weights` has no use"):
    settings_lib.from_dict(EmbedderSettings, {"network": "tiny", "weights": "file.h5"})
  _bring(
    tmp_path,
    monkeypatch,
    "bare",
    """
from components.shared.networks.networks import FaceNetwork

def network(output):
  return FaceNetwork(
      name="bare", output="x", input_size=8, embedding_width=2, licence="none",
      build=None, load_weights=lambda model, path: "any")
""",
  )
  with pytest.raises(errors.UserError, match="name their file in embedder.w"):
    settings_lib.from_dict(EmbedderSettings, {"network": "bare"})


def _nodes(faces, settings):
  node = faces()
  return [node, EmbeddingNetwork(faces=node.outputs["result"], settings=settings)]


def test_a_network_of_a_package_through_tfx(run_components, photos, faces):
  """And another version of the package is another cache key."""
  settings = EmbedderSettings(network="tiny")
  assert weights.locate(settings) == weights.WeightsFile(None, "")
  run = run_components(_nodes(faces, settings))
  (uri,) = run["EmbeddingNetwork"].outputs["network"]
  written = network_artifact.read(uri)
  assert (written.name, written.embedding_width) == ("tiny", 24)
  assert written.weights_layout is None
  embedded = tf.saved_model.load(saved_model.folder(uri)).signatures[saved_model.EMBED_JPEG](
    image=tf.constant(photos)
  )["embedding"]
  assert embedded.shape == (len(photos), 24)
  assert tf.math.reduce_std(embedded, axis=0).numpy().min() > 0.1
  again = run_components(_nodes(faces, settings))
  assert again["EmbeddingNetwork"].cached


def test_code_of_a_package_is_part_of_the_cache_key(tmp_path, monkeypatch, faces):
  text = """
from components.shared.networks.networks import FaceNetwork

WIDTH = 2

def network(output):
  return FaceNetwork(name="mine", output="x", input_size=8,
                     embedding_width=WIDTH, licence="none", build=None)
"""
  _bring(tmp_path, monkeypatch, "mine", text)

  def key():
    return _nodes(faces, EmbedderSettings(network="mine"))[1].exec_properties["code"]

  first = key()
  tiny = _nodes(faces, EmbedderSettings(network="tiny"))[1]
  assert first != tiny.exec_properties["code"]
  (tmp_path / "mine.py").write_text(text.replace("WIDTH = 2", "WIDTH = 3"))
  assert key() != first
