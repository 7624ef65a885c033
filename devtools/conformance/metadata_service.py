"""ML Metadata's gRPC service, and Kubeflow's task cache, for one machine."""

import pathlib
import re
import threading
from concurrent import futures
from typing import Any

import grpc
from ml_metadata.metadata_store.pywrap.metadata_store_extension import metadata_store
from ml_metadata.proto import metadata_store_pb2
from ml_metadata.proto import metadata_store_service_pb2 as service

_LARGE = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
_SERVICE = "MetadataStoreService"
_CODES = {code.value[0]: code for code in grpc.StatusCode}
_FINGERPRINT = re.compile(rb"[0-9a-f]{64}")


def serve_metadata(port: int, file: pathlib.Path) -> grpc.Server:
  """ML Metadata's own store, with all its constraints, behind its service.

  Args:
    port: on loopback.
    file: of the SQLite database.
  """
  config = metadata_store_pb2.ConnectionConfig()
  config.sqlite.filename_uri = str(file)
  store = metadata_store.CreateMetadataStore(
    config.SerializeToString(), metadata_store_pb2.MigrationOptions().SerializeToString()
  )
  lock = threading.Lock()

  def handler(name: str) -> Any:
    def call(request: bytes, context: grpc.ServicerContext) -> bytes:
      with lock:
        response, message, code = getattr(metadata_store, name)(store, request)
      if code:
        context.abort(_CODES[code], message.decode())
      return response

    return grpc.unary_unary_rpc_method_handler(call)

  methods = service.DESCRIPTOR.services_by_name[_SERVICE].methods
  handlers = {m.name: handler(m.name) for m in methods if hasattr(metadata_store, m.name)}
  return _start(port, f"ml_metadata.{_SERVICE}", handlers)


def serve_tasks(port: int, file: pathlib.Path) -> grpc.Server:
  """The API server's part that knows which executions can be used again.

  A request to keep a task and an answer that lists one are the same bytes.

  Args:
    port: on loopback.
    file: where tasks are kept, one a line, in hex.
  """
  kept = [bytes.fromhex(line) for line in file.read_text().split()] if file.exists() else []

  def create(request: bytes, _) -> bytes:
    kept.append(request)
    with file.open("a", encoding="ascii") as stream:
      stream.write(request.hex() + "\n")
    return b""

  def find(request: bytes, _) -> bytes:
    (fingerprint,) = _FINGERPRINT.findall(request)
    return next((task for task in reversed(kept) if fingerprint in task), b"")

  handlers = {
    "CreateTaskV1": grpc.unary_unary_rpc_method_handler(create),
    "ListTasksV1": grpc.unary_unary_rpc_method_handler(find),
  }
  return _start(port, "api.TaskService", handlers)


def _start(port: int, name: str, handlers: dict[str, Any]) -> grpc.Server:
  server = grpc.server(futures.ThreadPoolExecutor(4), options=_LARGE)
  server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(name, handlers),))
  if not server.add_insecure_port(f"127.0.0.1:{port}"):
    raise OSError(f"port {port} is taken")
  server.start()
  return server
