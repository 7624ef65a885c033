"""The report that a person opens: the component's, and with it what only ML
Metadata knows."""

import contextlib
import dataclasses
import json
import os
import pathlib
import shutil
from collections.abc import Iterator, Mapping
from typing import Any

import tensorflow as tf

from components.report import facts, making, page
from components.shared.artifacts import ladder_files, serving_files
from components.shared.core import errors
from pipeline import commands, finished_run, lineage, run_folder
from pipeline import config as config_lib
from pipeline import places as places_lib
from pipeline.programs import history, runs

_REPORT = "Report"
_PUSHER = "Pusher"
_GATE = "ServingGate"
_FAILURE_INPUTS = {
  "quarantine": ("FaceExampleGen", "quarantine"),
  "first_ladder": ("FirstLadder", "ladder"),
  "anomalies": ("FaceValidator", "anomalies"),
  "embedding_anomalies": ("LabeledEmbeddingValidator", "anomalies"),
  "unlabeled_embedding_anomalies": ("UnlabeledEmbeddingValidator", "anomalies"),
  "drift_anomalies": ("EmbeddingDriftValidator", "anomalies"),
  "label_drift_anomalies": ("LabelDriftValidator", "anomalies"),
}
"""What a page of a run that failed can show, and which component makes it."""


@dataclasses.dataclass(frozen=True)
class Measured:
  """What was seen of a run while it ran.

  Attributes:
    peak_rss_bytes: the largest resident set of all.
    peak_rss_bytes_of: while each component ran, by component.
  """

  peak_rss_bytes: int | None = None
  peak_rss_bytes_of: Mapping[str, int] = dataclasses.field(default_factory=dict)


def publish(
  folder: run_folder.RunFolder, config: config_lib.Config, measured: Measured
) -> dict[str, Any]:
  """Makes the folder's report and `evaluation.json` of its latest run.

  Returns:
    The content of `evaluation.json`.
  """
  places = folder.places(config)
  components = lineage.latest_run(places.metadata, places.pipeline_name, places.root)
  made = components[_REPORT]
  run = _with_commands(
    _facts(components, places, measured, made.outputs["report"][0]), folder, config
  )
  with _fresh(folder.report) as fresh:
    evaluation = making.make(
      {**made.parameters, "config": config_lib.to_yaml(config)},
      {name: uris[0] for name, uris in made.inputs.items()},
      str(fresh),
      run,
    )
  scores = folder.report / ladder_files.SCORES
  run_folder.write_text(folder.scores, scores.read_text(encoding="utf-8"))
  evaluation["seconds"] = {
    name: round(component.seconds, 1) for name, component in components.items()
  }
  evaluation["cached"] = [name for name, component in components.items() if component.cached]
  evaluation["started"] = run.started
  evaluation["serving"] = serving_files.read(components[_GATE].outputs["infra_blessing"][0])
  # TFX has an artifact also where nothing was pushed.
  (pushed,) = components[_PUSHER].outputs["pushed_model"]
  evaluation["pushed"] = os.path.isdir(pushed) and bool(os.listdir(pushed))
  evaluation.update(dataclasses.asdict(measured))
  run_folder.write_text(folder.evaluation, json.dumps(evaluation, indent=2) + "\n")
  folder.failure.unlink(missing_ok=True)
  runs.write_page(folder.path.parent)
  return evaluation


def publish_failure(
  folder: run_folder.RunFolder,
  config: config_lib.Config,
  failure: facts.Failure,
  measured: Measured,
) -> None:
  """Makes the report of a latest run that failed, and remembers why it did.

  What the last complete run left (`evaluation.json`, models) stays.
  """
  run_folder.write_text(
    folder.failure,
    json.dumps({**dataclasses.asdict(failure), **dataclasses.asdict(measured)}, indent=2) + "\n",
  )
  places = folder.places(config)
  components = lineage.latest_run(places.metadata, places.pipeline_name, places.root)
  uris = {
    name: components[component].outputs[output][0]
    for name, (component, output) in _FAILURE_INPUTS.items()
    if component in components
    and components[component].complete
    and output in components[component].outputs
  }
  html = page.render_failure(
    config.name,
    config_lib.to_yaml(config),
    failure,
    uris,
    _facts(components, places, measured, None),
  )
  with _fresh(folder.report) as fresh:
    (fresh / making.PAGE_FILE).write_text(html, encoding="utf-8")


def again(folder: run_folder.RunFolder) -> dict[str, Any] | None:
  """Makes the report of a folder's latest run once more.

  Returns:
    The content of `evaluation.json`, or None if that run failed.

  Raises:
    UserError: there was no run, ML Metadata is not there, or what the run made
      is gone.
  """
  if not folder.config.exists():
    folder.read_evaluation()  # Says that there is no run.
  run = finished_run.newest(folder)
  config = run.config
  if folder.failure.exists():
    content = json.loads(folder.failure.read_text(encoding="utf-8"))
    publish_failure(
      folder, config, facts.Failure(content["components"], content["message"]), _measured(content)
    )
    return None
  if not run.has(_REPORT):
    publish_failure(
      folder,
      config,
      facts.Failure(
        [name for name, component in run.components.items() if not component.complete],
        "it was stopped before its end",
      ),
      Measured(),
    )
    return None
  measured = _measured(folder.read_evaluation())
  try:
    return publish(folder, config, measured)
  except (KeyError, OSError, tf.errors.OpError) as error:
    raise errors.UserError(
      f"{folder.path}: what the report is made of is not all there "
      f"({str(error)[:200]}); `python -m pipeline run` makes it again"
    ) from error


def _measured(content: Mapping[str, Any]) -> Measured:
  """Out of a file that it was written to; older ones lack some of it."""
  return Measured(
    **{
      field.name: content[field.name]
      for field in dataclasses.fields(Measured)
      if field.name in content
    }
  )


def _facts(
  components: dict[str, lineage.ComponentRun],
  places: places_lib.Places,
  measured: Measured,
  report: str | None,
) -> facts.Run:
  makers = {
    uri: name
    for name, component in components.items()
    for uris in component.outputs.values()
    for uri in uris
  }
  led_to_model = set(lineage.upstream(components, _PUSHER))
  past = history.read(places.metadata, report, places.root)
  return facts.Run(
    started=past[0].started if past else "",
    complete=report is not None,
    components=[
      _component(
        name,
        component,
        makers,
        places.root,
        measured.peak_rss_bytes_of.get(name),
        report is not None and name in led_to_model,
      )
      for name, component in components.items()
    ],
    history=past,
    peak_bytes=measured.peak_rss_bytes,
  )


def _with_commands(
  run: facts.Run, folder: run_folder.RunFolder, config: config_lib.Config
) -> facts.Run:
  """What only the folder of the run knows."""
  sources = config.source
  return dataclasses.replace(
    run,
    command=commands.of("run", "--config", folder.config),
    audit={
      attribute: commands.on_run(
        folder,
        *("label", sources.path, "--attribute", attribute),
        *(("--labels", sources.labels) if sources.labels else ()),
        "--audit",
      )
      for attribute in sources.attributes
    },
    sweeps={
      attribute: json.loads(path.read_text(encoding="utf-8"))
      for attribute in sources.attributes
      if (path := folder.swept(attribute, sources.attributes[0])).is_file()
    },
    others=True,
  )


def _component(
  name: str,
  component: lineage.ComponentRun,
  makers: dict[str, str],
  root: str,
  peak_bytes: int | None,
  led_to_model: bool,
) -> facts.Component:
  made_from: list[str] = sorted(
    {makers[uri] for uris in component.inputs.values() for uri in uris if uri in makers}
  )
  parameters = dict(component.parameters)
  code = parameters.pop("code", "") or _code_of_standard(parameters)
  return facts.Component(
    name=name,
    state=component.state,
    seconds=component.seconds,
    peak_bytes=peak_bytes,
    made_from=made_from,
    artifacts=[
      (output, os.path.relpath(uri, root) if os.path.isabs(uri) else uri)
      for output, uris in component.outputs.items()
      for uri in uris
    ],
    parameters=parameters,
    code=code,
    led_to_model=led_to_model,
  )


def _code_of_standard(parameters: Mapping[str, str]) -> str:
  """TFX's own components are told the code of their module files."""
  given = json.loads(parameters.get("custom_config") or "{}") or {}
  return given.get("code", "")


@contextlib.contextmanager
def _fresh(target: pathlib.Path) -> Iterator[pathlib.Path]:
  """A new folder that takes another's place if all goes well."""
  fresh = target.with_name(f".{target.name}-new")
  shutil.rmtree(fresh, ignore_errors=True)
  fresh.mkdir(parents=True)
  try:
    yield fresh
    shutil.rmtree(target, ignore_errors=True)
    os.replace(fresh, target)
  finally:
    shutil.rmtree(fresh, ignore_errors=True)
