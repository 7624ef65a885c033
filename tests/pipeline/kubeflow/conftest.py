"""A compiled pipeline that the tests of this folder share."""

import pathlib
from typing import Any

import pytest

from pipeline import config as config_lib
from pipeline import experiments


@pytest.fixture(scope="session")
def config() -> config_lib.Config:
  """The sample, for a cluster."""
  return config_lib.with_values(
    experiments.load("sample"),
    {"kubeflow.image": "registry.example/latent-labels:1", "kubeflow.volume": "latent-labels"},
  )


@pytest.fixture(scope="session")
def compiled(config) -> Any:
  """That config, compiled."""
  pytest.importorskip("kfp", reason="Kubeflow's packages come with TFX 1.21")
  from pipeline.platforms.kubeflow import compile as compile_lib  # pylint: disable=g-import-not-at-top

  return compile_lib.compile_pipeline(config)


@pytest.fixture
def file(compiled, tmp_path) -> pathlib.Path:
  """It, written."""
  from pipeline.platforms.kubeflow import compile as compile_lib  # pylint: disable=g-import-not-at-top

  path = tmp_path / "pipeline.yaml"
  compile_lib.write(compiled, path)
  return path
