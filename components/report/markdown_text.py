"""Text that others chose, in Markdown; and Markdown as safe HTML."""

import re
from typing import Any
from xml.etree import ElementTree

import markdown
import markupsafe
from markdown import treeprocessors

# What Markdown has an escape for, and what only an HTML entity takes the
# meaning from, in CommonMark as in Python-Markdown.
_ESCAPES = str.maketrans(
  {
    **{character: f"\\{character}" for character in "*[]{}"},
    **{character: f"&#{ord(character)};" for character in "\\`<>&|~$@"},
  }
)
# Between letters an underscore is one. A colon makes an address or an emoji.
_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
_COLON = re.compile(r":(?=//|[\w+-]+:)")
_WORDS = re.compile(r"[\w.,=+ /-]+")
_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_LEVELS = 2
_DEEPEST = 6


def one_line(text: str) -> str:
  """Without line breaks and what can't be seen, such as changes of
  direction."""
  return "".join(character for character in re.sub(r"\s+", " ", text) if character.isprintable())


def escaped(value: Any) -> markupsafe.Markup:
  """A value as a piece of a Markdown line that shows it and does nothing.

  What is Markup already stays: it was made here, or is a template's own.
  """
  if isinstance(value, markupsafe.Markup):
    return value
  text = _COLON.sub("&#58;", one_line(str(value)).translate(_ESCAPES))
  text = _UNDERSCORE.sub("&#95;", text)
  return markupsafe.Markup(text)  # noqa: S704  Escaped just above.


def code(value: Any) -> markupsafe.Markup:
  """A name as code, where it is one; escaped otherwise."""
  text = one_line(str(value))
  if _WORDS.fullmatch(text):
    return markupsafe.Markup(f"`{text}`")  # noqa: S704  Only _WORDS.
  return escaped(text)


def to_html(text: str) -> str:
  """Markdown as HTML that is safe to put into a page.

  The front matter is left out and headings are two levels lower, so that the
  first is an h3. Tables are in a `div` of the class `scroll`. HTML in the
  text is shown and not obeyed. There are no links and no pictures,
  so nothing is fetched and nobody is led anywhere.

  Args:
    text: Markdown, perhaps with YAML front matter.
  """
  converter = markdown.Markdown(
    extensions=["tables", "fenced_code"],
    extension_configs={"tables": {"use_align_attribute": True}},
  )
  converter.preprocessors.deregister("html_block")
  converter.parser.blockprocessors.deregister("reference")
  for name in (
    "html",
    "link",
    "image_link",
    "reference",
    "image_reference",
    "short_reference",
    "short_image_ref",
    "autolink",
    "automail",
  ):
    converter.inlinePatterns.deregister(name)
  converter.treeprocessors.register(_LowerHeadings(converter), "lower", 1)
  page = converter.convert(_FRONT_MATTER.sub("", text, count=1))
  # Every other "<" is an entity by now.
  return page.replace("<table>", '<div class="scroll"><table>').replace(
    "</table>", "</table></div>"
  )


class _LowerHeadings(treeprocessors.Treeprocessor):
  """Makes room for the headings of the page around."""

  def run(self, root: ElementTree.Element) -> None:
    for element in root.iter():
      if re.fullmatch("h[1-6]", element.tag):
        element.tag = f"h{min(_DEEPEST, int(element.tag[1]) + _LEVELS)}"
