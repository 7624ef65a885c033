"""The second look: labels that are probably wrong are asked again, blind."""

import threading
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from components.shared.core import errors
from pipeline.programs.label import faces as faces_lib
from pipeline.programs.label import journal
from pipeline.programs.label import photos as photos_lib

IDLE = "idle"
LOOKING = "looking"
ASKING = "asking"
DONE = "done"
FAILED = "failed"


class Embedder(Protocol):
  """What turns photos into embeddings."""

  def embed(self, jpegs: Sequence[bytes]) -> np.ndarray:
    """JPEGs [n] -> float [n, d]."""


class _Stopped(Exception):
  """Nobody waits for the result any more."""


class Check:
  """Finds suspicious labels in a thread, and remembers the new answers.

  Args:
    photos: of the source.
    load: gives the embedder; called once, when it is first needed.

  Attributes:
    state: `IDLE`, `LOOKING` for suspects, `ASKING`, `DONE`, or `FAILED`.
    suspects: photos to ask again, the most suspicious first.
    given: the new answers, in their order.
    message: why it failed.
  """

  def __init__(self, photos: photos_lib.Photos, load: Callable[[], Embedder]):
    self._photos = photos
    self._load = load
    self._embedder: Embedder | None = None
    self._loading = threading.Lock()
    self._embeddings: dict[str, np.ndarray] = {}
    self._before: dict[str, str] = {}
    self._progress = (0, 0)
    self._thread: threading.Thread | None = None
    self._stopping = False
    self.state = IDLE
    self.suspects: list[str] = []
    self.given: dict[str, str] = {}
    self.message: str | None = None

  def start(self, answers: dict[str, str], audited: Sequence[str]) -> None:
    """Begins to look for suspects.

    Args:
      answers: by photo; those that can't be told are left out.
      audited: photos that were asked again before. They are not asked a third
        time: who said the same twice means it.
    """
    if self.state in (LOOKING, ASKING):
      return
    known = {
      image_id: answer
      for image_id, answer in answers.items()
      if answer in (journal.YES, journal.NO)
    }
    self.state, self.message = LOOKING, None
    self.suspects, self.given, self._before = [], {}, known
    self._progress = (0, len(known))
    self._thread = threading.Thread(target=self._run, args=(known, frozenset(audited)), daemon=True)
    self._thread.start()

  def embedder(self) -> Embedder:
    """Loaded at the first call, for all who check these photos."""
    with self._loading:
      if self._embedder is None:
        self._embedder = self._load()
      return self._embedder

  def ask(self, photos: Sequence[str], before: dict[str, str]) -> None:
    """Begins to ask photos again, blind.

    Args:
      photos: which.
      before: what counts of them now.
    """
    if self.state not in (LOOKING, ASKING):
      self.suspects, self.given, self._before = list(photos), {}, dict(before)
      self.state, self.message = ASKING if photos else DONE, None

  def wait(self) -> None:
    """Until the suspects are known."""
    if self._thread is not None:
      self._thread.join()

  def stop(self) -> None:
    """Ends the search, if one is on."""
    self._stopping = True
    self.wait()

  def leave(self) -> None:
    """Back to labelling; what was not asked yet stays as it is."""
    if self.state != LOOKING:
      self.state = IDLE

  def open_suspects(self) -> list[str]:
    """Suspects that were not answered yet."""
    if self.state != ASKING:
      return []
    return [image_id for image_id in self.suspects if image_id not in self.given]

  def asks(self, image_id: str) -> bool:
    """Whether an answer to this photo is a second one, given blind."""
    return self.state == ASKING and image_id in self.suspects

  def take(self, image_id: str, answer: str) -> None:
    """A suspect's new answer."""
    self.given.pop(image_id, None)
    self.given[image_id] = answer
    if not self.open_suspects():
      self.finish()

  def finish(self) -> None:
    """Ends the asking."""
    if self.state == ASKING:
      self.state = DONE

  def summary(self) -> dict[str, Any]:
    """How far it is, for the page."""
    done, total = self._progress
    return {
      "state": self.state,
      "message": self.message,
      "done": done,
      "total": total,
      "suspects": len(self.suspects),
      "asked": len(self.given),
      "changed": []
      if self.state != DONE
      else [
        {
          "number": self._photos.numbers[image_id],
          "name": image_id,
          "before": self._before[image_id],
          "after": answer,
        }
        for image_id, answer in self.given.items()
        if answer != self._before[image_id]
      ],
    }

  def _run(self, known: dict[str, str], audited: frozenset) -> None:
    try:
      suspects = self._find(known)
      self.suspects = [name for name in suspects if name not in audited]
      self.state = ASKING if self.suspects else DONE
    except _Stopped:
      self.state = IDLE
    except Exception as error:  # pylint: disable=broad-except
      user_error = errors.find_user_error(error)
      self.message = str(user_error or f"{type(error).__name__}: {error}")
      self.state = FAILED

  def _find(self, known: dict[str, str]) -> list[str]:
    from components.shared.learning import label_audit  # Cleanlab and scikit-learn.

    label_audit.check_enough(_labels(known.values()))
    embedder = self.embedder()
    missing = [name for name in known if name not in self._embeddings]
    self._on_photos(len(known) - len(missing), len(known), 0)
    self._embeddings.update(
      faces_lib.look_at(
        self._photos,
        missing,
        embedder.embed,
        lambda done: self._on_photos(len(known) - len(missing), len(known), done),
      )
    )
    names = [name for name in known if name in self._embeddings]
    labels = _labels(known[name] for name in names)
    embeddings = np.stack([self._embeddings[name] for name in names])
    found = label_audit.audit(labels, label_audit.out_of_fold(embeddings, labels))
    return [names[row] for row in found.suspects]

  def _on_photos(self, before: int, total: int, done: int) -> None:
    if self._stopping:
      raise _Stopped
    self._progress = (before + done, total)


def _labels(answers) -> np.ndarray:
  return np.array([int(answer == journal.YES) for answer in answers], np.int64)
