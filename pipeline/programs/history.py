"""All runs that an ML Metadata store knows, held against each other."""

import datetime
import json
from typing import Any

import tensorflow as tf
from ml_metadata.proto import metadata_store_pb2

from components.report import facts, making
from pipeline import changed_settings, lineage

_MOST = 50


def read(
  connection: metadata_store_pb2.ConnectionConfig, this: str | None, root: str | None = None
) -> list[facts.PastRun]:
  """The newest runs of all pipelines in the store, newest first.

  Args:
    connection: to ML Metadata.
    this: URI of the report that is being made, if it was.
    root: of the artifacts; see `lineage.latest_run`.
  """
  runs = lineage.newest_runs(connection, _MOST, root)
  return [
    _past(run, _before(run, runs[place + 1 :]), place, this) for place, run in enumerate(runs)
  ]


def started(milliseconds: int) -> str:
  """A time for people, in this machine's time zone."""
  return datetime.datetime.fromtimestamp(milliseconds / 1000).strftime("%Y-%m-%d %H:%M")


def _before(
  run: lineage.PipelineRun, older: list[lineage.PipelineRun]
) -> lineage.PipelineRun | None:
  """The run of the same pipeline before it whose settings are known."""
  return next(
    (other for other in older if other.config is not None and other.pipeline == run.pipeline), None
  )


def _past(
  run: lineage.PipelineRun, before: lineage.PipelineRun | None, place: int, this: str | None
) -> facts.PastRun:
  evaluation = _evaluation(run.report) if run.complete else None
  known = before is not None and run.config is not None
  return facts.PastRun(
    started=started(run.milliseconds),
    name=run.pipeline,
    seconds=run.seconds,
    evaluation=evaluation,
    instead="did not end" if not run.complete else "its report is gone",
    changes=changed_settings.changes(run.config, before.config) if known else [],
    # A run that is cached whole has the report of the one before.
    this=place == 0 and run.report == this,
  )


def _evaluation(report: str) -> dict[str, Any] | None:
  path = f"{report}/{making.EVALUATION_FILE}"
  if not tf.io.gfile.exists(path):
    return None
  with tf.io.gfile.GFile(path) as file:
    return json.load(file)
