"""What each step's pod gets: resources in the pipeline's specification, the
rest in the part of the file that is Kubernetes' own."""

from typing import Any

from google.protobuf import json_format
from kfp import kubernetes
from kfp.pipeline_spec import pipeline_spec_pb2

from pipeline.cluster_settings import KubeflowSettings, Resources

CACHE_FOLDER = "cache"
"""On the volume: sample photos and network weights, fetched once."""

_Spec = pipeline_spec_pb2.PipelineDeploymentConfig.PipelineContainerSpec
_Pod = kubernetes.kubernetes_executor_config_pb2.KubernetesExecutorConfig


def resource_spec(resources: Resources) -> Any:
  """For TFX's `with_platform_config`; requests are as large as limits."""
  spec = _Spec.ResourceSpec(
    cpu_limit=resources.cpu,
    cpu_request=resources.cpu,
    memory_limit=resources.memory,
    memory_request=resources.memory,
  )
  if resources.accelerator:
    spec.accelerator.type = resources.accelerator
    spec.accelerator.count = resources.accelerators
  return spec


def pod(settings: KubeflowSettings, step: str) -> dict[str, Any]:
  """A step's entry in the Kubernetes part; empty where it needs nothing."""
  resources = settings.resources(step)
  config = _Pod()
  config.node_selector.labels.update(resources.node_selector)
  if resources.toleration:
    config.tolerations.add(key=resources.toleration, operator="Exists", effect="NoSchedule")
  if settings.volume:
    # The deprecated spelling is the one that every version reads.
    config.pvc_mount.add(mount_path=settings.mount_path, constant=settings.volume)
  found = json_format.MessageToDict(config)
  if not resources.node_selector:
    found.pop("nodeSelector", None)
  return found
