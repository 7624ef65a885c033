"""Photos of one's own, with a few labels in a CSV.

    python -m pipeline run photos --name smiling \\
        --source FOLDER --labels labels.csv --attribute Smiling

A fifth of the labelled photos is drawn for the evaluation, 100 of the rest
give the direction, and all others are unlabelled.
"""

from pipeline.config import Config

CONFIG = Config(name="photos")
