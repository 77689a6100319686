"""The child process of a trial: loads a model by its name as a user does, counts what came, and runs nothing.

Only `try_loading` starts it, confined, with HF_HUB_CACHE at the cache and HF_HUB_OFFLINE=1; nothing imports it. It
and the child of conversions are the modules of the core that load a machine-learning framework.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from modelkeep.checking.by_transformers import (
    load_config,
    load_processor,
    load_tokenizer,
    load_transformers,
    load_weights,
)
from modelkeep.checking.plain_words import AGAIN, Source, WantsCode, in_plain_words, refuse_gaps
from modelkeep.errors import InferenceError, ModelKeepError
from modelkeep.progress import Progress, Report

__all__ = ["load", "main"]


class _Asked(NamedTuple):
    """What is to be loaded, as `Source`; `reads_text` asks for a tokenizer."""

    way: str
    name: str
    revision: str | None
    folder: str
    files: frozenset[str]
    allow_code: bool
    reads_text: bool

    @property
    def source(self) -> Source:
        return Source(self.name, self.revision, self.folder, self.files, self.allow_code)


def main(request: dict[str, Any], report: Report) -> dict[str, object]:
    """Load what is asked for; see `load`."""
    return load(request, report)


def load(request: Mapping[str, Any], report: Report) -> dict[str, object]:
    """What was loaded, an `error` with a `hint`, both "" when all is well, and whether it ran code of its own.

    `wants_code`: it did not load because it may not.
    """
    asked = _Asked(**{**request, "files": frozenset(request["files"])})
    loaded: list[str] = []
    error, hint, wants_code = "", "", False
    try:
        for one in _WAYS[asked.way](asked, report):
            loaded.append(one)  # noqa: PERF402 - what came before an error counts
    except ModelKeepError as problem:
        error, hint, wants_code = str(problem), problem.hint, isinstance(problem, WantsCode)
    with_code = any(name.startswith("transformers_modules.") for name in sys.modules)
    return {
        "loaded": loaded,
        "error": error,
        "hint": hint,
        "with_code": with_code,
        "wants_code": wants_code,
    }


# ---- transformers


def _with_transformers(asked: _Asked, report: Report, subfolder: str = "") -> Iterator[str]:
    source = asked.source
    transformers = load_transformers(source, report)
    config = load_config(source, report, subfolder)
    if asked.reads_text:
        tokenizer = load_tokenizer(source, report, subfolder)
        yield f"{type(tokenizer).__name__}, {len(tokenizer):,} entries"
    if (processor := load_processor(source, report)) is not None:
        yield type(processor).__name__
    with in_plain_words(source, "the weights"):
        kind = _model_class(transformers, config, asked.allow_code)
    model, told = load_weights(source, report, kind, subfolder)
    refuse_gaps(model, told)
    yield _described(model)


def _model_class(transformers: Any, config: Any, allow_code: bool) -> Any:
    """The class that the configuration names, so that nothing that it says is left out."""
    auto_map = getattr(config, "auto_map", None) or {}
    for name in getattr(config, "architectures", None) or ():
        own = [auto for auto, code in auto_map.items() if str(code).rpartition(".")[2] == name]
        if own and allow_code and hasattr(transformers, own[0]):
            return getattr(transformers, own[0])
        if hasattr(transformers, name):
            return getattr(transformers, name)
        if own and hasattr(transformers, own[0]):
            return getattr(transformers, own[0])
    return transformers.AutoModel


def _described(model: Any) -> str:
    count = sum(parameter.numel() for parameter in model.parameters())
    dtypes = sorted({str(parameter.dtype).removeprefix("torch.") for parameter in model.parameters()})
    return f"{type(model).__name__}, {count:,} parameters, {' and '.join(dtypes)}"


# ---- others


def _sentences(asked: _Asked, report: Report) -> Iterator[str]:
    with in_plain_words(asked.source, "the model"):
        report(Progress("Loading the model"))
        model = import_module("sentence_transformers").SentenceTransformer(
            asked.name, revision=asked.revision, trust_remote_code=asked.allow_code, local_files_only=True
        )
        yield _described(model)


def _sentences_transformer(asked: _Asked, report: Report) -> Iterator[str]:
    """The transformer of a chain of modules, where the library of the chain is not installed."""
    match asked.source.json("modules.json"):
        case [{"path": str(path)}, *_]:
            folder = path.strip("/")
        case _:
            raise InferenceError("modules.json cannot be read.", hint=AGAIN)
    for one in _with_transformers(asked, report, folder):
        yield f"{one} (of its transformer: sentence-transformers is not installed here)"


def _pipeline(asked: _Asked, report: Report) -> Iterator[str]:
    with in_plain_words(asked.source, "the pipeline"):
        report(Progress("Loading the pipeline"))
        kind = import_module("diffusers").DiffusionPipeline
        pipeline = kind.from_pretrained(asked.name, local_files_only=True, **asked.source.where)
        for part in pipeline.components.values():
            yield _described(part) if hasattr(part, "parameters") else type(part).__name__


def _gguf(asked: _Asked, report: Report) -> Iterator[str]:
    name = min(name for name in asked.files if name.endswith(".gguf"))
    with in_plain_words(asked.source, name):
        report(Progress("Loading the weights", item=name))
        model = import_module("llama_cpp").Llama(str(Path(asked.folder, name)), n_ctx=64, verbose=False)
        yield f"{name}, {model.n_vocab():,} entries in its vocabulary"


def _onnx(asked: _Asked, report: Report) -> Iterator[str]:
    name = min(name for name in asked.files if name.endswith(".onnx"))
    with in_plain_words(asked.source, name):
        report(Progress("Loading the weights", item=name))
        kind = import_module("onnxruntime").InferenceSession
        session = kind(str(Path(asked.folder, name)), providers=["CPUExecutionProvider"])
        yield f"{name}, {len(session.get_inputs())} inputs"


_WAYS: dict[str, Callable[[_Asked, Report], Iterator[str]]] = {
    "transformers": _with_transformers,
    "sentence-transformers": _sentences,
    "transformer of sentences": _sentences_transformer,
    "diffusers": _pipeline,
    "gguf": _gguf,
    "onnx": _onnx,
}
