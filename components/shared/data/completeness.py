"""Whether a Beam pipeline wrote all that it was to write.

An engine that loses elements ends like one that doesn't. What a component wrote
is counted before it reports success, so that nothing short gets into the cache.
"""

from components.shared.core import errors
from components.shared.data import examples


def count(artifact_uri: str, split: str) -> int:
  """Records of a split."""
  if not examples.split_files(artifact_uri, split):
    return 0
  return int(examples.dataset(artifact_uri, split).reduce(0, lambda n, _: n + 1).numpy())


def check(component: str, artifact_uri: str, split: str, expected: int) -> None:
  """Counts a split that was written.

  Args:
    component: that wrote it.
    artifact_uri: of the Examples.
    split: its name.
    expected: number of records.

  Raises:
    UserError: there are more or fewer.
  """
  found = count(artifact_uri, split)
  if found != expected:
    raise errors.UserError(
      f"{component}: Beam's runner said that all was well, and split {split} has {found:,} "
      f"records instead of {expected:,}; choose another runner (--beam --runner=...)"
    )
