"""No secret is a setting: settings are written to files, and shown to people.

They are in the run's `config.yaml`, in ML Metadata, on the report's page and,
as Beam has its options from them, in the log and in the list of processes.
"""

import re
from collections.abc import Iterator
from typing import Any

_WORDS = r"(secret|passw|token|credential|api_?key|connection_string)"
_OPTION = re.compile(rf"--(?P<name>\w*{_WORDS}\w*)=.", re.IGNORECASE)
# Such as variables of --environment_config.
_IN_JSON = re.compile(rf'"(?P<name>[^"]*{_WORDS}[^"]*)"\s*:\s*"[^"]', re.IGNORECASE)
_ADDRESS = re.compile(r"\w://[^/\s@]*:[^/\s@]+@")


def check(settings: Any) -> None:
  """Looks through a tree of plain values.

  Raises:
    ValueError: an address has a password, or a Beam option is a secret; the
      message holds nothing of it.
  """
  for path, text in _texts("", settings):
    if _ADDRESS.search(text):
      raise ValueError(
        f"{path}: leave the password out of the address, since settings are "
        "written to files; give it where its client looks for it, such as "
        "in an environment variable"
      )
    found = _OPTION.match(text) or _IN_JSON.search(text)
    if found:
      raise ValueError(
        f"{path}: {found['name']} is a secret, and settings are written to "
        "files; give it in an environment variable (S3: AWS_ACCESS_KEY_ID "
        "and AWS_SECRET_ACCESS_KEY, Azure: "
        "AZURE_STORAGE_CONNECTION_STRING)"
      )


def _texts(path: str, value: Any) -> Iterator[tuple[str, str]]:
  if isinstance(value, str):
    yield path, value
  elif isinstance(value, dict):
    for name, branch in value.items():
      yield from _texts(f"{path}.{name}" if path else str(name), branch)
  elif isinstance(value, (list, tuple)):
    for each in value:
      yield from _texts(path, each)
