"""What can be known, and be wrong, before a pipeline is compiled."""

import os
from typing import NamedTuple

from components.shared.core import errors
from components.shared.data import plan
from pipeline import config as config_lib
from pipeline import places as places_lib
from pipeline.platforms.beam import beam_flags


class Known(NamedTuple):
  """The fields of `dag.Inputs`, of files that are here."""

  photos_fingerprint: str
  labels_fingerprint: str
  others: tuple[str, ...]
  weights_sha256: str | None


def check(config: config_lib.Config) -> Known:
  """Of files that are here, all that is known; of others, nothing.

  Annotations besides those to learn are then those that
  `evaluation.slices` names.

  Raises:
    UserError: something that a cluster needs is not set or can't be, or files
      that are here are wrong.
  """
  if config.kubeflow.image is None:
    raise errors.UserError(
      "kubeflow.image is not set: build the image that the Dockerfile "
      "describes, push it to a registry that the cluster reads, and name it "
      "with --image registry/name:tag"
    )
  generator = config.imported_generator
  if generator is not None and "/" in generator and not (places_lib.is_address(generator)):
    raise errors.UserError(
      f"{generator}: a cluster does not see this folder; put it into an "
      "object store and give its address (gs://, s3:// or minio://...)"
    )
  _check_runners(config.runtime)
  _check_buckets(config)
  weights = config.embedder.weights
  weights_sha256 = "not read" if weights and not os.path.exists(weights) else None
  source = config.source
  here = all(
    path in ("sample", None) or os.path.exists(path) for path in (source.path, source.labels)
  )
  if not here:
    return Known("", "", config.evaluation.slices, weights_sha256)
  seen = plan.make(source, config.splits)
  return Known(seen.photos_fingerprint, seen.labels_fingerprint, seen.others, weights_sha256)


def _check_runners(runtime: config_lib.RuntimeSettings) -> None:
  """Each step's pod alone has the folders that its artifacts are copied to."""
  for name, flags in (("runtime.beam", runtime.beam), *runtime.beam_of.items()):
    flags = flags if name == "runtime.beam" else beam_flags.merged(runtime.beam, flags)
    if not beam_flags.is_local(flags):
      raise errors.UserError(
        f"{name} (--beam): on Kubeflow a step's artifacts are in its own pod, which workers "
        "elsewhere don't see: leave the runner out, or use FnApiRunner with more processes "
        "(--direct_running_mode=multi_processing --direct_num_workers=N)"
      )


def _check_buckets(config: config_lib.Config) -> None:
  """Kubeflow opens no minio:// bucket but the one that it keeps artifacts in."""
  root = config.kubeflow.likely_root
  for name, value in (
    ("source.path", config.source.path),
    ("source.labels", config.source.labels),
    ("imported_generator", config.imported_generator),
  ):
    if value and value.startswith("minio://") and _bucket(value) != _bucket(root):
      raise errors.UserError(
        f"{name}: {value}: Kubeflow has keys of the bucket of the pipeline's root only; put it "
        f"into {_bucket(root)}/, or name that bucket's root with --root"
      )


def _bucket(address: str) -> str:
  return "/".join(address.split("/")[:3])
