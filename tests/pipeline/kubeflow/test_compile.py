"""The file for Kubeflow Pipelines."""

import dataclasses
import json

import pytest

pytest.importorskip("kfp", reason="Kubeflow's packages come with TFX 1.21")

# pylint: disable=wrong-import-position
import yaml
from google.protobuf import json_format, text_format
from kfp import components as kfp_components
from kfp import kubernetes
from kfp.pipeline_spec import pipeline_spec_pb2
from tensorflow_metadata.proto.v0 import schema_pb2

from components.shared.core import errors
from pipeline import config as config_lib
from pipeline import experiments
from pipeline.cluster_settings import GPU_STEPS
from pipeline.platforms.kubeflow import compile as compile_lib
from pipeline.platforms.kubeflow import spec_file, tokens
from tests import planted_secrets


def _executor(compiled, step):
  label = compiled.spec["components"][step]["executorLabel"]
  return compiled.spec["deploymentSpec"]["executors"][label]


def _pod(compiled, step):
  return compiled.pods["platforms"]["kubernetes"]["deploymentSpec"]["executors"][
    compiled.spec["components"][step]["executorLabel"]
  ]


def test_kfp_reads_the_file(file):
  component = kfp_components.load_component_from_file(str(file))
  assert component.name == "sample"
  assert set(component.component_spec.inputs) == {
    "attribute",
    "synthetic_faces",
    "max_labeled",
    "photos",
    "seed",
  }
  spec, pods = yaml.safe_load_all(file.read_text())
  json_format.ParseDict(spec, pipeline_spec_pb2.PipelineSpec())
  for pod in pods["platforms"]["kubernetes"]["deploymentSpec"]["executors"].values():
    json_format.ParseDict(pod, kubernetes.kubernetes_executor_config_pb2.KubernetesExecutorConfig())


def test_every_accelerator_is_in_the_file(compiled):
  """And no other step asks for one."""
  asked = {}
  for step in compiled.spec["root"]["dag"]["tasks"]:
    resources = _executor(compiled, step)["container"]["resources"]
    if "accelerator" in resources:
      asked[step] = resources["accelerator"]
      assert resources["cpuLimit"] == 4 and resources["memoryLimit"] == 16
      assert _pod(compiled, step)["tolerations"] == [
        {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}
      ]
    else:
      assert resources["cpuLimit"] == 2 and resources["memoryLimit"] == 8
      assert "tolerations" not in _pod(compiled, step)
  assert asked == {step: {"type": "nvidia.com/gpu", "count": "1"} for step in GPU_STEPS}


def test_nodes_images_and_single_steps_are_chosen(config):
  compiled = compile_lib.compile_pipeline(
    config_lib.with_values(
      config,
      {
        "kubeflow.gpu_image": "registry.example/latent-labels:gpu",
        "kubeflow.steps": {
          "VaeGanTrainer": {
            "cpu": 8,
            "memory": 64,
            "accelerator": "nvidia.com/gpu",
            "accelerators": 4,
            "node_selector": {"pool": "a100"},
          }
        },
      },
    )
  )
  trainer = _executor(compiled, "VaeGanTrainer")["container"]
  assert trainer["resources"]["accelerator"]["count"] == "4"
  assert trainer["image"] == "registry.example/latent-labels:gpu"
  assert _executor(compiled, "Ladder")["container"]["image"] == ("registry.example/latent-labels:1")
  assert _pod(compiled, "VaeGanTrainer")["nodeSelector"] == {"labels": {"pool": "a100"}}
  assert compiled.accelerated["VaeGanTrainer"] == "4 x nvidia.com/gpu"


def test_the_volume_is_mounted_and_used(compiled):
  for step in compiled.spec["root"]["dag"]["tasks"]:
    (mount,) = _pod(compiled, step)["pvcMount"]
    assert mount["constant"] == "latent-labels"
    assert mount["mountPath"] == "/mnt/latent-labels"
  tasks = compiled.spec["root"]["dag"]["tasks"]
  destination = json.loads(
    tasks["Pusher"]["inputs"]["parameters"]["push_destination"]["runtimeValue"]["constant"]
  )
  assert destination["filesystem"]["base_directory"] == ("/mnt/latent-labels/sample/model")
  assert (
    tasks["VaeGanTrainer"]["inputs"]["parameters"]["checkpoint_root"]["runtimeValue"]["constant"]
    == "/mnt/latent-labels/sample/checkpoints"
  )


def test_nothing_of_this_machine_is_in_it(file):
  assert not list(spec_file.problems(spec_file.load(file)))


def test_caching_is_off_for_what_looks_outside(compiled):
  tasks = compiled.spec["root"]["dag"]["tasks"]
  assert tasks["Trainer"]["cachingOptions"] == {"enableCache": True}
  assert not tasks["LatestBlessedModel"]["cachingOptions"]


def test_gpus_run_the_network_in_tensorflow(compiled, config):
  """The engine is chosen in a pod that has none."""

  def engine(compiled):
    return json.loads(
      compiled.spec["root"]["dag"]["tasks"]["EmbeddingEngine"]["inputs"]["parameters"]["settings"][
        "runtimeValue"
      ]["constant"]
    )

  assert engine(compiled)["kind"] == "tensorflow"
  on_cpus = compile_lib.compile_pipeline(config_lib.with_values(config, {"kubeflow.gpu_steps": []}))
  assert engine(on_cpus)["kind"] == "auto"
  assert not on_cpus.accelerated


def test_parameters_reach_every_task_that_has_them(compiled):
  takes = {}
  for name, task in compiled.spec["root"]["dag"]["tasks"].items():
    for given in task["inputs"].get("parameters", {}).values():
      if "componentInputParameter" in given:
        takes.setdefault(given["componentInputParameter"], set()).add(name)
  assert {
    "AnnotationGen",
    "LabeledEmbeddings",
    "EmbeddingSchema",
    "Evaluator",
    "Trainer",
    "Transform",
    "LabelDriftValidator",
    "Report",
  } <= takes["attribute"]
  assert takes["synthetic_faces"] == {"SyntheticFaceGen", "Report"}
  assert takes["max_labeled"] == {"LabeledEmbeddings", "Report"}
  assert takes["seed"] == {
    "FaceExampleGen",
    "LabeledEmbeddings",
    "FirstLadder",
    "VaeGanTrainer",
    "LatentCodes",
    "LatentDirections",
    "SyntheticFaceGen",
    "Trainer",
    "Ladder",
    "Report",
  }


def _given(compiled, values):
  """What every step would be given, values in the place of tokens."""
  found = {}
  for name, task in compiled.spec["root"]["dag"]["tasks"].items():
    parameters = task["inputs"].get("parameters", {})
    found[name] = tokens.fill(
      {
        key: given["runtimeValue"]["constant"]
        if "runtimeValue" in given
        else values[given["componentInputParameter"]]
        for key, given in parameters.items()
      }
    )
  return found


@pytest.mark.parametrize(
  "changes",
  [
    {"attribute": "Smiling"},
    {"attribute": 'Wearing "Hat"'},
    {"attribute": "back\\slash"},
    {"seed": 7},
    {"synthetic_faces": 640},
    {"max_labeled": 30, "photos": "/mnt/latent-labels/other.zip"},
  ],
)
def test_a_parameter_does_what_its_setting_does(config, changes):
  """A file with other defaults gives every step the same."""
  settings = {
    "attribute": ("source.attributes",),
    "photos": ("source.path",),
    "synthetic_faces": ("synthetic.train_faces",),
    "max_labeled": ("splits.max_labeled",),
    "seed": tuple(
      f"{branch}.seed" for branch in ("generator", "direction", "synthetic", "classifier", "splits")
    ),
  }
  config = config_lib.with_values(config, {"source.path": "/mnt/latent-labels/photos.zip"})
  compiled = compile_lib.compile_pipeline(config)
  other = compile_lib.compile_pipeline(
    config_lib.with_values(
      config, {path: value for name, value in changes.items() for path in settings[name]}
    )
  )
  defaults, others = ({p.name: p.default for p in one.parameters} for one in (compiled, other))
  assert others == {**defaults, **changes}
  given, wanted = _given(compiled, others), _given(other, others)
  assert given == wanted
  assert given != _given(compiled, defaults)
  assert not tokens.names(json.dumps(given))


def test_photos_in_a_bucket_are_imported(config):
  compiled = compile_lib.compile_pipeline(
    config_lib.with_values(
      config, {"source.path": "s3://bucket/photos.zip", "source.labels": "s3://bucket/labels.csv"}
    )
  )
  assert _executor(compiled, "StoredPhotos")["importer"]["artifactUri"] == {
    "constant": "s3://bucket/photos.zip"
  }
  stored = {"photos": "StoredPhotos", "labels": "StoredAnnotations"}
  for step, names in (("FaceExampleGen", ["photos"]), ("AnnotationGen", ["photos", "labels"])):
    inputs = compiled.spec["root"]["dag"]["tasks"][step]["inputs"]
    assert {
      name: given["taskOutputArtifact"]["producerTask"]
      for name, given in inputs["artifacts"].items()
    } == {name: stored[name] for name in names}


def test_several_attributes_are_several_parameters(config):
  compiled = compile_lib.compile_pipeline(
    config_lib.with_values(config, {"source.attributes": ["Male", "Smiling"]})
  )
  defaults = {p.name: p.default for p in compiled.parameters}
  assert defaults["attribute"] == "Male"
  assert defaults["attribute_2"] == "Smiling"


def test_the_first_of_eleven_attributes_is_not_the_tenth(config):
  attributes = [f"Attribute{i}" for i in range(11)]
  compiled = compile_lib.compile_pipeline(
    config_lib.with_values(
      config,
      {
        "source.attributes": attributes,
        "source.path": "s3://bucket/photos.zip",
        "source.labels": "s3://bucket/labels.csv",
      },
    )
  )
  given = _given(compiled, {p.name: p.default for p in compiled.parameters})
  assert json.loads(given["AnnotationGen"]["settings"])["attributes"] == attributes
  for attribute in attributes:
    assert f'"label_{attribute}"' in given["EmbeddingSchema"]["labeled_text"]


def test_any_attribute_reaches_every_kind_of_text(config):
  """JSON, JSON in JSON, a schema's text and YAML."""
  name = 'Wearing "Hat" of back\\slash'
  compiled = compile_lib.compile_pipeline(config)
  given = _given(compiled, {p.name: p.default for p in compiled.parameters} | {"attribute": name})
  assert json.loads(given["AnnotationGen"]["settings"])["attributes"] == [name]
  trainer = json.loads(given["Trainer"]["custom_config"])
  assert trainer["attributes"] == [name]
  schema = text_format.Parse(given["EmbeddingSchema"]["labeled_text"], schema_pb2.Schema())
  assert f"label_{name}" in [feature.name for feature in schema.feature]
  config = yaml.safe_load(given["Report"]["config"])
  assert config["source"]["attributes"] == [name]
  assert config["classifier"]["seed"] == 0


def test_components_with_equal_containers_are_equal(compiled):
  """Kubeflow stores them under the hash of the container."""
  found = {}
  for name, component in compiled.spec["components"].items():
    container = json.dumps(_executor(compiled, name), sort_keys=True)
    definitions = {key: value for key, value in component.items() if key != "executorLabel"}
    assert found.setdefault(container, definitions) == definitions, name


def test_no_task_takes_an_artifact_twice(compiled):
  for task in compiled.spec["root"]["dag"]["tasks"].values():
    given = [json.dumps(a) for a in task["inputs"].get("artifacts", {}).values()]
    assert len(given) == len(set(given))


def test_the_root_is_in_the_file_and_the_command_if_it_is_given(compiled, config, tmp_path):
  assert "defaultPipelineRoot" not in compiled.spec
  assert "pipeline_root" not in "".join(compiled.lines(tmp_path))
  other = compile_lib.compile_pipeline(
    config_lib.with_values(config, {"kubeflow.root": "s3://b/x"})
  )
  assert other.spec["defaultPipelineRoot"] == "s3://b/x"
  assert "pipeline_root='s3://b/x'" in "".join(other.lines(tmp_path))


def test_texts_that_go_takes_for_numbers_are_quoted(compiled):
  spec = {**compiled.spec, "digest": "1234567890123e45"}
  assert "digest: '1234567890123e45'" in dataclasses.replace(compiled, spec=spec).text()


@pytest.mark.parametrize(
  "values, message",
  [
    ({"kubeflow.image": None}, "kubeflow.image is not set"),
    ({"kubeflow.volume": None}, "no place to push models to"),
    ({"kubeflow.gpu_steps": ["Trainr"]}, "no step Trainr; there are: "),
    ({"imported_generator": "/home/me/generator"}, "a cluster does not see this folder"),
    ({"source.path": "minio://photos/all.zip"}, "keys of the bucket of the pipeline's root only"),
    ({"runtime.beam": ["--runner=FlinkRunner"]}, "leave the runner out"),
    ({"runtime.beam_of": {"Transform": ["--runner=PrismRunner"]}}, "Transform .* leave the runner"),
  ],
)
def test_what_a_cluster_lacks_is_said(config, values, message):
  with pytest.raises(errors.UserError, match=message):
    compile_lib.compile_pipeline(config_lib.with_values(config, values))


@pytest.mark.parametrize(
  "setting, name",
  [
    ("source.path", "photos"),
    ("source.labels", "labels"),
    ("embedder.weights", "EmbeddingNetwork, parameter settings"),
  ],
)
def test_paths_of_this_machine_are_refused(config, tmp_path, setting, name):
  compiled = compile_lib.compile_pipeline(
    config_lib.with_values(config, {setting: "/home/me/file"})
  )
  with pytest.raises(errors.UserError) as caught:
    compile_lib.write(compiled, tmp_path / "pipeline.yaml")
  assert f"{name}: /home/me/file is a path of one machine" in str(caught.value)
  assert not list(tmp_path.iterdir())


def test_a_file_that_cannot_be_written(compiled, tmp_path):
  (tmp_path / "file").write_text("")
  with pytest.raises(errors.UserError, match="can't be written"):
    compile_lib.write(compiled, tmp_path / "file" / "pipeline.yaml")


@pytest.mark.parametrize("experiment", list(experiments.all_experiments()))
def test_every_experiment_compiles(experiment, tmp_path):
  config = config_lib.with_values(
    experiments.load(experiment),
    {
      "kubeflow.image": "me/latent-labels:1",
      "kubeflow.root": "gs://bucket/artifacts",
      "source.path": "gs://bucket/photos.zip",
      "source.labels": "gs://bucket/labels.csv",
    },
  )
  compile_lib.write(compile_lib.compile_pipeline(config), tmp_path / "pipeline.yaml")


def test_nothing_of_the_environment_is_in_the_file(config, tmp_path, monkeypatch):
  for name, value in planted_secrets.environment(tmp_path).items():
    monkeypatch.setenv(name, value)
  monkeypatch.setenv("MYSQL_PWD", "s3cret-of-mysql")
  target = tmp_path / "pipeline.yaml"
  compile_lib.write(compile_lib.compile_pipeline(config), target)
  assert not planted_secrets.leaks([target.read_bytes()], "s3cret-of-mysql")
