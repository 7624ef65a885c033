"""Your own photos, with a few labels in a CSV.

    python -m pipeline run photos --name smiling \\
        --source FOLDER --labels labels.csv --attribute Smiling

A fifth of the labelled photos is drawn for the evaluation, 100 of the rest
give the direction, and all others are unlabelled.

Cost: of the generator 5 minutes on 2 cores (2,500 steps of 16 photos at 64
pixels; more photos, fewer passes), the rest 3 minutes and 0.1 s a photo; `python -m pipeline
cost photos --photos N` counts it. Expect what the sample gives for an attribute
that a face network sees (`Male`: AUC 0.99), and less for one that it is trained
to ignore, such as an expression.
"""

from pipeline.config import Config

CONFIG = Config(name="photos")
