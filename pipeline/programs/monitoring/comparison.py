"""Counts of faces held against each other: a test, and TFDV's distances.

A test alone calls every difference a move once there are enough faces, and a
distance alone calls noise one while there are few. A figure has moved where both
say so: the chi-squared test of homogeneity, with Holm's correction for all
figures and slices of a window, and TFDV's comparator for training-serving skew.
"""

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np
import tensorflow_data_validation as tfdv
from scipy import stats
from tensorflow_metadata.proto.v0 import schema_pb2, statistics_pb2

ALPHA = 0.01
"""Share of quiet windows in which a test may say otherwise."""
MOST_DIVERGENCE = 0.1
"""Jensen-Shannon, bits, of figures in tenths. 60 faces of the same kind as a
baseline's 94 differ by 0.04 on average."""
MOST_SHIFT = 0.15
"""L-infinity: of the share of a label."""
FEWEST = 30
"""Faces that a figure needs in the window; of fewer the test says little."""
FEWEST_BASELINE = 20

_Feature = statistics_pb2.FeatureNameStatistics


@dataclasses.dataclass(frozen=True)
class Comparison:
  """A figure in a slice of a window, against the baseline.

  Attributes:
    slice: name of the slice.
    feature: name of the figure.
    faces: counted in the window.
    p: of the test, corrected.
    distance: TFDV's, from the baseline (skew).
    bound: that makes it a move.
    step: TFDV's distance from the window before (drift), None for the first.
    moved: whether it has.
  """

  slice: str
  feature: str
  faces: int
  p: float
  distance: float
  bound: float
  step: float | None
  moved: bool


def compare(
  slices: Sequence[str],
  features: Sequence[str],
  baseline: np.ndarray,
  counts: np.ndarray,
  before: np.ndarray | None,
) -> list[Comparison]:
  """Compares what there are enough faces of.

  Args:
    slices: names.
    features: names.
    baseline: int64 [slices, features, bins].
    counts: of the window, likewise.
    before: of the window before, likewise; None if there is none.
  """
  places = [
    (s, f)
    for s in range(len(slices))
    for f in range(len(features))
    if counts[s, f].sum() >= FEWEST and baseline[s, f].sum() >= FEWEST_BASELINE
  ]
  names = {f"{slices[s]}/{features[f]}": (s, f) for s, f in places}
  ps = holm([_p(baseline[s, f], counts[s, f]) for s, f in places])
  earlier = None if before is None else {n: before[at] for n, at in names.items()}
  distances = _distances(
    {name: baseline[at] for name, at in names.items()},
    {name: counts[at] for name, at in names.items()},
    earlier,
  )
  found = []
  for (name, (s, f)), p in zip(names.items(), ps, strict=True):
    distance, step = distances[name]
    bound = _bound(name)
    found.append(
      Comparison(
        slice=slices[s],
        feature=features[f],
        faces=int(counts[s, f].sum()),
        p=p,
        distance=distance,
        bound=bound,
        step=step if earlier and earlier[name].sum() >= FEWEST else None,
        moved=p < ALPHA and distance > bound,
      )
    )
  return found


def holm(ps: Sequence[float]) -> list[float]:
  """P values corrected for how many they are (Holm 1979), in their order."""
  order = np.argsort(ps)
  factors = np.arange(len(ps), 0, -1)
  raised = np.minimum(1, np.maximum.accumulate(np.asarray(ps, float)[order] * factors))
  found = np.empty(len(ps))
  found[order] = raised
  return found.tolist()


def _p(first: np.ndarray, second: np.ndarray) -> float:
  """Of the chi-squared test that both are draws of the same."""
  table = np.stack([first, second])
  table = table[:, table.sum(axis=0) > 0]
  if table.shape[1] < 2:
    return 1.0  # All faces are in one bin.
  return float(stats.chi2_contingency(table).pvalue)


def _is_label(name: str) -> bool:
  return name.partition("/")[2].startswith("label_")


def _bound(name: str) -> float:
  return MOST_SHIFT if _is_label(name) else MOST_DIVERGENCE


def _distances(
  baseline: Mapping[str, np.ndarray],
  counts: Mapping[str, np.ndarray],
  before: Mapping[str, np.ndarray] | None,
) -> dict[str, tuple[float, float | None]]:
  """TFDV's distances from the baseline and from the window before."""
  if not counts:
    return {}
  anomalies = tfdv.validate_statistics(
    # It holds what it calls the training's against those that serve, and
    # against those before it: here these are the window's.
    _statistics(counts),
    _schema(counts),
    serving_statistics=_statistics(baseline),
    previous_statistics=None if before is None else _statistics(before),
  )
  found = {}
  for info in anomalies.drift_skew_info:
    (name,) = info.path.step
    steps = [measured.value for measured in info.drift_measurements]
    found[name] = (info.skew_measurements[0].value, steps[0] if steps else None)
  return found


def _schema(names: Mapping[str, np.ndarray]) -> schema_pb2.Schema:
  schema = schema_pb2.Schema()
  for name in names:
    label = _is_label(name)
    feature = schema.feature.add(name=name, type=schema_pb2.BYTES if label else schema_pb2.FLOAT)
    for comparator in (feature.skew_comparator, feature.drift_comparator):
      if label:
        comparator.infinity_norm.threshold = MOST_SHIFT
      else:
        comparator.jensen_shannon_divergence.threshold = MOST_DIVERGENCE
  return schema


def _statistics(counts: Mapping[str, np.ndarray]) -> statistics_pb2.DatasetFeatureStatisticsList:
  """Counts as TFDV would have made them of the values."""
  found = statistics_pb2.DatasetFeatureStatisticsList()
  data = found.datasets.add(num_examples=max(int(of.sum()) for of in counts.values()))
  for name, of in counts.items():
    label = _is_label(name)
    feature = data.features.add(type=_Feature.STRING if label else _Feature.FLOAT)
    feature.path.step.append(name)
    common = feature.string_stats.common_stats if label else feature.num_stats.common_stats
    common.num_non_missing = common.tot_num_values = int(of.sum())
    common.min_num_values = common.max_num_values = 1
    common.avg_num_values = 1
    if label:
      for rank, count in enumerate(of[:2]):
        feature.string_stats.rank_histogram.buckets.add(
          low_rank=rank, high_rank=rank, label=str(rank), sample_count=float(count)
        )
    else:
      histogram = feature.num_stats.histograms.add(
        type=statistics_pb2.Histogram.HistogramType.STANDARD
      )
      # By number: the outer bins have no end.
      for number, count in enumerate(of):
        histogram.buckets.add(low_value=number, high_value=number + 1, sample_count=float(count))
  return found
