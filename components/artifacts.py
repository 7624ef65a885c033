"""Artifact types that TFX does not have."""

from tfx.types import artifact


class Quarantine(artifact.Artifact):
  """Photos that were set aside: `quarantine.csv` (image_id, reason)."""
  TYPE_NAME = "Quarantine"


class Directions(artifact.Artifact):
  """Latent directions, and the scorers and codes behind them."""
  TYPE_NAME = "LatentDirections"


class FilterCounts(artifact.Artifact):
  """`kept.json`: how many synthetic faces were made, and how many kept."""
  TYPE_NAME = "FilterCounts"


class SyntheticMeasures(artifact.Artifact):
  """`measures.json`: how good synthetic faces are."""
  TYPE_NAME = "SyntheticMeasures"


class Pictures(artifact.Artifact):
  """PNG files for people to look at."""
  TYPE_NAME = "Pictures"


class TrainingLog(artifact.Artifact):
  """TensorBoard event files and a `history.json` of the same scalars."""
  TYPE_NAME = "TrainingLog"


class Ladder(artifact.Artifact):
  """`ladder.json` and the scores behind it."""
  TYPE_NAME = "Ladder"


class Report(artifact.Artifact):
  """`index.html`, a self-contained page, and `evaluation.json`."""
  TYPE_NAME = "Report"


class GateResult(artifact.Artifact):
  """`passed.txt`, one line: what an AnomalyGate checked and let through."""
  TYPE_NAME = "GateResult"


class Engine(artifact.Artifact):
  """`engine.json`: what runs a face network; the network in int8 if it is."""
  TYPE_NAME = "EmbeddingEngine"
