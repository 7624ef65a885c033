"""ML Metadata's gRPC service, and Kubeflow's task cache, for one machine."""

import pathlib
import re
import threading
from collections.abc import Callable
from concurrent import futures

import grpc
from ml_metadata.metadata_store.pywrap.metadata_store_extension import metadata_store
from ml_metadata.proto import metadata_store_pb2
from ml_metadata.proto import metadata_store_service_pb2 as service

_LARGE = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
_SERVICE = "MetadataStoreService"
_CODES = {code.value[0]: code for code in grpc.StatusCode}
_FINGERPRINT = re.compile(rb"[0-9a-f]{64}")
_OF_DAG = re.compile(r"custom_properties\.parent_dag_id\.int_value = (\d+)")

_Call = Callable[[bytes, grpc.ServicerContext], bytes]


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

  def handler(name: str) -> _Call:
    def call(request: bytes, context: grpc.ServicerContext) -> bytes:
      with lock:
        response, message, code = getattr(metadata_store, name)(store, request)
      if code:
        context.abort(_CODES[code], message.decode())
      return response

    return call

  methods = service.DESCRIPTOR.services_by_name[_SERVICE].methods
  calls = {m.name: handler(m.name) for m in methods if hasattr(metadata_store, m.name)}
  calls["GetExecutionsByContext"] = _of_dag(calls["GetExecutionsByContext"])
  return _start(port, f"ml_metadata.{_SERVICE}", calls)


def _of_dag(get: _Call) -> _Call:
  """Answers the one query that Kubeflow has; the newest ML Metadata has none."""

  def call(request: bytes, context: grpc.ServicerContext) -> bytes:
    wanted = service.GetExecutionsByContextRequest.FromString(request)
    query = _OF_DAG.fullmatch(wanted.options.filter_query)
    if not query:
      return get(request, context)
    wanted.options.ClearField("filter_query")
    found = service.GetExecutionsByContextResponse.FromString(
      get(wanted.SerializeToString(), context)
    )
    kept = [
      execution
      for execution in found.executions
      if execution.custom_properties["parent_dag_id"].int_value == int(query[1])
    ]
    del found.executions[:]
    found.executions.extend(kept)
    return found.SerializeToString()

  return call


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

  return _start(port, "api.TaskService", {"CreateTaskV1": create, "ListTasksV1": find})


def _start(port: int, name: str, calls: dict[str, _Call]) -> grpc.Server:
  server = grpc.server(futures.ThreadPoolExecutor(4), options=_LARGE)
  handlers = {call: grpc.unary_unary_rpc_method_handler(made) for call, made in calls.items()}
  server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(name, handlers),))
  if not server.add_insecure_port(f"127.0.0.1:{port}"):
    raise OSError(f"port {port} is taken")
  server.start()
  return server
