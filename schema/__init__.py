"""Curated schemas; see README.md."""
