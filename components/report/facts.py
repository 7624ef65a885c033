"""What the page says of a run beyond its artifacts; ML Metadata knows it, which
a component can't ask, so it is there only where the run's own machine makes the
page."""

import dataclasses
from typing import Any


@dataclasses.dataclass(frozen=True)
class Component:
  """One component of the run.

  Attributes:
    name: its id.
    state: COMPLETE, CACHED, FAILED, ...
    seconds: that it took.
    peak_bytes: largest resident set while it ran, where it was measured.
    made_from: components whose outputs it read.
    artifacts: (output, place below TFX's folder) of what it made or took.
    parameters: that it was given.
    code: fingerprint of its sources; empty for TFX's own.
    led_to_model: whether the pushed model goes back to it.
  """

  name: str
  state: str
  seconds: float
  peak_bytes: int | None
  made_from: list[str]
  artifacts: list[tuple[str, str]]
  parameters: dict[str, str]
  code: str
  led_to_model: bool


@dataclasses.dataclass(frozen=True)
class PastRun:
  """One run of the history.

  Attributes:
    started: when, for people.
    name: of its pipeline.
    seconds: that it took.
    evaluation: the content of its `evaluation.json`, or None.
    instead: why there is none.
    changes: settings that differ from those of the run before.
    this: whether it is the run that the page is of.
  """

  started: str
  name: str
  seconds: float
  evaluation: dict[str, Any] | None
  instead: str
  changes: list[str]
  this: bool


@dataclasses.dataclass(frozen=True)
class Run:
  """The run and those before it.

  Attributes:
    started: when, for people.
    complete: it came to its end.
    components: in the order in which they ran.
    history: newest first.
    peak_bytes: largest resident set of all, where it was measured.
    command: that makes the run again; may be pasted into a shell.
    audit: the command that asks about doubtful labels, by attribute.
    sweeps: rows of `sweep.json`, by attribute; of those that were swept.
    others: whether there is a page of all runs.
  """

  started: str
  complete: bool
  components: list[Component]
  history: list[PastRun]
  peak_bytes: int | None
  command: str = ""
  audit: dict[str, str] = dataclasses.field(default_factory=dict)
  sweeps: dict[str, list[dict[str, Any]]] = dataclasses.field(default_factory=dict)
  others: bool = False


@dataclasses.dataclass(frozen=True)
class Failure:
  """Why a run ended early.

  Attributes:
    components: that were at work.
    message: one line.
  """

  components: list[str]
  message: str
