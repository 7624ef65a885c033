"""The files of the InfraBlessing that `ServingGate` writes."""

from components.shared.learning import monitoring

MEASURED = "serving.json"
"""See `trial.Trial`: what was measured, and `problems`."""
BASELINE = monitoring.FILE
