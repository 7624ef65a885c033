"""Packaging; the pinned versions are in `constraints/`."""

import setuptools

setuptools.setup(
  name="latent-labels",
  version="0.1.0",
  description="A TFX pipeline that learns a face classifier from few labels "
  "and synthetic faces whose labels are known by construction",
  license="Apache-2.0",
  # TFX 1.16 on Python 3.10; TFX 1.21 on the newer ones.
  python_requires=">=3.10,<3.14",
  packages=setuptools.find_packages(
    include=["components", "components.*", "pipeline", "pipeline.*", "schema"]
  ),
  package_data={
    "components.shared.data": ["labels/*.csv"],
    "components.report": ["templates/*.j2"],
    "pipeline.programs.label": ["page/*"],
    "pipeline.programs.monitoring": ["templates/*.j2"],
    "pipeline.programs.prediction": ["page/*"],
    "pipeline.programs.try_page": ["page/*"],
    "pipeline.programs.notebooks": ["*.ipynb"],
    "schema": ["*.pbtxt"],
  },
  # What labelling and predicting have in common; neither needs TensorFlow.
  install_requires=[
    "click>=8,<9",
    "flask>=3.1,<4",
    "numpy>=1.23,<3",
    "pillow>=11.3,<13",
    "pydantic>=2.8,<3",
    "tqdm>=4.66,<5",
    "typing_extensions>=4.12",
  ],
  extras_require={
    # The page for labelling takes the base alone.
    "label": [],
    # Later versions take more room on the disk, up to twice as much.
    "predict": ["numpy<2.2", "onnxruntime>=1.23,<1.26"],
    # All that a run takes.
    "pipeline": [
      "apache-beam>=2.47,<3",
      "cleanlab>=2.9,<3",
      # TFX 1.16 imports it through Beam, which no longer brings it.
      "dill",
      "h5py>=3.10,<4",
      "jinja2>=3.1,<4",
      "keras>=3.3,<4",
      "markdown>=3.6,<4",
      "markupsafe>=2.1,<4",
      "matplotlib>=3.8,<4",
      "onnx>=1.17,<2",
      "onnxruntime>=1.23,<2",
      "pymysql>=1.1,<2",
      "pyyaml>=6,<7",
      "requests>=2.32,<3",
      "scikit-learn>=1.5,<2",
      "scipy>=1.12,<2",
      "tensorboard>=2.16,<3",
      "tensorflow>=2.16,<2.22",
      "tensorflow-model-analysis>=0.47,<0.53",
      "tensorflow-transform>=1.16,<1.22",
      "tf2onnx>=1.17,<2",
      "urllib3>=1.26,<3",
      "tfx>=1.16,<1.22,!=1.17.*",
    ],
    # Kubeflow's compiler, in the range of TFX's extra, which leaves out
    # Python 3.12 and later, where it works as well. TFX 1.16's protobuf is
    # too old for it.
    "kfp": ["kfp>=2.6,<2.17", "kfp-kubernetes>=1.4,<2.17", "cel-python>=0.4,<1"],
    # A fuzzer, what finds barriers in pages, coverage, certificates, Hugging
    # Face's reader of model cards, notebooks, a browser, tests side by side,
    # linters, a type checker.
    "test": [
      "atheris>=2.3,<4",
      "axe-playwright-python>=0.1.8,<0.2",
      "coverage>=7.16,<8",
      "cryptography>=42",
      "huggingface_hub>=2.4,<3",
      "import-linter>=2.15,<3",
      "ipykernel>=7,<8",
      "mypy>=2.4,<3",
      "nbclient>=0.11,<1",
      "playwright>=1.65,<2",
      "pytest>=8",
      "pytest-xdist>=3.8,<4",
      "ruff>=0.17,<1",
    ],
  },
  entry_points={"console_scripts": ["latent-labels=pipeline.__main__:main"]},
)
