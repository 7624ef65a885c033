"""Beam options that can't work are refused before anything starts."""

import socket
import sys

import apache_beam as beam
import grpc
import pytest
from apache_beam.runners.portability import portable_runner

from components.shared.core import errors
from pipeline import config as config_lib
from pipeline.platforms.beam import beam_flags, beam_options, remote_jobs


def _check(*flags):
  runtime = config_lib.RuntimeSettings()
  given = beam_flags.merged(runtime.beam, flags)
  beam_options.check(config_lib.RuntimeSettings(beam=given))


@pytest.fixture
def unused_port():
  with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    yield free.getsockname()[1]  # Nobody listens.


@pytest.mark.parametrize(
  "flags, message",
  [
    (("--runner=FlinkRunner", "--flink_master=cluster:8081"), "would lack this project's code"),
    (("--runner=SparkRunner", "--spark_master_url=spark://c:7077"), "would lack this project's"),
    (
      ("--runner=FlinkRunner", "--flink_job_server_jar=/no/such.jar"),
      "--flink_job_server_jar=/no/such.jar: there is no such file",
    ),
    (
      ("--runner=SparkRunner", "--spark_job_server_jar=/no/such.jar"),
      "--spark_job_server_jar=/no/such.jar: there is no such file",
    ),
    (("--runner=FlinkRunner", "--job_server_java_launcher=/no/java"), "there is no /no/java"),
    (("--runner=PrismRunner",), "go install github.com/apache/beam/sdks/v2/go/cmd/prism@v"),
    (("--runner=PrismRunner", "--prism_location=/no/prism"), "--prism_location=/no/prism: "),
    (
      ("--runner=apache_beam.runners.dask.dask_runner.DaskRunner",),
      "loses records of these components",
    ),
    (("--runner=ray_beam.ray_runner.RayRunner",), "loses records of these components"),
  ],
)
def test_what_cannot_work_is_refused(flags, message):
  with pytest.raises(errors.UserError) as caught:
    _check(*flags)
  assert message in str(caught.value)
  assert "\n" not in str(caught.value)


@pytest.mark.parametrize("runner", ["FlinkRunner", "SparkRunner"])
def test_a_master_at_which_nobody_listens_is_refused(runner, unused_port):
  master = {
    "FlinkRunner": f"--flink_master=http://127.0.0.1:{unused_port}",
    "SparkRunner": f"--spark_master_url=spark://127.0.0.1:{unused_port}",
  }[runner]
  with pytest.raises(errors.UserError, match="nobody listens at 127.0.0.1"):
    _check(
      f"--runner={runner}",
      master,
      "--environment_type=LOOPBACK",
      f"--job_server_java_launcher={sys.executable}",
    )


def test_what_can_work_is_not_refused(tmp_path):
  prism = tmp_path / "prism"
  prism.touch()
  _check()
  _check("--runner=PrismRunner", f"--prism_location={prism}")
  _check("--runner=FlinkRunner", f"--job_server_java_launcher={sys.executable}")


def test_prism_leaves_the_project_where_it_is():
  """Its workers are in this process: TFX needs to pack nothing."""
  flags = beam_flags.merged(config_lib.RuntimeSettings().beam, ["--runner=PrismRunner"])
  assert "--sdk_container_image=none" in flags


class _Lost(grpc.RpcError):
  def code(self):
    return grpc.StatusCode.UNAVAILABLE


def _result(monkeypatch, raised):
  """A job's result whose stream of states ends in an error."""
  cancelled = []

  def wait(result, duration=None):
    raise raised

  monkeypatch.setattr(portable_runner.PipelineResult, "wait_until_finish", wait)
  monkeypatch.setattr(
    portable_runner.PipelineResult, "cancel", lambda result: cancelled.append(result)
  )
  return portable_runner.PipelineResult.__new__(portable_runner.PipelineResult), cancelled


def test_a_lost_server_is_one_readable_line(monkeypatch):
  result, cancelled = _result(monkeypatch, _Lost())
  with remote_jobs.watched(), pytest.raises(errors.UserError, match="server is gone .UNAVAILABLE"):
    result.wait_until_finish()
  assert not cancelled


def test_an_interrupted_job_is_cancelled(monkeypatch):
  result, cancelled = _result(monkeypatch, KeyboardInterrupt())
  with remote_jobs.watched(), pytest.raises(KeyboardInterrupt):
    result.wait_until_finish()
  assert cancelled == [result]


def test_the_local_runner_is_not_concerned():
  with remote_jobs.watched(), beam.Pipeline(runner="FnApiRunner") as pipeline:
    _ = pipeline | beam.Create([1])
