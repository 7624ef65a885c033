"""A person tries a run on the page, in a real browser."""

import contextlib
import io
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from components.shared.core import errors
from pipeline import run_folder
from pipeline.programs import cli
from pipeline.programs.try_page import inputs
from tests import browsers
from tests.end_to_end import running

LABELLED = "000150.jpg"
"""A photo of `labeled`."""


@contextlib.contextmanager
def served(run):
  """The command at work; gives the page's address."""
  with subprocess.Popen(
    [
      sys.executable,
      "-m",
      "pipeline",
      "try",
      "--name",
      run.folder.name,
      "--output",
      str(run.folder.parent),
      "--no-browser",
    ],
    cwd=running.ROOT,
    stdout=subprocess.PIPE,
    stderr=subprocess.PIPE,
    text=True,
    env={**os.environ, "PYTHONPATH": str(running.ROOT)},
  ) as server:
    try:
      printed = ""
      while "Ctrl+C" not in printed:
        line = server.stdout.readline()
        assert line, server.stderr.read()[-3000:]
        printed += line
      yield re.search(r"http://127\.0\.0\.1:\d+/", printed)[0]
    finally:
      server.send_signal(signal.SIGINT)
    assert server.wait(120) == 0


@pytest.fixture(name="address", scope="module")
def serve(first_run):
  with served(first_run) as address:
    yield address


@pytest.fixture(name="watched")
def open_page(browser, address):
  """The page, which must neither complain nor ask anybody else."""
  with browsers.Watched(browser) as watched:
    watched.page.goto(address)
    until(watched.page, "document.getElementById('face').naturalWidth > 0")
    yield watched
    assert watched.complaints == []
    assert all(request.startswith(address) for request in watched.requests)


def until(page, condition, argument=None):
  """Waits; the page's policy forbids how Playwright would."""
  for _ in range(300):
    if page.evaluate(condition, argument):
      return
    page.wait_for_timeout(50)
  raise AssertionError(f"never came true: {condition}")


def choose(page, path):
  page.set_input_files("#file", str(path))


def drop(page, name, content):
  page.evaluate(
    """([name, bytes]) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([new Uint8Array(bytes)], name));
        document.getElementById("drop").dispatchEvent(
            new DragEvent("drop", {dataTransfer: transfer, bubbles: true,
                                   cancelable: true}));
      }""",
    [name, list(content)],
  )


def pixels(page):
  """Of the generated face, as it is shown."""
  return np.array(
    page.evaluate(
      """async () => {
        const image = document.getElementById("face");
        await image.decode();
        const canvas = new OffscreenCanvas(image.naturalWidth,
                                           image.naturalHeight);
        const context = canvas.getContext("2d");
        context.drawImage(image, 0, 0);
        return [...context.getImageData(0, 0, canvas.width,
                                        canvas.height).data];
      }"""
    ),
    float,
  )


@contextlib.contextmanager
def another_picture(page):
  """Waits until what is done here has changed the generated face."""
  before = page.get_attribute("#face", "src")
  yield
  until(page, "before => document.getElementById('face').src !== before", before)


def set_slider(page, selector, value):
  with another_picture(page):
    page.locator(selector).first.fill(str(value))


def test_a_photo_has_the_label_of_predict_and_itself_as_neighbour(
  watched, first_run, sample_photos, monkeypatch, capsys
):
  page, photo = watched.page, sample_photos / LABELLED
  monkeypatch.setattr(
    sys,
    "argv",
    [
      "pipeline",
      "predict",
      str(photo),
      "--name",
      first_run.folder.name,
      "--output",
      str(first_run.folder.parent),
    ],
  )
  cli.main()
  label, probability = capsys.readouterr().out.splitlines()[1].split()[:2]
  for take in (choose, lambda page, path: drop(page, path.name, path.read_bytes())):
    take(page, photo)
    page.wait_for_selector("#result:visible")
    said = page.inner_text("#labels")
    assert f"Male: {'yes' if label == '1' else 'no'}" in said
    assert f"probability {probability}" in said
    nearest = page.locator("[data-near=photos] li").first
    assert nearest.locator("img").get_attribute("alt") == f"Photo {LABELLED}"
    # It is the photo itself.
    assert nearest.inner_text().startswith("this")
    assert page.locator("[data-near=synthetic] li").count() > 0
    until(page, "[...document.images].every(i => i.complete && i.naturalWidth)")
    page.evaluate("document.getElementById('result').hidden = true")


def test_an_evaluation_photo_can_be_taken(watched):
  button = watched.page.locator(".evaluation").first
  said = button.get_attribute("data-said")
  button.focus()
  watched.page.keyboard.press("Enter")
  watched.page.wait_for_selector("#result:visible")
  assert watched.page.inner_text("#annotated") == f"Annotated as {said}"


def test_sliders_change_the_face_and_what_the_model_says(watched):
  page = watched.page
  start = pixels(page)
  seen = {}
  for position in (3, -3):
    set_slider(page, ".position", position)
    seen[position] = pixels(page)
    assert np.abs(seen[position] - start).mean() > 0.1
  assert np.abs(seen[3] - seen[-3]).mean() > 0.5
  page.wait_for_selector("#judged .label")
  set_slider(page, ".variation", 2)
  assert np.abs(pixels(page) - seen[-3]).mean() > 0.1
  with another_picture(page):
    page.click("#reset")
  assert page.input_value(".variation") == "0"
  np.testing.assert_allclose(pixels(page), start, atol=1)


def test_another_face_and_the_photos_own(watched, sample_photos):
  page = watched.page
  first = pixels(page)
  with another_picture(page):
    page.click("#another")
  assert page.inner_text("#origin").startswith("Face 1,")
  assert np.abs(pixels(page) - first).mean() > 0.5
  choose(page, sample_photos / LABELLED)
  page.wait_for_selector("#again:visible")
  assert "reconstructs" in page.inner_text("#origin")


def no_face():
  file = io.BytesIO()
  Image.new("RGB", (200, 200), (90, 120, 90)).save(file, "PNG")
  return file.getvalue()


@pytest.mark.parametrize(
  "name, content, reason",
  [
    ("words.txt", b"just words", "not an image in a known format"),
    ("cut.jpg", b"\xff\xd8\xff\xe0cut off", "damaged or cut off"),
    ("green.png", no_face(), "no face was found"),
  ],
)
def test_what_can_not_be_labelled_is_said_in_a_line(watched, name, content, reason):
  drop(watched.page, name, content)
  watched.page.wait_for_selector("#message.bad")
  message = watched.page.inner_text("#message")
  assert message.startswith(f"No label for {name}: {reason}") and "\n" not in message
  assert not watched.page.is_visible("#result")


def test_each_face_of_a_photo_is_labelled(watched, sample_photos):
  page, file = watched.page, io.BytesIO()
  together = Image.new("RGB", (800, 500), (120, 140, 160))
  for place, name in enumerate((LABELLED, "000123.jpg")):
    with Image.open(sample_photos / name) as photo:
      together.paste(photo, (100 + 350 * place, 140))
  together.save(file, "PNG")
  drop(page, "two.png", file.getvalue())
  page.wait_for_selector("#several button")
  assert page.inner_text("#message") == "2 faces were found."
  first = page.get_attribute("#found", "src")
  page.click("#several button:not([aria-pressed=true])")
  assert page.get_attribute("#found", "src") != first
  assert page.locator("#labels .label").count() == 1


@pytest.mark.parametrize("width", [360, 1440])
def test_nothing_sticks_out(browser, address, sample_photos, width):
  with browsers.Watched(browser, width) as watched:
    watched.page.goto(address)
    choose(watched.page, sample_photos / LABELLED)
    watched.page.wait_for_selector("#result:visible")
    assert watched.page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.fixture(name="copied")
def copy(first_run, tmp_path):
  """The run's folder without TFX's, whose artifacts stay where they are."""
  path = tmp_path / first_run.folder.name
  shutil.copytree(first_run.folder, path, ignore=shutil.ignore_patterns("tfx", "checkpoints"))
  return run_folder.RunFolder(path)


def lose(folder, component):
  """Makes ML Metadata's artifacts of a component ones that are not there."""
  with contextlib.closing(sqlite3.connect(folder.metadata)) as store, store:
    store.execute("UPDATE Artifact SET uri = uri || '-gone' WHERE uri LIKE ?", [f"%/{component}/%"])


def test_what_is_missing_is_said_and_the_rest_works(copied):
  shutil.rmtree(copied.pushed)
  parts = inputs.load(copied)
  assert parts.sliders.attributes == ["Male"] and parts.evaluation
  assert parts.predictor is None and parts.photos is None
  (note,) = parts.notes
  assert "no model was pushed" in note
  lose(copied, "LatentDirections")
  with pytest.raises(errors.UserError) as error:
    inputs.load(copied)
  assert "no model was pushed" in str(error.value)
  assert "LatentDirections gave as directions was here" in str(error.value)
