"""The scripts beside the pinned versions are no package of the project."""

import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).parents[2] / "constraints"))
