"""A real browser: headless Chromium, of the system's packages."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from typing import Any

try:
  from playwright import sync_api
except ImportError:  # Of the extra `test`.
  sync_api = None
try:
  from axe_playwright_python import sync_playwright as axe
except ImportError:
  axe = None

PACKAGES = "chromium"
_FLAGS = (
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
)


def is_installed() -> bool:
  """Are both here, the browser and what drives it?"""
  return sync_api is not None and shutil.which("chromium") is not None


def has_axe() -> bool:
  """Is axe-core here?"""
  return axe is not None


@contextlib.contextmanager
def launched() -> Iterator[Any]:
  """Playwright's browser."""
  # Chromium's sandbox refuses to be root's.
  flags = [*_FLAGS, *(["--no-sandbox"] if os.getuid() == 0 else [])]
  with sync_api.sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=flags)
    yield browser
    browser.close()


def barriers(page: Any) -> list[str]:
  """What axe-core calls serious or critical of a page as it is now: things that
  keep people from using it, such as too little contrast."""
  found = axe.Axe().run(page).response["violations"]
  return [
    f"{one['id']}: {one['help']} ({node['target']})"
    for one in found
    if one["impact"] in ("serious", "critical")
    for node in one["nodes"]
  ]


class Watched:
  """A page whose complaints and requests are written down.

  Attributes:
    page: Playwright's.
    complaints: errors and warnings of the console, uncaught exceptions.
    requests: addresses, but for what the page itself holds.
  """

  def __init__(self, browser: Any, width: int = 1440, **context: Any):
    self._context = browser.new_context(viewport={"width": width, "height": 900}, **context)
    self.page = self._context.new_page()
    self.complaints: list[str] = []
    self.requests: list[str] = []
    self.page.on("console", self._on_console)
    self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
    self.page.on("request", self._on_request)

  def __enter__(self) -> "Watched":
    return self

  def __exit__(self, *unused) -> None:
    self._context.close()

  def _on_console(self, message: Any) -> None:
    if message.type in ("error", "warning"):
      self.complaints.append(message.text)

  def _on_request(self, request: Any) -> None:
    if not request.url.startswith(("data:", "blob:")):
      self.requests.append(request.url)
