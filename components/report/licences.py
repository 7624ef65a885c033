"""What a run's model is made of, and whose terms come with it."""

import dataclasses
import posixpath
from typing import Any

from components.shared import assets
from components.shared.data import sources
from components.shared.generators import sources as generator_sources
from components.shared.networks import networks

_UNKNOWN = "not known to the pipeline; see where it came from"
_RESEARCH_ONLY = "non-commercial"


@dataclasses.dataclass(frozen=True)
class Part:
  """Something that the model was made of.

  Attributes:
    role: what it was for.
    name: what it is, in a few words; a file or folder without its path.
    licence: its terms, as far as they are known.
  """

  role: str
  name: str
  licence: str

  @property
  def research_only(self) -> bool:
    """Whether its terms rule out commercial use."""
    return _RESEARCH_ONLY in self.licence


def shows_celeba(source: dict[str, Any]) -> bool:
  """Whether photos are CelebA's: the sample, or by the names of their files.

  Args:
    source: the settings `source`.
  """
  if source["path"] == sources.SAMPLE:
    return True
  names = (_name(source["path"]), _name(source.get("labels") or ""))
  return any("celeba" in name.lower() for name in names)


def parts(config: dict[str, Any]) -> list[Part]:
  """All that the model of a run was made of, but for this project's code.

  Args:
    config: the run's settings.
  """
  found = [_photos(config["source"]), _network(config["embedder"])]
  imported, start = config["imported_generator"], config["generator"]["start"]
  if imported in generator_sources.NAMES:
    found.append(_asset("generator", imported))
  elif imported is not None:
    found.append(Part("generator", f"SavedModel {_name(imported)}", _UNKNOWN))
  elif start is not None:
    found.append(_asset("generator that training started from", start))
  return found


def _photos(source: dict[str, Any]) -> Part:
  sample = assets.named("sample")
  if source["path"] == sources.SAMPLE:
    return Part("photos", sample.description, sample.licence)
  name = _name(source["path"])
  if shows_celeba(source):
    return Part("photos", f"CelebA, by its name: {name}", sample.licence)
  return Part("photos", f"photos of one's own: {name}", _UNKNOWN)


def _network(embedder: dict[str, Any]) -> Part:
  network = networks.named(embedder["network"], embedder.get("output"))
  part = Part("face network", network.description or network.name, network.licence)
  weights: str | None = embedder.get("weights")
  if weights is None:
    return part
  return dataclasses.replace(part, name=f"{embedder['network']}, weights from {_name(weights)}")


def _asset(role: str, name: str) -> Part:
  asset = assets.named(name)
  return Part(role, asset.description, asset.licence)


def _name(path: str) -> str:
  """Without folders, which are a matter of the machine."""
  return posixpath.basename(path.rstrip("/"))
