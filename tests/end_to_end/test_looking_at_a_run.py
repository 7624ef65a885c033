"""What people look at besides the page: model card, TensorBoard, notebook."""

import base64
import html
import json
import re
import time
import urllib.request

import huggingface_hub
import pytest
from tensorboard.backend.event_processing import plugin_event_multiplexer

from components.shared.core import errors
from components.shared.generators import history
from pipeline import run_folder
from pipeline.programs import notebooks, training_logs
from tests import notebook_runner


def test_model_card_has_the_evaluations_figures(first_run):
  text = (first_run.folder / "report" / "model_card.md").read_text()
  data = huggingface_hub.ModelCard(text).data
  found = {result.metric_type: result for result in data.eval_results}
  hand_labeled = first_run.evaluation["hand_labeled"]
  assert data.model_name == first_run.folder.name
  assert data.license == "other"
  assert found["accuracy"].metric_value == hand_labeled["accuracy"]
  assert found["roc_auc"].metric_value == hand_labeled["auc"]
  assert 0 <= found["precision"].metric_value <= 1
  assert "| `ceiling` | every label there is | 403 |" in text
  assert "| `Smiling=1` |" in text
  epochs = first_run.evaluation["training"]["epochs"]
  assert f"trained for {epochs} epochs" in text


def test_tensorboard_lists_the_training_under_the_run_s_name(first_run):
  log = first_run.artifact("VaeGanTrainer", "training_log")
  logs = training_logs.find(first_run.folder.parent, ["small"])
  assert {name: path.resolve() for name, path in logs.items()} == {"small": log.resolve()}
  epochs = history.read(str(log))
  with training_logs.as_logdir(logs) as logdir:
    url = training_logs.server(logdir, port=0).launch()
    assert url.startswith("http://127.0.0.1:")

    def ask(path):
      with urllib.request.urlopen(f"{url}data/{path}", timeout=60) as answer:
        return json.load(answer)

    _wait_for(lambda: "alarms" in ask("plugin/text/tags").get("small", ()))
    assert ask("runs") == ["small"]
    assert set(ask("plugin/scalars/tags")["small"]) == {name for epoch in epochs for name in epoch}
    assert set(ask("plugin/images/tags")["small"]) == {"photos_and_reconstructions", "samples"}
    assert set(ask("plugin/histograms/tags")["small"]) == {"kl_by_dimension"}
    values = ask("plugin/scalars/scalars?run=small&tag=kl")
    assert [step for _, step, _ in values] == list(range(1, len(epochs) + 1))


def _wait_for(condition, seconds=60):
  end = time.monotonic() + seconds
  while not condition():
    assert time.monotonic() < end
    time.sleep(0.2)


def test_tensorboard_by_itself_finds_it_too(first_run):
  """`tensorboard --logdir output`, with the artifact's path for a name."""
  log = first_run.artifact("VaeGanTrainer", "training_log")
  multiplexer = plugin_event_multiplexer.EventMultiplexer()
  multiplexer.AddRunsFromDirectory(str(first_run.folder.parent))
  assert str(log.relative_to(first_run.folder.parent)) in multiplexer.Runs()


def test_nothing_to_look_at_is_said(tmp_path):
  with pytest.raises(errors.UserError, match="no run was completed here"):
    training_logs.find(tmp_path)
  with pytest.raises(errors.UserError, match="no run was completed here"):
    list(notebooks.put(run_folder.RunFolder(tmp_path / "none")))


def test_notebook_runs_and_shows_both_libraries_views(first_run, tmp_path, monkeypatch):
  said = list(notebooks.put(run_folder.RunFolder(first_run.folder)))
  target = first_run.folder / notebooks.FILE
  assert said[0] == f"Written to {target}" and "jupyterlab" in said[-1]
  assert not any(cell.get("outputs") for cell in json.loads(target.read_text())["cells"])
  done = notebook_runner.execute(target.read_text(), tmp_path, monkeypatch)
  cells = {cell.id: cell.outputs for cell in done.cells if cell.cell_type == "code"}

  def kinds(cell):
    return [set(output.get("data", ())) for output in cells[cell]]

  assert "0.9" in _html(cells["ladder"]) and "ceiling" in _html(cells["ladder"])
  assert "Smiling=1" in _html(cells["slices"])
  view = _framed(cells["tfma-slices"], "tfma-nb-slicing-metrics")
  assert {part["slice"] for part in view["data"]} == {"Bangs:0", "Bangs:1"}
  assert all("probability_Male" in part["metrics"] for part in view["data"])
  plot = _framed(cells["tfma-plots"], "tfma-nb-plot")
  assert plot["config"]["sliceName"] == "Overall"
  assert plot["data"]["confusionMatrixAtThresholds"]["matrices"]
  assert kinds("roc") == [{"text/plain", "image/png"}]
  # What the notebook says that Facets fetches is what it would.
  fetched = set(re.findall(r"https?://[^\s\"]+", _html(cells["facets"])))
  assert fetched and fetched == set(re.findall(r"https?://\S+", cells["facets-fetches"][0]["text"]))
  assert "<facets-overview" in _html(cells["facets"])
  assert "embedding" in _html(cells["statistics"])
  assert _html(cells["anomalies"]).count("No anomalies found") >= 8
  assert "label_Male" in _html(cells["schema"])
  assert kinds("faces") == [{"text/plain", "image/png"}] * 2
  report = (first_run.folder / "report" / "index.html").absolute()
  assert report.as_uri() in cells["more"][0]["text"]


def test_a_notebook_in_use_stays(first_run):
  target = first_run.folder / notebooks.FILE
  target.write_text("somebody's work")
  said = list(notebooks.put(run_folder.RunFolder(first_run.folder)))
  assert "is there already" in said[0]
  assert target.read_text() == "somebody's work"
  target.unlink()


def _html(outputs):
  return "".join(output["data"].get("text/html", "") for output in outputs if "data" in output)


def _framed(outputs, component):
  """What a view of TFMA's was given in its frame."""
  page = html.unescape(re.search(r'srcdoc="([^"]*)"', _html(outputs))[1])
  assert f"<{component} " in page and "customElements" in page
  return json.loads(base64.b64decode(re.search(r'atob\("([^"]+)"\)', page)[1]))
