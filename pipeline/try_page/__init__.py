"""A page to try a run: its labels on a photo, its generator under one's hands."""
