"""What labellers say of photos, and what counts where they differ."""

import collections

from pipeline.programs.label import journal

HERE = ""
"""The labeller at this machine."""


class Opinions:
  """The answers to one attribute.

  The first labeller's answer counts until the photo is asked again because two
  differ; that answer then settles it.

  Attributes:
    answers: what counts, by photo, one of `journal.ANSWERS`.
    of_labellers: by photo what each labeller said, the first one first.
    asked: photos that were ever answered here.
    audited: photos whose answer was given again, blind.
    settled: photos about which two differed, and that were asked again.
    notes: by photo.
    orders: by photo the order in which it was first asked.
  """

  def __init__(self):
    self.answers: dict[str, str] = {}
    self.of_labellers: dict[str, dict[str, str]] = {}
    self.asked: set[str] = set()
    self.audited: set[str] = set()
    self.settled: set[str] = set()
    self.notes: dict[str, str] = {}
    self.orders: dict[str, str] = {}
    self._history: dict[str, dict[str, None]] = collections.defaultdict(dict)

  def take(self, entry: journal.Entry) -> None:
    """Adds an answer."""
    photo = entry.image_id
    self.asked.add(photo)
    self.audited.discard(photo)
    if entry.origin == journal.FROM_CSV or entry.answer == journal.NONE:
      self._forget(photo)
      if entry.answer != journal.NONE:
        self.answers[photo] = entry.answer
        self.of_labellers[photo] = {HERE: entry.answer}
      return
    of_photo = self.of_labellers.setdefault(photo, {})
    if entry.origin == journal.DISPUTE:
      self.settled.add(photo)
    else:
      of_photo[entry.labeller] = entry.answer
    if entry.origin in (journal.DISPUTE, journal.AUDIT) or entry.labeller == next(iter(of_photo)):
      self.answers[photo] = entry.answer
    self._history[entry.labeller].setdefault(photo)
    if entry.origin == journal.AUDIT:
      self.audited.add(photo)
    if entry.note:
      self.notes[photo] = entry.note
    if entry.order:
      self.orders.setdefault(photo, entry.order)

  def of(self, labeller: str) -> dict[str, str]:
    """A labeller's own answers; what stands in the CSV alone belongs to the
    person at this machine."""
    if labeller != HERE:
      return {
        photo: of_photo[labeller]
        for photo, of_photo in self.of_labellers.items()
        if labeller in of_photo
      }
    own = dict(self.answers)
    for photo, of_photo in self.of_labellers.items():
      if HERE in of_photo and photo not in self.settled:
        own[photo] = of_photo[HERE]
      elif HERE not in of_photo:
        own.pop(photo, None)
    return own

  def history(self, labeller: str) -> list[str]:
    """Photos that a labeller answered, each once, in the order of the first
    answers."""
    return list(self._history[labeller])

  def disputed(self) -> list[str]:
    """Photos that one labeller calls yes and another no, and that were not
    asked again yet."""
    return [
      photo
      for photo, of_photo in self.of_labellers.items()
      if photo not in self.settled and {journal.YES, journal.NO} <= {*of_photo.values()}
    ]

  def _forget(self, photo: str) -> None:
    for known in (self.answers, self.of_labellers, self.notes, *self._history.values()):
      known.pop(photo, None)
    self.settled.discard(photo)
