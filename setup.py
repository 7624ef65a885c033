"""Packaging; the pinned versions are in `constraints/`."""

import setuptools

setuptools.setup(
    name="latent-labels",
    version="0.1.0",
    description="A TFX pipeline that learns a face classifier from few labels "
    "and synthetic faces whose labels are known by construction",
    license="Apache-2.0",
    python_requires=">=3.10,<3.11",
    packages=setuptools.find_packages(include=[
        "components", "components.*", "pipeline", "pipeline.*", "schema"]),
    package_data={
        "components.face_example_gen": ["data/*.csv"],
        "components.report": ["*.j2"],
        "schema": ["*.pbtxt"],
    },
    install_requires=[
        "apache-beam>=2.47,<3",
        "click>=8,<9",
        # Needed by TFX 1.16, which imports it through Beam; Beam itself no
        # longer brings it.
        "dill==0.3.1.1",
        "h5py>=3.10,<4",
        "jinja2>=3.1,<4",
        "keras>=3.3,<4",
        "matplotlib>=3.8,<4",
        "numpy>=1.23,<2",
        "pillow>=10",
        "pydantic>=2.8,<3",
        "pyyaml>=6,<7",
        "scikit-learn>=1.5,<2",
        "scipy>=1.12,<2",
        "tensorflow>=2.16,<2.17",
        "tensorflow-model-analysis>=0.47,<0.48",
        "tensorflow-transform>=1.16,<1.17",
        "tfx>=1.16,<1.17",
        "tqdm>=4.66,<5",
    ],
    extras_require={"test": ["pytest>=8"]},
    entry_points={"console_scripts": ["latent-labels=pipeline.cli:main"]},
)
