"""Which of pip's settings count, for pip and for uv."""

import os
import pathlib
import subprocess
import sys

import package_sources
import pytest

_PYTHON = pathlib.Path(sys.executable)


@pytest.fixture(name="home", autouse=True)
def _home(tmp_path, monkeypatch) -> pathlib.Path:
  """A home folder without settings; no variables of pip, uv and the like."""
  for name in os.environ.keys() - package_sources.environment().keys():
    monkeypatch.delenv(name)
  for name in (
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
  ):
    monkeypatch.delenv(name, raising=False)
  monkeypatch.setenv("HOME", str(tmp_path))
  # Not what this machine has in /etc.
  monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path / "none"))
  return tmp_path


def _write_pip_conf(home: pathlib.Path, text: str) -> None:
  (home / ".config/pip").mkdir(parents=True)
  (home / ".config/pip/pip.conf").write_text(text)


def test_files_and_variables_in_the_order_of_pip(home, monkeypatch):
  _write_pip_conf(
    home,
    "\n".join(
      (
        "[global]",
        "quiet = 3",
        "index-url = https://a",
        "timeout = 1",
        "extra-index-url = https://x",
        "  https://y",
        "target = /elsewhere",
        "[install]",
        "index-url = https://b",
        "proxy = p:1",
        "user = true",
        "[download]",
        "retries = 7",
      )
    ),
  )
  monkeypatch.setenv("PIP_PROXY", "q:2")
  monkeypatch.setenv("PIP_DEFAULT_TIMEOUT", "30")
  monkeypatch.setenv("PIP_NO_DEPS", "1")
  read = package_sources.read(_PYTHON)
  read.pop("cert", None)  # Of /etc/pip.conf, if this machine has one.
  assert read == {
    "index-url": "https://b",
    "extra-index-url": "https://x https://y",
    "timeout": "30",
    "proxy": "q:2",
  }


def test_another_file_of_pip(home, monkeypatch):
  (home / "other.conf").write_text("[global]\nretries = 9\n")
  monkeypatch.setenv("PIP_CONFIG_FILE", str(home / "other.conf"))
  assert package_sources.read(_PYTHON)["retries"] == "9"


def test_a_damaged_file_is_named(home):
  _write_pip_conf(home, "no section\n")
  with pytest.raises(package_sources.SettingsError, match="pip.conf"):
    package_sources.read(_PYTHON)


def test_uv_is_told_in_its_own_words(home, monkeypatch):
  monkeypatch.setenv("UV_CACHE_DIR", "/cache")
  monkeypatch.setenv("UV_OVERRIDE", "/others")
  environment = package_sources.for_uv(
    {
      "index-url": "https://u:p@a",
      "extra-index-url": "https://b https://c",
      "find-links": f"{home} {home}/missing https://d",
      "timeout": "1.5",
      "trusted-host": "a b:1",
      "proxy": "p:1",
      "cert": "/pem",
      "retries": "2",
      "client-cert": "/client",
      "keyring-provider": "import",
      "no-cache-dir": "true",
    }
  )
  told = {
    name: value
    for name, value in environment.items()
    if name.startswith(("UV_", "SSL_")) or name.endswith("_proxy")
  }
  told.pop("SSL_CERT_DIR", None)
  told.pop("no_proxy", None)
  assert told == {
    "UV_DEFAULT_INDEX": "https://u:p@a",
    "UV_INDEX": "https://b https://c",
    "UV_FIND_LINKS": f"{home},https://d",
    "UV_HTTP_TIMEOUT": "2",
    "UV_INSECURE_HOST": "a b:1",
    "UV_HTTP_RETRIES": "2",
    "SSL_CERT_FILE": "/pem",
    "SSL_CLIENT_CERT": "/client",
    "UV_KEYRING_PROVIDER": "subprocess",
    "UV_NO_CACHE": "1",
    "UV_CACHE_DIR": "/cache",
    "UV_NO_CONFIG": "1",
    "UV_NO_SOURCES": "1",
    "UV_PYTHON_DOWNLOADS": "never",
    "UV_COMPILE_BYTECODE_TIMEOUT": "0",
    "UV_INDEX_STRATEGY": "unsafe-best-match",
    "http_proxy": "http://p:1",
    "https_proxy": "http://p:1",
    "all_proxy": "http://p:1",
  }
  assert package_sources.uv_options({"no-index": "yes"}) == ["--no-index"]
  assert not package_sources.uv_options({"no-index": "false"})


def test_a_timeout_that_is_no_number():
  with pytest.raises(package_sources.SettingsError, match="timeout.*soon"):
    package_sources.for_uv({"timeout": "soon"})


def test_certificates_of_other_clients_count_for_uv(monkeypatch):
  monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/bundle")
  assert package_sources.for_uv({})["SSL_CERT_FILE"] == "/bundle"
  monkeypatch.setenv("SSL_CERT_FILE", "/own")
  assert package_sources.for_uv({})["SSL_CERT_FILE"] == "/own"


def test_pip_is_told_nothing_else(home, monkeypatch):
  _write_pip_conf(home, "[global]\ntarget = /elsewhere\ntimeout = 5\n")
  monkeypatch.setenv("PIP_PREFIX", "/elsewhere")
  monkeypatch.setenv("PYTHONPATH", "/elsewhere")
  environment = package_sources.for_pip(package_sources.read(_PYTHON))
  listed = subprocess.run(
    [_PYTHON, "-m", "pip", "config", "list"],
    env=environment,
    check=True,
    capture_output=True,
    text=True,
  ).stdout
  assert "timeout='5'" in listed
  assert "/elsewhere" not in listed + " ".join(environment.values())


def test_setuptools_settings_of_the_user_are_out_of_sight(home):
  before = package_sources.for_uv({})
  assert before["HOME"] == str(home)
  (home / ".pydistutils.cfg").touch()
  for environment in (package_sources.for_uv({}), package_sources.for_pip({})):
    assert environment["HOME"] == "/nonexistent"
    assert environment["XDG_CACHE_HOME"] == str(home / ".cache")
    assert environment["NETRC"] == str(home / ".netrc")


def test_what_another_root_is_told(home):
  del home
  assert package_sources.pip_conf(
    {
      "index-url": "https://a",
      "find-links": "/wheels https://b",
      "cert": "/pem",
      "cache-dir": "/cache",
      "client-cert": "/client",
    }
  ) == ("[global]\ncert = /pem\nfind-links = https://b\nindex-url = https://a\n")
