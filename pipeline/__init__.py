"""The pipeline: its settings, its DAG, the ways to run it, the command line."""

import components as _  # Decides on settings of libraries, before all else.
