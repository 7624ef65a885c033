"""`python -m pipeline label`: puts the parts together."""

import functools
import pathlib
import shlex
import sys
from collections.abc import Callable, Sequence

from components.shared.core import errors, progress
from components.shared.data import annotations, feature_names, sources, splits
from components.shared.data.settings import SplitSettings
from pipeline import run_folder
from pipeline.programs.label import app as app_lib
from pipeline.programs.label import book as book_lib
from pipeline.programs.label import check as check_lib
from pipeline.programs.label import door as door_lib
from pipeline.programs.label import faces, journal
from pipeline.programs.label import order as order_lib
from pipeline.programs.label import photos as photos_lib
from pipeline.programs.label import session as session_lib
from pipeline.programs.web import server


def run(
  source: str,
  attribute: str,
  csv: pathlib.Path,
  folder: run_folder.RunFolder,
  *,
  order: str | None,
  seed: int,
  audit: bool,
  second: Sequence[pathlib.Path] = (),
  goal: int = session_lib.GOAL,
  share: bool = False,
  port: int,
  open_browser: bool,
  say: Callable[[str], None],
) -> list[str]:
  """Serves the page until it is interrupted from the keyboard.

  Args:
    source: `sample`, a folder or zip of photos.
    attribute: what is asked of each photo.
    csv: the file of labels.
    folder: of the run whose model helps.
    order: of `order.ORDERS`; None: informative where the run has a model for
      the attribute, else random.
    seed: of what is random.
    audit: whether to begin with the labels that are probably wrong.
    second: what other people labelled, to be compared.
    goal: how many labels are wanted; 0: of all photos.
    share: whether others in the local network may be let in.
    port: to serve at; 0: any that is free.
    open_browser: whether to try.
    say: prints a line.

  Returns:
    Lines that say what there is now.

  Raises:
    UserError: a mistake that its user can put right.
  """
  check_attribute(attribute)
  opened = sources.open_photos(source)
  photos = photos_lib.Photos(opened)
  book = book_lib.Book(csv, attribute, photos.numbers.keys())
  session = None
  try:
    for file in second:
      book.add_second(file)
    say(opened.describe())
    known = {name: answer for name, answer in book.answers.items() if name in photos.numbers}
    if audit:
      from components.shared.learning import label_audit  # Cleanlab and scikit-learn.

      label_audit.check_enough(
        [int(answer == journal.YES) for answer in known.values() if answer != journal.CANT_TELL]
      )
      # Nobody waits for the order of photos that may not be asked at all.
      order = order or order_lib.RANDOM
    evaluation = splits.reserve(photos.image_ids, SplitSettings().reservation)
    queue, text, model = _arranged(photos, known, evaluation, attribute, folder, order, seed, say)
    plan = session_lib.Plan(
      goal, evaluation, order_lib.INFORMATIVE if model else order or order_lib.RANDOM, share
    )
    session = session_lib.Session(
      book,
      photos,
      queue,
      check_lib.Check(photos, lambda: model or _embedder(folder)),
      text,
      _command(source, attribute, csv, folder),
      plan,
    )
    if share:
      _serve_shared(session, photos, port, say, open_browser, audit)
    else:
      served = server.Server(app_lib.create(session, photos), port=port)
      if audit:
        session.start_check()
      say(text)
      server.show(served, say, open_browser)
  finally:
    closing = book if session is None else session
    told = closing.close()
  return told or []


def _serve_shared(session, photos, port, say, open_browser, audit) -> None:
  address = server.lan_address()
  door = door_lib.Door(session, functools.cache(session.for_labeller), say)
  served = server.Server(
    app_lib.create(session, photos, door, address), host=server.EVERYWHERE, port=port
  )
  if audit:
    session.start_check()
  say(
    "Others in this network can be let in. There is no TLS: whoever can read the network's "
    "traffic sees photos and answers. Where you don't trust it, share nothing, and have them "
    f"come through `ssh -L {served.port}:127.0.0.1:{served.port}` instead"
  )
  door.open(f"http://{address}:{served.port}/")
  server.show(served, say, open_browser)


def check_attribute(attribute: str) -> None:
  """Whether a CSV may have a column of that name.

  Raises:
    UserError: it may not.
  """
  taken = {*feature_names.feature_names([attribute]), annotations.IMAGE_ID_COLUMN}
  if not attribute or attribute != attribute.strip() or not attribute.isprintable():
    raise errors.UserError(
      f"--attribute {attribute!r}: is no name; write it without blanks around it"
    )
  if attribute in taken:
    raise errors.UserError(
      f"--attribute {attribute}: the pipeline uses this name itself; choose another"
    )


def _arranged(
  photos: photos_lib.Photos,
  known,
  evaluation: frozenset[str],
  attribute: str,
  folder: run_folder.RunFolder,
  order: str | None,
  seed: int,
  say: Callable[[str], None],
) -> tuple[list[str], str, faces.PushedModel | None]:
  """The photos in their order, what that is, and the model if one was used."""
  if order in (order_lib.RANDOM, order_lib.NAME):
    return (order_lib.arrange(photos.image_ids, order, seed), f"Order: {order}", None)
  model = _model(attribute, folder, required=order is not None)
  if model is None:
    return (
      order_lib.arrange(photos.image_ids, order_lib.RANDOM, seed),
      f"Order: random, for no model of {folder.path} knows {attribute}",
      None,
    )
  asked = [
    name
    for name in photos.image_ids
    if name not in known and name not in photos.skipped and name not in evaluation
  ]
  scored = order_lib.to_score(asked, seed)
  say(f"Asking {model.path} about {len(scored)} photos")
  with progress.bar("look", len(scored), "photo") as bar:
    probabilities = faces.look_at(
      photos,
      scored,
      lambda jpegs: model.probabilities(jpegs, attribute),
      lambda done: bar.update(done - bar.n),
    )
  rest = (
    f", of {len(scored)} drawn ones; the others at random after them"
    if len(scored) < len(asked)
    else ""
  )
  to_learn = [name for name in photos.image_ids if name not in evaluation]
  return (
    order_lib.mixed(
      order_lib.shuffled(sorted(evaluation), seed),
      order_lib.arrange(to_learn, order_lib.INFORMATIVE, seed, probabilities),
    ),
    f"Order: the least certain first{rest}; every fifth photo is for evaluation, drawn at random",
    model,
  )


def _model(
  attribute: str, folder: run_folder.RunFolder, required: bool
) -> faces.PushedModel | None:
  try:
    model = faces.PushedModel(folder.latest_pushed())
    if attribute not in model.attributes:
      raise errors.UserError(
        f"{model.path}: knows {', '.join(model.attributes)} and not "
        f"{attribute}; choose another --name or --order random"
      )
    return model
  except errors.UserError:
    if required:
      raise
    return None


def _embedder(folder: run_folder.RunFolder) -> check_lib.Embedder:
  """The latest pushed model, whatever it labels; else the default network."""
  try:
    return faces.PushedModel(folder.latest_pushed())
  except errors.UserError:
    return faces.FaceNetwork()


def _command(source: str, attribute: str, csv: pathlib.Path, folder: run_folder.RunFolder) -> str:
  """What makes a classifier of the labels; can be pasted into a shell."""
  output = str(folder.path.parent)
  return shlex.join(
    [
      sys.executable,
      "-m",
      "pipeline",
      "run",
      "--source",
      source,
      "--labels",
      str(csv),
      "--attribute",
      attribute,
      "--name",
      "".join(c for c in attribute.lower() if c.isalnum()) or "labels",
      *([] if output == "output" else ["--output", output]),
    ]
  )
