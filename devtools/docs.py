"""Writes the generated pages of `docs/`: settings and the command line.

python -m devtools.docs
"""

import pathlib
from collections.abc import Iterator

import click

from pipeline import config as config_lib
from pipeline import experiments
from pipeline.programs import cli

FOLDER = pathlib.Path(__file__).parents[1] / "docs"

_NOTE = "<!-- Written by `make docs`; changes by hand are lost. -->"
_WIDTH = 88


def settings() -> str:
  """The page of all settings, with the sample's values."""
  lines = [
    "# Settings",
    "",
    _NOTE,
    "",
    "    .venv/bin/python -m pipeline config",
    "    .venv/bin/python -m pipeline config --yaml",
    "    .venv/bin/python -m pipeline run --set generator.epochs=20 --name short",
    "",
    "`config` prints all settings with their values, `--yaml` as a file for `--config`. Values",
    "are those of the experiment `sample`. An experiment is a module of `pipeline/experiments/`:",
    "",
    *_table(("experiment", "what it is"), sorted(experiments.all_experiments().items())),
    "",
  ]
  group = None
  for name, value, text in config_lib.describe(experiments.load("sample")):
    head, _, tail = name.rpartition(".")
    if head != group:
      lines += ["" if group is not None else "", f"## {head or 'Top level'}", ""]
      lines += ["| setting | value | meaning |", "|---|---|---|"]
      group = head
    shown = "none" if value is None else list(value) if isinstance(value, tuple) else value
    lines.append(f"| `{tail}` | `{shown}` | {_cell(text)} |")
  return "\n".join(lines).replace("\n\n\n", "\n\n") + "\n"


def command_line() -> str:
  """The page of all verbs: what their `--help` prints."""
  group = click.Context(cli.cli, info_name="python -m pipeline", **cli.cli.context_settings)
  verbs = [(name, cli.cli.get_command(group, name)) for name in cli.cli.list_commands(group)]
  lines = [
    "# Command line",
    "",
    _NOTE,
    "",
    "Exit status: 0; 1 (a bug); 2 (something you can put right); 128 and the number of the",
    "signal that ended it.",
    "",
    *_table(
      ("verb", "what it does"),
      ((f"[{name}](#{name})", verb.get_short_help_str(100)) for name, verb in verbs),
    ),
  ]
  for name, verb in verbs:
    context = click.Context(verb, group, info_name=name, terminal_width=_WIDTH)
    lines += ["", f"## {name}", "", "```text", *_plain(verb.get_help(context)), "```"]
  return "\n".join(lines) + "\n"


PAGES = {"settings.md": settings, "command-line.md": command_line}


def _plain(text: str) -> Iterator[str]:
  for line in text.splitlines():
    yield line.rstrip()


def _table(head: tuple[str, ...], rows) -> Iterator[str]:
  yield f"| {' | '.join(head)} |"
  yield "|---" * len(head) + "|"
  for row in rows:
    yield f"| {' | '.join(_cell(text) for text in row)} |"


def _cell(text: str) -> str:
  return text.replace("|", "\\|").replace("\n", " ")


def main() -> None:
  """Writes all generated pages."""
  for name, page in PAGES.items():
    (FOLDER / name).write_text(page())
    click.echo(FOLDER / name)


if __name__ == "__main__":
  main()
