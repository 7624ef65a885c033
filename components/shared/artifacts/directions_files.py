"""The files of a `LatentDirections` artifact; `learning` reads each."""

DIRECTIONS = "directions.json"
LATENTS = "latents.npz"
SCORERS = "scorers.npz"
