"""Did the synthetic faces help? A sentence, computed."""

from typing import Any


def sentence(comparison: dict[str, Any], ladder: dict[str, Any]) -> str:
  """Says whether synthesis helped, from the ladder alone.

  Args:
    comparison: of `components.shared.learning.steps.compare`.
    ladder: the steps' rows.
  """
  ours, theirs = ladder[comparison["with"]], ladder[comparison["without"]]
  low, high = comparison["auc_difference_ci95"]
  if low > 0:
    answer = "Yes, the synthetic faces helped"
  elif high < 0:
    answer = "No, the synthetic faces did harm"
  elif low == high == 0:
    answer = "No, the synthetic faces changed nothing"
  else:
    answer = "It can't be told from these photos whether the synthetic faces helped"
  return (
    f"{answer}: with them (`{comparison['with']}`) AUC {ours['auc']:.3f} and "
    f"accuracy {ours['accuracy']:.3f}, without them "
    f"(`{comparison['without']}`) AUC {theirs['auc']:.3f} and accuracy "
    f"{theirs['accuracy']:.3f}; the difference in AUC is "
    f"{comparison['auc_difference']:+.3f}, 95% interval "
    f"[{low:+.3f}, {high:+.3f}]."
  )
