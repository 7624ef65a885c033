"""Copies the splits of two Examples artifacts into one."""

import os
from typing import Any, Dict, List

import tensorflow as tf
from tfx import types
from tfx.dsl.components.base import base_executor
from tfx.types import artifact_utils

from components import errors
from components import examples


class Executor(base_executor.BaseExecutor):
  """Executor of `ExamplesUnion`."""

  def Do(self, input_dict: Dict[str, List[types.Artifact]],
         output_dict: Dict[str, List[types.Artifact]],
         exec_properties: Dict[str, Any]) -> None:
    union = artifact_utils.get_single_instance(output_dict["examples"])
    parts = [artifact_utils.get_single_instance(input_dict[name])
             for name in ("first", "second")]
    splits = [artifact_utils.decode_split_names(part.split_names)
              for part in parts]
    shared = sorted(set(splits[0]) & set(splits[1]))
    if shared:
      raise errors.UserError(
          f"both Examples have a split {', '.join(shared)}; their union needs "
          "different names")
    examples.set_splits(union, splits[0] + splits[1])
    for part, names in zip(parts, splits):
      for split in names:
        copy_split(part.uri, union.uri, split)


def copy_split(source_uri: str, target_uri: str, split: str) -> None:
  """Copies a split's files as they are."""
  folder = examples.split_folder(target_uri, split)
  tf.io.gfile.makedirs(folder)
  for path in examples.split_files(source_uri, split):
    tf.io.gfile.copy(path, os.path.join(folder, os.path.basename(path)))
