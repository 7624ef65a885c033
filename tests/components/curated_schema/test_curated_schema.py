"""Schemas that come by their content."""

import pathlib

from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2

from components.curated_schema import component


def _schemas(names):
  return {
    output: schema_pb2.Schema(
      feature=[schema_pb2.Feature(name=name, type=schema_pb2.INT) for name in features]
    )
    for output, features in names.items()
  }


def test_each_output_has_its_schema(run_components):
  names = {"schema": ["a", "b"], "labeled": ["a"], "unlabeled": ["b"]}
  run = run_components([component.CuratedSchema(**_schemas(names))])
  for output, features in names.items():
    (uri,) = run["CuratedSchema"].outputs[output]
    schema = text_format.Parse(
      (pathlib.Path(uri) / "schema.pbtxt").read_text(), schema_pb2.Schema()
    )
    assert [feature.name for feature in schema.feature] == features


def test_another_schema_is_no_cache_hit(run_components):
  names = {"schema": ["a"], "labeled": ["a"], "unlabeled": ["a"]}

  def cached():
    return run_components([component.CuratedSchema(**_schemas(names))])["CuratedSchema"].cached

  assert [cached(), cached()] == [False, True]
  names["labeled"] = ["c"]
  assert not cached()
