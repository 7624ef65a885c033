"""What is in a face's or an embedding's tf.Example, and the splits' names.

| feature          | type  | where                                            |
|------------------|-------|--------------------------------------------------|
| image_id         | bytes | always: the photo's file name                    |
| image            | bytes | faces: an encoded image (JPEG)                   |
| embedding        | float | embeddings: the network's output, fixed width    |
| distance_from_photos | float | embeddings, with synthetic ones: distance to the mean of `unlabeled`, 1 being usual |
| domain           | bytes | always: `real` or `synthetic`                    |
| label_<attribute> | int64 | embeddings and synthetic faces, of an attribute to learn: 1 = has it, 0 = has not; absent = unknown |
| held_out_label_<attribute> | int64 | split `unlabeled` only: such an annotation that exists, for reports, never for learning |
| fold             | int64 | synthetic faces: the fold of labelled photos that it owes nothing to (`components.shared.data.folds`) |
| <attribute>      | int64 | embeddings: any other annotation, 1 / 0, absent = unknown |
"""

from collections.abc import Iterable

UNKNOWN = -1
"""Of a label, in arrays; in a record it is absent."""

IMAGE_ID = "image_id"
IMAGE = "image"
EMBEDDING = "embedding"
DISTANCE = "distance_from_photos"
DOMAIN = "domain"
FOLD = "fold"
REAL = b"real"
SYNTHETIC = b"synthetic"

RESERVED = "reserved"
TRAINING = "training"
PHOTO_SPLITS = (RESERVED, TRAINING)
"""Of photos, which know no labels: those that are reserved for evaluation, and
those that may be learned from."""
HAND_LABELED = "hand_labeled"
LABELED = "labeled"
UNLABELED = "unlabeled"
SYNTHETIC_TRAIN = "synthetic_train"
SYNTHETIC_EVAL = "synthetic_eval"
REAL_SPLITS = (HAND_LABELED, LABELED, UNLABELED)
"""Of embeddings with labels: `hand_labeled` are reserved photos, the other two
the photos of `training`."""
SYNTHETIC_SPLITS = (SYNTHETIC_TRAIN, SYNTHETIC_EVAL)


def label(attribute: str) -> str:
  """Name of the feature that holds an attribute's label."""
  return f"label_{attribute}"


def held_out_label(attribute: str) -> str:
  """Name of the feature that holds an attribute's label back."""
  return f"held_out_label_{attribute}"


def feature_names(attributes: Iterable[str]) -> frozenset[str]:
  """All names above, labels of these attributes included; what else a record
  has are other annotations."""
  return frozenset(
    {
      IMAGE_ID,
      IMAGE,
      EMBEDDING,
      DISTANCE,
      DOMAIN,
      FOLD,
      *(name(attribute) for attribute in attributes for name in (label, held_out_label)),
    }
  )
