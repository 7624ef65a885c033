"""How tables say yes, no and nothing."""

import re

from components.shared.core import errors

_YES = frozenset({"true", "yes", "y", "t", "wahr", "vrai", "vero", "verdadero", "verdadeiro"})
_NO = frozenset({"false", "no", "n", "f", "falsch", "faux", "falso"})
"""Truth values as Excel writes them in some languages, pandas and R; `f` is not
`female`: who means that has to say so in numbers."""
_UNKNOWN = frozenset({"", "na", "n/a", "#n/a", "<na>", "nan", "null", "none", "?"})
_NUMBER = re.compile(r"[+-]?[01]([.,]0*)?")

PLAIN = {"1": 1, "0": 0, "-1": 0, "": None}
"""What nearly all cells hold; of CelebA's there are eight million."""
WAY_OUT = (
  "a label is 1, 0, -1 (the same as 0), yes, no, true, false, or blank or NA where it is unknown"
)


def read(text: str) -> int | None:
  """1, 0, or None for unknown.

  Raises:
    ValueError: it says none of them, or may say more than one; the message
      says what to write.
  """
  text = text.strip()
  word = text.casefold()
  if word in _UNKNOWN:
    return None
  if _NUMBER.fullmatch(word):
    return 1 if re.fullmatch(r"\+?1.*", word) else 0
  if word in _YES:
    return 1
  if word in _NO:
    return 0
  shown = errors.shown(text)
  if word in ("x", "✓", "✔", "☑", "☒", "✗"):
    raise ValueError(f"`{shown}`, and a blank beside it may mean no or unknown; write 1 and 0")
  raise ValueError(f"`{shown}`; {WAY_OUT}")
