"""CuratedSchema: schemas that people wrote -> Schema artifacts."""

from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2
from tfx import types
from tfx.dsl.components.base import base_component, executor_spec
from tfx.types import component_spec, standard_artifacts

from components.curated_schema import executor
from components.shared.core import fingerprint


class CuratedSchemaSpec(component_spec.ComponentSpec):
  """No inputs; a text proto in, a Schema out, for each schema."""

  PARAMETERS = {
    **{
      executor.parameter_of(output): component_spec.ExecutionParameter(
        type=str, optional=output in executor.OPTIONAL
      )
      for output in executor.OUTPUTS
    },
    "code": component_spec.ExecutionParameter(type=str),
  }
  INPUTS = {}
  OUTPUTS = {
    output: component_spec.ChannelParameter(
      type=standard_artifacts.Schema, optional=output in executor.OPTIONAL
    )
    for output in executor.OUTPUTS
  }


class CuratedSchema(base_component.BaseComponent):
  """Brings schemas into the pipeline by their content.

  TFX's ImportSchemaGen takes a path, which another machine does not have, and
  its cache sees the path and not the file.

  Outputs:
    schema: every feature of any split.
    labeled: the features of splits that have labels, where there are such.
    unlabeled: those of the split that has none.
  """

  SPEC_CLASS = CuratedSchemaSpec
  EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(executor.Executor)

  def __init__(self, *, schema: schema_pb2.Schema, **environments: schema_pb2.Schema):
    """Makes the component; its outputs have the names of its arguments.

    Args:
      schema: of all splits.
      **environments: `labeled` and `unlabeled`, or neither.
    """
    given = {"schema": schema, **environments}
    super().__init__(
      spec=CuratedSchemaSpec(
        **{
          executor.parameter_of(output): text_format.MessageToString(given_)
          for output, given_ in given.items()
        },
        **{output: types.Channel(type=standard_artifacts.Schema) for output in given},
        code=fingerprint.of_modules(executor.__name__),
      )
    )
