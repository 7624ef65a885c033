"""The sentence follows the ladder."""

import pytest

from components.report import verdict

LADDER = {"with": {"auc": 0.98, "accuracy": 0.94}, "without": {"auc": 0.97, "accuracy": 0.93}}


@pytest.mark.parametrize(
  "interval, said",
  [
    ((0.01, 0.05), "Yes, the synthetic faces helped"),
    ((-0.05, -0.01), "No, the synthetic faces did harm"),
    ((-0.01, 0.02), "It can't be told"),
    ((0.0, 0.0), "No, the synthetic faces changed nothing"),
  ],
)
def test_sentence(interval, said):
  comparison = {
    "with": "with",
    "without": "without",
    "auc_difference": 0.01,
    "auc_difference_ci95": list(interval),
  }
  sentence = verdict.sentence(comparison, LADDER)
  assert sentence.startswith(said)
  assert "0.980" in sentence and "0.970" in sentence and "+0.010" in sentence
