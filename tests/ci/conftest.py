"""The build scripts are no package of the project."""

import pathlib
import sys

ROOT = pathlib.Path(__file__).parents[2]

sys.path.append(str(ROOT / ".ci"))
