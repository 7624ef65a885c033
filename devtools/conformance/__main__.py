"""Carries out a compiled pipeline with Kubeflow's own programs, on one machine.

  python -m devtools.conformance --driver DRIVER --launcher LAUNCHER --folder FOLDER

ML Metadata, the task cache, an object store and a few answers of Kubernetes are
served on loopback; each program runs in namespaces with what a pod has. With
`--fast` no step runs: what it reported in an earlier run is reported again.
"""

import argparse
import contextlib
import json
import pathlib
import shutil
import sys

_RECORDED = pathlib.Path(__file__).parents[2] / "tests" / "pipeline" / "kubeflow" / "recorded"
_REPORTS = _RECORDED / "reports.json"


def _arguments() -> argparse.Namespace:
  parser = argparse.ArgumentParser(prog="python -m devtools.conformance", description=__doc__)
  parser.add_argument("--driver", type=pathlib.Path, required=True)
  parser.add_argument("--launcher", type=pathlib.Path, required=True)
  parser.add_argument(
    "--folder", type=pathlib.Path, required=True, help="keeps the cluster: cache, store, volumes"
  )
  parser.add_argument(
    "--file", type=pathlib.Path, help="a compiled pipeline; default: the small one of the tests"
  )
  parser.add_argument("-p", "--parameter", action="append", default=[], metavar="NAME=VALUE")
  parser.add_argument("--fast", action="store_true", help="repeat recorded reports")
  parser.add_argument(
    "--record", metavar="VERSION", help="keep what this version of Kubeflow gave to each step"
  )
  return parser.parse_args()


def _main() -> int:
  options = _arguments()
  from devtools.conformance import pods

  for program in (options.driver, options.launcher):
    if not program.is_file():
      print(f"skipped: {program} is not there", file=sys.stderr)
      return 0
  try:
    pods.enter()
  except OSError as error:
    print(f"skipped: this machine allows no namespaces ({error})", file=sys.stderr)
    return 0
  return _carry_out(options)


def _carry_out(options: argparse.Namespace) -> int:
  """Does the work, in a network of its own."""
  from components.shared.core import errors
  from devtools.conformance import (
    kubernetes_service,
    metadata_service,
    object_service,
    pods,
    recording,
    small,
    workflow,
  )
  from devtools.rehearsal import rehearse
  from pipeline.platforms.kubeflow import spec_file

  work = options.folder.absolute()
  work.mkdir(parents=True, exist_ok=True)
  if options.file is None:
    options.file = work / "pipeline.yaml"
    small.write(options.file)
  file = spec_file.load(options.file)
  pods.prepare(work)
  (work / "store" / "mlpipeline").mkdir(parents=True, exist_ok=True)
  repeat = work / "recorder" / "repeat"
  shutil.rmtree(repeat)
  repeat.mkdir()
  if options.fast:
    for name, report in json.loads(_REPORTS.read_text()).items():
      (repeat / f"{name}.json").write_text(json.dumps(report))
  with contextlib.ExitStack() as stack:
    metadata = metadata_service.serve_metadata(8080, work / "metadata.sqlite")
    stack.callback(metadata.stop, None)
    stack.callback(metadata_service.serve_tasks(8887, work / "tasks").stop, None)
    stack.callback(object_service.serve(9000, work / "store").shutdown)
    stack.callback(kubernetes_service.serve(6443, work).shutdown)
    run = workflow.Workflow(file, work, options.driver.absolute(), options.launcher.absolute())
    try:
      given = dict(pair.split("=", 1) for pair in options.parameter)
      run.run(rehearse.parameters_of(file, given))
    except (errors.RunFailed, errors.UserError) as error:
      print(f"error: {error}", file=sys.stderr)
      return 1
  print(f"{len(file.tasks)} steps; {len(run.pods)} ran, {len(run.cached)} came from the cache")
  if options.record:
    found = recording.record(options.record, options.file.read_text(), work, run.pods)
    _write(_RECORDED / f"{options.record}.json", found)
    if not options.fast:
      reports = sorted((work / "recorder" / "reports").glob("*.json"))
      _write(_REPORTS, {path.stem: json.loads(path.read_text()) for path in reports})
  return 0


def _write(path: pathlib.Path, value: object) -> None:
  path.parent.mkdir(parents=True, exist_ok=True)
  path.write_text(json.dumps(value, indent=1, sort_keys=True) + "\n", encoding="utf-8")
  print(path)


if __name__ == "__main__":
  sys.exit(_main())
