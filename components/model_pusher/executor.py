"""Puts a blessed model beside the versions, and then names it one."""

import os
from typing import Any

import tensorflow as tf
from absl import logging
from tfx import types
from tfx.components.pusher import executor as tfx_pusher
from tfx.proto import pusher_pb2
from tfx.types import artifact_utils
from tfx.utils import proto_utils

from components.shared.artifacts import serving_files, versions
from components.shared.core import progress


class Executor(tfx_pusher.Executor):
  """Model and ModelBlessing -> PushedModel, and a version in a folder."""

  def Do(
    self,
    input_dict: dict[str, list[types.Artifact]],
    output_dict: dict[str, list[types.Artifact]],
    exec_properties: dict[str, Any],
  ) -> None:
    """Pushes the model if it was blessed, and no rollback has withdrawn it."""
    self._log_startup(input_dict, output_dict, exec_properties)
    pushed = artifact_utils.get_single_instance(output_dict["pushed_model"])
    if not self.CheckBlessing(input_dict):
      self._MarkNotPushed(pushed)
      return
    model = self.GetModelPath(input_dict)
    destination = pusher_pb2.PushDestination()
    proto_utils.json_to_proto(exec_properties["push_destination"], destination)
    folder = destination.filesystem.base_directory
    version = versions.push(model, folder, _baseline(input_dict))
    if version is None:
      progress.note(
        "Pusher: not pushed, since a rollback has withdrawn this very model; `python -m pipeline "
        "rollback VERSION` brings it back"
      )
      self._MarkNotPushed(pushed)
      return
    logging.info("Pushed as %s", version)
    versions.copy(model, pushed.uri)
    self._MarkPushed(pushed, pushed_destination=version, pushed_version=os.path.basename(version))


def _baseline(input_dict: dict[str, list[types.Artifact]]) -> dict[str, bytes]:
  """What `ServingGate` wrote for monitoring, by the name of its file."""
  name = serving_files.BASELINE
  path = os.path.join(artifact_utils.get_single_uri(input_dict["infra_blessing"]), name)
  with tf.io.gfile.GFile(path, "rb") as file:
    return {name: file.read()}
