"""Errors that a person can act on."""

import re
from typing import Iterator, Optional


# Beam adds the name of the step, over and over.
_WHERE = re.compile(r"\s*\[while running '.*", re.DOTALL)


class UserError(Exception):
  """Something outside the program is wrong and its user can put it right.

  The message is one line that says what happened, names the file or setting,
  and says what to do. The command line prints it without a traceback and
  exits with status 2.
  """


class RunFailed(Exception):
  """A component broke in a way that nobody foresaw; the log has the whole
  story."""


def find_user_error(error: BaseException) -> Optional[UserError]:
  """The first `UserError` among an exception and what caused it.

  From Beam's workers in other processes an exception comes as the text of its
  traceback.
  """
  for link in _chain(error):
    if isinstance(link, UserError):
      return UserError(_WHERE.sub("", str(link)))
    told = re.search(rf"^{__name__}\.UserError: (.+)$", str(link), re.MULTILINE)
    if told:
      return UserError(_WHERE.sub("", told[1]))
  return None


def _chain(error: Optional[BaseException]) -> Iterator[BaseException]:
  seen = set()
  while error is not None and id(error) not in seen:
    seen.add(id(error))
    yield error
    error = error.__cause__ or error.__context__
