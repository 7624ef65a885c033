"""All that is measured, one after the other."""

import dataclasses
import json
import os
import pathlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from components.shared import assets
from components.shared.core import errors
from devtools.bench import (
  embedding,
  evaluating,
  load,
  machine,
  overhead,
  predicting,
  rows,
  spinning,
  starting,
  streaming,
  timed_run,
  vae_gan,
  workers,
)
from devtools.bench import groups as groups_lib


@dataclasses.dataclass(frozen=True, kw_only=True)
class Scale:
  """How much is measured.

  Attributes:
    repeats: how often each thing is timed.
    faces: photos for each network, in batches.
    one_at_a_time: photos for each network, one at a time.
    batch_size: of the embedding engines.
    streamed: numbers of photos whose memory is compared.
    workers: photos for each component that Beam's workers run.
    load: numbers of photos for each component that few and many go through.
    load_pairs: how often a turn measures their start and them.
    annotations: numbers of annotations that the Evaluator slices by.
    steps: of training, a repeat.
    pipeline: settings of the whole runs of `tfx`.
    run: settings of the whole run of `run`.
  """

  repeats: int = 5
  faces: Mapping[str, int] = dataclasses.field(
    default_factory=lambda: {"facenet": 256, "vgg_face": 32}
  )
  one_at_a_time: Mapping[str, int] = dataclasses.field(
    default_factory=lambda: {"facenet": 24, "vgg_face": 8}
  )
  batch_size: int = 32
  streamed: Sequence[int] = (500, 5000)
  workers: Mapping[str, int] = dataclasses.field(
    default_factory=lambda: {"face_example_gen": 20000, "face_embedder": 2000}
  )
  load: Mapping[str, Sequence[int]] = dataclasses.field(
    default_factory=lambda: {
      "face_example_gen": (500, 5000, 20000, 50000),
      "statistics": (500, 20000, 50000),
      "face_embedder": (500, 5000),
      "transform": (500, 20000, 50000),
    }
  )
  load_pairs: int = 3
  annotations: Sequence[int] = (1, 34)
  steps: int = 20
  pipeline: Sequence[str] = overhead.SMALL
  run: Sequence[str] = ()


SMOKE = Scale(
  repeats=1,
  faces={"facenet": 32, "vgg_face": 32},
  one_at_a_time={"facenet": 2, "vgg_face": 2},
  batch_size=16,
  streamed=(400, 800),
  workers={"face_example_gen": 200},
  load={"face_example_gen": (200, 400)},
  load_pairs=1,
  annotations=(1,),
  steps=2,
  run=overhead.SMALL,
)
"""As little as possible: shows that it works, measures nothing. What is
streamed has to take longer than the start-up, which is taken off, varies."""


def run(groups: Sequence[str], scale: Scale) -> dict[str, Any]:
  """Measures; returns what `bench.json` holds.

  Args:
    groups: of `groups.GROUPS`; all if there are none.
    scale: how much.

  Raises:
    UserError: there is no such group.
  """
  groups_lib.check(groups)
  chosen = [group for group in groups_lib.GROUPS if group in groups or not groups]
  photos = [path.read_bytes() for path in sorted(assets.sample_photos().iterdir())]
  found: dict[str, Any] = {"machine": machine.describe()}
  if "start" in chosen:
    found["start"] = starting.measure(scale.repeats)
  measured: list[rows.Row] = []
  for group in chosen:
    if group in _MEASURES:
      measured += _MEASURES[group](photos, scale)
  found["rows"] = rows.as_json(measured)
  if "tfx" in chosen:
    found["tfx"] = overhead.measure(scale.pipeline)
  if "run" in chosen:
    found["run"] = timed_run.measure(scale.run)
  return found


def write(found: Mapping[str, Any], path: pathlib.Path) -> None:
  """Writes `bench.json`, whole or not at all.

  Raises:
    UserError: it can't be written.
  """
  unfinished = path.with_name(f".{path.name}-unfinished")
  try:
    unfinished.write_text(json.dumps(found, indent=1) + "\n")
    os.replace(unfinished, path)
  except OSError as error:
    raise errors.UserError(f"{path}: {error.strerror}") from error


def lines(found: Mapping[str, Any]) -> Sequence[str]:
  """What is printed."""
  ran_on = found["machine"]
  text = [
    f"{ran_on['processor']}, {ran_on['threads']} threads, "
    f"{len(ran_on['gpus'])} GPUs; "
    + ", ".join(f"{name} {version}" for name, version in ran_on["versions"].items()),
    "",
  ]
  if "start" in found:
    text += [*starting.table(found["start"]), ""]
  if found["rows"]:
    text += rows.table(found["rows"])
    text += ["", *load.table(found["rows"])]
  if "tfx" in found:
    text += ["", *overhead.table(found["tfx"])]
  if "run" in found:
    text += ["", *timed_run.table(found["run"])]
  return text


def _embed(name: str) -> Callable[[Sequence[bytes], Scale], list[rows.Row]]:
  def measure(photos: Sequence[bytes], scale: Scale) -> list[rows.Row]:
    # Those of `unlabeled`, which also calibrate int8.
    return embedding.measure(
      name,
      photos[-scale.faces[name] :],
      one_at_a_time=scale.one_at_a_time[name],
      batch_size=scale.batch_size,
      repeats=scale.repeats,
    )

  return measure


def _train(photos: Sequence[bytes], scale: Scale) -> list[rows.Row]:
  del photos  # The trainer reads Examples of its own.
  return vae_gan.measure(assets.sample_photos(), steps=scale.steps, repeats=scale.repeats)


_MEASURES: Mapping[str, Callable[[Sequence[bytes], Scale], list[rows.Row]]] = {
  "decode": lambda photos, scale: embedding.decode(photos, 224, scale.repeats),
  "facenet": _embed("facenet"),
  "vgg_face": _embed("vgg_face"),
  "embed": lambda photos, scale: spinning.measure(
    photos[-scale.faces["facenet"] :],
    one_at_a_time=scale.one_at_a_time["facenet"],
    batch_size=scale.batch_size,
    repeats=scale.repeats,
  ),
  "predict": lambda photos, scale: predicting.measure(
    photos[-scale.faces["facenet"] :], batch_size=scale.batch_size, repeats=scale.repeats
  ),
  "train": _train,
  "stream": lambda photos, scale: streaming.measure(
    photos, scale.streamed, repeats=min(3, scale.repeats)
  ),
  "beam": lambda photos, scale: workers.measure(
    photos, scale.workers, repeats=min(2, scale.repeats)
  ),
  "load": lambda photos, scale: load.measure(
    photos, scale.load, repeats=min(2, scale.repeats), pairs=scale.load_pairs
  ),
  "evaluator": lambda photos, scale: evaluating.measure(scale.annotations),
}
