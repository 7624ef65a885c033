"""The model card, as Hugging Face lays it out, after Mitchell et al. 2019
(arXiv:1810.03993): every figure is the run's."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import jinja2
import markupsafe
import yaml

from components.classifier import evaluation as evaluation_lib
from components.report import licences, markdown_text, names, results
from components.shared.data import sources
from components.shared.learning import serving

FILE_NAME = "model_card.md"
to_html = markdown_text.to_html

_TEMPLATE = "model_card.md.j2"
_SPLIT = "hand_labeled"
_METRICS = (
  ("accuracy", "Accuracy", evaluation_lib.ACCURACY),
  ("roc_auc", "AUC", evaluation_lib.AUC),
  ("precision", "Precision", "precision"),
  ("recall", "Recall", "recall"),
)
"""Hugging Face's name, the name for people, TFMA's name."""
_FEW = 20
"""Photos; a slice of fewer says next to nothing."""


def render(
  name: str, evaluation: dict[str, Any], slices: dict[str, results.Slices], config_yaml: str
) -> str:
  """The card as Markdown with YAML front matter.

  Args:
    name: of the run.
    evaluation: of `results.evaluation`; an attribute's `hand_labeled` may
      have `suspects`, image ids whose labels an audit doubts.
    slices: of `results.slices`.
    config_yaml: the run's settings.
  """
  config = yaml.safe_load(config_yaml)
  parts = licences.parts(config)
  environment = jinja2.Environment(
    loader=jinja2.PackageLoader("components.report"),
    autoescape=True,
    finalize=markdown_text.escaped,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
  )
  environment.filters.update(
    code=markdown_text.code,
    figure=_figure,
    literal=lambda text: markupsafe.Markup(json.dumps(text)),  # noqa: S704  JSON quotes it.
  )
  body = environment.get_template(_TEMPLATE).render(
    name=name,
    evaluation=evaluation,
    slices=slices,
    config=config,
    parts=parts,
    restricted=any(part.research_only for part in parts),
    celeba=licences.shows_celeba(config["source"]),
    own_labels=config["source"]["labels"] is None and config["source"]["path"] == sources.SAMPLE,
    figures={
      attribute: list(_figures(evaluation["attributes"][attribute], slices[attribute]))
      for attribute in slices
    },
    weakest={attribute: _weakest(slices[attribute]) for attribute in slices},
    drift={attribute: _drift(evaluation["attributes"][attribute]) for attribute in slices},
    factors=_factors(slices),
    step_name=names.of_step,
    few=_FEW,
    thresholds={
      attribute: figures["ladder"][figures["step"]]["threshold"]
      for attribute, figures in evaluation["attributes"].items()
    },
    outputs=[serving.probability_of(attribute) for attribute in slices],
    settings=[row for branch in _branches(evaluation) for row in _settings(config[branch], branch)],
  )
  return f"---\n{_front_matter(name, evaluation, slices, parts)}---\n{body}"


def _front_matter(
  name: str,
  evaluation: dict[str, Any],
  slices: dict[str, results.Slices],
  parts: list[licences.Part],
) -> str:
  restricted = any(part.research_only for part in parts)
  photos = next(part for part in parts if part.role == "photos")
  tree = {
    "license": "other",
    "license_name": (
      "non-commercial-research" if restricted else "that-of-the-photos-and-networks"
    ),
    "library_name": "tensorflow",
    "pipeline_tag": "image-classification",
    "tags": [
      "face-attributes",
      "few-labels",
      "semi-supervised",
      "synthetic-data",
      "tfx",
      "blessed" if evaluation["blessed"] else "not-blessed",
    ],
    "metrics": [metric for metric, _, _ in _METRICS],
    "model-index": [
      {
        "name": name,
        "results": [
          {
            "task": {"type": "image-classification", "name": f"The {attribute} annotation"},
            "dataset": {
              "type": "face-photos",
              "name": photos.name,
              "config": attribute,
              "split": _SPLIT,
            },
            "metrics": [
              {"type": metric, "value": value, "name": _with_interval(shown, interval)}
              for metric, shown, value, interval in _figures(
                evaluation["attributes"][attribute], slices[attribute]
              )
            ],
          }
          for attribute in slices
        ],
      }
    ],
  }
  return yaml.safe_dump(_clean(tree), sort_keys=False, allow_unicode=True, width=10_000)


def _figures(
  figures: dict[str, Any], by_slice: results.Slices
) -> Iterator[tuple[str, str, float, tuple[float, float] | None]]:
  """Names of a metric, its value and 95% interval, over all photos."""
  hand_labeled = figures["hand_labeled"]
  for metric, shown, tfma_name in _METRICS:
    found = by_slice["Overall"].get(tfma_name)
    if found is None:
      continue
    value = hand_labeled.get("auc" if metric == "roc_auc" else metric, found["value"])
    yield metric, shown, value, (found["low"], found["high"]) if "low" in found else None


def _with_interval(name: str, interval: tuple[float, float] | None) -> str:
  if interval is None:
    return name
  return f"{name} (95% interval {interval[0]:.3f} to {interval[1]:.3f})"


def _figure(metrics: Mapping[str, dict[str, float]], metric: str) -> str:
  """A slice's metric with its interval; nothing where it has no value."""
  if metric not in metrics:
    return ""
  found = metrics[metric]
  if "low" not in found:
    return f"{found['value']:.3f}"
  return f"{found['value']:.3f} ({found['low']:.2f} to {found['high']:.2f})"


def _weakest(by_slice: results.Slices) -> tuple[str, float, int] | None:
  """The slice of lowest accuracy, that, and its photos; of large ones."""
  found = [
    (metrics[evaluation_lib.ACCURACY]["value"], name, int(metrics["example_count"]["value"]))
    for name, metrics in by_slice.items()
    if name != "Overall"
    and evaluation_lib.ACCURACY in metrics
    and metrics["example_count"]["value"] >= _FEW
  ]
  if not found:
    return None
  accuracy, name, photos = min(found)
  return name, accuracy, photos


def _drift(figures: dict[str, Any]) -> tuple[str, float] | None:
  """The other annotation that moved along most, and how much."""
  return max(
    figures["generator"]["attribute_drift"].items(), key=lambda pair: abs(pair[1]), default=None
  )


def _factors(slices: dict[str, results.Slices]) -> list[str]:
  """What was sliced by, in the order of the slices."""
  return list(
    dict.fromkeys(
      name.rpartition("=")[0]
      for by_slice in slices.values()
      for name in by_slice
      if name != "Overall"
    )
  )


def _branches(evaluation: dict[str, Any]) -> list[str]:
  """The settings that say how the model came about."""
  generator = ["generator"] if evaluation["training"] else []
  return [*generator, "direction", "synthetic", "label_filter", "embedder", "classifier"]


def _settings(value: Any, name: str) -> Iterator[tuple[str, str]]:
  """Dotted names and values; files without their folders."""
  if isinstance(value, dict):
    for key, item in value.items():
      yield from _settings(item, f"{name}.{key}")
  elif isinstance(value, list):
    yield name, ", ".join(map(str, value)) or "none"
  elif value is not None:
    yield name, str(value).rpartition("/")[2]


def _clean(value: Any) -> Any:
  """Names of others without line breaks and the like."""
  if isinstance(value, dict):
    return {key: _clean(item) for key, item in value.items()}
  if isinstance(value, list):
    return [_clean(item) for item in value]
  return markdown_text.one_line(value) if isinstance(value, str) else value
