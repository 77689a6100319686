"""Loading a model of transformers for a task, by its name and out of the cache alone."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from modelkeep.checking.by_transformers import (
    load_config,
    load_processor,
    load_tokenizer,
    load_transformers,
    load_weights,
)
from modelkeep.checking.plain_words import Source, refuse_gaps
from modelkeep.errors import InferenceError, RuntimeMissing, UnsupportedModel
from modelkeep.inference.child.turn import Turn
from modelkeep.inference.child.words import while_loading, while_running
from modelkeep.inference.precision import becomes_float32
from modelkeep.inference.values import LoadedModel, LoadRequest, Output, Task, TryInputs, TryOptions
from modelkeep.progress import Report

__all__ = [
    "TransformersModel",
    "about_model",
    "chosen_device",
    "class_for",
    "load",
    "loaded_weights",
    "read_source",
    "refuse_without",
    "versions_of",
]

_MADE_FROM_TEXT = "AutoModelForSeq2SeqLM"
_CLASSES = {
    Task.TEXT_CLASSIFICATION: "AutoModelForSequenceClassification",
    Task.TOKEN_CLASSIFICATION: "AutoModelForTokenClassification",
    Task.FILL_MASK: "AutoModelForMaskedLM",
    Task.QUESTION_ANSWERING: "AutoModelForQuestionAnswering",
    Task.SENTENCE_SIMILARITY: "AutoModel",
    Task.TEXT_GENERATION: "AutoModelForCausalLM",
    Task.SUMMARIZATION: _MADE_FROM_TEXT,
    Task.TRANSLATION: _MADE_FROM_TEXT,
    Task.TEXT2TEXT_GENERATION: _MADE_FROM_TEXT,
    Task.IMAGE_CLASSIFICATION: "AutoModelForImageClassification",
}
_HEADS = {
    "ForSequenceClassification": Task.TEXT_CLASSIFICATION,
    "ForTokenClassification": Task.TOKEN_CLASSIFICATION,
    "ForQuestionAnswering": Task.QUESTION_ANSWERING,
    "ForMaskedLM": Task.FILL_MASK,
    "ForImageClassification": Task.IMAGE_CLASSIFICATION,
}
"""Heads that have weights of the same names as others have, so that a wrong one would load and answer nonsense."""
_LABELLING = (Task.TEXT_CLASSIFICATION, Task.TOKEN_CLASSIFICATION, Task.IMAGE_CLASSIFICATION)
_MODULES = {
    Task.TEXT_CLASSIFICATION: "classification",
    Task.TOKEN_CLASSIFICATION: "tokens",
    Task.FILL_MASK: "masks",
    Task.QUESTION_ANSWERING: "answering",
    Task.SENTENCE_SIMILARITY: "sentences",
    Task.TEXT_GENERATION: "generation",
    Task.IMAGE_CLASSIFICATION: "images",
}
_WITHOUT_LIMIT = 1 << 24
"""What tokenizers that know no limit say is more tokens than this."""


@dataclass
class TransformersModel:
    """A model that is loaded, and the task that it was loaded for."""

    name: str
    task: Task
    model: Any
    tokenizer: Any
    processor: Any
    about: LoadedModel

    def run(self, task: Task, inputs: TryInputs, options: TryOptions, turn: Turn) -> list[Output]:
        if _CLASSES[task] != _CLASSES[self.task]:
            raise UnsupportedModel(f"{self.name} was loaded for {self.task}, and not for {task}.")
        import torch

        outputs: list[Output]
        with while_running(), torch.inference_mode():
            if _CLASSES[task] == _MADE_FROM_TEXT:
                from modelkeep.inference.child import seq2seq

                outputs = seq2seq.answer(self, task, inputs, options, turn)
            else:
                module = import_module(f"modelkeep.inference.child.{_MODULES[task]}")
                outputs = module.answer(self, inputs, options, turn)
        return outputs


def load(request: LoadRequest, report: Report) -> TransformersModel:
    """The model, with the head that its task takes, and its tokenizer or its image processor.

    Raises `UnsupportedModel` where its files have no such head: transformers would make one up. Raises also
    `RuntimeMissing`, `UnsafeModel` for code that may not run, `OutOfMemory` and `InferenceError`.
    """
    with while_loading():
        refuse_without("torch", "transformers")
        source = read_source(request)
        transformers = load_transformers(source, report)
        transformers.utils.logging.set_verbosity_error()
        transformers.utils.logging.disable_progress_bar()
        device = chosen_device(request.device)
        config = load_config(source, report)
        _refuse_other_head(request, config)
        tokenizer = processor = None
        if request.task is Task.IMAGE_CLASSIFICATION:
            refuse_without("PIL")
            processor = load_processor(source, report)
            if processor is None:
                raise InferenceError(
                    "preprocessor_config.json, which says how an image is read, is not here.",
                    hint="Download the model again.",
                )
        else:
            tokenizer = load_tokenizer(source, report)
        kind = class_for(transformers, config, request)
        model, dtype = loaded_weights(source, report, kind, config, request, device)
        about = about_model(model, tokenizer, dtype, device, request.task)
        return TransformersModel(request.name, request.task, model, tokenizer, processor, about)


def read_source(request: LoadRequest) -> Source:
    return Source(
        request.name, request.revision, request.folder, frozenset(request.files), request.allow_code
    )


def refuse_without(*packages: str) -> None:
    """Raise `RuntimeMissing` for the first of these that cannot be imported."""
    for name in packages:
        try:
            import_module(name)
        except ImportError as error:
            named = {"PIL": "pillow"}.get(name, name)
            if error.name != name:
                raise RuntimeMissing(
                    f"{named} is installed here and cannot be imported ({error}).",
                    hint=f"Install {named} again.",
                ) from error
            raise RuntimeMissing(
                f"Running it takes {named}, which is not installed here.",
                hint="Install it: pip install 'modelkeep[inference]'",
            ) from error


# ---- heads


def _refuse_other_head(request: LoadRequest, config: Any) -> None:
    named = (getattr(config, "architectures", None) or [""])[0]
    head = next((task for end, task in _HEADS.items() if named.endswith(end)), None)
    if head in (None, request.task) or request.task is Task.SENTENCE_SIMILARITY:
        return
    raise UnsupportedModel(
        f"{request.name} has no head for {request.task}: it is a {named}.", hint=f"Try it for {head}."
    )


def class_for(transformers: Any, config: Any, request: LoadRequest) -> Any:
    if request.task is Task.SENTENCE_SIMILARITY and config.model_type in ("t5", "mt5", "umt5"):
        # Of these AutoModel takes the decoder too, which has nothing to do here.
        return getattr(transformers, f"{type(config).__name__.removesuffix('Config')}EncoderModel")
    kind = getattr(transformers, _CLASSES[request.task])
    own = kind.__name__ in (getattr(config, "auto_map", None) or {})
    if not own and type(config) not in kind._model_mapping:  # nothing public says so without loading
        raise UnsupportedModel(
            f"{request.name} cannot be tried for {request.task}: "
            f"transformers has no {config.model_type} that does it."
        )
    return kind


def loaded_weights(
    source: Source,
    report: Report,
    kind: Any,
    config: Any,
    request: LoadRequest,
    device: Any,
    subfolder: str = "",
) -> tuple[Any, str]:
    """The model on its device, ready to run, and what its numbers are, with what they are stored as where that
    differs. Raises `UnsupportedModel` for a head that is not in the files."""
    dtype = _chosen_dtype(request, config, device)
    model, told = load_weights(source, report, kind, subfolder, dtype=dtype)
    _refuse_no_head(request, model, told)
    stored = _dtype_named(getattr(config, "dtype", None))
    model = model.to(device).eval()
    now = _dtype_named(next((p.dtype for p in model.parameters() if p.is_floating_point()), None))
    return model, f"{now}, stored as {stored}" if stored and now and stored != now else now


def _refuse_no_head(request: LoadRequest, model: Any, told: Mapping[str, Any]) -> None:
    missing = set(told["missing_keys"])
    if request.task is Task.SENTENCE_SIMILARITY:
        # What comes after the last hidden state is not used.
        missing = {name for name in missing if "pooler" not in name}
    base = f"{model.base_model_prefix}."
    if missing and model.base_model_prefix and not any(name.startswith(base) for name in missing):
        raise UnsupportedModel(
            f"{request.name} has no head for {request.task}: {min(missing)} is not in its files.",
            hint="It has to be trained for that first.",
        )
    refuse_gaps(model, {**told, "missing_keys": missing})


# ---- where, and in which numbers


def chosen_device(name: str) -> Any:
    """The device of PyTorch. Raises `InferenceError` for one that is not here."""
    import torch

    has_cuda = torch.cuda.is_available()
    has_mps = torch.backends.mps.is_available()
    if name == "auto":
        return torch.device("cuda" if has_cuda else "mps" if has_mps else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise InferenceError(f"“{name}” is no device that PyTorch knows.", hint=_here()) from error
    is_here = {
        "cuda": has_cuda and (device.index or 0) < torch.cuda.device_count(),
        "mps": has_mps,
        "cpu": not device.index,
    }
    if device.type in is_here:
        if not is_here[device.type]:
            raise InferenceError(f"There is no device {name} here.", hint=_here())
        return device
    try:
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError, ImportError) as error:
        raise InferenceError(f"The device {name} cannot be used here.", hint=_here()) from error
    return device


def _here() -> str:
    import torch

    names = ["cpu", *(f"cuda:{number}" for number in range(torch.cuda.device_count()))]
    if torch.backends.mps.is_available():
        names.append("mps")
    return f"PyTorch {torch.__version__} finds here: {', '.join(names)}."


def _chosen_dtype(request: LoadRequest, config: Any, device: Any) -> Any:
    """What is asked for; else as stored, but for what a processor computes as float32."""
    import torch

    if request.dtype != "auto":
        chosen = getattr(torch, request.dtype, None)
        if not isinstance(chosen, torch.dtype) or not chosen.is_floating_point:
            raise InferenceError(
                f"“{request.dtype}” is no type of numbers that a model can be loaded as.",
                hint="There are float32, bfloat16 and float16.",
            )
        return chosen
    stored = _dtype_named(getattr(config, "dtype", None))
    quantised = getattr(config, "quantization_config", None) is not None
    plain = device.type == "cpu" and not quantised
    if plain and becomes_float32(stored, _weight_bytes(request), _memory_left()):
        return torch.float32
    return "auto"


def _weight_bytes(request: LoadRequest) -> int:
    total = 0
    for suffix in (".safetensors", ".bin"):
        for name in (name for name in request.files if name.endswith(suffix) and "/" not in name):
            with suppress(OSError):
                total += os.path.getsize(Path(request.folder, name))
        if total:
            break
    return total


def _memory_left() -> int:
    """Bytes, by what the kernel says or the limit of this process; a lot where neither does."""
    left = 1 << 62
    with suppress(OSError, ValueError, IndexError):
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        left = next(int(line.split()[1]) << 10 for line in lines if line.startswith("MemAvailable:"))
    with suppress(ImportError, ValueError, OSError):
        import resource

        limit = resource.getrlimit(resource.RLIMIT_DATA)[0]
        left = left if limit == resource.RLIM_INFINITY else min(left, limit)
    return left


def _dtype_named(dtype: object) -> str:
    return str(dtype).removeprefix("torch.") if dtype is not None else ""


# ---- what is said of it


def about_model(model: Any, tokenizer: Any, dtype: str, device: Any, task: Task) -> LoadedModel:
    labels: tuple[str, ...] = ()
    if task in _LABELLING:
        named = model.config.id2label
        labels = tuple(str(named[number]) for number in sorted(named))
    return LoadedModel(
        class_name=type(model).__name__,
        parameters=sum(parameter.numel() for parameter in model.parameters()),
        dtype=dtype,
        device=str(device),
        context=0 if tokenizer is None else _context(model.config, tokenizer),
        mask=str(getattr(tokenizer, "mask_token", None) or ""),
        chat=bool(getattr(tokenizer, "chat_template", None)),
        labels=labels,
        versions=versions_of("torch", "transformers", "tokenizers"),
    )


def _context(config: Any, tokenizer: Any) -> int:
    """The most tokens that it takes: what the tokenizer says, and no more than there are positions."""
    said = tokenizer.model_max_length
    known = [int(said)] if said and 0 < said < _WITHOUT_LIMIT else []
    text = config.get_text_config()
    positions = getattr(text, "max_position_embeddings", None)
    if isinstance(positions, int) and positions > 0:
        if text.model_type in _AFTER_PADDING:
            positions -= (text.pad_token_id or 0) + 1
        known.append(positions)
    return min(known, default=0)


_AFTER_PADDING = frozenset(
    {
        *(
            "roberta",
            "xlm-roberta",
            "xlm-roberta-xl",
            "camembert",
            "longformer",
            "mpnet",
            "data2vec-text",
            "ibert",
        ),
        *("roberta-prelayernorm", "esm", "luke", "mluke", "xmod"),
    }
)
"""Families whose positions are counted from after that of the padding."""


def versions_of(*packages: str) -> dict[str, str]:
    """The versions of these packages, and of Python."""
    found = {"python": platform.python_version()}
    for name in packages:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found
