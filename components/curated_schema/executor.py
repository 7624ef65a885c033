"""Writes schemas that came as parameters."""

import os
from typing import Any

from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2
from tfx import types
from tfx.dsl.components.base import base_executor
from tfx.types import artifact_utils
from tfx.utils import io_utils

OUTPUTS = ("schema", "labeled", "unlabeled")
OPTIONAL = ("labeled", "unlabeled")
FILE_NAME = "schema.pbtxt"
"""As TFX names it."""


def parameter_of(output: str) -> str:
  """The parameter that holds the text of an output."""
  return f"{output}_text"


class Executor(base_executor.BaseExecutor):
  """Text protos -> Schema artifacts."""

  def Do(
    self,
    input_dict: dict[str, list[types.Artifact]],
    output_dict: dict[str, list[types.Artifact]],
    exec_properties: dict[str, Any],
  ) -> None:
    """Writes `schema.pbtxt` of each output.

    Raises:
      text_format.ParseError: a text is no schema.
    """
    self._log_startup(input_dict, output_dict, exec_properties)
    for output in output_dict:
      schema = text_format.Parse(exec_properties[parameter_of(output)], schema_pb2.Schema())
      uri = artifact_utils.get_single_uri(output_dict[output])
      io_utils.write_pbtxt_file(os.path.join(uri, FILE_NAME), schema)
