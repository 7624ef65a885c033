"""No code comes out of data: a linter says so, and can be seen to say it."""

import ast
import json
import pathlib
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

_ROOT = pathlib.Path(__file__).parents[2]
_CONFIG = _ROOT / "pyproject.toml"
_BANNED = re.findall(r'^"([\w.]+)"\.msg = ', _CONFIG.read_text(), re.MULTILINE)
# One line each that the rule is there for.
_PLANTED = {
  "F401": "import os",
  "F821": "print(undefined)",
  "PGH004": "import os  # noqa",
  "RUF100": "print(1)  # noqa: S301",
  "S102": "exec(open('a').read())",
  "S104": "import socket\nsocket.socket().bind(('0.0.0.0', 80))",
  "S105": "password = 'secret'",
  "S108": "open('/tmp/a', 'w')",
  "S113": "import requests\nrequests.Session().get('a')\nrequests.put('a')",
  "S202": "import tarfile\ntarfile.open('a').extractall()",
  "S301": "import pickle\npickle.loads(b'')",
  "S302": "import marshal\nmarshal.loads(b'')",
  "S306": "import tempfile\ntempfile.mktemp()",
  "S307": "eval(input())",
  "S314": "from xml.etree import ElementTree\nElementTree.parse('a')",
  "S318": "from xml.dom import minidom\nminidom.parse('a')",
  "S323": "import ssl\nssl._create_unverified_context()",
  "S324": "import hashlib\nhashlib.md5(b'')",
  "S501": "import requests\nrequests.put('a', timeout=1, verify=False)",
  "S502": "import ssl\nssl.wrap_socket(ssl_version=ssl.PROTOCOL_SSLv3)",
  "S506": "import yaml\nyaml.load('a')",
  "S602": "import subprocess\nsubprocess.run(input(), shell=True)",
  "S604": "print(1, shell=True)",
  "S605": "import os\nos.system(input())",
  "S608": "def f(c, x):\n  c.execute('SELECT * FROM t WHERE a = ' + x)",
  "S701": "import jinja2\njinja2.Environment()",
  "S704": "import markupsafe\nmarkupsafe.Markup(input())",
}
# What ruff has no rule for.
_PLANTED_CALLS = {
  "compile": "compile(input(), 'a', 'exec')",
  "extractall": "import zipfile\nzipfile.ZipFile('a').extractall()",
  "allow_pickle": "import numpy\nnumpy.lib.format.read_array(f, allow_pickle=True)",
  "shell": "import subprocess as s\nf = s.run\nf('a', shell=True)",
  "verify": "session.get('a', verify=False)",
  "safe_mode": "load('a', safe_mode=False)",
  "weights_only": "load('a', weights_only=False)",
  "check_hostname": "context.check_hostname = False",
}
_UNSAFE = {
  "allow_pickle": True,
  "shell": True,
  "verify": False,
  "safe_mode": False,
  "weights_only": False,
  "debug": True,
}


def _code() -> list[pathlib.Path]:
  """All Python that is not a test, scripts without an ending included."""
  found = [_ROOT / "setup.py"]
  for folder in ("components", "pipeline", "schema", "devtools", ".ci", "constraints"):
    for path in sorted((_ROOT / folder).rglob("*")):
      if (
        path.suffix == ".py"
        or path.suffix == ""
        and path.is_file()
        and ("python" in path.read_text(errors="replace").partition("\n")[0])
      ):
        found.append(path)
  return found


def _found_by_ruff(paths, *options) -> dict[str, list[str]]:
  """Codes of what is wrong, by the file's name."""
  done = subprocess.run(
    [
      sys.executable,
      "-m",
      "ruff",
      "check",
      "--no-cache",
      "--config",
      str(_CONFIG),
      "--output-format",
      "json",
      *options,
      *map(str, paths),
    ],
    cwd=_ROOT,
    check=False,
    capture_output=True,
    text=True,
  )
  assert done.returncode in (0, 1), done.stderr
  found: dict[str, list[str]] = {}
  for each in json.loads(done.stdout):
    found.setdefault(pathlib.Path(each["filename"]).stem, []).append(
      f"{each['code']} {each['location']['row']} {each['message']}"
    )
  return found


def _unsafe_calls(tree: ast.AST) -> Iterator[str]:
  for node in ast.walk(tree):
    if isinstance(node, ast.Call):
      name = getattr(node.func, "attr", getattr(node.func, "id", None))
      if (
        isinstance(node.func, ast.Name)
        and name in ("compile", "eval", "exec", "__import__")
        or name == "extractall"
      ):
        yield name
      for keyword in node.keywords:
        value = getattr(keyword.value, "value", None)
        if keyword.arg in _UNSAFE and value is _UNSAFE[keyword.arg]:
          yield keyword.arg
    elif isinstance(node, ast.Assign):
      for target in node.targets:
        if getattr(target, "attr", None) in ("check_hostname", "verify") and (
          getattr(node.value, "value", None) is False
        ):
          yield target.attr


def test_the_code_has_none_of_it():
  paths = _code()
  assert len(paths) > 100
  assert not _found_by_ruff([*paths, _ROOT / "tests"])
  found = {str(path): list(_unsafe_calls(ast.parse(path.read_text()))) for path in paths}
  assert not {path: calls for path, calls in found.items() if calls}


def test_exceptions_give_their_reasons():
  exceptions = [
    line for path in _code() for line in path.read_text().splitlines() if "noqa" in line
  ]
  assert exceptions
  for line in exceptions:
    assert re.search(r"# noqa: [A-Z]+\d+(, [A-Z]+\d+)*  [A-Z].{9,}\.$", line), line


@pytest.fixture(name="found", scope="module")
def lint_planted(tmp_path_factory) -> dict[str, list[str]]:
  """What ruff says of a file for each rule, and one for each banned name."""
  folder = tmp_path_factory.mktemp("planted")
  for code, text in _PLANTED.items():
    (folder / f"{code}.py").write_text(text + "\n")
  for name in _BANNED:
    module, _, last = name.rpartition(".")
    (folder / f"banned-{name}.py").write_text(
      f"from {module} import {last}\n" if module else f"import {last}\n"
    )
  (folder / "script").write_text("#!/usr/bin/env python3\nexec('1')\n")
  return _found_by_ruff([*folder.glob("*.py"), folder / "script"])


@pytest.mark.parametrize("code", _PLANTED)
def test_every_rule_fires(found, code):
  assert any(said.startswith(f"{code} ") for said in found.get(code, ())), found.get(code)


@pytest.mark.parametrize("name", _BANNED)
def test_every_banned_name_is_found(found, name):
  assert any(said.startswith("TID251 ") for said in found[f"banned-{name}"])


def test_scripts_without_an_ending_are_read(found):
  assert any(said.startswith("S102 ") for said in found["script"])
  assert {"build_image", "run_image"} <= {path.name for path in _code()}


@pytest.mark.parametrize("name", _PLANTED_CALLS)
def test_every_unsafe_call_is_found(name):
  assert list(_unsafe_calls(ast.parse(_PLANTED_CALLS[name]))) == [name]
