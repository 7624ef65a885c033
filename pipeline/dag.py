"""The DAG: read it from top to bottom.

Every name is a folder in `components/`, or a standard component of TFX.
"""

import pathlib
from typing import List

import tensorflow_model_analysis as tfma
from tfx import v1 as tfx
from tfx.components.distribution_validator import component as distribution
from tfx.dsl.components.base import base_node
from tfx.orchestration import metadata

from components import examples
from components import fingerprint
from components import settings as settings_lib
from components.anomaly_gate.component import AnomalyGate
from components.classifier import evaluation
from components.classifier import trainer
from components.classifier import transform
from components.embedding_network.component import EmbeddingNetwork
from components.examples_union.component import ExamplesUnion
from components.face_embedder.component import FaceEmbedder
from components.face_example_gen.component import FaceExampleGen
from components.ladder.component import Ladder
from components.report.component import Report
from components.synthetic_face_gen.component import SyntheticFaceGen
from components.vae_gan_trainer.component import VaeGanTrainer
from pipeline import config as config_lib
