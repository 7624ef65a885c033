"""Jinja templates of pages: everything inline, nothing fetched."""

import jinja2


def environment() -> jinja2.Environment:
  """Templates of this folder; what is put into them is escaped."""
  return jinja2.Environment(
    loader=jinja2.PackageLoader("components.report"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
  )
