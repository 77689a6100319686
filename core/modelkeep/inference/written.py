"""What came of a try as JSON values, as the command line prints and a saved file holds them; docs/json.md has the
fields. Times are ISO 8601 in UTC, what is not known is null."""

from __future__ import annotations

import time

from modelkeep.inference.outcome import Comparison
from modelkeep.inference.plain import to_plain
from modelkeep.inference.values import LoadedModel, TryInputs, TryOptions, TryResult

__all__ = ["comparison_json", "inputs_json", "options_json", "result_json"]

Json = dict[str, object]


def result_json(result: TryResult) -> Json:
    """A result with what was asked."""
    return {
        "key": result.key,
        "root": result.root,
        "commit": result.commit,
        "task": str(result.task),
        "backend": str(result.backend),
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(result.at)),
        "inputs": inputs_json(result.inputs),
        "options": options_json(result.options),
        "outputs": [to_plain(one) for one in result.outputs],
        "notes": list(result.notes),
        "stopped": result.stopped,
        "warm": result.warm,
        "load_seconds": round(result.load_seconds, 4),
        "run_seconds": round(result.run_seconds, 4),
        "tokens": result.tokens,
        "tokens_per_second": round(result.tokens_per_second, 2) or None,
        "memory": result.memory or None,
        "peak_memory": result.peak_memory or None,
        "model": _model(result.model),
    }


def comparison_json(comparison: Comparison) -> list[Json]:
    """An object for each that was asked, its result null where it failed."""
    return [
        {"key": key, "error": error or None, "result": result_json(result) if result else None}
        for key, error, result in zip(comparison.keys, comparison.errors, comparison.results, strict=True)
    ]


def inputs_json(inputs: TryInputs) -> Json:
    return {
        "texts": list(inputs.texts),
        "context": inputs.context or None,
        "images": list(inputs.images),
        "messages": [{"role": role, "content": content} for role, content in inputs.messages],
    }


def options_json(options: TryOptions) -> Json:
    return {
        "top_k": options.top_k,
        "multi_label": options.multi_label,
        "max_new_tokens": options.max_new_tokens,
        "temperature": float(options.temperature),
        "top_p": float(options.top_p),
        "seed": options.seed,
        "stop": list(options.stop),
        "chat": options.chat,
        "source_language": options.source_language or None,
        "target_language": options.target_language or None,
    }


def _model(model: LoadedModel) -> Json:
    return {
        "class_name": model.class_name,
        "parameters": model.parameters or None,
        "dtype": model.dtype or None,
        "device": model.device,
        "context": model.context or None,
        "mask": model.mask or None,
        "chat": model.chat,
        "labels": list(model.labels),
        "versions": dict(model.versions),
    }
