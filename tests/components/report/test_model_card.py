"""The model card: its schema, its figures, and names that are markup."""

import re
from xml.etree import ElementTree

import huggingface_hub
import pytest

from components.report import markdown_text, model_card
from pipeline import config as config_lib
from pipeline import experiments
from tests.components.report import run_figures

_SECTIONS = (
  "## Model Details",
  "### Model Description",
  "### Licences",
  "## Uses",
  "### Direct Use",
  "### Downstream Use",
  "### Out-of-Scope Use",
  "## Bias, Risks, and Limitations",
  "### Known Label Noise",
  "### Recommendations",
  "## How to Get Started with the Model",
  "## Training Details",
  "### Training Data",
  "### Training Procedure",
  "#### Preprocessing",
  "#### Training Hyperparameters",
  "## Evaluation",
  "### Testing Data, Factors & Metrics",
  "#### Testing Data",
  "#### Factors",
  "#### Metrics",
  "### Results",
  "#### Summary",
  "## Model Card Authors",
)
_HARMFUL = (
  "<script>alert(1)</script>",
  "</code><img src=x onerror=alert(1)>",
  "[here](javascript:alert(1))",
  "![x](http://example.org/x.png)",
  "Ma|le",
  "`a` *b* _c_ \\",
  "a\n---\nb: c",
  "http://example.org",
  "&lt;i>",
)


def _render(attributes=("Male",), settings=(), evaluation=None):
  config = config_lib.build(experiments.load("sample"), None, settings)
  return model_card.render(
    "try",
    evaluation or run_figures.evaluation(attributes),
    run_figures.slices(attributes),
    config_lib.to_yaml(config),
  )


def _body(card):
  return huggingface_hub.ModelCard(card).text


def test_sections_are_all_there_in_their_order():
  lines = _body(_render()).splitlines()
  assert tuple(line for line in lines if line in _SECTIONS) == _SECTIONS
  assert "#### The CelebA *Male* annotation" in lines


def test_metadata_hold_the_evaluations_figures():
  evaluation = run_figures.evaluation(["Male", "Young"])
  slices = run_figures.slices(["Male", "Young"])
  data = huggingface_hub.ModelCard(_render(("Male", "Young"))).data
  assert data.model_name == "try"
  found = {(result.dataset_config, result.metric_type): result for result in data.eval_results}
  for attribute in ("Male", "Young"):
    hand_labeled = evaluation["attributes"][attribute]["hand_labeled"]
    overall = slices[attribute]["Overall"]
    accuracy = found[attribute, "accuracy"]
    assert accuracy.metric_value == hand_labeled["accuracy"]
    low, high = (overall["binary_accuracy"][end] for end in ("low", "high"))
    assert f"{low:.3f} to {high:.3f}" in accuracy.metric_name
    assert found[attribute, "roc_auc"].metric_value == hand_labeled["auc"]
    for metric in ("precision", "recall"):
      assert found[attribute, metric].metric_value == overall[metric]["value"]
    assert accuracy.dataset_split == "hand_labeled"
  assert len(found) == 8


def test_body_holds_slices_and_ladder():
  body = _body(_render())
  evaluation = run_figures.evaluation(["Male"])
  for name, metrics in run_figures.slices(["Male"])["Male"].items():
    row = next(line for line in body.splitlines() if line.startswith(f"| `{name}` |"))
    assert f"| {metrics['example_count']['value']:.0f} |" in row
    assert f"{metrics['binary_accuracy']['value']:.3f}" in row
  for step, figures in evaluation["ladder"].items():
    row = next(line for line in body.splitlines() if line.startswith(f"| `{step}`"))
    assert f"| {figures['n']} | {figures['accuracy']:.3f} |" in row
    assert ("(this model)" in row) == (step == evaluation["step"])
  # Not `Wearing_Hat=1`, which is worse: it has 7 photos.
  assert "worst on `Wearing_Hat=0`" in body
  assert "faces all alike, in 2 epochs" in body and "codes ignored" not in body
  assert evaluation["did_synthesis_help"].split(":")[0] in body


@pytest.mark.parametrize(
  "suspects, said",
  [
    (None, None),
    ([], "doubts none of them"),
    (["000003.jpg", "<b>.jpg"], "doubts 2 of them: `000003.jpg`, &#60;b&#62;.jpg."),
  ],
)
def test_label_audit(suspects, said):
  evaluation = run_figures.evaluation(["Male"])
  if suspects is not None:
    evaluation["hand_labeled"]["suspects"] = suspects
  body = _body(_render(evaluation=evaluation))
  noise = body.partition("### Known Label Noise")[2].partition("###")[0]
  assert f"{run_figures.PHOTOS} hand-labelled photos evaluate it" in noise
  assert ("audit" in noise) == (suspects is not None)
  assert said is None or said in noise


@pytest.mark.parametrize(
  "settings, licence, said, unsaid",
  [
    (
      (),
      "non-commercial-research",
      ["made for this project", "500 aligned CelebA photos"],
      ["VGG"],
    ),
    (
      ["source.path=/data/img_align_celeba.zip"],
      "non-commercial-research",
      ["known to be noisy", "| CelebA, by its name: img&#95;align"],
      ["/data", "made for this project"],
    ),
    (
      ["source.path=/home/me/own", "source.labels=labels.csv"],
      "that-of-the-photos-and-networks",
      ["one's own: own |", "How often the labels are wrong is not known"],
      ["CelebA", "/home", "Commercial use"],
    ),
    (
      ["source.path=own", "embedder.network=vgg_face"],
      "non-commercial-research",
      ["VGG-Face: non-commercial", "Commercial use"],
      ["CelebA"],
    ),
    (
      ["source.path=own", "imported_generator=dcgan-digiface"],
      "non-commercial-research",
      ["| generator | a DCGAN"],
      ["CelebA"],
    ),
    (
      ["source.path=own", "imported_generator=/there/model"],
      "that-of-the-photos-and-networks",
      ["| generator | SavedModel model | not known"],
      ["/there"],
    ),
  ],
)
def test_licences_follow_from_what_was_used(settings, licence, said, unsaid):
  card = _render(settings=settings)
  assert huggingface_hub.ModelCard(card).data.license_name == licence
  # What "img_align" is escaped as does not matter here.
  card = card.replace("img_align", "img&#95;align")
  for text in said:
    assert text in card
  for text in unsaid:
    assert text not in card


def test_models_without_blessing_or_training_of_their_own():
  card = _render(evaluation=run_figures.evaluation(["Male"], trained=False, blessed=False))
  body = _body(card)
  assert "was not let through" in body and "auc is 0.7, not 0.8" in body
  assert "not-blessed" in huggingface_hub.ModelCard(card).data.tags
  assert "The generator was trained elsewhere." in body
  assert "generator.epochs" not in body


def test_names_that_are_markup_do_no_harm():
  card = _render(_HARMFUL)
  data = huggingface_hub.ModelCard(card).data
  assert {result.dataset_config for result in data.eval_results} == {
    re.sub(r"\s", " ", name) for name in _HARMFUL
  }
  # In a block of code, names are what they are.
  body = re.sub(r"^```.*?^```$", "", _body(card), flags=re.DOTALL | re.MULTILINE)
  assert not re.search(r"<(script|img|/code|i\b)|^---", body, re.MULTILINE)
  html = model_card.to_html(card)
  root = ElementTree.fromstring(f"<div>{html}</div>")
  assert {element.tag for element in root.iter()} <= {
    "div",
    "h3",
    "h4",
    "h5",
    "h6",
    "p",
    "ul",
    "li",
    "em",
    "strong",
    "code",
    "pre",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
  }
  assert {name for element in root.iter() for name in element.attrib} <= {"align", "class"}
  shown = "".join(root.itertext())
  for name in _HARMFUL:
    assert re.sub(r"\s", " ", name) in shown
  # No name has torn a table: all rows of one have as many cells.
  for table in root.iter("table"):
    assert len({len(row) for row in table.iter("tr")}) == 1


def test_html_obeys_no_markdown_that_leads_elsewhere():
  html = markdown_text.to_html(
    "---\na: b\n---\n# One\n<script>x</script>\n\n[a](http://b) ![c](d) "
    "<http://e> [f][g]\n\n[g]: http://h\n\n<div onclick='i'>\n\n# Two"
  )
  assert html.startswith("<h3>One</h3>") and "<h3>Two</h3>" in html
  assert "&lt;script&gt;" in html
  assert not re.search(r"<(script|a|img|div)\b|a: b", html)
