"""The server speaks to its own pages on this machine, and to nobody else."""

import socket
import threading
import urllib.error
import urllib.request

import flask
import pytest
import werkzeug

from components.shared.core import errors
from pipeline.programs import training_logs
from pipeline.programs.web import server as server_lib
from tests import web_routes


@pytest.fixture(name="app")
def make_app(tmp_path):
  (tmp_path / "page.js").write_text("1;")
  app = server_lib.application(tmp_path, max_request_bytes=100)
  app.get("/", endpoint="page")(lambda: "hello")
  app.post("/change", endpoint="change")(lambda: {"changed": True})
  return app


@pytest.fixture(name="running")
def run_app(app):
  server = server_lib.Server(app)
  thread = threading.Thread(target=server.run)
  thread.start()
  yield server
  server.stop()
  thread.join()


def test_answers_on_loopback(running):
  assert running.url.startswith("http://127.0.0.1:")
  with urllib.request.urlopen(running.url) as response:
    assert response.read() == b"hello"
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
  "host, status",
  [
    ("127.0.0.1:8000", 200),
    ("localhost:8000", 200),
    ("attacker.example:8000", 400),
    ("169.254.169.254", 400),
  ],
)
def test_only_its_own_name_is_answered(app, host, status):
  assert app.test_client().get("/", headers={"Host": host}).status_code == status


@pytest.mark.parametrize(
  "headers, status",
  [
    ({"Origin": "http://localhost"}, 200),
    ({"Origin": "http://localhost:9"}, 403),
    ({"Origin": "https://attacker.example"}, 403),
    ({"Origin": "null"}, 403),
    ({}, 403),
  ],
)
def test_only_its_own_pages_change_anything(app, headers, status):
  assert app.test_client().post("/change", headers=headers).status_code == status


def test_static_files_stay_in_their_folder(app, tmp_path):
  (tmp_path.parent / "secret.txt").write_text("secret")
  client = app.test_client()
  assert client.get("/static/page.js").data == b"1;"
  for path in ("../secret.txt", "%2e%2e/secret.txt", "/etc/passwd"):
    assert client.get(f"/static/{path}", follow_redirects=True).status_code == 404


def test_a_port_in_use_is_said(app):
  with socket.create_server(("127.0.0.1", 0)) as taken:
    port = taken.getsockname()[1]
    with pytest.raises(errors.UserError, match=f"port {port} is in use"):
      server_lib.Server(app, port=port)


@pytest.mark.parametrize("host, port", [("no.such.host.invalid", 0), ("127.0.0.1", 70000)])
def test_an_impossible_address_is_said(app, host, port):
  with pytest.raises(errors.UserError, match="can't be served"):
    server_lib.Server(app, host, port)


@pytest.fixture(name="outside")
def write_outside(tmp_path):
  path = tmp_path.parent / "secret.txt"
  path.write_text("secret")
  return path


def test_every_route_knows_its_own_pages(app, outside):
  web_routes.check(app, outside)


def test_a_route_that_takes_a_path_is_found(app, outside, tmp_path):
  app.get("/file/<path:name>", endpoint="file")(lambda name: (tmp_path / name).read_text())
  with pytest.raises(AssertionError, match="/file/"):
    web_routes.check(app, outside)


def test_an_open_application_is_found(tmp_path, outside):
  unprotected = flask.Flask(__name__, static_folder=str(tmp_path))
  unprotected.post("/change", endpoint="change")(lambda: "changed")
  with pytest.raises(AssertionError, match="'GET'"):
    web_routes.check(unprotected, outside)


@pytest.mark.parametrize(
  "method, headers, status",
  [
    ("GET", {"Host": "127.0.0.1:6006"}, 200),
    ("GET", {"Host": "attacker.example:6006"}, 400),
    ("POST", {"Host": "127.0.0.1", "Origin": "http://127.0.0.1"}, 200),
    ("POST", {"Host": "127.0.0.1", "Origin": "http://attacker.example"}, 403),
    ("POST", {"Host": "127.0.0.1"}, 403),
  ],
)
def test_another_s_application_is_guarded(method, headers, status):
  other = werkzeug.Response("hello")
  client = werkzeug.Client(server_lib.guarded(other))
  assert client.open("/", method=method, headers=headers).status_code == status


def test_tensorboard_answers_to_its_own_name(tmp_path):
  url = training_logs.server(tmp_path, port=0).launch()
  assert url.startswith("http://127.0.0.1:")
  with urllib.request.urlopen(f"{url}data/runs", timeout=60) as answer:
    assert answer.read() == b"[]"
  with pytest.raises(urllib.error.HTTPError, match="400"):
    urllib.request.urlopen(
      urllib.request.Request(f"{url}data/runs", headers={"Host": "attacker.example"}), timeout=60
    )


def test_brackets_without_end_are_a_bad_request(tmp_path):
  app = server_lib.application(tmp_path, max_request_bytes=1 << 20)
  app.post("/json", endpoint="json")(lambda: {"got": flask.request.get_json(silent=True)})
  answer = app.test_client().post(
    "/json",
    data="[" * 200_000,
    headers={"Origin": "http://localhost", "Content-Type": "application/json"},
  )
  assert answer.status_code == 400
  assert "nested too deep" in answer.get_json()["error"]
