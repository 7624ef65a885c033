"""All that a page sees of the work, and the answers that it gives."""

import collections
import threading
from collections.abc import Sequence
from typing import Any

from components.shared.core import errors
from pipeline.programs.label import book as book_lib
from pipeline.programs.label import check as check_lib
from pipeline.programs.label import journal
from pipeline.programs.label import photos as photos_lib

_AHEAD = 2
SHEET = 120
"""Photos of a contact sheet."""


class Session:
  """One labeller's work; safe to be used by several threads.

  Args:
    book: of answers.
    photos: of the source.
    queue: their names in the order in which they are asked.
    check: finds suspicious labels.
    order: what the order is, for people.
    command: what to do with the labels, for people.
  """

  def __init__(
    self,
    book: book_lib.Book,
    photos: photos_lib.Photos,
    queue: Sequence[str],
    check: check_lib.Check,
    order: str,
    command: str,
  ):
    self._book = book
    self._photos = photos
    self._queue = queue
    self._check = check
    self._texts = {
      "attribute": book.attribute,
      "csv": str(book.csv),
      "order": order,
      "command": command,
    }
    self._lock = threading.RLock()
    self._closed = False

  def state(self, at: int | None = None) -> dict[str, Any]:
    """What the page shows.

    Args:
      at: number of the photo to show; without one, the next to be answered.
    """
    with self._lock:
      upcoming = self._upcoming()
      name = (upcoming[0] if upcoming else None) if at is None else (self._photos.image_ids[at])
      answers = self._own_answers()
      return {
        **self._texts,
        "total": len(self._photos.image_ids) - len(self._photos.skipped),
        "answered": len(answers),
        "counts": self._counts(answers),
        "skipped": [
          {"name": name, "reason": reason} for name, reason in sorted(self._photos.skipped.items())
        ],
        "problem": self._book.problem,
        "check": self._check.summary(),
        "photo": self._photo(name),
        "next": [self._photos.numbers[name] for name in upcoming[1:]],
      }

  def answer(self, number: int, answer: str) -> dict[str, Any]:
    """Keeps an answer, and goes on; on return it is on the disk.

    Raises:
      UserError: it can't be kept, and was not taken.
    """
    image_id = self._photos.image_ids[number]
    with self._lock:
      if self._closed:
        raise errors.UserError("labelling has ended; start the command again")
      again = self._check.asks(image_id)
      self._book.record(image_id, answer, journal.AUDIT if again else journal.LABELING)
      if again:
        self._check.take(image_id, answer)
      return self.state()

  def sheet(self, show: str | None, start: int) -> dict[str, Any]:
    """Answered photos, `SHEET` at a time; the latest answers first.

    A suspect that is still to be asked again is left out: to see its answer
    now would spoil the next.

    Args:
      show: an answer, or None for all.
      start: how many to leave out.
    """
    with self._lock:
      answers = self._own_answers()
      hidden = set(self._check.open_suspects())
      history = self._history()
      told = set(history)
      names = [
        name
        for name in (*reversed(history), *(name for name in self._queue if name not in told))
        if name in answers and name not in hidden and show in (None, answers[name])
      ]
      return {
        "total": len(names),
        "hidden": len(hidden),
        "photos": [
          {"number": self._photos.numbers[name], "name": name, "answer": answers[name]}
          for name in names[start : start + SHEET]
        ],
      }

  def start_check(self) -> dict[str, Any]:
    """Begins to look for suspicious labels."""
    with self._lock:
      self._check.start(self._own_answers(), sorted(self._book.audited))
      return self.state()

  def leave_check(self) -> dict[str, Any]:
    """Back to labelling."""
    with self._lock:
      self._check.leave()
      return self.state()

  def close(self) -> list[str]:
    """Brings the CSV up to date and gives the files free.

    Returns:
      Lines that say what there is now.

    Raises:
      UserError: see `Book.close`.
    """
    self._check.stop()
    with self._lock:
      answers = self._own_answers()
      if not self._closed:
        self._closed = True
        self._book.close()
    if not answers:
      return ["nothing was labelled"]
    counts = self._counts(answers)
    return [
      f"{len(answers)} of {len(self._photos.image_ids)} photos answered: "
      f"{counts[journal.YES]} yes, {counts[journal.NO]} no, "
      f"{counts[journal.CANT_TELL]} can't tell; in {self._book.csv}",
      f"The same command goes on; what comes next: {self._texts['command']}",
    ]

  def _own_answers(self) -> dict[str, str]:
    """Answers to photos of this source."""
    return {
      name: answer
      for name, answer in self._book.answers.items()
      if name in self._photos.numbers and name not in self._photos.skipped
    }

  def _counts(self, answers: dict[str, str]) -> dict[str, int]:
    counted = collections.Counter(answers.values())
    return {answer: counted[answer] for answer in journal.ANSWERS}

  def _history(self) -> list[str]:
    return [name for name in self._book.history() if name in self._photos.numbers]

  def _upcoming(self) -> list[str]:
    """The next photo that can be shown, and those that will follow it."""
    found: list[str] = []
    if self._check.state == check_lib.ASKING:
      waiting = self._check.open_suspects()
    elif self._check.state == check_lib.IDLE:
      waiting = (name for name in self._queue if name not in self._book.answers)
    else:
      waiting = []
    for name in waiting:
      if self._photos.picture(self._photos.numbers[name], photos_lib.LARGE) is not None:
        found.append(name)
        if len(found) > _AHEAD:
          break
    if not found:  # Suspects that can't be read any more are not waited for.
      self._check.finish()
    return found

  def _photo(self, name: str | None) -> dict[str, Any] | None:
    """A photo, with the answer it has if that may be seen."""
    asking = self._check.state == check_lib.ASKING
    before = list(self._check.given) if asking else self._history()
    if name is None or name in self._photos.skipped:
      return None
    blind = self._check.asks(name) and name not in self._check.given
    if name in before:
      before = before[: before.index(name)]
    return {
      "number": self._photos.numbers[name],
      "name": name,
      "again": self._check.asks(name),
      "answer": None if blind else self._book.answers.get(name),
      "previous": self._photos.numbers[before[-1]] if before else None,
    }
