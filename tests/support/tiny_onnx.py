"""The tiny models as ONNX graphs: `python -m support.tiny_onnx MODELS FOLDER`."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import torch
import transformers

WORDS = ("input_ids", "attention_mask", "token_type_ids")
KINDS = {
    "classifier": ("ForSequenceClassification", ("logits",)),
    "multi-label": ("ForSequenceClassification", ("logits",)),
    "token-classifier": ("ForTokenClassification", ("logits",)),
    "masked-lm": ("ForMaskedLM", ("logits",)),
    "answering": ("ForQuestionAnswering", ("start_logits", "end_logits")),
    "base": ("", ("last_hidden_state",)),
    "vision": ("ForImageClassification", ("logits",)),
}
"""Which class of transformers each is, and what its graph gives."""


class ByOrder(torch.nn.Module):
    """A model that takes its inputs and gives its outputs in an order, as tracing wants them."""

    def __init__(self, model: Any, inputs: tuple[str, ...], outputs: tuple[str, ...]) -> None:
        super().__init__()
        self.model, self.inputs, self.outputs = model, inputs, outputs

    def forward(self, *given: torch.Tensor) -> tuple[torch.Tensor, ...]:
        made = self.model(**dict(zip(self.inputs, given, strict=True)))
        return tuple(made[name] for name in self.outputs)


def export(source: Path, target: Path, end: str, outputs: tuple[str, ...]) -> None:
    """Write the graph, and the model's small files."""
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("*.safetensors"))
    kind = getattr(transformers, f"AutoModel{end}")
    model = kind.from_pretrained(source, attn_implementation="eager").eval()
    sees = source.name == "vision"
    inputs = ("pixel_values",) if sees else WORDS
    sample = (torch.zeros(1, 3, 16, 16),) if sees else (torch.ones(1, 4, dtype=torch.long),) * len(WORDS)
    torch.onnx.export(
        ByOrder(model, inputs, outputs),
        sample,
        target / "model.onnx",
        input_names=list(inputs),
        output_names=list(outputs),
        dynamic_axes={} if sees else {name: {0: "batch", 1: "length"} for name in inputs},
        dynamo=False,
    )


def build(models: Path, folder: Path) -> None:
    torch.set_num_threads(1)
    for name, (end, outputs) in KINDS.items():
        export(models / name, folder / name, end, outputs)


if __name__ == "__main__":
    build(Path(sys.argv[1]), Path(sys.argv[2]))
