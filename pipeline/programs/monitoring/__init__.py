"""Models that are in use: which there are, how they fare, and the way back."""
