"""What an experiment will cost: operations counted, speed measured or assumed.

Counted, in the traced graphs: multiplications and additions of a training step,
of decoding and of embedding, and the parameters. Measured: how fast this
machine trains. Estimated: memory, from the parameters and the outputs of all
layers; what TensorFlow needs in passing comes on top. Assumed: that a GPU does
`UTILIZATION` of what its maker says it can, and eight GPUs eight times as much.
"""

import dataclasses
import time
from collections.abc import Callable, Iterator
from typing import Any

import keras
import tensorflow as tf
from tensorflow.compat.v1 import graph_util, profiler

from components.shared import assets
from components.shared.data import draws
from components.shared.networks import networks as embedding_networks
from components.vae_gan_trainer import networks as networks_lib
from components.vae_gan_trainer import settings as settings_lib
from components.vae_gan_trainer import training_step
from devtools.bench import vae_gan
from pipeline import config as config_lib

UTILIZATION = 0.2


@dataclasses.dataclass(frozen=True)
class Gpu:
  """A kind of GPU, as NVIDIA's data sheets have it.

  Attributes:
    peak: float16 operations a second on tensor cores, without sparsity.
    gigabytes: of memory.
  """

  peak: float
  gigabytes: int


GPUS = {"T4": Gpu(65e12, 16), "A100": Gpu(312e12, 80), "H100 SXM": Gpu(989e12, 80)}

_COUNTED_BATCHES = (2, 4)
_COPIES = 5  # weight, its average, its gradient, Adam's two moments
_BYTES = 4
_SMALL_BATCH = 8


@dataclasses.dataclass(frozen=True)
class Work:
  """What there is to do.

  Attributes:
    step: operations of training, a photo.
    decode: operations of decoding a face.
    embed: operations of embedding a photo or a face.
    trained: photos that training sees, over all epochs.
    decoded, embedded: faces, and photos and faces.
    parameters: of encoder, generator and discriminator.
    bytes: memory of a device that trains the whole batch, in float32.
  """

  step: float
  decode: float
  embed: float
  trained: int
  decoded: int
  embedded: int
  parameters: int
  bytes: int

  @property
  def operations(self) -> float:
    """All of it."""
    return self.step * self.trained + self.decode * self.decoded + self.embed * self.embedded


def work(config: config_lib.Config, photos: int) -> Work:
  """Counts what an experiment does on so many photos."""
  generator = config.generator
  nets = networks_lib.build(generator)
  network = embedding_networks.of(config.embedder)
  groups = 1 if config.synthetic.combinations else len(config.source.attributes)
  faces = config.direction.samples + groups * (
    config.synthetic.train_faces + config.synthetic.eval_faces
  )
  parameters = sum(net.count_params() for net in nets)
  return Work(
    step=step_operations(generator),
    decode=operations(nets.generator, [1, generator.latent_size]),
    embed=operations(network.build(), [1, network.input_size, network.input_size, 3]),
    trained=settings_lib.epochs_within(generator, photos) * photos,
    decoded=faces,
    embedded=photos + faces,
    parameters=parameters,
    bytes=(_COPIES * _BYTES * parameters + generator.batch_size * _activations(nets)),
  )


def operations(function: Callable, shape: list[int]) -> float:
  """Floating-point operations of a function of one float32 tensor."""
  return _count(
    tf.function(lambda x: function(x, training=False)), tf.TensorSpec(shape, tf.float32)
  )


def step_operations(settings: settings_lib.VaeGanSettings) -> float:
  """Operations of a training step, a photo.

  What a step does whatever the batch, such as Adam's work, is taken off by
  counting two sizes of batch.
  """
  counts = []
  for batch in _COUNTED_BATCHES:
    learner = training_step.Learner(settings, "float32")
    inputs = {
      "image": tf.zeros([batch, settings.image_size, settings.image_size, 3]),
      **draws.draw(0, 0, batch, settings.latent_size),
    }
    counts.append(
      _count(
        tf.function(lambda values, of=learner, size=batch: of.replica_step(values, size)),
        {name: tf.TensorSpec(value.shape, value.dtype) for name, value in inputs.items()},
      )
    )
  small, large = _COUNTED_BATCHES
  return (counts[1] - counts[0]) / (large - small)


def _count(function: Any, spec: Any) -> float:
  """Operations of a function, without what nothing depends on: gradients that
  a tape takes along are in its graph, and are not computed."""
  graph = function.get_concrete_function(spec).graph
  needed = graph_util.extract_sub_graph(
    graph.as_graph_def(),
    [*(tensor.op.name for tensor in graph.outputs), *(op.name for op in graph.control_outputs)],
  )
  options = (
    profiler.ProfileOptionBuilder(profiler.ProfileOptionBuilder.float_operation())
    .with_empty_output()
    .build()
  )
  root = profiler.profile(graph, cmd="scope", options=options)
  names = {node.name for node in needed.node}
  return float(sum(node.float_ops for node in _nodes(root) if node.name in names))


def _nodes(root: Any) -> Iterator[Any]:
  yield root
  for child in root.children:
    yield from _nodes(child)


def _activations(nets: networks_lib.Networks) -> int:
  """Bytes a photo: the outputs of all layers, as often as a step runs them.

  The generator makes a reconstruction and a sample, and the discriminator
  sees both and the photo.
  """
  times = {"encoder": 1, "generator": 2, "discriminator": 3}
  return _BYTES * sum(times[name] * _outputs(net) for name, net in nets._asdict().items())


def _outputs(net: keras.Model) -> int:
  return sum(int(tf.TensorShape(layer.output.shape[1:]).num_elements()) for layer in net.layers)


def photos_a_second(settings: settings_lib.VaeGanSettings, steps: int = 4) -> float:
  """How fast this machine trains, in small batches of the sample."""
  small = dataclasses.replace(settings, batch_size=_SMALL_BATCH)
  paths = sorted(assets.sample_photos().glob("*.jpg"))
  with vae_gan.trainer(paths, small, 2 * steps) as train:
    train(steps)  # Traces.
    start = time.perf_counter()
    train(steps)
    return steps * _SMALL_BATCH / (time.perf_counter() - start)


def lines(config: config_lib.Config, photos: int, found: Work, rate: float) -> Iterator[str]:
  """What is printed.

  Args:
    config: of the experiment.
    photos: that it learns from.
    found: of `work`.
    rate: of `photos_a_second`.
  """
  here = rate * found.step
  epochs = settings_lib.epochs_within(config.generator, photos)
  yield f"{config.name}: {photos:,} photos, {epochs} epochs"
  yield ""
  yield f"  counted    training   {found.step / 1e9:8.2f} GFLOP a photo"
  yield f"             decoding   {found.decode / 1e9:8.2f} GFLOP a face"
  yield f"             embedding  {found.embed / 1e9:8.2f} GFLOP a face"
  yield f"             together   {found.operations / 1e15:8.2f} PFLOP"
  yield f"             parameters {found.parameters / 1e6:8.1f} million"
  yield (
    f"  estimated  memory     {found.bytes / 2**30:8.1f} GiB at least, for "
    f"a batch of {config.generator.batch_size} on one device, in float32"
  )
  yield (
    f"  measured   training   {rate:8.1f} photos a second here: "
    f"{here / 1e9:.0f} GFLOP/s, so {_hours(found.operations / here)}"
  )
  for name, gpu in GPUS.items():
    seconds = found.operations / (UTILIZATION * gpu.peak)
    yield (
      f"  assumed    {name:<10} {_hours(seconds)}, on 8 "
      f"{_hours(seconds / 8)} ({UTILIZATION:.0%} of "
      f"{gpu.peak / 1e12:.0f} TFLOP/s, {gpu.gigabytes} GB), if "
      f"{found.trained / seconds:,.0f} photos a second can be read"
    )


def _hours(seconds: float) -> str:
  if seconds < 3600:
    return f"{max(1, round(seconds / 60))} minutes"
  return f"{seconds / 3600:,.1f} hours"
