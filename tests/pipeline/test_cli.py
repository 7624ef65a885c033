"""The command line: help, and one line for each mistake."""

import http.server
import os
import signal
import subprocess
import sys
import threading
import zipfile

import pytest
import tensorflow as tf


@pytest.fixture
def refused(invoke, tmp_path):
  """A run that must be refused in one line, before anything is written."""

  def call(*arguments):
    output = tmp_path / "output"
    status, _, error = invoke("run", "photos", "--output", output, *arguments)
    assert status == 2
    assert not output.exists()
    lines = [line for line in error.splitlines() if line]
    assert len(lines) == 1 and lines[0].startswith("error: "), error
    return lines[0]

  return call


@pytest.fixture
def photos(tmp_path, sample_photos):
  """Twelve photos of the sample, and where a CSV may be."""
  folder = tmp_path / "photos"
  folder.mkdir()
  for number in range(7, 19):
    name = f"{number:06d}.jpg"
    (folder / name).write_bytes((sample_photos / name).read_bytes())
  return folder


def labels(folder, *lines):
  file = folder.parent / "labels.csv"
  file.write_text("\n".join(lines) + "\n", encoding="utf-8")
  return file


def everyone(folder, label="{parity}"):
  return [
    f"{path.name},{label.format(parity=index % 2)}"
    for index, path in enumerate(sorted(folder.iterdir()))
  ]


@pytest.mark.parametrize("verb", ["run", "predict", "fetch", "report", "config"])
def test_every_verb_has_help(invoke, verb):
  status, text, _ = invoke(verb, "--help")
  assert status == 0 and "Usage: " in text and len(text) > 200


def test_config_lists_every_setting(invoke):
  status, text, _ = invoke("config", "seed", "--attribute", "Smiling")
  assert status == 0
  assert "source.attributes = ['Smiling']" in text
  assert "direction.labels = pool" in text


def test_a_config_file_names_a_generator_too(invoke, tmp_path):
  file = tmp_path / "config.yaml"
  file.write_text("imported_generator: dcgan-digiface\n")
  status, text, _ = invoke("config", "--config", file)
  assert status == 0 and "imported_generator = dcgan-digiface" in text


def test_unknown_experiment(invoke):
  status, _, error = invoke("run", "nonsense")
  assert status == 2 and "there are: " in error and "sample" in error


def test_unknown_setting(refused):
  assert "generator.epoch" in refused("--set", "generator.epoch=3")


def test_a_start_brings_its_sizes(invoke):
  status, text, _ = invoke("config", "--start", "dcgan-digiface")
  assert status == 0
  assert "generator.start = dcgan-digiface" in text
  assert "generator.latent_size = 100" in text


@pytest.mark.parametrize(
  "arguments, said",
  [
    (
      ("--set", "generator.latent_size=128"),
      "set generator.image_size=64 and generator.latent_size=100",
    ),
    (("--set", "generator.image_size=32"), "generator.image_size=64"),
    (("--generator", "dcgan-digiface"), "leave one of them out"),
  ],
)
def test_what_contradicts_a_start(refused, arguments, said):
  assert said in refused("--start", "dcgan-digiface", *arguments)


def test_unknown_start(refused):
  said = refused("--start", "stylegan")
  assert "generator.start" in said and "dcgan-digiface" in said


@pytest.mark.skipif(bool(tf.config.list_physical_devices("GPU")), reason="there is a GPU")
def test_more_gpus_than_there_are(refused, tmp_path):
  """Told before the source, which isn't there either, is looked for."""
  said = refused("--devices", "2", "--source", tmp_path / "nowhere")
  assert "asks for 2 GPUs, and there are none" in said
  assert "--devices cpu" in said


def test_devices_that_are_none(refused):
  assert "auto, cpu, or a number of GPUs" in refused("--devices", "tpu")


def test_missing_source(refused, tmp_path):
  assert "nowhere" in refused("--source", tmp_path / "nowhere")


def test_empty_source(refused, tmp_path):
  (tmp_path / "empty").mkdir()
  refused("--source", tmp_path / "empty")


def test_attribute_that_is_not_there(refused, photos):
  file = labels(photos, "image_id,Smiling,Bald", *(f"{line},1" for line in everyone(photos)))
  said = refused("--source", photos, "--labels", file, "--attribute", "Smilling")
  assert "Smiling" in said


@pytest.mark.parametrize(
  "extra, named",
  [
    ("000007.jpg,1", "000007.jpg"),
    ("999999.jpg,1", "999999.jpg"),
    ("000007.jpg", "labels.csv"),
    ("000007.jpg,maybe", "maybe"),
  ],
)
def test_wrong_rows(refused, photos, extra, named):
  lines = everyone(photos)
  if "maybe" in extra or extra.count(",") == 0:
    lines = lines[1:]
  file = labels(photos, "image_id,Smiling", *lines, extra)
  assert named in refused("--source", photos, "--labels", file, "--attribute", "Smiling")


def test_one_class_only(refused, photos):
  file = labels(photos, "image_id,Smiling", *everyone(photos, "1"))
  refused("--source", photos, "--labels", file, "--attribute", "Smiling")


def test_zip_that_is_none(refused, tmp_path):
  (tmp_path / "faces.zip").write_bytes(b"not a zip")
  assert "faces.zip" in refused("--source", tmp_path / "faces.zip")


def test_zip_that_climbs(refused, photos, tmp_path):
  archive = tmp_path / "faces.zip"
  with zipfile.ZipFile(archive, "w") as file:
    file.write(photos / "000007.jpg", "../000007.jpg")
  refused("--source", archive)
  assert not (tmp_path.parent / "000007.jpg").exists()


def test_attribute_file_that_miscounts(refused, photos):
  file = labels(
    photos,
    "11",
    "Smiling",
    *(line.replace(",0", " -1").replace(",1", " 1") for line in everyone(photos)),
  )
  target = photos / "list_attr_celeba.txt"
  target.write_text(file.read_text())
  said = refused("--source", photos, "--labels", target, "--attribute", "Smiling")
  assert "11" in said and "12" in said


@pytest.mark.parametrize("content", [b"", b"not an h5 file"])
def test_weights_that_are_none(invoke, photos, tmp_path, content):
  weights = tmp_path / "weights.h5"
  weights.write_bytes(content)
  file = labels(photos, "image_id,Smiling", *everyone(photos))
  status, _, error = invoke(
    "run",
    "photos",
    "--output",
    tmp_path / "output",
    "--source",
    photos,
    "--labels",
    file,
    "--attribute",
    "Smiling",
    "--set",
    f"embedder.weights={weights}",
    "--set",
    "splits.hand_labeled=000007-000010",
    "--set",
    "splits.max_labeled=4",
  )
  assert status == 2 and "weights.h5" in error.splitlines()[-1]


def test_folder_of_something_else(invoke, sample_photos, tmp_path):
  del sample_photos  # only has to be there
  folder = tmp_path / "output" / "sample"
  folder.mkdir(parents=True)
  (folder / "precious.txt").write_text("keep me")
  status, _, error = invoke("run", "--output", tmp_path / "output")
  assert status == 2 and "not a run" in error
  assert [path.name for path in folder.iterdir()] == ["precious.txt"]


def test_report_of_nothing(invoke, tmp_path):
  status, _, error = invoke("report", "--output", tmp_path)
  assert status == 2 and "no run was completed" in error


@pytest.mark.parametrize("photo, said", [("nowhere.jpg", "no such photo"), ("", "holds no photos")])
def test_predict_without_photos(invoke, tmp_path, photo, said):
  model = tmp_path / "output" / "sample" / "model" / "1"
  model.mkdir(parents=True)
  status, _, error = invoke("predict", tmp_path / photo, "--output", tmp_path / "output")
  assert status == 2 and said in error


def test_predict_without_model(invoke, tmp_path):
  photo = tmp_path / "photo.jpg"
  photo.write_bytes(b"")
  status, _, error = invoke("predict", photo, "--output", tmp_path)
  assert status == 2 and "no model was pushed" in error
  status, _, error = invoke("predict", photo, "--model", tmp_path)
  assert status == 2 and "no pushed model is here" in error


def test_fetch_of_something_unknown(invoke):
  status, _, error = invoke("fetch", "nonsense")
  assert status == 2 and "there are: " in error


def test_fetch_lists_what_there_is(invoke, tmp_path, monkeypatch):
  monkeypatch.setenv("FACES_CACHE", str(tmp_path))
  status, text, _ = invoke("fetch", "--list")
  assert status == 0
  assert [line.partition(":")[0] for line in text.splitlines()] == [
    "sample (not fetched)",
    "facenet (not fetched)",
    "face-finder (not fetched)",
    "dcgan-digiface (not fetched)",
    "vgg-face (not fetched)",
  ]
  assert "non-commercial" in text.splitlines()[4]
  assert not list(tmp_path.iterdir())


def test_fetch_takes_vgg_face_only_if_asked(invoke, sample_photos, facenet_weights):
  invoke("fetch", "face-finder")
  status, text, _ = invoke("fetch")
  assert status == 0
  *lines, finder = text.splitlines()
  assert lines == [
    f"sample: {sample_photos} (already here)",
    f"facenet: {facenet_weights} (already here)",
  ]
  assert finder.startswith("face-finder: ") and "already here" in finder


@pytest.mark.parametrize("arguments", [(), ("sample", "facenet")])
def test_fetch_from_is_for_one_asset(invoke, arguments):
  status, _, error = invoke("fetch", *arguments, "--from", "file")
  assert status == 2 and "--from is for one asset" in error


@pytest.mark.parametrize(
  "source, said",
  [
    ("nowhere.h5", "nowhere.h5: there is no such file"),
    ("http://weights.invalid/file", "only https:// URLs"),
    ("file:///etc/passwd", "only https:// URLs"),
  ],
)
def test_fetch_from_what_cannot_be(invoke, tmp_path, monkeypatch, source, said):
  monkeypatch.setenv("FACES_CACHE", str(tmp_path))
  status, text, error = invoke("fetch", "vgg-face", "--from", source)
  assert status == 2 and said in error and len(error.splitlines()) == 1
  assert "non-commercial" in text.splitlines()[0]


def test_fetch_from_a_file_of_something_else(invoke, tmp_path, monkeypatch):
  monkeypatch.setenv("FACES_CACHE", str(tmp_path / "cache"))
  file = tmp_path / "letter.h5"
  file.write_text("dear reader")
  status, _, error = invoke("fetch", "vgg-face", "--from", file)
  assert status == 2 and str(file) in error.splitlines()[-1]
  assert file.exists() and "vgg-face (not" in invoke("fetch", "--list")[1]


def test_fetch_is_stopped_and_keeps_what_has_come(tmp_path):
  """Ctrl-C, half-way through a file that a server on this machine gives."""
  sent, end = threading.Event(), threading.Event()

  class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
      self.send_response(200)
      self.send_header("Content-Length", "500000")
      self.end_headers()
      self.wfile.write(bytes(250_000))
      sent.set()
      end.wait()

  server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
  server.daemon_threads = True
  threading.Thread(target=server.serve_forever, daemon=True).start()
  process = subprocess.Popen(
    [
      sys.executable,
      "-m",
      "pipeline",
      "fetch",
      "vgg-face",
      "--from",
      f"http://127.0.0.1:{server.server_port}/vgg_face.mat",
    ],
    env={**os.environ, "FACES_CACHE": str(tmp_path)},
    text=True,
    stderr=subprocess.PIPE,
    stdout=subprocess.DEVNULL,
  )
  try:
    assert sent.wait(100)
    while not any(path.stat().st_size > 100_000 for path in tmp_path.rglob("*.partial")):
      assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=100)
  finally:
    process.kill()
    end.set()
    server.shutdown()
    server.server_close()
  assert process.returncode == 130
  assert "the same command resumes from here" in error
  assert "Traceback" not in error
  (part,) = tmp_path.rglob("*.partial")
  assert part.stat().st_size > 100_000  # Neither cut nor thrown away.


def test_beam_options_are_settings(invoke, tmp_path):
  arguments = (
    "--beam",
    "--direct_running_mode=multi_processing",
    "--beam",
    "Evaluator:--direct_num_workers=2",
  )
  status, text, _ = invoke("config", "--yaml", *arguments)
  assert status == 0
  (tmp_path / "config.yaml").write_text(text)
  status, text, _ = invoke(
    "config", "--config", tmp_path / "config.yaml", "--set", "runtime.beam_of.Transform=--x=1"
  )
  assert status == 0
  assert "'--direct_running_mode=multi_processing'" in text
  assert "in_memory" not in text
  assert (
    "runtime.beam_of = {'Evaluator': ('--direct_num_workers=2',), 'Transform': ('--x=1',)}"
  ) in text


_PORTABLE = ("--beam", "--runner=PortableRunner")


@pytest.mark.parametrize(
  "arguments, said",
  [
    (
      (*_PORTABLE, "--beam", "--environment_type=LOOPBACK", "--beam", "--job_endpoint=localhost:1"),
      "nobody listens at localhost:1",
    ),
    (
      (*_PORTABLE, "--beam", "--environment_type=LOOPBACK", "--beam", "--job_endpoint=localhost"),
      "write it as HOST:PORT",
    ),
    ((*_PORTABLE, "--beam", "--job_endpoint=localhost:1"), "lack this project's code"),
    (("--beam", "--runner=DataflowRunner"), "lack this project's code"),
    (("--beam", "--runner=FlinkRuner"), "Unexpected pipeline runner"),
    (("--beam", "--direct_num_workers=two"), "invalid int value: 'two'"),
    (("--set", "runtime.beam=[runner=FnApiRunner]"), "written --name=value"),
    (("--beam", "Evaluator:--job_server_timeout=x"), "runtime.beam_of.Eval"),
  ],
)
def test_beam_options_that_cannot_work(refused, arguments, said):
  assert said in refused(*arguments)


@pytest.mark.parametrize(
  "name, said",
  [
    (
      "Trainer",
      "Trainer is not run by Beam; those that Beam runs are "
      "EmbeddingStatistics, Evaluator, ExamplesUnion, FaceExampleGen",
    ),
    ("Embedder", "Embedder is no component of this run"),
  ],
)
def test_beam_options_of_what_beam_does_not_run(invoke, photos, tmp_path, name, said):
  file = labels(photos, "image_id,Male", *everyone(photos))
  status, _, error = invoke(
    "run",
    "photos",
    "--source",
    photos,
    "--labels",
    file,
    "--output",
    tmp_path / "output",
    "--set",
    "splits.hand_labeled=000007-000010",
    "--set",
    "splits.max_labeled=4",
    "--beam",
    f"{name}:--direct_num_workers=2",
  )
  assert status == 2 and not (tmp_path / "output").exists()
  assert said in error.splitlines()[-1]


@pytest.mark.parametrize(
  "url, said",
  [
    ("metadata.sqlite", "not the address of a MySQL database"),
    ("mysql://me:s3cret@127.0.0.1", "names no database"),
    ("mysql://me:s3cret@127.0.0.1:1/runs", "Can't connect to MySQL server"),
  ],
)
def test_wrong_metadata(refused, monkeypatch, url, said):
  monkeypatch.setenv("MYSQL_PWD", "")
  error = refused("--metadata", url)
  assert said in error and "s3cret" not in error


def test_a_password_is_no_setting(refused, invoke, monkeypatch):
  """Settings are written to files."""
  monkeypatch.setenv("MYSQL_PWD", "")
  url = "mysql://me:s3cret@host/runs"
  error = refused("--set", f"runtime.metadata={url}")
  assert "runtime.metadata: leave the password out" in error
  assert "s3cret" not in error
  for form in ((), ("--yaml",)):
    status, text, _ = invoke("config", "--metadata", url, *form)
    assert status == 0
    assert "mysql://me@host:3306/runs" in text and "s3cret" not in text
  assert not any("s3cret" in argument for argument in sys.argv)
