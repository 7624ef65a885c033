"""The config tree: what is taken, what is refused."""

import pytest

from components.shared.core import errors, settings
from pipeline import config, experiments


@pytest.mark.parametrize("name", sorted(experiments.all_experiments()))
def test_every_experiment_survives_yaml(tmp_path, name):
  experiment = experiments.load(name)
  file = tmp_path / "config.yaml"
  file.write_text(config.to_yaml(experiment))
  assert config.build(config.Config(), file) == experiment


def test_every_setting_is_described():
  for name, _, text in config.describe(config.Config()):
    assert text, name


def test_every_setting_can_be_assigned():
  for name, value, _ in config.describe(experiments.load("sample")):
    plain = list(value) if isinstance(value, tuple) else value
    text = "" if plain is None else str(plain).replace("'", '"')
    built = config.build(experiments.load("sample"), assignments=[f"{name}={text}"])
    assert built == experiments.load("sample"), name


def test_file_then_assignment(tmp_path):
  file = tmp_path / "config.yaml"
  file.write_text("generator:\n  epochs: 3\n  seed: 7\n")
  built = config.build(config.Config(), file, ["generator.epochs=4"])
  assert (built.generator.epochs, built.generator.seed) == (4, 7)


@pytest.mark.parametrize(
  "assignment, said",
  [
    ("generator.epochs=none", "generator.epochs"),
    ("generator.epochs=0", "greater than or equal to 1"),
    ("generator.epoch=3", "no such setting"),
    ("generators.epochs=3", "no such setting"),
    ("generator=3", "this is a group"),
    ("generator.epochs", "path.to.setting=value"),
    ("name=../elsewhere", "name"),
    ("runtime.orchestrator=airflow", "runtime.orchestrator"),
    ("source.max_quarantine_share=.nan", "source.max_quarantine_share"),
  ],
)
def test_wrong_assignments_say_which(assignment, said):
  with pytest.raises(errors.UserError, match=said) as raised:
    config.build(config.Config(), assignments=[assignment])
  assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
  "text, said",
  [
    ("generator: [1, 2]", "group of settings"),
    ("- a\n- b", "`setting: value` pairs"),
    ("a: b: c", "not valid YAML"),
    ("nonsense: 1", "no such setting"),
  ],
)
def test_wrong_files_say_what(tmp_path, text, said):
  file = tmp_path / "config.yaml"
  file.write_text(text)
  with pytest.raises(errors.UserError, match=said):
    config.build(config.Config(), file)


def test_missing_file(tmp_path):
  with pytest.raises(errors.UserError, match="can't be read"):
    config.build(config.Config(), tmp_path / "none.yaml")


def test_json_is_stable():
  one = experiments.load("seed")
  text = settings.to_json(one)
  assert settings.to_json(settings.from_json(config.Config, text)) == text


_MERGED = "b0: &b0 {x: 1}\n" + "".join(
  f"b{i}: &b{i}\n  <<: [{', '.join([f'*b{i - 1}'] * 9)}]\n" for i in range(1, 9)
)


@pytest.mark.parametrize(
  "text, told",
  [
    (_MERGED, "too many merged values"),
    ("name: " + "[" * 5000, "recursion"),
    ("name: 2001-99-99", "month"),
    ("name: !!python/object/apply:os.system [ls]", "could not determine"),
    ("name: !!timestamp none", "not valid YAML"),
    ('source: {path: "a\\0b"}', "source.path: contains a NUL or an unpaired surrogate"),
    ('source: {path: "\\ud800"}', "source.path"),
    ("#" + "a" * (1 << 18), "too large for a config file"),
  ],
)
def test_files_that_are_not_to_be_trusted(tmp_path, text, told):
  path = tmp_path / "config.yaml"
  path.write_text(text)
  with pytest.raises(errors.UserError, match=told) as caught:
    config.build(config.Config(), path)
  assert len(str(caught.value)) < 1000


def test_values_that_are_no_yaml_are_texts():
  for text in ("2001-99-99", "!!timestamp none", "[a"):
    assert config.build(config.Config(), assignments=[f"source.path={text}"]).source.path == text
