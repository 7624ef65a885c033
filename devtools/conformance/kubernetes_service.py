"""The few answers of a Kubernetes API server that Kubeflow's programs ask for."""

import base64
import http.server
import json
import pathlib
import ssl
import subprocess
import threading
from typing import Any


def serve(port: int, folder: pathlib.Path) -> http.server.ThreadingHTTPServer:
  """Answers over TLS on loopback.

  Args:
    port: to listen at.
    folder: takes the certificate, `ca.crt`, that pods are to trust.
  """
  certificate, key = folder / "ca.crt", folder / "ca.key"
  subprocess.run(
    ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    + ["-nodes", "-days", "2", "-subj", "/CN=kubernetes"]
    + ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)],
    check=True,
    capture_output=True,
  )
  server = http.server.ThreadingHTTPServer(("127.0.0.1", port), _Handler)
  context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
  context.load_cert_chain(certificate, key)
  server.socket = context.wrap_socket(server.socket, server_side=True)
  threading.Thread(target=server.serve_forever, daemon=True).start()
  return server


def _object(kind: str, name: str) -> dict[str, Any] | None:
  metadata = {"name": name, "namespace": "kubeflow"}
  if kind == "configmaps":
    # Nothing is set: artifacts are where an installation keeps them.
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {}}
  if kind == "secrets":
    data = {key: base64.b64encode(b"key").decode() for key in ("accesskey", "secretkey")}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": data}
  if kind == "pods":
    return {
      "apiVersion": "v1",
      "kind": "Pod",
      "metadata": {**metadata, "uid": f"uid-{name}"},
      "spec": {"containers": [{"name": "main", "image": "none"}]},
    }
  return None


class _Handler(http.server.BaseHTTPRequestHandler):
  protocol_version = "HTTP/1.1"

  def do_GET(self) -> None:
    *_, kind, name = self.path.partition("?")[0].split("/")
    found = _object(kind, name)
    body = json.dumps(found or {"kind": "Status", "status": "Failure", "code": 404}).encode()
    self.send_response(200 if found else 404)
    self.send_header("Content-Type", "application/json")
    self.send_header("Content-Length", str(len(body)))
    self.end_headers()
    self.wfile.write(body)

  def log_message(self, *_) -> None:
    """Keeps quiet."""
