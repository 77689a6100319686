"""The card of a model that was trained here: what it was made from, with what, how, and how good it is."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from modelkeep import __version__
from modelkeep.metadata.describe import Description
from modelkeep.training.values import TrainingData, TrainingPlan

__all__ = ["card_text"]

_OF_ALL = {
    "accuracy": "Accuracy",
    "macro_f1": "Macro F1",
    "precision": "Precision",
    "recall": "Recall",
    "f1": "F1",
    "loss": "Loss",
}
_MOST_LABELS = 200


def card_text(
    plan: TrainingPlan,
    parent: Description,
    metrics: Mapping[str, float],
    parent_metrics: Mapping[str, float],
    said: Mapping[str, object],
    *,
    message: str = "",
) -> str:
    """The card in Markdown with its front matter. `said` is what the child told besides."""
    lines = [
        "---",
        *_front_matter(plan, parent, metrics),
        "---",
        "",
        f"# {plan.target.repo_id}",
        "",
        f"{plan.key.repo_id}, fine-tuned for {plan.task}{_today()}.",
        "",
        f"Made from `{plan.key.at(plan.commit)}`.",
        *(("", _plain(message)) if message.strip() else ()),
        "",
        "## Examples",
        "",
        *_data(plan.data, "to train with" if plan.evaluation else "to train and measure with"),
        *(_data(plan.evaluation, "to measure with") if plan.evaluation else ()),
        *_counts(plan, said),
        "",
        "## Training",
        "",
        *_parameters(plan, said),
    ]
    if metrics:
        lines += ["", "## Metrics", "", *_metrics(metrics, parent_metrics)]
    return "\n".join(lines) + "\n"


def _today() -> str:
    return f" with Modelkeep {__version__} on {time.strftime('%Y-%m-%d', time.gmtime())}"


def _front_matter(plan: TrainingPlan, parent: Description, metrics: Mapping[str, float]) -> Iterator[str]:
    """Lines of YAML, whose values are written as JSON, which is YAML too."""
    fields: dict[str, object] = {
        "base_model": plan.key.repo_id,
        "library_name": "transformers",
        "pipeline_tag": plan.task,
        "tags": ["fine-tuned", "modelkeep"],
    }
    if parent.licence:
        fields["license"] = parent.licence
    if parent.languages:
        fields["language"] = list(parent.languages)
    if shown := [(name, metrics[name]) for name in _OF_ALL if name in metrics and name != "loss"]:
        result = {
            "task": {"type": plan.task},
            "dataset": {"type": "local", "name": Path((plan.evaluation or plan.data).path).name},
            "metrics": [{"type": name, "value": value} for name, value in shown],
        }
        fields["model-index"] = [{"name": plan.target.repo_id, "results": [result]}]
    for name, value in fields.items():
        yield f"{name}: {json.dumps(value)}"


def _data(data: TrainingData, what: str) -> Iterator[str]:
    name = _plain(Path(data.path).name)
    yield f"- {data.examples:,} {what}: `{name}`, SHA-256 `{data.sha256}`"
    labels = list(data.labels.items())
    listed = ", ".join(f"{_plain(label)} ({count:,})" for label, count in labels[:_MOST_LABELS])
    more = f" and {len(labels) - _MOST_LABELS:,} more" if len(labels) > _MOST_LABELS else ""
    yield f"  - labels: {listed}{more}"


def _counts(plan: TrainingPlan, said: Mapping[str, object]) -> Iterator[str]:
    match said.get("examples"):
        case [int(trained), int(measured)]:
            yield f"- {trained:,} were trained with, {measured:,} measured with"
    cut = said.get("cut")
    if isinstance(cut, int) and cut:
        yield f"- {cut:,} are longer than the model takes, and were cut"


def _parameters(plan: TrainingPlan, said: Mapping[str, object]) -> Iterator[str]:
    own = plan.parameters
    yield f"- method: {'LoRA, merged' if plan.method == 'lora' else 'all weights'}"
    if plan.method == "lora":
        yield f"- rank: {own.lora_rank}"
    yield f"- epochs: {own.epochs:g}, {plan.steps:,} steps with {own.batch} examples each"
    yield f"- learning rate: {own.lr:g}, weight decay {own.weight_decay:g}, warm-up {own.warmup:g}"
    yield f"- seed: {own.seed}"
    length = said.get("length")
    if isinstance(length, int):
        yield f"- longest text: {length} tokens"
    yield f"- head: {'that of the parent' if plan.keeps_head else 'new'}"
    versions = said.get("versions")
    if isinstance(versions, dict):
        yield f"- versions: {', '.join(f'{name} {number}' for name, number in versions.items())}"


def _metrics(metrics: Mapping[str, float], parent: Mapping[str, float]) -> Iterator[str]:
    yield "| | result |" + (" parent |" if parent else "")
    yield "|---|---|" + ("---|" if parent else "")
    for name, title in _OF_ALL.items():
        if name in metrics:
            before = f" {parent[name]:.4f} |" if name in parent else " |" if parent else ""
            yield f"| {title} | {metrics[name]:.4f} |{before}"
    labels = [name.removeprefix("f1/") for name in metrics if name.startswith("f1/")]
    if labels:
        yield ""
        yield "| label | precision | recall | F1 |"
        yield "|---|---|---|---|"
    for label in labels[:_MOST_LABELS]:
        three = " | ".join(
            f"{metrics.get(f'{part}/{label}', 0.0):.4f}" for part in ("precision", "recall", "f1")
        )
        yield f"| {_plain(label)} | {three} |"


def _plain(text: str) -> str:
    """Text that is just text in Markdown, on one line."""
    one_line = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    return "".join(f"\\{one}" if one in "\\`*_[]<>|#" else one for one in one_line)
