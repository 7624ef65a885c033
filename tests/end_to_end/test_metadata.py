"""Two pipelines whose ML Metadata is in one database on a server."""

import pathlib
from concurrent import futures
from typing import NamedTuple

import pytest
from ml_metadata.metadata_store import metadata_store as mlmd

from components.shared.core import errors
from pipeline import metadata_store, run_folder
from pipeline.programs.sweep import inputs
from tests import mariadb, planted_secrets
from tests.end_to_end import running
from tests.end_to_end.test_reruns import AFTER_A_BLESSING

pytestmark = pytest.mark.slow

_DATABASE = "shared"
_NAMES = ("one", "two")


class Shared(NamedTuple):
  """What was run: both pipelines at once, and `two` again."""

  server: mariadb.Server
  first: dict[str, running.Run]
  again: running.Run
  output: pathlib.Path


@pytest.fixture(scope="module")
def shared(mysql_server, few_photos, tmp_path_factory) -> Shared:
  """Both at once, on an empty database."""
  output = tmp_path_factory.mktemp("output")
  mysql_server.make_database(_DATABASE)
  with_password = mysql_server.url(_DATABASE, password=mariadb.QUOTED_PASSWORD)
  ways = {
    # Beam reads command lines, too.
    "one": (("--metadata", with_password, "--orchestrator", "beam"), {}),
    "two": (("--metadata", mysql_server.url(_DATABASE)), {"MYSQL_PWD": mariadb.PASSWORD}),
  }

  planted = planted_secrets.environment(tmp_path_factory.mktemp("secrets"))

  def run(name: str) -> running.Run:
    arguments, environment = ways[name]
    finished = running.run_pipeline(
      output,
      name,
      *few_photos,
      "--generator",
      "dcgan-digiface",
      *arguments,
      environment={**planted, **environment},
      settings=running.SMALLEST,
    )
    assert finished.status == 0, finished.errors
    return finished

  with futures.ThreadPoolExecutor() as threads:
    first = dict(zip(_NAMES, threads.map(run, _NAMES), strict=True))
  return Shared(mysql_server, first, run("two"), output)


@pytest.mark.parametrize("name", _NAMES)
def test_nothing_is_taken_from_the_other(shared, name):
  run = shared.first[name]
  assert run.evaluation["cached"] == []
  assert {"FaceExampleGen", "LatentDirections", "Report"} <= set(run.evaluation["seconds"])
  assert not (run.folder / "metadata.sqlite").exists()


def test_a_second_run_is_cached(shared):
  before, after = shared.first["two"].evaluation, shared.again.evaluation
  assert set(before["seconds"]) - set(after["cached"]) <= AFTER_A_BLESSING
  assert after["ladder"] == before["ladder"]


def test_a_model_is_compared_with_its_own_pipeline_s(shared, monkeypatch):
  assert all(run.evaluation["blessed"] for run in shared.first.values())
  monkeypatch.setenv("MYSQL_PWD", mariadb.PASSWORD)
  store = mlmd.MetadataStore(
    metadata_store.connection(shared.server.url(_DATABASE), pathlib.Path("none"))
  )
  (blessing,) = store.get_artifacts_by_uri(str(shared.again.artifact("Evaluator", "blessing")))
  assert blessing.custom_properties["baseline_model"].string_value == str(
    shared.again.artifact("Trainer", "model")
  )


def test_the_password_is_nowhere(shared):
  passwords = [
    form.encode()
    for form in (
      mariadb.PASSWORD,
      mariadb.QUOTED_PASSWORD,
      # As Python, JSON, and protocol buffers' text format write it.
      ascii(mariadb.PASSWORD).strip("'"),
      r"t\303\251st/p@ss:4711",
      # As it is in every form.
      "ss:4711",
    )
  ]
  files = [path for path in shared.output.rglob("*") if path.is_file()]
  assert {"config.yaml", "run.log", "run.json"} <= {path.name for path in files}
  leaks = [path for path in files if any(secret in path.read_bytes() for secret in passwords)]
  assert not leaks
  dump = shared.server.dump(_DATABASE)
  assert not any(secret.decode() in dump for secret in passwords)
  for run in (*shared.first.values(), shared.again):
    assert not any(secret.decode() in run.printed + run.errors for secret in passwords)
  # Nor is any other secret of the person who ran them.
  assert not planted_secrets.leaks(planted_secrets.in_folder(shared.output), mariadb.PASSWORD)
  assert not planted_secrets.leaks(
    [
      dump.encode(),
      *((run.printed + run.errors).encode() for run in (*shared.first.values(), shared.again)),
    ],
    mariadb.PASSWORD,
  )
  for name in _NAMES:
    assert shared.server.url(_DATABASE) in (shared.output / name / "config.yaml").read_text()


def test_other_verbs_find_the_database(shared, monkeypatch):
  """A sweep gets as far as the photos, of which there are too few."""
  place = ("--name", "two", "--output", str(shared.output))
  environment = {"MYSQL_PWD": mariadb.PASSWORD}
  assert running.command("report", *place, environment=environment).stdout == (shared.again.printed)
  done = running.command(
    "sweep", *place, "--labels", "300", "--seeds", "2", environment=environment
  )
  assert done.returncode == 2
  assert "--labels 300: this run has 48 labelled photos" in done.stderr
  monkeypatch.setenv("MYSQL_PWD", "wr0ng")
  with pytest.raises(errors.UserError, match="Access denied"):
    inputs.load(run_folder.RunFolder(shared.again.folder), None)
