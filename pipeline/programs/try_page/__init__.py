"""A page to try a run: what it says of a photo, and its generator at work."""
