"""What is drawn from a generator before any label is known."""

from components.shared.core.settings import settings


@settings
class SampleSettings:
  """Those of `direction` that are not about labels.

  Attributes:
    samples: faces that the generator draws by itself.
    seed: of the draw.
  """

  samples: int
  seed: int
