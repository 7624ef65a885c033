"""What a cluster is told, and what is refused."""

import pytest

from components.shared.core import errors
from pipeline import config as config_lib
from pipeline.cluster_settings import GPU_STEPS, KubeflowSettings


def _with(path, value):
  return config_lib.with_values(config_lib.Config(), {f"kubeflow.{path}": value})


@pytest.mark.parametrize(
  "values, message",
  [
    ({"steps": {"Trainer": {"accelerator": "nvidia.com/gpu"}}}, "nvidia.com/gpu without a count"),
    ({"steps": {"Trainer": {"accelerators": 2}}}, "2 accelerators without a type"),
    ({"image": "Not An Image"}, "'Not An Image' is not an image name"),
    ({"image": "registry/Upper:1"}, "is not an image name"),
    ({"root": "/home/me/artifacts"}, "is not a place for artifacts"),
    ({"root": "ftp://bucket/x"}, "is not a place for artifacts"),
    ({"root": "gs://"}, "is not a place for artifacts"),
    ({"mount": "relative"}, "kubeflow.mount"),
    ({"volume": "my.claim"}, "kubeflow.volume"),
  ],
)
def test_wrong_values_are_refused_in_one_line(values, message):
  with pytest.raises(errors.UserError) as caught:
    config_lib.build(
      config_lib.Config(), None, [f"kubeflow.{name}={value}" for name, value in values.items()]
    )
  assert message in str(caught.value)
  assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
  "image",
  [
    "latent-labels",
    "me/latent-labels:1.0",
    "registry.example:5000/a/b:tag",
    "eu.gcr.io/p/n@sha256:" + "0" * 64,
  ],
)
def test_images(image):
  assert _with("image", image).kubeflow.image == image


def test_gpus_are_for_what_trains_decodes_or_embeds():
  settings = KubeflowSettings()
  for step in GPU_STEPS:
    assert settings.resources(step).accelerators == 1
  assert settings.resources("Evaluator").accelerator is None


def test_a_step_can_have_resources_of_its_own():
  config = _with("steps", {"Evaluator": {"cpu": 7, "memory": 32}})
  assert config.kubeflow.resources("Evaluator").cpu == 7
  assert config.kubeflow.resources("Ladder").cpu == 2
