"""Reads a source's annotations and writes them as a table."""

import dataclasses
import json
from typing import Any

from absl import logging
from tfx import types
from tfx.dsl.components.base import base_executor
from tfx.types import artifact_utils

from components.shared.artifacts import annotation_table
from components.shared.core import settings as settings_lib
from components.shared.data import reading, sources
from components.shared.data import settings as own_settings

PHOTOS = "photos"
LABELS = "labels"


class Executor(base_executor.BaseExecutor):
  """Annotations -> AnnotationTable.

  Photos and annotations that come as artifacts take the place of those that
  the settings name.
  """

  def Do(
    self,
    input_dict: dict[str, list[types.Artifact]],
    output_dict: dict[str, list[types.Artifact]],
    exec_properties: dict[str, Any],
  ) -> None:
    """Checks every row and writes the columns that the run asks for.

    Raises:
      UserError: the annotations are wrong; nothing has been written by then.
    """
    self._log_startup(input_dict, output_dict, exec_properties)
    settings = settings_lib.from_json(own_settings.SourceSettings, exec_properties["settings"])
    for name, field in ((PHOTOS, "path"), (LABELS, "labels")):
      if input_dict.get(name):
        settings = dataclasses.replace(
          settings, **{field: artifact_utils.get_single_uri(input_dict[name])}
        )
    opened = sources.open_source(settings)
    others, table = reading.labels(
      opened, settings.attributes, tuple(json.loads(exec_properties["others"]))
    )
    wanted = (*settings.attributes, *others)
    places = [table.attributes.index(name) for name in wanted]
    annotation_table.write(
      wanted,
      {image_id: tuple(row[at] for at in places) for image_id, row in table.values.items()},
      artifact_utils.get_single_uri(output_dict["annotations"]),
    )
    logging.info("%d rows of %s from %s", len(table.values), ", ".join(wanted), opened.labels)
