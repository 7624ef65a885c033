"""The page that a person opens, in a real browser."""

import csv
import json
import shutil

import pytest

from components.report import making
from components.report import page as page_lib
from components.shared.data import examples
from pipeline import config as config_lib
from pipeline import lineage, run_folder
from tests import browsers, planted_secrets
from tests.end_to_end import running

SECTIONS = page_lib.sections(with_run=True)


@pytest.fixture(name="page_file", scope="module")
def find_page(first_run):
  """A copy of the first run's page: later runs write another one."""
  return first_run.folder / "report" / "index.html"


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_is_visible_and_nobody_is_asked(page_file, browser, width, scheme):
  with browsers.Watched(browser, width, color_scheme=scheme) as watched:
    watched.page.goto(page_file.as_uri())
    assert watched.requests == [page_file.as_uri()]
    for section in SECTIONS:
      box = watched.page.locator(f"#{section}").bounding_box()
      assert box["height"] > 20 and 0 <= box["x"] < width, section
    assert watched.page.evaluate("document.documentElement.scrollWidth") <= width
    broken = watched.page.evaluate(
      "[...document.images].filter(i => !i.alt || !i.naturalWidth).length"
    )
    assert broken == 0
    unnamed = watched.page.evaluate(
      "[...document.querySelectorAll('svg')].filter(s => !s.getAttribute('aria-label')).length"
    )
    assert unnamed == 0
    ink, paper = watched.page.evaluate(
      "(s => [s.color, s.backgroundColor].map("
      "c => Number(c.match(/\\d+/)[0])))(getComputedStyle(document.body))"
    )
    assert (ink < paper) == (scheme == "light")
    assert not watched.complaints


def test_by_keyboard(page_file, browser):
  with browsers.Watched(browser, 360) as watched:
    watched.page.goto(page_file.as_uri())
    watched.page.keyboard.press("Tab")
    assert watched.page.evaluate("document.activeElement.textContent") == "To the content"
    for _ in range(30):  # Files, and sections.
      watched.page.keyboard.press("Tab")
      if watched.page.evaluate("document.activeElement.textContent") == "Settings":
        break
    assert watched.page.evaluate("document.activeElement.textContent") == "Settings"
    watched.page.keyboard.press("Enter")
    assert watched.page.url.endswith("#settings")
    for _ in range(100):
      watched.page.keyboard.press("Tab")
      if watched.page.evaluate("document.activeElement.tagName") == "SUMMARY":
        break
    watched.page.keyboard.press("Enter")
    assert watched.page.locator("#settings pre").is_visible()


def test_prints_without_navigation(page_file, browser):
  with browsers.Watched(browser) as watched:
    watched.page.goto(page_file.as_uri())
    watched.page.emulate_media(media="print")
    assert not watched.page.locator("nav").is_visible()
    assert len(watched.page.pdf()) > 50_000


def test_photos_are_sorted_and_judged(first_run, browser, page_file):
  with open(first_run.artifact("Ladder", "ladder") / "scores.csv", encoding="utf-8") as file:
    rows = list(csv.DictReader(file))
  wrong = [row for row in rows if (float(row["semi_supervised"]) >= 0.5) != (row["label"] == "1")]
  with browsers.Watched(browser) as watched:
    watched.page.goto(page_file.as_uri())
    photos = watched.page.locator("#photos figure")
    assert photos.count() == len(rows) == 94
    first = photos.first.locator("img").get_attribute("alt")
    worst = max(rows, key=lambda row: abs(float(row["semi_supervised"]) - float(row["label"])))
    assert first.startswith(f"{worst['image_id']}: labelled {worst['label']}")
    marked = watched.page.locator("#photos figure.wrong, #photos figure.suspect").count()
    assert marked >= len(wrong)


def test_photos_are_filtered_and_enlarged_without_scripts(first_run, browser, page_file):
  with browsers.Watched(browser, 390, java_script_enabled=False) as watched:
    watched.page.goto(page_file.as_uri())
    photos = watched.page.locator("#photos figure:visible")
    wrong = photos.count()
    assert wrong == watched.page.locator("#photos figure.wrong").count() < 94
    watched.page.get_by_label("all (94)").check()
    assert photos.count() == 94
    small = photos.first.locator("img").bounding_box()["width"]
    photos.first.locator("summary").click()
    assert photos.first.locator("img").bounding_box()["width"] > 2 * small
    watched.page.get_by_label("suspect (").check()
    assert photos.count() == len(first_run.evaluation["hand_labeled"]["suspects"])


def test_the_ladder_fits_a_phone(first_run, browser, page_file):
  with browsers.Watched(browser, 390) as watched:
    watched.page.goto(page_file.as_uri())
    rows = watched.page.locator("#ladder tr:visible").all()
    assert rows
    for row in rows:
      for cell in row.locator("td:visible").all():
        box = cell.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 390
    links = watched.page.locator(
      "header a[href$='.md'], header a[href$='.json'], header a[href$='.csv']"
    )
    assert links.count() == 3
    for link in links.all():
      assert (page_file.parent / link.get_attribute("href")).is_file()


def test_all_runs_are_on_a_page(first_run, browser):
  page = first_run.folder.parent / "index.html"
  for width in (390, 1440):
    with browsers.Watched(browser, width) as watched:
      watched.page.goto(page.as_uri())
      watched.page.get_by_role("link", name="small", exact=True).click()
      assert watched.page.url.endswith("/small/report/index.html")
      assert not watched.complaints


def test_lineage_and_memory(first_run, browser, page_file):
  with browsers.Watched(browser) as watched:
    watched.page.goto(page_file.as_uri())
    led = set(watched.page.locator("#run tr.pushed > td:first-child").all_text_contents())
    for component in (
      "FaceExampleGen",
      "VaeGanTrainer",
      "SyntheticFaceGen",
      "Trainer",
      "Evaluator",
      "Pusher",
    ):
      assert component in led
    assert not led & {"Report", "Ladder", "SyntheticMeasures"}
    assert watched.page.locator("#history tr.pushed").count() == 1
  peaks = first_run.evaluation["peak_rss_bytes_of"]
  assert set(peaks) == set(first_run.evaluation["seconds"])
  assert min(peaks.values()) > 2**27
  assert max(peaks.values()) <= first_run.evaluation["peak_rss_bytes"]


def test_made_again(first_run, tmp_path, invoke):
  folder = tmp_path / "small"
  shutil.copytree(first_run.folder, folder, ignore=shutil.ignore_patterns("checkpoints", "report"))
  done = invoke("report", "--name", "small", "--output", tmp_path)
  assert done.status == 0, done.errors
  assert first_run.evaluation["did_synthesis_help"] in done.printed
  again = json.loads((folder / "evaluation.json").read_text())
  assert again["ladder"] == first_run.evaluation["ladder"]
  assert again["peak_rss_bytes_of"] == first_run.evaluation["peak_rss_bytes_of"]
  page = (folder / "report" / "index.html").read_text()
  assert '<section id="history">' in page
  (folder / "metadata.sqlite").unlink()
  done = invoke("report", "--name", "small", "--output", tmp_path)
  assert done.status == 2
  assert "ML Metadata knows nothing of this run" in done.errors
  assert (folder / "report" / "index.html").read_text() == page
  assert not (folder / "metadata.sqlite").exists()


def test_ten_thousand_photos_stay_small(first_run, tmp_path, browser):
  """Of a large evaluation the page shows what is worst."""
  folder = run_folder.RunFolder(first_run.folder)
  config = config_lib.build(config_lib.Config(), folder.config)
  places = folder.places(config)
  made = lineage.latest_run(places.metadata, places.pipeline_name)["Report"]
  uris = {name: found[0] for name, found in made.inputs.items()}
  ladder = tmp_path / "ladder"
  shutil.copytree(uris["ladder"], ladder)
  with open(ladder / "scores.csv", encoding="utf-8", newline="") as file:
    rows = list(csv.DictReader(file))
  many = [
    {**rows[n % len(rows)], "image_id": f"{n:05d}-" + rows[n % len(rows)]["image_id"]}
    for n in range(10_000)
  ]
  with open(ladder / "scores.csv", "w", encoding="utf-8", newline="") as file:
    writer = csv.DictWriter(file, rows[0])
    writer.writeheader()
    writer.writerows(many)
  photos = {
    face[examples.IMAGE_ID].decode(): face
    for face in map(
      examples.decode, examples.dataset(uris["faces"], examples.RESERVED).as_numpy_iterator()
    )
  }
  faces = tmp_path / "faces"
  shutil.copytree(uris["faces"], faces)
  shutil.rmtree(examples.split_folder(str(faces), examples.RESERVED))
  with examples.open_shard(examples.shard_path(str(faces), examples.RESERVED, 0, 1)) as writer:
    for row in many:
      face = photos[row["image_id"].partition("-")[2]]
      writer.write(examples.encode({**face, examples.IMAGE_ID: row["image_id"].encode()}))
  making.make(
    made.parameters, {**uris, "ladder": str(ladder), "faces": str(faces)}, str(tmp_path / "report")
  )
  page_file = tmp_path / "report" / "index.html"
  assert page_file.stat().st_size < 15e6
  with browsers.Watched(browser) as watched:
    watched.page.goto(page_file.as_uri())
    assert watched.page.locator("#photos img").count() == 400
    assert "of 10000" in watched.page.locator("#photos").inner_text()


@pytest.mark.slow
def test_a_run_that_failed_says_where(sample_photos, output, tmp_path, browser, invoke):
  for number in range(101, 131):
    shutil.copy(sample_photos / f"{number:06d}.jpg", tmp_path)
  for number in range(101, 111):
    (tmp_path / f"{number:06d}.jpg").write_bytes(b"none")
  labels = tmp_path / "labels.csv"
  labels.write_text(
    "image_id,Male\n" + "".join(f"{number:06d}.jpg,{number % 2}\n" for number in range(101, 121))
  )
  run = running.run_pipeline(
    output,
    "broken",
    "--source",
    str(tmp_path),
    "--labels",
    str(labels),
    "--attribute",
    "Male",
    environment=planted_secrets.environment(tmp_path),
  )
  assert run.status == 2 and "10 of 30 photos are unreadable" in run.errors
  page = run.folder / "report" / "index.html"
  assert f"Look at {page}" in run.errors
  with browsers.Watched(browser, 360) as watched:
    watched.page.goto(page.as_uri())
    said = watched.page.locator("#answer").inner_text()
    assert "failed in FaceExampleGen" in said and "unreadable" in said
    assert "failed" in watched.page.locator("#component-FaceExampleGen").inner_text()
    assert not watched.complaints
  shutil.rmtree(run.folder / "report")
  done = invoke("report", "--name", "broken", "--output", output)
  assert done.status == 0 and "did not finish" in done.printed
  assert page.exists()
  assert not planted_secrets.leaks(planted_secrets.in_folder(run.folder))
  assert not planted_secrets.leaks([(run.printed + run.errors).encode()])
