"""What a person can put right."""


class BuildError(Exception):
  """One line that names what is at fault."""
