"""The pipeline: its settings, its DAG, the ways to run it, the command line."""

import components  # noqa: F401  Decides on libraries before they are imported.
