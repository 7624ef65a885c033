#!/usr/bin/env python3
"""Where packages come from, as this machine's settings of pip say.

Variables and files of other projects may change what is installed, where to,
and how: PIP_TARGET, UV_NO_BINARY, PYTHONPATH, a user's uv.toml... None of them
counts here. What is taken over from pip's variables and files, for uv as well,
is what says where packages come from and where they are cached: `SETTINGS`.
Values go by environment variables, never by arguments, since they may hold
passwords.

As a program: prints a pip.conf with them, for another root of this machine.
"""

import ast
import math
import os
import pathlib
import re
import subprocess
import sys
from collections.abc import Mapping

# By pip's names in its files. Other names that pip has for the same:
SETTINGS = frozenset(
  (
    "index-url",
    "extra-index-url",
    "find-links",
    "no-index",
    "trusted-host",
    "proxy",
    "cert",
    "client-cert",
    "timeout",
    "retries",
    "keyring-provider",
    "cache-dir",
    "no-cache-dir",
  )
)
_OTHER_NAMES = {"pypi-url": "index-url", "default-timeout": "timeout"}
_PATHS = ("cache-dir", "cert", "client-cert", "find-links")
# Of tools that install and build, and of the Python that runs them.
_OTHERS_PREFIXES = (
  "CONDA_",
  "DISTUTILS_",
  "MAKE",
  "PIP_",
  "PYTHON",
  "SETUPTOOLS_",
  "UV_",
  "VIRTUAL_ENV",
)
_OTHERS = frozenset(
  (
    "ARCHFLAGS",
    "CFLAGS",
    "CPPFLAGS",
    "CXXFLAGS",
    "DIST_EXTRA_CONFIG",
    "LDFLAGS",
    "MFLAGS",
    "RUST_LOG",
    "__PYVENV_LAUNCHER__",
  )
)
# Where systems keep the certificates that they trust.
_BUNDLES = (
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/ssl/cert.pem",
)


class SettingsError(Exception):
  """pip's settings can't be read."""


def environment() -> dict[str, str]:
  """This process' environment without what is other projects'."""
  return {
    name: value
    for name, value in os.environ.items()
    if not name.startswith(_OTHERS_PREFIXES) and name not in _OTHERS
  }


def read(python: pathlib.Path) -> dict[str, str]:
  """Asks pip for its settings.

  Args:
    python: interpreter that has pip.

  Returns:
    Values by names of `SETTINGS`; lists are separated by white space.

  Raises:
    SettingsError: a file of pip's is damaged.
  """
  variables = {**environment(), "PYTHONNOUSERSITE": "1"}
  if "PIP_CONFIG_FILE" in os.environ:
    variables["PIP_CONFIG_FILE"] = os.environ["PIP_CONFIG_FILE"]
  # Loudly, since a file may ask pip to be quiet.
  listed = subprocess.run(
    [python, "-m", "pip", "-vvv", "config", "list"],
    env=variables,
    check=False,
    capture_output=True,
    text=True,
  )
  if listed.returncode:
    lines = listed.stderr.strip().splitlines() or ["no reason given"]
    raise SettingsError(f"pip can't read its settings: {' '.join(lines)}")
  found = {}
  for section in ("global", "install"):
    for key, value in re.findall(rf"^{section}\.([\w-]+)=(['\"].*)$", listed.stdout, re.MULTILINE):
      found[section, key] = ast.literal_eval(value)
  for name, value in os.environ.items():
    if name.startswith("PIP_"):
      found["variable", name[4:].lower().replace("_", "-")] = value
  settings = {}
  for section in ("global", "install", "variable"):
    for (where, key), value in found.items():
      key = _OTHER_NAMES.get(key, key)
      if where == section and key in SETTINGS and value.strip():
        settings[key] = " ".join(value.split())
  for key in set(_PATHS) & set(settings):
    settings[key] = " ".join(map(os.path.expanduser, settings[key].split()))
  return settings


def _is_on(value: str | None) -> bool:
  return (value or "").lower() in ("1", "true", "t", "yes", "y", "on")


def _environment() -> dict[str, str]:
  """What pip and uv have in common.

  setuptools reads ~/.pydistutils.cfg, which may send what it builds elsewhere,
  whoever calls it: where there is one, there is another home, though caches,
  keyrings and passwords stay where they are.
  """
  result = {**environment(), "PYTHONNOUSERSITE": "1"}
  home = pathlib.Path.home()
  if (home / ".pydistutils.cfg").exists():
    for name, folder in (
      ("XDG_CACHE_HOME", ".cache"),
      ("NETRC", ".netrc"),
      ("XDG_CONFIG_HOME", ".config"),
      ("XDG_DATA_HOME", ".local/share"),
    ):
      result.setdefault(name, str(home / folder))
    result["HOME"] = "/nonexistent"
  return result


def for_pip(settings: Mapping[str, str]) -> dict[str, str]:
  """Environment of a pip that has these settings and no others."""
  return {
    **_environment(),
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_NO_INPUT": "1",
    **{f"PIP_{key.upper().replace('-', '_')}": value for key, value in settings.items()},
  }


def for_uv(settings: Mapping[str, str]) -> dict[str, str]:
  """Environment of a uv that has these settings and no others.

  A cache folder of uv's own (UV_CACHE_DIR) stays. Certificates that Requests or
  curl are told of count for pip, so they do for uv.

  Raises:
    SettingsError: a timeout that is no number.
  """
  result = {
    **_environment(),
    "UV_NO_CONFIG": "1",
    "UV_NO_SOURCES": "1",
    "UV_PYTHON_DOWNLOADS": "never",
    # A busy machine may take longer than uv gives it for a file.
    "UV_COMPILE_BYTECODE_TIMEOUT": "0",
    # As pip: the pinned version, from whichever index has it.
    "UV_INDEX_STRATEGY": "unsafe-best-match",
  }

  def put(name: str, value: str | None) -> None:
    if value:
      result[name] = value

  put("UV_CACHE_DIR", os.environ.get("UV_CACHE_DIR"))
  put("UV_DEFAULT_INDEX", settings.get("index-url"))
  put("UV_INDEX", settings.get("extra-index-url"))
  # pip leaves folders out that aren't there, and uv refuses them.
  put(
    "UV_FIND_LINKS",
    ",".join(
      link
      for link in settings.get("find-links", "").split()
      if "://" in link or os.path.exists(link)
    ),
  )
  put("UV_INSECURE_HOST", settings.get("trusted-host"))
  put("SSL_CLIENT_CERT", settings.get("client-cert"))
  put("UV_HTTP_RETRIES", settings.get("retries"))
  if "timeout" in settings:
    try:
      put("UV_HTTP_TIMEOUT", str(math.ceil(float(settings["timeout"]))))
    except ValueError as error:
      raise SettingsError(
        f"pip's setting `timeout` is not a number of seconds: {settings['timeout']}"
      ) from error
  if settings.get("keyring-provider") in ("import", "subprocess"):
    put("UV_KEYRING_PROVIDER", "subprocess")
  if _is_on(settings.get("no-cache-dir")):
    put("UV_NO_CACHE", "1")
  if "proxy" in settings:
    proxy = settings["proxy"]
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    for name in ("http_proxy", "https_proxy", "all_proxy"):
      result[name] = result[name.upper()] = proxy
  certificates = settings.get("cert") or next(
    filter(None, map(result.get, ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"))), None
  )
  if certificates:
    put("SSL_CERT_DIR" if os.path.isdir(certificates) else "SSL_CERT_FILE", certificates)
  elif any(map(os.path.exists, _BUNDLES)):
    put("UV_SYSTEM_CERTS", "1")
  return result


def uv_options(settings: Mapping[str, str]) -> list[str]:
  """Options of `uv pip install` for what has no variable."""
  return ["--no-index"] if _is_on(settings.get("no-index")) else []


def pip_conf(settings: Mapping[str, str]) -> str:
  """A pip.conf for another root, where this one's folders are no use."""

  def has_a_use(key: str, value: str) -> bool:
    if key in ("cache-dir", "client-cert"):
      return False
    return not value.startswith(("/", "~", "file:")) or key == "cert"

  lines = ["[global]"]
  for key, value in sorted(settings.items()):
    values = [each for each in value.split() if has_a_use(key, each)]
    if values:
      lines.append(f"{key} = {' '.join(values)}")
  return "\n".join(lines) + "\n"


if __name__ == "__main__":
  try:
    print(pip_conf(read(pathlib.Path(sys.executable))), end="")
  except SettingsError as error:
    sys.exit(f"error: {error}")
