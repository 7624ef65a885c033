"""The server speaks to its own pages on this machine, and to nobody else."""

import socket
import threading
import urllib.request

import pytest

from components import errors
from pipeline.web import server as server_lib


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


@pytest.mark.parametrize("host, status", [
    ("127.0.0.1:8000", 200), ("localhost:8000", 200),
    ("attacker.example:8000", 400), ("169.254.169.254", 400)])
def test_only_its_own_name_is_answered(app, host, status):
  assert app.test_client().get(
      "/", headers={"Host": host}).status_code == status


@pytest.mark.parametrize("headers, status", [
    ({"Origin": "http://localhost"}, 200),
    ({"Origin": "http://localhost:9"}, 403),
    ({"Origin": "https://attacker.example"}, 403),
    ({"Origin": "null"}, 403),
    ({}, 403)])
def test_only_its_own_pages_change_anything(app, headers, status):
  assert app.test_client().post(
      "/change", headers=headers).status_code == status


def test_static_files_stay_in_their_folder(app, tmp_path):
  (tmp_path.parent / "secret.txt").write_text("secret")
  client = app.test_client()
  assert client.get("/static/page.js").data == b"1;"
  for path in ("../secret.txt", "%2e%2e/secret.txt", "/etc/passwd"):
    assert client.get(
        f"/static/{path}", follow_redirects=True).status_code == 404


def test_a_port_in_use_is_said(app):
  with socket.create_server(("127.0.0.1", 0)) as taken:
    port = taken.getsockname()[1]
    with pytest.raises(errors.UserError, match=f"port {port} is in use"):
      server_lib.Server(app, port=port)


@pytest.mark.parametrize("host, port", [("no.such.host.invalid", 0),
                                        ("127.0.0.1", 70000)])
def test_an_impossible_address_is_said(app, host, port):
  with pytest.raises(errors.UserError, match="can't be served"):
    server_lib.Server(app, host, port)
