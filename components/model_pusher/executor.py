"""Copies a blessed model beside the versions, and then names it one."""

import os
from typing import Any

from absl import logging
from tfx import types
from tfx.components.pusher import executor as tfx_pusher
from tfx.proto import pusher_pb2
from tfx.types import artifact_utils
from tfx.utils import proto_utils

from components.shared.artifacts import versions
from components.shared.core import links


class Executor(tfx_pusher.Executor):
  """Model and ModelBlessing -> PushedModel, and a version in a folder."""

  def Do(
    self,
    input_dict: dict[str, list[types.Artifact]],
    output_dict: dict[str, list[types.Artifact]],
    exec_properties: dict[str, Any],
  ) -> None:
    """Pushes the model if it was blessed."""
    self._log_startup(input_dict, output_dict, exec_properties)
    pushed = artifact_utils.get_single_instance(output_dict["pushed_model"])
    if not self.CheckBlessing(input_dict):
      self._MarkNotPushed(pushed)
      return
    model = self.GetModelPath(input_dict)
    destination = pusher_pb2.PushDestination()
    proto_utils.json_to_proto(exec_properties["push_destination"], destination)
    version = versions.push(model, destination.filesystem.base_directory)
    logging.info("Pushed as %s", version)
    links.copy_folder(model, pushed.uri)
    self._MarkPushed(pushed, pushed_destination=version, pushed_version=os.path.basename(version))
