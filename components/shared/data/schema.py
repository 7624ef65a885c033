"""Completes the curated schemas of `schema/` for one source.

That of photos is complete. A template holds the features that every run has, with `label` and
`held_out_label` standing for those of each attribute to learn. A source adds
annotations under names of its own, and a network the width of its embeddings;
without them in the schema each would be an anomaly ("new column"). TFX's
ExampleValidator validates without an environment, so the environment is
applied here: a schema for labelled splits, in which labels are required, and
one for unlabelled splits, in which they are an anomaly.
"""

import pathlib
from collections.abc import Iterable, Sequence
from typing import TypeVar

from google.protobuf import message, text_format
from tensorflow_metadata.proto.v0 import schema_pb2
from tfx.proto import distribution_validator_pb2

from components.shared.data import examples

LABELED = "LABELED"
UNLABELED = "UNLABELED"

Path = str | pathlib.Path
_Message = TypeVar("_Message", bound=message.Message)


_LABEL = "label"
_PER_ATTRIBUTE = {_LABEL: examples.label, "held_out_label": examples.held_out_label}


def read(path: Path) -> schema_pb2.Schema:
  """A schema that needs no completing: `schema/faces.pbtxt`."""
  return _parse(path, schema_pb2.Schema)


def with_attributes(
  template: Path,
  attributes: Sequence[str],
  others: Iterable[str] = (),
  *,
  partly_labeled: bool = False,
  environment: str | None = None,
  embedding_width: int,
) -> schema_pb2.Schema:
  """A template, completed.

  Args:
    template: `schema/embeddings.pbtxt`.
    attributes: annotations to learn.
    others: further annotations; each becomes an optional feature of 0 or 1.
    partly_labeled: labelled splits have faces, too, that were made for one of
      several attributes and have no label of the others.
    environment: `LABELED` or `UNLABELED` keeps the features of that
      environment only; None keeps all, with their environments.
    embedding_width: number of values of an embedding.

  Raises:
    ValueError: there is no such environment.
  """
  schema = read(template)
  _name_labels(schema, attributes, partly_labeled)
  for name in others:
    schema.feature.append(_annotation(name))
  for feature in schema.feature:
    if feature.name == examples.EMBEDDING:
      feature.shape.dim.add().size = embedding_width
  if environment is not None:
    _apply_environment(schema, environment)
  return schema


def drift_config(
  path: Path, attributes: Sequence[str]
) -> distribution_validator_pb2.DistributionValidatorConfig:
  """Reads `schema/embedding_drift.pbtxt` or `schema/label_drift.pbtxt`.

  Args:
    path: of the file; a bound on `label` holds for each attribute's.
    attributes: annotations to learn.
  """
  config = _parse(path, distribution_validator_pb2.DistributionValidatorConfig)
  features = config.default_slice_config.feature
  for bound in [f for f in features if list(f.path.step) == [_LABEL]]:
    for attribute in attributes:
      copy = features.add()
      copy.CopyFrom(bound)
      copy.path.step[:] = [examples.label(attribute)]
    features.remove(bound)
  return config


def _parse(path: Path, kind: type[_Message]) -> _Message:
  return text_format.Parse(pathlib.Path(path).read_text(encoding="utf-8"), kind())


def _name_labels(
  schema: schema_pb2.Schema, attributes: Sequence[str], partly_labeled: bool
) -> None:
  """Puts each attribute's labels in the place of those of the template."""
  for template in [f for f in schema.feature if f.name in _PER_ATTRIBUTE]:
    if template.name == _LABEL and partly_labeled:
      template.presence.ClearField("min_fraction")
    for attribute in attributes:
      feature = schema.feature.add()
      feature.CopyFrom(template)
      feature.name = _PER_ATTRIBUTE[template.name](attribute)
    schema.feature.remove(template)


def _annotation(name: str) -> schema_pb2.Feature:
  feature = schema_pb2.Feature(name=name, type=schema_pb2.INT)
  feature.presence.min_count = 0
  feature.value_count.min = feature.value_count.max = 1
  feature.int_domain.min = 0
  feature.int_domain.max = 1
  feature.int_domain.is_categorical = True
  return feature


def _apply_environment(schema: schema_pb2.Schema, environment: str) -> None:
  if environment not in schema.default_environment:
    raise ValueError(f"the schema has no environment {environment}")
  kept = []
  for feature in schema.feature:
    allowed = feature.in_environment or [
      e for e in schema.default_environment if e not in feature.not_in_environment
    ]
    if environment in allowed:
      kept.append(schema_pb2.Feature.FromString(feature.SerializeToString()))
      del kept[-1].in_environment[:]
      del kept[-1].not_in_environment[:]
  del schema.feature[:]
  del schema.default_environment[:]
  schema.feature.extend(kept)
