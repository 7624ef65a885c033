"""Pods on one machine: namespaces with the folders and names that a pod has."""

import fcntl
import os
import pathlib
import re
import socket
import struct
import subprocess
import sys
from collections.abc import Mapping, Sequence

_INSIDE = "CONFORMANCE_INSIDE"
_NAMES = (
  "metadata-grpc-service.kubeflow",
  "ml-pipeline.kubeflow",
  "minio-service.kubeflow",
  "seaweedfs.kubeflow",
)
# What the pod has of its own; all else is this machine's.
_OWN = ("gcs", "s3", "minio", "mnt", "run", "tmp", "kfp-launcher", "recorder", "outputs")
_SCRIPT = f"""
set -eu
root=$1 work=$2 program=$3; shift 3
mount -t tmpfs tmpfs "$root"
for entry in /*; do
  name=${{entry#/}}
  case " {" ".join(_OWN)} " in *" $name "*) continue;; esac
  if [ -L "$entry" ]; then cp -P "$entry" "$root/"
  elif [ -d "$entry" ]; then mkdir "$root$entry"; mount --rbind "$entry" "$root$entry"
  fi
done
for name in {" ".join(_OWN)}; do mkdir -m 1777 "$root/$name"; done
account=$root/run/secrets/kubernetes.io/serviceaccount
mkdir -p "$account"
printf kubeflow >"$account/namespace"
printf token >"$account/token"
cp "$work/ca.crt" "$account/"
mount --bind "$work/hosts" "$root/etc/hosts"
mount --bind "$work/outputs" "$root/outputs"
mount --bind "$work/recorder" "$root/recorder"
touch "$root/kfp-launcher/launch"
mount --bind "$program" "$root/kfp-launcher/launch"
while [ "$1" != -- ]; do
  mkdir -p "$root$2"; mount --bind "$1" "$root$2"; shift 2
done
shift
exec chroot "$root" "$@"
"""


def enter() -> None:
  """Starts this process again where nothing is but loopback, unless it is there.

  Raises:
    OSError: this machine allows no namespaces.
  """
  if os.environ.get(_INSIDE):
    _loopback_up()
    return
  user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
  # In a changed root there is no mount whose propagation could be changed.
  for more in ([], ["--propagation", "unchanged"]):
    command = ["unshare", *user, "--mount", "--net", *more]
    done = subprocess.run([*command, "true"], check=False, capture_output=True, text=True)
    if not done.returncode:
      break
  else:
    raise OSError(f"{' '.join(command)}: {done.stderr.strip()}")
  os.environ[_INSIDE] = "1"
  os.execvp(  # noqa: S606  The command is made here, of no one's text.
    command[0], [*command, sys.executable, *sys.orig_argv[1:]]
  )


def prepare(work: pathlib.Path) -> None:
  """Makes what all pods of a run see; the Kubernetes service adds `ca.crt`."""
  for name in ("outputs", "root", "volumes", "logs"):
    (work / name).mkdir(exist_ok=True)
  for name in ("invocations", "reports", "repeat"):
    (work / "recorder" / name).mkdir(parents=True, exist_ok=True)
  (work / "hosts").write_text(f"127.0.0.1 localhost {' '.join(_NAMES)}\n")
  python = work / "recorder" / "python"
  python.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m devtools.conformance.recorder "$@"\n')
  python.chmod(0o755)


def run(
  work: pathlib.Path,
  name: str,
  command: Sequence[str],
  launcher: pathlib.Path,
  mounts: Mapping[str, str],
  environment: Mapping[str, str],
) -> tuple[int, pathlib.Path]:
  """Runs a pod's command; gives its status and its log.

  Args:
    work: folder of the run.
    name: of the pod.
    command: what it runs; variables in it are expanded as Kubernetes does.
    launcher: Kubeflow's program, mounted where pods have it.
    mounts: folders of volumes by where they are mounted.
    environment: besides what every pod has.
  """
  folder = pathlib.Path(__file__).parents[2]
  environment = {
    "PATH": f"{pathlib.Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
    "PYTHONPATH": str(folder),
    "PYTHONDONTWRITEBYTECODE": "1",
    "HOME": "/tmp",  # noqa: S108  In the pod.
    "LANG": "C.UTF-8",
    "KUBERNETES_SERVICE_HOST": "127.0.0.1",
    "KUBERNETES_SERVICE_PORT": "6443",
    "METADATA_GRPC_SERVICE_HOST": "metadata-grpc-service.kubeflow",
    "METADATA_GRPC_SERVICE_PORT": "8080",
    "KFP_POD_NAME": name.lower(),
    "KFP_POD_UID": f"uid-{name.lower()}",
    "KFP_RETRY_INDEX": "0",
    **environment,
  }
  binds = [part for place, source in mounts.items() for part in (source, place)]
  log = work / "logs" / f"{name}.log"
  with log.open("wb") as stream:
    done = subprocess.run(
      ["unshare", "--mount", "--propagation", "unchanged", "sh", "-c", _SCRIPT, "pod"]
      + [
        str(work / "root"),
        str(work),
        str(launcher),
        *binds,
        "--",
        *(_expanded(part, environment) for part in command),
      ],
      env=environment,
      cwd="/",
      stdin=subprocess.DEVNULL,
      stdout=stream,
      stderr=subprocess.STDOUT,
      check=False,
    )
  return done.returncode, log


def _expanded(text: str, environment: Mapping[str, str]) -> str:
  return re.sub(
    r"\$\$|\$\(([A-Za-z_][\w.-]*)\)",
    lambda found: "$" if found[0] == "$$" else environment.get(found[1], found[0]),
    text,
  )


def _loopback_up() -> None:
  with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
    up = struct.pack("16sh14x", b"lo", 0x1 | 0x40)
    fcntl.ioctl(any_socket, 0x8914, up)
