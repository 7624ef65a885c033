"""What a person keeps secret is nowhere in what is written or printed."""

import base64
import json
import os
import socket
import threading

import pytest

from components.shared.core import errors
from pipeline import config as config_lib
from pipeline.programs import cli
from tests import planted_secrets

_HIDDEN, _QUOTED = "h1dden+in/base64", "h1dden%2Bin%2Fbase64"


@pytest.mark.parametrize(
  "text",
  [
    f"token={_HIDDEN}",
    "h1dden%2Bin/base64",
    "h1dden%2Bin%2Fbase64",
    *(base64.b64encode(f"{before}:{_HIDDEN}\n".encode()).decode() for before in ("", "a", "ab")),
  ],
)
def test_a_secret_is_found_in_every_form(text):
  assert planted_secrets.leaks([text.encode()], _HIDDEN)


def test_what_was_planted_is_found(tmp_path):
  planted = planted_secrets.environment(tmp_path)
  for value in planted.values():
    if value not in (planted["GOOGLE_APPLICATION_CREDENTIALS"], planted["no_proxy"]):
      assert planted_secrets.leaks([json.dumps({"a": value}).encode()])
  assert planted_secrets.leaks(planted_secrets.in_folder(tmp_path))
  assert not planted_secrets.leaks([b"nothing of that kind"])


@pytest.mark.parametrize(
  "name, value, said",
  [
    (
      "runtime.beam",
      ["--s3_secret_access_key=s3cret"],
      "runtime.beam: s3_secret_access_key is a secret",
    ),
    (
      "runtime.beam_of",
      {"Transform": ["--azure_connection_string=s3cret"]},
      "runtime.beam_of.Transform: azure_connection_string is a secret",
    ),
    (
      "runtime.beam",
      ['--environment_config={"env": {"AUTH_TOKEN": "s3cret"}}'],
      "AUTH_TOKEN is a secret",
    ),
    (
      "runtime.beam",
      ["--artifact_endpoint=grpc://me:s3cret@host:1"],
      "runtime.beam: leave the password out",
    ),
    ("kubeflow.root", "minio://me:s3cret@bucket/folder", "kubeflow.root: leave the password out"),
    ("source.path", "https://me:s3cret@host/photos.zip", "source.path: leave the password out"),
  ],
)
def test_a_secret_is_no_setting(name, value, said):
  with pytest.raises(errors.UserError) as error:
    config_lib.with_values(config_lib.Config(), {name: value})
  assert said in str(error.value) and "s3cret" not in str(error.value)


@pytest.mark.parametrize(
  "flags",
  [
    ["--runner=FlinkRunner", "--environment_config=localhost:50000"],
    ['--environment_config={"command": "/opt/boot"}'],
    ["--dataflow_kms_key=projects/a/keys/b", "--s3_access_key_id=AKIA"],
  ],
)
def test_other_options_are(flags):
  config = config_lib.with_values(config_lib.Config(), {"runtime.beam": flags})
  assert list(config.runtime.beam) == flags


@pytest.fixture(name="fetched")
def make_fetched(tmp_path, monkeypatch, capsys):
  """A fetch that fails: the error, what is printed and left in the cache."""
  for name in [name for name in os.environ if name.startswith("PIP_")]:
    monkeypatch.delenv(name)
  for name, value in planted_secrets.environment(tmp_path).items():
    monkeypatch.setenv(name, value)
  cache = tmp_path / "cache"
  (tmp_path / "pip.conf").touch()
  monkeypatch.setenv("FACES_CACHE", str(cache))
  monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
  monkeypatch.setenv("PIP_RETRIES", "0")

  def fetch(*arguments):
    monkeypatch.setattr("sys.argv", ["pipeline", "fetch", *arguments])
    with pytest.raises(SystemExit):
      cli.main()
    return [*(text.encode() for text in capsys.readouterr()), *planted_secrets.in_folder(cache)]

  return fetch


# pip quotes an address that is none.
@pytest.mark.parametrize("port", ["1", "abc"])
def test_a_package_index_and_a_proxy_keep_their_passwords(fetched, tmp_path, monkeypatch, port):
  for name, value in planted_secrets.environment(tmp_path, port).items():
    monkeypatch.setenv(name, value)
  monkeypatch.setenv("PIP_INDEX_URL", f"https://me:{_QUOTED}@index.invalid/")
  found = fetched("sample")
  assert b"cannot fetch felonfinder" in found[1]
  assert not planted_secrets.leaks(found, _HIDDEN)


def test_an_address_keeps_its_password(fetched):
  with socket.create_server(("127.0.0.1", 0)) as listener:
    threading.Thread(target=_speak_no_https, args=[listener]).start()
    place = f"127.0.0.1:{listener.getsockname()[1]}/w.h5"
    found = fetched("vgg-face", "--from", f"https://me:{_QUOTED}@{place}?token={_HIDDEN}#{_HIDDEN}")
  assert f"cannot fetch https://{place}: no secure conn".encode() in found[1]
  assert len(found) > 2  # There is a cache.
  assert not planted_secrets.leaks(found, _HIDDEN)


def _speak_no_https(listener):
  connection, _ = listener.accept()
  with connection:
    connection.recv(1000)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
