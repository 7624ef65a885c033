"""How many photos a generator would learn from."""

import pathlib

from components.shared.data import feature_names, plan
from pipeline import config as config_lib

CELEBA_PHOTOS = 202_499  # all but those that evaluate


def of(config: config_lib.Config) -> int:
  """Photos that the generator would learn from.

  Raises:
    UserError: the source can't be read; of `celeba` that is no matter.
  """
  if config.name == "celeba" and not pathlib.Path(config.source.path).exists():
    return CELEBA_PHOTOS
  seen = plan.make(config.source, config.splits)
  return sum(
    photo.split in (feature_names.LABELED, feature_names.UNLABELED) for photo in seen.assigned
  )
