"""The group that all verbs belong to, and what several of them take."""

import pathlib

import click

from components.shared.core import errors

USER_ERROR = 2
"""Exit status where a person can put it right."""


class _Group(click.Group):
  """Verbs.

  Attributes:
    missing: why some of them can't be had here; None where all are.
  """

  missing: errors.UserError | None = None

  def resolve_command(self, ctx, args):
    """See click; says what to install for a verb that isn't here."""
    try:
      return super().resolve_command(ctx, args)
    except click.UsageError:
      if self.missing is None:
        raise
      raise errors.UserError(f"{errors.shown(args[0])}: {self.missing}") from None

  def format_epilog(self, ctx, formatter):
    """See click."""
    if self.missing is not None:
      formatter.write_paragraph()
      formatter.write_text(f"Verbs that run a pipeline are not here: {self.missing}")


@click.group(
  cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
def cli():
  """A few labelled faces, many unlabelled ones: a validated classifier.

  Learns a face generator, makes synthetic faces whose labels are known by
  construction, embeds all faces with a pretrained network, trains a
  classifier, and validates it on hand-labelled photos.
  """


def of_run(help_text: str):
  """Options `--name` and `--output`, of a run.

  Args:
    help_text: what the run is for.
  """

  def decorate(command):
    for option in (
      click.option(
        "--output", default="output", show_default=True, help="Folder that holds the runs."
      ),
      click.option("--name", default="sample", show_default=True, help=help_text),
    ):
      command = option(command)
    return command

  return decorate


def of_page(command):
  """Options of a page that is served on this machine."""
  for option in (
    click.option("--no-browser", is_flag=True, help="Print the page's address, open nothing."),
    click.option(
      "--port",
      type=click.IntRange(0, 65535),
      default=0,
      show_default=True,
      help="Of the page; 0: any that is free.",
    ),
  ):
    command = option(command)
  return command


def folder_of(name: str, output: str):
  """The run's `RunFolder`."""
  from pipeline import run_folder  # Heavy, and not for --help.

  return run_folder.RunFolder(pathlib.Path(output) / name)
