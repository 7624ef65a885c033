"""The group that all verbs belong to, and what several of them take."""

import pathlib

import click

USER_ERROR = 2
"""Exit status where a person can put it right."""


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
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
