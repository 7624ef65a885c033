"""Connects the artifacts of `LatentCodes` with what encodes and draws."""

from typing import Any

from tfx import types
from tfx.dsl.components.base import base_executor
from tfx.types import artifact_utils

from components.latent_codes import encoding, samples
from components.latent_codes.settings import SampleSettings
from components.shared.artifacts import latent_codes
from components.shared.core import settings as settings_lib
from components.shared.generators import generator as generator_lib
from components.shared.networks import handler, network_artifact
from components.shared.networks.engine_settings import EngineSettings


class Executor(base_executor.BaseExecutor):
  """Photos and a generator -> codes, and embedded faces of its own."""

  def Do(
    self,
    input_dict: dict[str, list[types.Artifact]],
    output_dict: dict[str, list[types.Artifact]],
    exec_properties: dict[str, Any],
  ) -> None:
    """Encodes the photos, and draws and embeds samples.

    Raises:
      UserError: no photos, or a generator without the signatures.
    """
    self._log_startup(input_dict, output_dict, exec_properties)
    uris = {
      name: artifact_utils.get_single_uri(artifacts) for name, artifacts in input_dict.items()
    }
    settings = settings_lib.from_json(SampleSettings, exec_properties["settings"])
    engine_settings = settings_lib.from_json(EngineSettings, exec_properties["engine_settings"])
    generator = generator_lib.Generator(uris["model"])
    codes, image_ids = encoding.encode(uris["faces"], generator)
    embedder = samples.Embedder(
      handler.FaceModelHandler(
        uris["engine"],
        uris["network"],
        input_size=network_artifact.read(uris["network"]).input_size,
        batch_size=engine_settings.batch_size,
      )
    )
    drawn, embeddings = samples.draw(generator, codes, embedder, settings)
    latent_codes.write(
      latent_codes.LatentCodes(codes, image_ids, drawn, embeddings),
      artifact_utils.get_single_uri(output_dict["codes"]),
    )
