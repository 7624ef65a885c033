"""What can be known, and be wrong, before a pipeline is compiled."""

import os
from typing import NamedTuple

from components.shared.core import errors
from components.shared.data import plan
from pipeline import config as config_lib
from pipeline import places as places_lib


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
