"""What a cluster has to be told."""

import re

import pydantic

from components.shared.core.settings import settings

GPU_STEPS = (
  "VaeGanTrainer",
  "LatentCodes",
  "SyntheticFaceGen",
  "RealFaceEmbedder",
  "SyntheticFaceEmbedder",
  "Trainer",
)
"""Steps that train, decode or embed."""

SCHEMES = ("gs", "minio", "s3")
"""Object stores that Kubeflow's launcher copies artifacts from and to."""

# Docker's grammar of references: registry, path, tag and digest.
_IMAGE = re.compile(
  r"([A-Za-z0-9.-]+(:\d+)?/)?[a-z0-9]+([._-]+[a-z0-9]+)*"
  r"(/[a-z0-9]+([._-]+[a-z0-9]+)*)*"
  r"(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@sha256:[0-9a-f]{64})?"
)


_MOUNT = "/mnt/latent-labels"
_USUAL_ROOT = "minio://mlpipeline/v2/artifacts"


@settings
class Resources:
  """What a step's container may use, and which nodes it may run on."""

  cpu: float = pydantic.Field(2, gt=0, description="cores")
  memory: float = pydantic.Field(8, gt=0, description="gigabytes (10^9 bytes)")
  accelerator: str | None = pydantic.Field(
    None, description="resource that the nodes' device plugin offers, such as nvidia.com/gpu"
  )
  accelerators: int = pydantic.Field(0, ge=0, description="how many of them")
  node_selector: dict[str, str] = pydantic.Field(
    default_factory=dict, description="labels that a node must have"
  )
  toleration: str | None = pydantic.Field(None, description="taint that is tolerated, by key")

  @pydantic.model_validator(mode="after")
  def _check_accelerator(self):
    if self.accelerators and not self.accelerator:
      raise ValueError(
        f"{self.accelerators} accelerators without a type; set `accelerator`, such as "
        "nvidia.com/gpu"
      )
    if self.accelerator and not self.accelerators:
      raise ValueError(
        f"{self.accelerator} without a count; set `accelerators` to 1 or "
        "more, or leave `accelerator` out"
      )
    return self


@settings
class KubeflowSettings:
  """How `compile` describes the pipeline to Kubeflow Pipelines."""

  image: str | None = pydantic.Field(
    None, description="container image with this project; `compile` needs it"
  )
  gpu_image: str | None = pydantic.Field(
    None, description="image of steps that have accelerators; none: `image`"
  )
  root: str | None = pydantic.Field(
    None,
    description="where artifacts are kept: gs://, s3:// or minio://bucket/folder; "
    "none: where the cluster keeps them",
  )
  volume: str | None = pydantic.Field(
    None,
    # Kubeflow gives the pod's volume the same name: no dots.
    pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
    description="persistent volume claim that every step mounts; it "
    "holds pushed models, checkpoints and weights",
  )
  mount: str | None = pydantic.Field(
    None, pattern="^/.+", description=f"where it is mounted; none: {_MOUNT}"
  )
  pushed: str | None = pydantic.Field(
    None,
    description="folder that models are pushed to; none: "
    "<mount>/<name>/model on the volume, or beside a gs:// root",
  )
  service_account: str | None = pydantic.Field(
    None, description="Kubernetes service account that runs the steps"
  )
  cpu: Resources = pydantic.Field(Resources(), description="what a step gets")
  gpu: Resources = pydantic.Field(
    Resources(
      cpu=4, memory=16, accelerator="nvidia.com/gpu", accelerators=1, toleration="nvidia.com/gpu"
    ),
    description="what a step of `gpu_steps` gets",
  )
  gpu_steps: tuple[str, ...] = pydantic.Field(
    GPU_STEPS, description="steps that get `gpu`; []: none"
  )
  steps: dict[str, Resources] = pydantic.Field(
    default_factory=dict, description="what single steps get instead"
  )

  @pydantic.field_validator("image", "gpu_image")
  @classmethod
  def _check_image(cls, image):
    if image is not None and not _IMAGE.fullmatch(image):
      raise ValueError(f"{image!r} is not an image name; write registry/name:tag")
    return image

  @pydantic.field_validator("root")
  @classmethod
  def _check_root(cls, root):
    if root is None:
      return None
    scheme, found, rest = root.partition("://")
    if not found or scheme not in SCHEMES or not rest.strip("/"):
      raise ValueError(
        f"{root!r} is not a place for artifacts; Kubeflow copies them from and "
        "to gs://, s3:// or minio://bucket/folder"
      )
    return root.rstrip("/")

  @property
  def mount_path(self) -> str:
    """Where the volume is mounted."""
    return self.mount or _MOUNT

  @property
  def likely_root(self) -> str:
    """`root`, or where a cluster keeps artifacts if its owner changed nothing."""
    return self.root or _USUAL_ROOT

  def resources(self, step: str) -> Resources:
    """What a step gets."""
    if step in self.steps:
      return self.steps[step]
    return self.gpu if step in self.gpu_steps else self.cpu
