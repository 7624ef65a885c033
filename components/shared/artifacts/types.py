"""Artifact types that TFX does not have.

On Kubeflow a type travels by name, and TFX imports what the name says: a
package and a class, so `components` gives out these classes as its own.
"""

from tfx.types import artifact


class Quarantine(artifact.Artifact):
  """Photos that were set aside: `quarantine.csv` (image_id, reason)."""

  TYPE_NAME = "components.Quarantine"


class Directions(artifact.Artifact):
  """Latent directions, and the scorers and codes behind them."""

  TYPE_NAME = "components.Directions"


class FilterCounts(artifact.Artifact):
  """`kept.json`: how many synthetic faces were made, and how many kept."""

  TYPE_NAME = "components.FilterCounts"


class SyntheticMeasures(artifact.Artifact):
  """`measures.json`: how good synthetic faces are."""

  TYPE_NAME = "components.SyntheticMeasures"


class Pictures(artifact.Artifact):
  """PNG files for people to look at."""

  TYPE_NAME = "components.Pictures"


class TrainingLog(artifact.Artifact):
  """TensorBoard event files and a `history.json` of the same scalars."""

  TYPE_NAME = "components.TrainingLog"


class Ladder(artifact.Artifact):
  """`ladder.json` and the scores behind it."""

  TYPE_NAME = "components.Ladder"


class Report(artifact.Artifact):
  """`index.html`, a self-contained page, `evaluation.json`, `model_card.md`."""

  TYPE_NAME = "components.Report"


class GateResult(artifact.Artifact):
  """`passed.txt`, one line: what an AnomalyGate checked and let through."""

  TYPE_NAME = "components.GateResult"


class Engine(artifact.Artifact):
  """`engine.json`: what runs a face network; the network in int8 if it is."""

  TYPE_NAME = "components.Engine"


class AnnotationTable(artifact.Artifact):
  """`annotations.csv`: what is known of each photo, by file name."""

  TYPE_NAME = "components.AnnotationTable"


class LatentCodes(artifact.Artifact):
  """`codes.npz`: photos in a generator's latent space, and faces of its own."""

  TYPE_NAME = "components.LatentCodes"


class Photos(artifact.Artifact):
  """A folder or a zip of photos, as FaceExampleGen reads them."""

  TYPE_NAME = "components.Photos"


class Annotations(artifact.Artifact):
  """A file of annotations, as AnnotationGen reads them."""

  TYPE_NAME = "components.Annotations"
