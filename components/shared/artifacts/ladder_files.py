"""The files of a `Ladder` artifact."""

LADDER = "ladder.json"
SCORES = "scores.csv"
