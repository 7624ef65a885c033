"""The DAG: read `create_pipeline` from top to bottom.

Every name is a folder in `components/`, or a standard component of TFX.
"""

import dataclasses
import functools
import pathlib

from tfx import v1 as tfx
from tfx.dsl.components.base import base_node
from tfx.proto import transform_pb2

from components.annotation_gen.component import AnnotationGen
from components.anomaly_gate.component import AnomalyGate
from components.classifier import evaluation, trainer, transform
from components.curated_schema.component import CuratedSchema
from components.drift_validator.component import DriftValidator
from components.embedding_engine.component import EmbeddingEngine
from components.embedding_network.component import EmbeddingNetwork
from components.examples_union.component import ExamplesUnion
from components.face_embedder.component import FaceEmbedder
from components.face_example_gen.component import FaceExampleGen
from components.first_ladder.component import FirstLadder
from components.label_filter.component import LabelFilter
from components.labeled_embeddings.component import LabeledEmbeddings
from components.ladder.component import Ladder
from components.latent_codes.component import LatentCodes
from components.latent_directions.component import LatentDirections
from components.latest_pushed_model.component import LatestPushedModel
from components.model_pusher.component import ModelPusher
from components.pretrained_generator.component import PretrainedGenerator
from components.report.component import Report
from components.serving_gate.component import ServingGate
from components.shared.artifacts import types as artifacts
from components.shared.core import fingerprint
from components.shared.core import settings as settings_lib
from components.shared.data import examples
from components.shared.data import schema as schema_lib
from components.shared.generators import sources as generator_sources
from components.shared.networks import networks
from components.synthetic_face_gen.component import SyntheticFaceGen
from components.synthetic_measures.component import SyntheticMeasures
from components.vae_gan_trainer.component import VaeGanTrainer
from pipeline import config as config_lib
from pipeline import places as places_lib
from pipeline.platforms.beam import beam_options

LATEST_BLESSED = "LatestBlessedModel"
_IMPORTED_GENERATOR = "ImportedGenerator"
GENERATORS = (
  ("VaeGanTrainer", "model"),
  ("PretrainedGenerator", "model"),
  (_IMPORTED_GENERATOR, "result"),
)
"""Nodes that may give the generator, one of them a run, and its output."""
_SCHEMAS = pathlib.Path(__file__).parent.parent / "schema"


@dataclasses.dataclass(frozen=True)
class Inputs:
  """What is known of the inputs before the pipeline is built.

  Attributes:
    photos_fingerprint: changes when photos do, or what is reserved of them.
    labels_fingerprint: changes when annotations do.
    others: annotations besides those to learn.
    weights_sha256: of the face network's weights, if their file is elsewhere.
  """

  photos_fingerprint: str
  labels_fingerprint: str
  others: tuple[str, ...]
  weights_sha256: str | None = None


def create_pipeline(
  config: config_lib.Config, places: places_lib.Places, inputs: Inputs
) -> tfx.dsl.Pipeline:
  """All components and how they hang together.

  Args:
    config: every setting.
    places: where the run writes.
    inputs: what is known of the photos.

  Raises:
    UserError: Beam options are given for what is no Beam component.
  """
  attributes = config.source.attributes

  # Photos, checked. They know no labels: whatever is made of photos alone
  # stays when labels change.
  stored = _stored_inputs(config)
  faces = FaceExampleGen(
    settings=config.source.photos,
    reservation=config.splits.reservation,
    photos_fingerprint=inputs.photos_fingerprint,
    **{name: node.outputs["result"] for name, node in stored.items() if name == "photos"},
  )
  face_schema = CuratedSchema(schema=schema_lib.read(_SCHEMAS / "faces.pbtxt")).with_id(
    "FaceSchema"
  )
  face_statistics = tfx.components.StatisticsGen(
    examples=faces.outputs["examples"], schema=face_schema.outputs["schema"]
  ).with_id("FaceStatistics")
  face_validator = tfx.components.ExampleValidator(
    statistics=face_statistics.outputs["statistics"], schema=face_schema.outputs["schema"]
  ).with_id("FaceValidator")
  face_gate = AnomalyGate(anomalies=face_validator.outputs["anomalies"]).with_id("FaceGate")

  # Embeddings of the photos.
  network = EmbeddingNetwork(
    faces=faces.outputs["examples"], settings=config.embedder, weights_sha256=inputs.weights_sha256
  )
  network.add_upstream_node(face_gate)
  engine = EmbeddingEngine(
    faces=faces.outputs["examples"], network=network.outputs["network"], settings=config.engine
  )
  engine.add_upstream_node(face_gate)
  face_embeddings = FaceEmbedder(
    faces=faces.outputs["examples"],
    network=network.outputs["network"],
    engine=engine.outputs["engine"],
    settings=config.engine,
  ).with_id("RealFaceEmbedder")

  # Labels, and a first answer: what they are worth without a generator.
  annotations = AnnotationGen(
    settings=config.source,
    labels_fingerprint=inputs.labels_fingerprint,
    others=inputs.others,
    **{name: node.outputs["result"] for name, node in stored.items()},
  )
  real_embeddings = LabeledEmbeddings(
    photos=face_embeddings.outputs["embeddings"],
    annotations=annotations.outputs["annotations"],
    splits=config.splits,
    attributes=attributes,
  )
  blocks = list(networks.of(config.embedder).blocks.values())
  first_ladder = FirstLadder(
    embeddings=real_embeddings.outputs["embeddings"],
    settings=config.classifier,
    attributes=attributes,
    blocks=blocks,
  )

  # A generator, and what it makes of the photos. It knows no labels.
  generator = _generator(config, faces.outputs["examples"], places)
  generator.node.add_upstream_node(face_gate)
  generator.node.add_upstream_node(first_ladder)  # Takes long, so it comes after.
  codes = LatentCodes(
    faces=faces.outputs["examples"],
    model=generator.model,
    network=network.outputs["network"],
    engine=engine.outputs["engine"],
    settings=config.drawn,
    engine_settings=config.engine,
  )

  # Synthetic faces with labels by construction.
  directions = LatentDirections(
    codes=codes.outputs["codes"],
    embeddings=real_embeddings.outputs["embeddings"],
    settings=config.direction,
    attributes=attributes,
  )
  synthetic_faces = SyntheticFaceGen(
    model=generator.model, directions=directions.outputs["directions"], settings=config.synthetic
  )
  synthetic_embeddings = FaceEmbedder(
    faces=synthetic_faces.outputs["examples"],
    network=network.outputs["network"],
    engine=engine.outputs["engine"],
    settings=config.engine,
  ).with_id("SyntheticFaceEmbedder")
  confirmed = LabelFilter(
    candidates=synthetic_embeddings.outputs["embeddings"],
    directions=directions.outputs["directions"],
    settings=config.label_filter,
  )

  # Both embeddings, checked, and held against each other.
  embeddings = ExamplesUnion(
    first=real_embeddings.outputs["embeddings"], second=confirmed.outputs["examples"]
  )
  embedding_checks = _Checks(
    embeddings.outputs["examples"],
    attributes,
    inputs.others,
    networks.of(config.embedder).embedding_width,
    partly_labeled=(len(attributes) > 1 and not config.synthetic.combinations),
  )
  drift = _drift(
    "EmbeddingDriftValidator",
    embedding_checks,
    "embedding_drift.pbtxt",
    attributes,
    examples.UNLABELED,
  )
  label_drift = _drift(
    "LabelDriftValidator", embedding_checks, "label_drift.pbtxt", attributes, examples.LABELED
  )
  embedding_gate = AnomalyGate(
    anomalies=embedding_checks.labeled.outputs["anomalies"],
    unlabeled_anomalies=embedding_checks.unlabeled.outputs["anomalies"],
    drift_anomalies=drift.outputs["anomalies"],
    label_drift_anomalies=label_drift.outputs["anomalies"],
  ).with_id("EmbeddingGate")

  # The classifier. `hand_labeled` is neither analysed nor transformed here,
  # so the Trainer can't see it.
  transformed = tfx.components.Transform(
    examples=embeddings.outputs["examples"],
    schema=embedding_checks.schemas.outputs["schema"],
    preprocessing_fn=f"{transform.__name__}.preprocessing_fn",
    splits_config=transform_pb2.SplitsConfig(
      analyze=transform.ANALYZED_SPLITS, transform=[*trainer.TRAIN_SPLITS, examples.SYNTHETIC_EVAL]
    ),
    disable_statistics=True,  # EmbeddingStatistics are what is looked at.
    custom_config={
      "attributes": attributes,
      "depths": len(networks.of(config.embedder).blocks),
      "code": fingerprint.of_modules(transform.__name__),
    },
  )
  transformed.add_upstream_node(embedding_gate)
  classifier = tfx.components.Trainer(
    examples=transformed.outputs["transformed_examples"],
    transform_graph=transformed.outputs["transform_graph"],
    base_model=network.outputs["network"],
    run_fn=f"{trainer.__name__}.run_fn",
    train_args=tfx.proto.TrainArgs(splits=trainer.TRAIN_SPLITS),
    eval_args=tfx.proto.EvalArgs(splits=[examples.SYNTHETIC_EVAL]),
    custom_config={
      "attributes": attributes,
      "blocks": blocks,
      "settings": settings_lib.to_json(config.classifier),
      "code": fingerprint.of_modules(trainer.__name__),
    },
  )

  # Judged on hand-labelled photos, against thresholds and the last one.
  latest_blessed = _latest_blessed(classifier.outputs["model"], places)
  evaluator = tfx.components.Evaluator(
    examples=real_embeddings.outputs["embeddings"],
    example_splits=[examples.HAND_LABELED],
    model=classifier.outputs["model"],
    baseline_model=latest_blessed.outputs["model"],
    eval_config=evaluation.eval_config(config.evaluation, attributes, inputs.others),
  )
  serving_gate = ServingGate(
    model=classifier.outputs["model"],
    blessing=evaluator.outputs["blessing"],
    evaluation=evaluator.outputs["evaluation"],
    faces=faces.outputs["examples"],
    embeddings=real_embeddings.outputs["embeddings"],
    settings=config.serving,
  )
  pusher = ModelPusher(
    model=classifier.outputs["model"],
    blessing=evaluator.outputs["blessing"],
    infra_blessing=serving_gate.outputs["infra_blessing"],
    folder=places.pushed,
  ).with_id("Pusher")

  # What people look at.
  ladder = Ladder(
    first=first_ladder.outputs["ladder"],
    embeddings=embeddings.outputs["examples"],
    transform_graph=transformed.outputs["transform_graph"],
    model=classifier.outputs["model"],
    directions=directions.outputs["directions"],
    settings=config.classifier,
    attributes=attributes,
    blocks=blocks,
  )
  measures = SyntheticMeasures(
    photos=real_embeddings.outputs["embeddings"],
    candidates=synthetic_embeddings.outputs["embeddings"],
    kept=confirmed.outputs["examples"],
    counts=confirmed.outputs["counts"],
    attributes=attributes,
  )
  report = Report(
    name=config.name,
    attributes=attributes,
    embedder=config.embedder.network,
    config=config_lib.recipe(config),
    ladder=ladder.outputs["ladder"],
    measures=measures.outputs["measures"],
    evaluation=evaluator.outputs["evaluation"],
    blessing=evaluator.outputs["blessing"],
    engine=engine.outputs["engine"],
    training_log=generator.training_log,
    directions=directions.outputs["directions"],
    pictures=synthetic_faces.outputs["pictures"],
    quarantine=faces.outputs["quarantine"],
    faces=faces.outputs["examples"],
    synthetic_faces=synthetic_faces.outputs["examples"],
    embeddings=embeddings.outputs["examples"],
    face_statistics=face_statistics.outputs["statistics"],
    embedding_statistics=embedding_checks.statistics.outputs["statistics"],
    anomalies=face_validator.outputs["anomalies"],
    embedding_anomalies=embedding_checks.labeled.outputs["anomalies"],
    unlabeled_embedding_anomalies=(embedding_checks.unlabeled.outputs["anomalies"]),
    drift_anomalies=drift.outputs["anomalies"],
    label_drift_anomalies=label_drift.outputs["anomalies"],
  )

  components = [
    *stored.values(),
    faces,
    face_schema,
    face_statistics,
    face_validator,
    face_gate,
    network,
    engine,
    face_embeddings,
    annotations,
    real_embeddings,
    first_ladder,
    generator.node,
    codes,
    directions,
    synthetic_faces,
    synthetic_embeddings,
    confirmed,
    embeddings,
    *embedding_checks.nodes,
    drift,
    label_drift,
    embedding_gate,
    transformed,
    classifier,
    latest_blessed,
    evaluator,
    serving_gate,
    pusher,
    ladder,
    measures,
    report,
  ]
  beam_options.apply(config.runtime, components)
  return tfx.dsl.Pipeline(
    pipeline_name=places.pipeline_name,
    pipeline_root=places.root,
    metadata_connection_config=places.metadata,
    enable_cache=config.runtime.cache,
    components=components,
  )


def _stored_inputs(config: config_lib.Config) -> dict[str, base_node.BaseNode]:
  """Importers of what the source's settings name in an object store, by the
  input of FaceExampleGen and AnnotationGen that it is for."""
  given = (
    ("photos", config.source.path, artifacts.Photos),
    ("labels", config.source.labels, artifacts.Annotations),
  )
  return {
    name: tfx.dsl.Importer(source_uri=uri, artifact_type=kind).with_id(f"Stored{kind.__name__}")
    for name, uri, kind in given
    if places_lib.is_address(uri)
  }


def _latest_blessed(candidate: tfx.dsl.Channel, places: places_lib.Places) -> base_node.BaseNode:
  """ML Metadata knows it; or else the folder that models are pushed to."""
  if places.metadata is None:
    node = LatestPushedModel(candidate=candidate, pushed=places.pushed)
  else:
    node = tfx.dsl.Resolver(
      strategy_class=tfx.dsl.experimental.LatestBlessedModelStrategy,
      model=tfx.dsl.Channel(type=tfx.types.standard_artifacts.Model),
      model_blessing=tfx.dsl.Channel(type=tfx.types.standard_artifacts.ModelBlessing),
    )
  return node.with_id(LATEST_BLESSED)


@dataclasses.dataclass(frozen=True)
class _Generator:
  """The node that gives a generator, its Model, and the log of its training
  if it was trained here."""

  node: base_node.BaseNode
  model: tfx.dsl.Channel
  training_log: tfx.dsl.Channel | None = None


def _generator(
  config: config_lib.Config, faces: tfx.dsl.Channel, places: places_lib.Places
) -> _Generator:
  source = config.imported_generator
  if source is None:
    trainer_ = VaeGanTrainer(
      examples=faces, settings=config.generator, checkpoint_root=places.checkpoints
    )
    return _Generator(trainer_, trainer_.outputs["model"], trainer_.outputs["training_log"])
  if source in generator_sources.NAMES:
    pretrained = PretrainedGenerator(name=source)
    return _Generator(pretrained, pretrained.outputs["model"])
  imported = tfx.dsl.Importer(
    source_uri=generator_sources.folder_uri(source),
    artifact_type=tfx.types.standard_artifacts.Model,
    # Other contents under the same name are another artifact.
    custom_properties={"sha256": generator_sources.fingerprint(source)},
  ).with_id(_IMPORTED_GENERATOR)
  return _Generator(imported, imported.outputs["result"])


class _Checks:
  """Statistics of embeddings, and their validation against curated schemas.

  ExampleValidator knows no environments, so splits with labels and the one
  without are validated by nodes of their own.

  Attributes:
    statistics: of all splits.
    schemas: of all splits, of those with labels, of the one without.
    labeled: validates the splits that have labels.
    unlabeled: validates the one that has none.
    nodes: all of them.
  """

  def __init__(
    self,
    data: tfx.dsl.Channel,
    attributes: tuple[str, ...],
    others: tuple[str, ...],
    width: int,
    partly_labeled: bool,
  ):
    completed = functools.partial(
      schema_lib.with_attributes,
      _SCHEMAS / "embeddings.pbtxt",
      attributes,
      others,
      partly_labeled=partly_labeled,
      embedding_width=width,
    )
    self.schemas = CuratedSchema(
      schema=completed(),
      labeled=completed(environment=schema_lib.LABELED),
      unlabeled=completed(environment=schema_lib.UNLABELED),
    ).with_id("EmbeddingSchema")
    # The schema says which integers are categories, whose values are counted.
    self.statistics = tfx.components.StatisticsGen(
      examples=data, schema=self.schemas.outputs["schema"]
    ).with_id("EmbeddingStatistics")
    self.labeled = self._validator("labeled", [examples.UNLABELED]).with_id(
      "LabeledEmbeddingValidator"
    )
    with_labels = [
      split
      for split in examples.REAL_SPLITS + examples.SYNTHETIC_SPLITS
      if split != examples.UNLABELED
    ]
    self.unlabeled = self._validator("unlabeled", with_labels).with_id(
      "UnlabeledEmbeddingValidator"
    )
    self.nodes: list[base_node.BaseNode] = [
      self.schemas,
      self.statistics,
      self.labeled,
      self.unlabeled,
    ]

  def _validator(self, schema: str, exclude: list[str]) -> base_node.BaseNode:
    return tfx.components.ExampleValidator(
      statistics=self.statistics.outputs["statistics"],
      schema=self.schemas.outputs[schema],
      exclude_splits=exclude,
    )


def _drift(
  name: str, checks: _Checks, bounds: str, attributes: tuple[str, ...], baseline_split: str
) -> base_node.BaseNode:
  """Holds the synthetic faces against real photos."""
  return DriftValidator(
    statistics=checks.statistics.outputs["statistics"],
    config=schema_lib.drift_config(_SCHEMAS / bounds, attributes),
    include_split_pairs=[(examples.SYNTHETIC_TRAIN, baseline_split)],
  ).with_id(name)
