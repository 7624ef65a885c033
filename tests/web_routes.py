"""Whom a page's server answers, route by route, so that none is forgotten."""

import pathlib
import re
from collections.abc import Iterator

import flask

_SAFE = {"GET", "HEAD", "OPTIONS"}
_FOREIGN = ("https://attacker.example", "http://localhost:9", "null", None)
# Ways out of a folder. Werkzeug's client decodes once, as a server does.
_OUT = (
  "../{}",
  "..%2F{}",
  "%2e%2e/{}",
  "..%5C{}",
  "....//{}",
  "a/../../{}",
  "/{}",
  "//{}",
  "%00/../{}",
  "..;/{}",
)


def check(app: flask.Flask, outside: pathlib.Path) -> None:
  """Asserts what has to hold of every route.

  Another name for this machine than its own is answered nowhere; a request
  that may change something is refused if another page sent it, or nobody knows
  which; no part of an address leads to a file outside.

  Args:
    app: with all its routes.
    outside: a file beside the static folder, whose content nobody may get.
  """
  client = app.test_client()
  found = list(_requests(app))
  assert any(method not in _SAFE for method, _ in found)
  for method, address in found:
    rebound = client.open(
      address,
      method=method,
      headers={"Host": "attacker.example", "Origin": "http://attacker.example"},
    )
    assert rebound.status_code == 400, (method, address)
    if method not in _SAFE:
      for origin in _FOREIGN:
        refused = client.open(
          address, method=method, json={}, headers=({} if origin is None else {"Origin": origin})
        )
        assert refused.status_code == 403, (method, address, origin)
  assert outside.is_file() and not outside.is_relative_to(app.static_folder)
  for way in _OUT:
    for place in (outside.name, str(outside).lstrip("/")):
      _check_inside(app, way.format(place), outside.read_bytes())


def _check_inside(app: flask.Flask, path: str, secret: bytes) -> None:
  client = app.test_client()
  for rule in app.url_map.iter_rules():
    for argument in rule.arguments:
      address = _address(rule, {argument: path})
      for method in sorted(rule.methods - {"OPTIONS"}):
        answer = client.open(
          address, method=method, follow_redirects=True, headers={"Origin": "http://localhost"}
        )
        assert answer.status_code in (400, 404, 405), (method, address)
        assert secret not in answer.data


def _requests(app: flask.Flask) -> Iterator[tuple[str, str]]:
  for rule in app.url_map.iter_rules():
    for method in sorted(rule.methods):
      yield method, _address(rule, {})


def _address(rule, values) -> str:
  """A rule's address; 0, which all converters take, for what isn't given."""
  return re.sub(r"<(?:[^:>]+:)?(\w+)>", lambda found: values.get(found[1], "0"), rule.rule)
