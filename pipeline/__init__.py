"""The pipeline: its settings, its DAG, the ways to run it, the command line."""
