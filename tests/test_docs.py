"""What README and docs say can be typed, followed and found."""

import pathlib
import re
import shlex
from collections.abc import Iterator

import click
import pytest
import yaml

from pipeline import config as config_lib
from pipeline import experiments
from pipeline.programs import cli

_ROOT = pathlib.Path(__file__).parents[1]
if not (_ROOT / "docs").is_dir():
  pytest.skip("no source tree is here", allow_module_level=True)

from devtools import docs
from devtools.bench import groups

_PAGES = sorted([*_ROOT.glob("*.md"), *(_ROOT / "docs").glob("*.md"), _ROOT / "schema/README.md"])
_NAMES = [str(page.relative_to(_ROOT)) for page in _PAGES]
_MAKEFILE = (_ROOT / "Makefile").read_text()
_TARGETS = set(re.findall(r"^([a-z-]+):", _MAKEFILE, re.MULTILINE))
_VARIABLES = set(re.findall(r"^([A-Z]+) :=", _MAKEFILE, re.MULTILINE))
_FOLDERS = r"(?:components|pipeline|schema|devtools|tests|constraints|docs|\.ci|\.github)/"
_SETTINGS = {
  name
  for known in experiments.all_experiments()
  for name, *_ in config_lib.describe(experiments.load(known))
}


def _code(text: str) -> Iterator[str]:
  """Code of a page: indented or fenced lines, joined where they are continued,
  and what stands between backticks."""
  fenced = False
  pending = ""
  prose = []
  for line in text.splitlines():
    if line.lstrip().startswith("```"):
      fenced = not fenced
    elif fenced or line.startswith("    "):
      pending += line.strip()
      if pending.endswith("\\"):
        pending = pending[:-1]
      else:
        yield pending
        pending = ""
    if not fenced and not line.startswith("    "):
      prose.append(line)
  for span in re.findall(r"`([^`]+)`", "\n".join(prose)):
    yield " ".join(span.split())


def _commands(text: str, start: str) -> Iterator[list[str]]:
  """Arguments of the commands of a page that start so."""
  for code in _code(text):
    found = re.match(rf"(?:\$ )?(?:exec )?{start}\b(?!=)(.*)", code)
    if found:
      words = shlex.split(found.group(1), comments=True)
      end = next((i for i, word in enumerate(words) if word in ("|", ">", "&&", ";")), len(words))
      yield words[:end]


def _parse(words: list[str]) -> None:
  """Has click read a command, and checks the settings that it names."""
  verb, *arguments = ["sample" if word == "EXPERIMENT" else word for word in words]
  group = click.Context(cli.cli, **cli.cli.context_settings)
  command = cli.cli.get_command(group, verb)
  assert command is not None, f"there is no verb {verb}"
  given = command.make_context(verb, arguments, parent=group).params
  for assignment in given.get("assignments", ()):
    assert assignment.partition("=")[0] in _SETTINGS, assignment
  if verb == "bench":
    groups.check(given["groups"])


@pytest.mark.parametrize("page", _PAGES, ids=_NAMES)
def test_commands_parse(page):
  for words in _commands(page.read_text(), r"(?:\.venv/bin/)?python -m pipeline"):
    if words:
      try:
        _parse(words)
      except click.exceptions.Exit:  # --help
        pass
      except click.ClickException as error:
        pytest.fail(f"{words}: {error.format_message()}")


@pytest.mark.parametrize("page", _PAGES, ids=_NAMES)
def test_make_has_the_targets(page):
  for words in filter(None, _commands(page.read_text(), "make")):
    variables = dict(word.split("=", 1) for word in words if "=" in word)
    targets = [word for word in words if "=" not in word]
    assert targets and set(targets) <= _TARGETS, words
    assert set(variables) <= _VARIABLES, words
    arguments = shlex.split(variables.get("ARGS", ""))
    for target in targets:
      if target in ("run", "bench"):
        _parse([target, *arguments])
      elif target in ("test", "faults"):
        assert all((_ROOT / argument).exists() for argument in arguments), words


def test_a_wrong_command_is_seen():
  for text in ("run --nonsense 1", "nonsense", "run --set generator.nonsense=1"):
    (words,) = _commands(f"    python -m pipeline {text}\n", "python -m pipeline")
    with pytest.raises((click.ClickException, AssertionError)):
      _parse(words)
  (words,) = _commands("`make bench ARGS='a b'`", "make")
  assert words == ["bench", "ARGS=a b"]


def _anchors(page: pathlib.Path) -> set[str]:
  """GitHub's anchors of a page's headings."""
  headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
  return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", _PAGES, ids=_NAMES)
def test_links_lead_somewhere(page):
  for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
    if re.match(r"\w+:", target):
      continue
    path, _, anchor = target.partition("#")
    linked = (page.parent / path).resolve() if path else page
    assert linked.exists(), target
    if anchor:
      assert anchor in _anchors(linked), target


@pytest.mark.parametrize("page", _PAGES, ids=_NAMES)
def test_paths_and_settings_exist(page):
  branches = {name.partition(".")[0] for name in _SETTINGS if "." in name}
  for code in _code(page.read_text()):
    if re.fullmatch(rf"{_FOLDERS}[\w./*-]*", code):
      assert list(_ROOT.glob(code.rstrip("/"))), code
    if (
      re.fullmatch(r"[a-z_]+(\.[a-z_]+)+(?<!\.json)(?<!\.yaml)(?<!\.py)", code)
      and code.partition(".")[0] in branches
    ):
      assert any(name == code or name.startswith(f"{code}.") for name in _SETTINGS), code


@pytest.mark.parametrize("name", docs.PAGES)
def test_generated_pages_are_up_to_date(name):
  assert (docs.FOLDER / name).read_text() == docs.PAGES[name](), "run `make docs`"


def test_every_page_is_reached_from_the_readme():
  linked = set(re.findall(r"\]\(([^)#\s]+)", (_ROOT / "README.md").read_text()))
  assert {f"docs/{page.name}" for page in (_ROOT / "docs").glob("*.md")} <= linked


def test_the_readme_is_short():
  assert len((_ROOT / "README.md").read_text().splitlines()) < 150


def test_ci_and_citation_agree_with_the_project():
  jobs = yaml.safe_load((_ROOT / ".github/workflows/ci.yml").read_text())["jobs"]
  made = [
    step["run"].split()[1]
    for job in jobs.values()
    for step in job["steps"]
    if step.get("run", "").startswith("make ")
  ]
  assert {"checks", "test"} <= set(made) <= _TARGETS
  citation = yaml.safe_load((_ROOT / "CITATION.cff").read_text())
  assert f'version="{citation["version"]}"' in (_ROOT / "setup.py").read_text()
  hooks = yaml.safe_load((_ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
  pins = (_ROOT / "constraints/tfx-1.16-python-3.10.txt").read_text()
  for tool in ("ruff", "import-linter", "mypy"):
    assert f"\n{tool}==" in pins
    assert any(tool.split("-")[-1][:4] in hook["entry"] for hook in hooks)
