"""The page in a real browser: photos are labelled by keyboard and by touch."""

import csv
import io
import random

import pytest
from PIL import Image

from pipeline.programs.label import door as door_lib
from pipeline.programs.label import order
from pipeline.programs.label import session as session_lib
from tests import browsers

_KEYS = {"yes": "y", "no": "n", "can't tell": "c"}
_CELLS = {"yes": "1", "no": "0", "can't tell": ""}


def _watched(browser, url, **context):
  watched = browsers.Watched(browser, **context)
  watched.page.goto(url)
  return watched


def _shown(page):
  """The photo that may be answered now: number and name."""
  page.wait_for_selector("body[aria-busy=false]")
  return (page.get_attribute("#ask", "data-number"), page.text_content("#name"))


def _press(page, key):
  """A key, and wait until another photo, or none, is to be seen."""
  number, name = _shown(page)
  page.keyboard.press(key)
  page.wait_for_selector(f"#ask:not([data-number='{number}']), #ask[hidden]", state="attached")
  page.wait_for_selector("body[aria-busy=false]")
  return name


def _rows(path):
  with open(path, newline="") as file:
    return list(csv.reader(file))


def _fine(watched, url):
  assert not watched.complaints
  assert watched.requests
  assert all(request.startswith(url) for request in watched.requests)


def test_a_hundred_photos_by_keyboard_closed_and_resumed(browser, folder, opened, serve, tmp_path):
  place = folder(100)
  draw = random.Random(0)
  answers = {}

  def label(page, count):
    for _ in range(count):
      answer = draw.choice(list(_KEYS))
      answers[_press(page, _KEYS[answer])] = answer

  session, photos, _ = opened(place, order.RANDOM)
  url = serve(session, photos)
  with _watched(browser, url) as watched:
    label(watched.page, 30)
    _fine(watched, url)
  with _watched(browser, url) as watched:  # The page was closed, no more.
    _shown(watched.page)
    assert watched.page.text_content("h1") == "Male?"
    label(watched.page, 15)
    known = [answer for answer in answers.values() if answer != "can't tell"]
    assert watched.page.text_content("#progress") == f"{len(known)} of 100 labels"
    _fine(watched, url)
  session.close()  # The command was stopped.
  session, photos, _ = opened(place, order.RANDOM)
  url = serve(session, photos)
  with _watched(browser, url) as watched:
    label(watched.page, 55)
    assert watched.page.text_content("#end-title") == "All photos are answered"
    _fine(watched, url)
  session.close()  # A CSV that is slow to write may wait for it.
  assert len(answers) == 100 and set(answers.values()) == set(_KEYS)
  assert list(answers) == order.arrange(photos.image_ids, order.RANDOM, 0)
  rows = _rows(tmp_path / "labels.csv")
  assert rows[0] == ["image_id", "Male"]
  assert rows[1:] == [[name, _CELLS[answer]] for name, answer in answers.items()]


def test_back_and_the_contact_sheet_label_again(browser, folder, opened, serve, tmp_path):
  session, photos, _ = opened(folder(6))
  url = serve(session, photos)
  with _watched(browser, url) as watched:
    page = watched.page
    for key in ("1", "0", "?"):
      _press(page, key)
    _press(page, "b")
    assert _press(page, "ArrowLeft") == "000009.jpg"
    assert page.text_content("#earlier") == "answered: no"
    assert _press(page, "y") == "000008.jpg"
    assert _shown(page)[1] == "000009.jpg"  # The place is kept.
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("#ask[data-number='3']")
    assert _shown(page)[1] == "000010.jpg"
    page.keyboard.press("s")
    tiles = page.locator("#photos button")
    tiles.nth(2).wait_for()
    assert tiles.all_inner_texts() == [
      "Can’t tell\n000009.jpg",
      "Yes\n000008.jpg",
      "Yes\n000007.jpg",
    ]
    assert tiles.nth(1).locator("img").get_attribute("alt") == ("Photo 000008.jpg")
    page.get_by_role("button", name="Photo 000009.jpg").click()
    page.wait_for_selector("#ask:not([hidden])")
    assert _shown(page)[1] == "000009.jpg"
    page.keyboard.press("n")
    page.wait_for_selector("#sheet:not([hidden])")  # Where one came from.
    page.get_by_role("button", name="No", exact=True).click()
    page.wait_for_selector("#photos:not(:has(button:nth-child(2)))")
    assert tiles.all_inner_texts() == ["No\n000009.jpg"]
    tiles.nth(0).hover()
    page.keyboard.press("y")  # On the sheet itself.
    page.wait_for_selector("#photos:not(:has(button))", state="attached")
    page.wait_for_selector("body[aria-busy=false]")
    page.get_by_role("button", name="All", exact=True).click()
    page.wait_for_selector("#photos:has(button:nth-child(3))")
    assert tiles.nth(0).inner_text() == "Yes\n000009.jpg"
    _fine(watched, url)
  session.close()
  assert _rows(tmp_path / "labels.csv")[1:] == [
    ["000007.jpg", "1"],
    ["000008.jpg", "1"],
    ["000009.jpg", "1"],
  ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_fits_a_phone_and_works_by_touch(browser, folder, opened, serve, scheme):
  place = folder(3)
  (place / "000008.jpg").write_bytes(b"no photo")
  session, photos, _ = opened(place)
  url = serve(session, photos)
  with _watched(
    browser, url, width=360, has_touch=True, is_mobile=True, color_scheme=scheme
  ) as watched:
    page = watched.page
    _shown(page)
    for name in ("Yes", "No", "Can’t tell", "Back"):
      box = page.get_by_role("button", name=name).bounding_box()
      assert box["width"] >= 44 and box["height"] >= 44
      assert box["x"] >= 0 and box["x"] + box["width"] <= 360
    assert page.locator("html").evaluate("e => e.scrollWidth") <= 360
    assert page.text_content("#skipped-title") == "1 photo skipped"
    assert page.text_content("#skipped-list") == ("000008.jpg: not an image in a known format")
    page.get_by_role("button", name="Yes").tap()
    page.wait_for_selector("#ask[data-number='2']")
    page.wait_for_selector("body[aria-busy=false]")
    page.get_by_role("button", name="No").tap()
    page.wait_for_selector("#end:not([hidden])")
    assert page.locator("html").evaluate("e => e.scrollWidth") <= 360
    _fine(watched, url)


def test_a_key_held_down_is_one_answer(browser, folder, opened, serve):
  session, photos, _ = opened(folder(6))
  url = serve(session, photos)
  with _watched(browser, url) as watched:
    page = watched.page
    number, _ = _shown(page)
    page.keyboard.down("y")
    page.wait_for_selector(f"#ask:not([data-number='{number}'])")
    for _ in range(5):
      page.wait_for_selector("body[aria-busy=false]")
      page.keyboard.down("y")  # Playwright sends it as a repetition.
    page.keyboard.up("y")
    page.keyboard.press("Control+y")
    assert page.text_content("#progress") == "1 of 6 labels"
    page.keyboard.press("Tab")  # Buttons can be reached, and pressed.
    while page.locator(":focus").get_attribute("data-answer") != "no":
      page.keyboard.press("Tab")
    number, _ = _shown(page)
    page.keyboard.press("Enter")
    page.wait_for_selector(f"#ask:not([data-number='{number}'])")
    assert page.text_content("#progress") == "2 of 6 labels"
    _fine(watched, url)


def test_what_cant_be_kept_is_said_and_the_photo_stays(browser, folder, opened, serve, tmp_path):
  session, photos, _ = opened(folder(3))
  url = serve(session, photos)
  journal = tmp_path / "labels.csv.answers"
  with _watched(browser, url) as watched:
    page = watched.page
    first = _shown(page)
    journal.rename(tmp_path / "elsewhere")
    page.keyboard.press("y")
    page.wait_for_selector("#problem:not([hidden])")
    assert "can't be kept" in page.text_content("#problem")
    assert _shown(page) == first
    (tmp_path / "elsewhere").rename(journal)
    _press(page, "y")
    assert page.is_hidden("#problem")
    (tmp_path / "labels.csv").chmod(0o444)
    _press(page, "n")
    assert "is read-only" in page.text_content("#problem")
    assert "Your answers are kept" in page.text_content("#problem")
    (tmp_path / "labels.csv").chmod(0o644)


def test_the_second_look(browser, folder, opened, serve, tmp_path):
  """Brightness is labelled, two of the labels wrong, and found."""
  session, photos, check = opened(folder(40))
  means = {}
  for number, name in enumerate(photos.image_ids):
    with Image.open(io.BytesIO(photos.picture(number, "small"))) as image:
      means[name] = image.convert("L").resize((1, 1), 4).getpixel((0, 0))
  ranked = sorted(means, key=means.get)
  truth = {name: "yes" if name in ranked[20:] else "no" for name in ranked}
  wrong = {ranked[0], ranked[-1]}
  for name, answer in truth.items():
    if name in wrong:
      answer = {"yes": "no", "no": "yes"}[answer]
    session.answer(photos.numbers[name], answer)
  url = serve(session, photos)
  with _watched(browser, url) as watched:
    page = watched.page
    page.get_by_role("button", name="Check for wrong labels").click()
    page.wait_for_selector("#round:visible")
    suspects = len(check.suspects)
    for asked in range(suspects):
      assert page.text_content("#progress") == (f"{asked} of {suspects} asked again")
      assert page.locator("[data-answer][aria-pressed=true]").count() == 0
      _, name = _shown(page)
      _press(page, _KEYS[truth[name]])
    assert page.text_content("#end-title") == "Second look done"
    assert page.text_content("#end-text").endswith("again, 2 changed.")
    assert sorted(page.locator("#changed button").all_inner_texts()) == sorted(
      [f"Yes → No\n{ranked[0]}", f"No → Yes\n{ranked[-1]}"]
    )
    _fine(watched, url)
  session.close()
  assert {name: cell for name, cell in _rows(tmp_path / "labels.csv")[1:]} == {
    name: _CELLS[answer] for name, answer in truth.items()
  }


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_goal_note_zoom_and_finish(browser, folder, opened, serve, width, scheme):
  plan = session_lib.Plan(goal=4, evaluation=frozenset({"000008.jpg"}))
  session, photos, _ = opened(folder(6), plan=plan, command="what comes next")
  url = serve(session, photos)
  with _watched(
    browser,
    url,
    width=width,
    color_scheme=scheme,
    permissions=["clipboard-read", "clipboard-write"],
  ) as watched:
    page = watched.page
    _press(page, "y")
    assert page.text_content("#progress") == "1 of 4 labels · 1 more no"
    assert page.text_content("#purpose") == "for evaluation"
    page.keyboard.press("m")
    page.keyboard.type("no, yes")
    page.keyboard.press("Enter")
    page.keyboard.press("z")
    image, frame = (page.locator(name).bounding_box() for name in ("#photo", ".frame"))
    assert image["width"] > 2 * frame["width"]
    assert page.locator("html").evaluate("e => e.scrollWidth") <= width
    _press(page, "n")
    assert page.locator(".frame.zoomed").count() == 0
    page.keyboard.press("b")
    page.wait_for_selector("#ask[data-number='1']")
    assert page.input_value("#note") == "no, yes"
    page.keyboard.press("h")
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Finish").click()
    page.wait_for_selector("#end:not([hidden])")
    assert page.text_content("#end-title") == "Not at the goal yet"
    assert "2 labels are lacking" in page.text_content("#facts")
    page.get_by_role("button", name="Copy").click()
    page.wait_for_selector("text=Copied")
    assert page.evaluate("navigator.clipboard.readText()") == "what comes next"
    page.get_by_role("button", name="Label the other 4").click()
    for key in ("y", "n"):
      _press(page, key)
    assert page.text_content("#progress") == "4 of 4 labels"
    page.keyboard.press("f")
    page.wait_for_selector("#end:not([hidden])")
    assert page.text_content("#end-title") == "The goal is reached"
    _fine(watched, url)


def test_a_second_person_is_let_in_once(browser, folder, opened, serve):
  said = []
  session, photos, _ = opened(folder(4), plan=session_lib.Plan(shared=True))
  door = door_lib.Door(session, lambda name: session.for_labeller(name), said.append)
  url = serve(session, photos, door)
  door.open(url)
  link = said[-1].split()[-1]
  with _watched(browser, link) as watched:
    page = watched.page
    page.get_by_label("Your name").fill("Ana")
    page.get_by_role("button", name="Begin").click()
    page.wait_for_selector("#ask[data-number='0']")
    assert page.text_content("#who") == "You label as Ana."
    _press(page, "y")
    _fine(watched, url)
  assert "Ana labels as well" in said
  with _watched(browser, link) as watched:
    assert "used before" in watched.page.text_content("body")


@pytest.mark.skipif(not browsers.has_axe(), reason="needs axe-playwright-python")
@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_keeps_people_from_using_it(browser, folder, opened, serve, width, scheme):
  plan = session_lib.Plan(goal=3, evaluation=frozenset({"000007.jpg"}), shared=True)
  session, photos, _ = opened(folder(4), plan=plan, command="what comes next")
  session.answer(2, "yes", "a note")
  session.for_labeller("Ana").answer(0, "no")
  door = door_lib.Door(session, session.for_labeller, lambda line: None)
  url = serve(session, photos, door)
  with _watched(browser, url, width=width, color_scheme=scheme) as watched:
    page = watched.page
    _press(page, "y")
    assert not browsers.barriers(page)
    page.keyboard.press("h")
    assert not browsers.barriers(page)
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    page.wait_for_selector("#sheet:not([hidden])")
    page.wait_for_selector("body[aria-busy=false]")
    assert not browsers.barriers(page)
    page.keyboard.press("f")
    page.wait_for_selector("#end:not([hidden])")
    assert page.is_visible("#ask-disputed")
    assert not browsers.barriers(page)
    assert page.locator("html").evaluate("e => e.scrollWidth") <= width
