"""Labels very many photos: a Beam pipeline over shards of them, on any runner."""

import dataclasses
import hashlib
import pathlib
import threading
from collections.abc import Callable, Iterator, Sequence

import apache_beam as beam
from apache_beam.options import pipeline_options
from apache_beam.utils import shared

from components.shared.core import errors, progress
from components.shared.learning import arrays
from pipeline import config as config_lib
from pipeline import run_folder
from pipeline.platforms.beam import beam_flags, beam_options, remote_jobs
from pipeline.programs.monitoring import log as log_lib
from pipeline.programs.prediction import output, prediction, shards
from pipeline.programs.prediction import photos as photos_lib
from pipeline.programs.prediction import predictor as predictor_lib

_SECONDS = 2.0
"""Between two looks at how many shards are done."""


@dataclasses.dataclass(frozen=True)
class Job:
  """What a worker has to know; all of it can be sent to another process.

  Attributes:
    model: a pushed model's folder.
    folder: for shards.
    form: of their files.
    faces: which of a photo's faces.
    uncertain: two probabilities; what lies between them is uncertain.
    log: folder that gets what `monitor` needs to know; None: nothing is kept.
  """

  model: str
  folder: str
  form: shards.Form
  faces: prediction.Faces
  uncertain: predictor_lib.Band | None = None
  log: str | None = None


def predict(
  photos: Sequence[pathlib.Path],
  model: pathlib.Path | None,
  run: pathlib.Path,
  job_of: Callable[[str], Job],
  per_shard: int,
  beam_given: Sequence[str],
) -> output.Summary:
  """Labels photos, and the photos in folders; what is done is not done again.

  Args:
    photos: files and folders; workers have to find them under the same paths.
    model: a pushed model's folder; None for the newest of the run.
    run: the run's folder.
    job_of: what is asked, once the model's folder is known.
    per_shard: photos of a shard.
    beam_given: Beam options beyond those of a run.

  Raises:
    UserError: photos, model or options are not as they have to be, or the
      folder for shards holds something else.
    RunFailed: Beam failed, for a reason that nobody foresaw.
  """
  files = [path.absolute() for path in photos_lib.find(photos)]
  model = (model or run_folder.RunFolder(run).latest_pushed()).absolute()
  job = job_of(str(model))
  of_all, of_one = beam_flags.split(beam_given)
  if of_one:
    raise errors.UserError(
      f"--beam {next(iter(of_one))}:...: there are no components here; leave the name away"
    )
  runtime = config_lib.RuntimeSettings()
  runtime = dataclasses.replace(runtime, beam=beam_flags.merged(runtime.beam, of_all))
  beam_options.check(runtime)
  folder = pathlib.Path(job.folder)
  shards.check(folder)
  if job.log is not None:
    log_lib.Log(pathlib.Path(job.log), model)  # Says at once whether it can be kept.
  question = dataclasses.replace(job, folder="", log=None)
  fingerprint = _fingerprint(model)
  planned = shards.plan(files, per_shard, f"{question} {fingerprint}")
  left = [shard for shard in planned if shards.counts(folder, shard) is None]
  if len(left) < len(planned):
    progress.note(f"{len(planned) - len(left):,} of {len(planned):,} shards are there already")
  (folder / shards.SUMMARY).unlink(missing_ok=True)
  if left:
    _run(job, left, runtime.beam)
  about = {
    "model": str(model),
    "model_sha256": fingerprint,
    "faces_asked": job.faces,
    "uncertain_between": job.uncertain,
  }
  return shards.finish(folder, planned, job.form, about)


def _fingerprint(model: pathlib.Path) -> str:
  """Of what a model says: its classifiers, and else its graph."""
  for path in (model / arrays.FOLDER / arrays.FILE, model / "saved_model.pb"):
    if path.is_file():
      return hashlib.sha256(path.read_bytes()).hexdigest()
  raise errors.UserError(
    f"{model}: no pushed model is here; `python -m pipeline run` makes one, in its folder's model/"
  )


def _run(job: Job, left: Sequence[shards.Shard], flags: Sequence[str]) -> None:
  over = threading.Event()
  watch = threading.Thread(target=_watch, args=(job, left, over), daemon=True)
  watch.start()
  try:
    with (
      remote_jobs.watched(),
      beam.Pipeline(options=pipeline_options.PipelineOptions(list(flags))) as pipeline,
    ):
      _ = (
        pipeline
        | "Shards" >> beam.Create(list(left))
        | "Spread" >> beam.Reshuffle()
        | "Predict" >> beam.ParDo(_Predict(job))
      )
  except Exception as error:
    user_error = errors.find_user_error(error)
    if user_error:
      raise user_error from error
    first_line = str(error).strip().partition("\n")[0]
    raise errors.RunFailed(f"{type(error).__name__}: {first_line[:300]}") from error
  finally:
    over.set()
    watch.join()


def _watch(job: Job, left: Sequence[shards.Shard], over: threading.Event) -> None:
  """Shows how far it is, whoever does the work: shards lie in one folder."""
  folder = pathlib.Path(job.folder)
  waiting = list(left)
  with progress.bar("predict", sum(len(shard.photos) for shard in left), "photo") as bar:
    while not over.wait(_SECONDS):
      done = [shard for shard in waiting if (folder / f"{shard.name}.json").exists()]
      bar.update(sum(len(shard.photos) for shard in done))
      waiting = [shard for shard in waiting if shard not in done]


class _Predict(beam.DoFn):
  """Shards -> nothing: what comes of them are files."""

  def __init__(self, job: Job):
    super().__init__()
    self._job = job
    self._shared = shared.Shared()

  def setup(self) -> None:
    # Threads of one process have one model.
    self._predictor = self._shared.acquire(self._load)

  def _load(self) -> predictor_lib.Predictor:
    job = self._job
    return predictor_lib.Predictor(
      pathlib.Path(job.model), find=job.faces != "as-is", uncertain=job.uncertain
    )

  def process(self, shard: shards.Shard) -> None:
    job, shard = self._job, shards.Shard(*shard)
    named = [(photos_lib.printable(path), pathlib.Path(path)) for path in shard.photos]
    predictions = self._predictor.predict(named, job.faces)
    if job.log is not None:
      opened = log_lib.Log(pathlib.Path(job.log), pathlib.Path(job.model))
      predictions = _logged(predictions, opened, shard.name)
    shards.write(pathlib.Path(job.folder), shard, job.form, predictions, self._predictor.attributes)


def _logged(
  predictions: Iterator[prediction.Prediction], opened: log_lib.Log, name: str
) -> Iterator[prediction.Prediction]:
  for row in predictions:
    opened.add(row)
    yield row
  # Before the shard counts as done: of one that is made again it is written again.
  opened.write(name=name)
