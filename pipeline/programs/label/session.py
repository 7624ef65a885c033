"""All that a page sees of the work, and the answers that it gives."""

import collections
import contextlib
import dataclasses
import math
import threading
from collections.abc import Sequence
from typing import Any

from components.shared.core import errors
from pipeline.programs.label import agreement, journal
from pipeline.programs.label import book as book_lib
from pipeline.programs.label import check as check_lib
from pipeline.programs.label import opinions as opinions_lib
from pipeline.programs.label import order as order_lib
from pipeline.programs.label import photos as photos_lib

_AHEAD = 2
SHEET = 120
"""Photos of a contact sheet."""
GOAL = 125
"""Labels of a first run: 100 to learn from, 25 to evaluate on."""
LEAST_SHARE = 0.25
"""Of the goal, that there should be of each class."""


@dataclasses.dataclass(frozen=True)
class Plan:
  """What is to be labelled, and why.

  Attributes:
    goal: how many labels (yes or no) are wanted; 0: all photos.
    evaluation: photos that judge a classifier; asked in random order.
    order: of `order.ORDERS`, in which the others are asked.
    shared: whether several people label; each of them is asked the evaluation
      photos, the others are divided among them.
  """

  goal: int = 0
  evaluation: frozenset[str] = frozenset()
  order: str = order_lib.RANDOM
  shared: bool = False

  def order_of(self, photo: str) -> str:
    """In which order a photo is asked."""
    if photo in self.evaluation and self.order == order_lib.INFORMATIVE:
      return order_lib.RANDOM
    return self.order


class Session:
  """One labeller's work; safe to be used by several threads.

  Args:
    book: of answers.
    photos: of the source.
    queue: their names in the order in which they are asked.
    check: finds suspicious labels.
    order: what the order is, for people.
    command: what to do with the labels, for people.
    plan: what the labels are for.
    labeller: whose work it is.
    lock: of the book, where several share it.
  """

  def __init__(
    self,
    book: book_lib.Book,
    photos: photos_lib.Photos,
    queue: Sequence[str],
    check: check_lib.Check,
    order: str,
    command: str,
    plan: Plan = Plan(),
    labeller: str = opinions_lib.HERE,
    lock: contextlib.AbstractContextManager | None = None,
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
    self._plan = plan
    self._labeller = labeller
    self._lock = lock or threading.RLock()
    self._closed = False
    self._disputing = False

  def for_labeller(self, labeller: str) -> "Session":
    """Another person's work on the same photos, kept in the same book."""
    return Session(
      self._book,
      self._photos,
      self._queue,
      check_lib.Check(self._photos, self._check.embedder),
      self._texts["order"],
      self._texts["command"],
      self._plan,
      labeller,
      self._lock,
    )

  def state(self, at: int | None = None) -> dict[str, Any]:
    """What the page shows.

    Args:
      at: number of the photo to show; without one, the next to be answered.
    """
    with self._lock:
      own = self._book.opinions.of(self._labeller)  # Once: a CSV may hold 200,000.
      upcoming = self._upcoming(own)
      name = (upcoming[0] if upcoming else None) if at is None else (self._photos.image_ids[at])
      answers = self._of_source(own)
      return {
        **self._texts,
        "total": len(self._photos.image_ids) - len(self._photos.skipped),
        "answered": len(answers),
        **self._progress(),
        "counts": self._counts(answers),
        "skipped": [
          {"name": name, "reason": reason} for name, reason in sorted(self._photos.skipped.items())
        ],
        "problem": self._book.problem,
        "check": self._check.summary(),
        "photo": self._photo(name, upcoming, own),
        "next": [self._photos.numbers[name] for name in upcoming[1:]],
      }

  def answer(self, number: int, answer: str, note: str = "") -> dict[str, Any]:
    """Keeps an answer, and goes on; on return it is on the disk.

    Who has gone back goes on to the photo that came after this one.

    Raises:
      UserError: it can't be kept, and was not taken.
    """
    image_id = self._photos.image_ids[number]
    with self._lock:
      if self._closed:
        raise errors.UserError("labelling has ended; start the command again")
      again = self._check.asks(image_id)
      following = None if again else self._following(image_id)
      origin = journal.LABELING
      if again:
        origin = journal.DISPUTE if self._disputing else journal.AUDIT
      self._book.record(
        image_id, answer, origin, self._labeller, self._plan.order_of(image_id), note
      )
      if again:
        self._check.take(image_id, answer)
      return self.state(following)

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
      self._disputing = False
      self._check.start(self._own_answers(), sorted(self._book.opinions.audited))
      return self.state()

  def ask_disputed(self) -> dict[str, Any]:
    """Begins to ask the photos again about which two labellers differ."""
    with self._lock:
      self._disputing = True
      self._check.ask(self._disputed(), self._book.answers)
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
      *self._agreement(),
      f"The same command resumes; what comes next: {self._texts['command']}",
    ]

  def _progress(self) -> dict[str, Any]:
    """How far all labellers are, and what is lacking."""
    counts = self._counts(
      {name: a for name, a in self._book.answers.items() if name in self._photos.numbers}
    )
    known = {answer: counts[answer] for answer in (journal.YES, journal.NO)}
    total = len(self._photos.image_ids) - len(self._photos.skipped)
    goal = min(self._plan.goal or total, total)
    least = min(LEAST_SHARE * goal, total) if self._plan.goal else 0
    return {
      "goal": goal,
      "labels": sum(known.values()),
      "lacking": {a: math.ceil(least - n) for a, n in known.items() if n < least},
      "labeller": self._labeller,
      "disputed": len(self._disputed()),
      "agreement": self._agreement(),
    }

  def _disputed(self) -> list[str]:
    return [name for name in self._book.opinions.disputed() if name in self._photos.numbers]

  def _agreement(self) -> list[str]:
    return [agreement.line(pair) for pair in agreement.of_pairs(self._book.opinions.of_labellers)]

  def _own_answers(self) -> dict[str, str]:
    """This labeller's answers to photos of this source."""
    return self._of_source(self._book.opinions.of(self._labeller))

  def _of_source(self, answers: dict[str, str]) -> dict[str, str]:
    return {
      name: answer
      for name, answer in answers.items()
      if name in self._photos.numbers and name not in self._photos.skipped
    }

  def _counts(self, answers: dict[str, str]) -> dict[str, int]:
    counted = collections.Counter(answers.values())
    return {answer: counted[answer] for answer in journal.ANSWERS}

  def _history(self) -> list[str]:
    return [
      name for name in self._book.opinions.history(self._labeller) if name in self._photos.numbers
    ]

  def _following(self, name: str) -> int | None:
    """The answered photo that came after an answered one."""
    history = self._history()
    after = history[history.index(name) + 1 :] if name in history else []
    return self._photos.numbers[after[0]] if after else None

  def _is_open(self, name: str, own: dict[str, str]) -> bool:
    """Whether this labeller is to answer a photo: others need not answer twice
    what nobody is judged by."""
    if name in own:
      return False
    if self._plan.shared and name in self._plan.evaluation:
      return True
    return name not in self._book.answers

  def _upcoming(self, own: dict[str, str]) -> list[str]:
    """The next photo that can be shown, and those that will follow it."""
    found: list[str] = []
    if self._check.state == check_lib.ASKING:
      waiting = self._check.open_suspects()
    elif self._check.state == check_lib.IDLE:
      waiting = (name for name in self._queue if self._is_open(name, own))
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

  def _photo(
    self, name: str | None, upcoming: Sequence[str], own: dict[str, str]
  ) -> dict[str, Any] | None:
    """A photo, with the answer it has if that may be seen."""
    asking = self._check.state == check_lib.ASKING
    before = list(self._check.given) if asking else self._history()
    if name is None or name in self._photos.skipped:
      return None
    blind = self._check.asks(name) and name not in self._check.given
    after: Sequence[str] = ()
    if name in before:
      place = before.index(name)
      after = before[place + 1 :] or upcoming
      before = before[:place]
    return {
      "number": self._photos.numbers[name],
      "name": name,
      "again": self._check.asks(name),
      "answer": None if blind else own.get(name),
      "note": self._book.opinions.notes.get(name, "") if name in own and not blind else "",
      "evaluation": name in self._plan.evaluation,
      "previous": self._photos.numbers[before[-1]] if before else None,
      "following": self._photos.numbers[after[0]] if after else None,
    }
