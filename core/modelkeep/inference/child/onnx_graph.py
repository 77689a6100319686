"""Models as ONNX graphs, run by onnxruntime: `Backend.ONNX`. Neither PyTorch nor transformers is needed.

A graph takes what its inputs are named for (`input_ids`, `attention_mask`, `token_type_ids`, `position_ids`;
`pixel_values`), as optimum and transformers export it. Words become tokens by tokenizer.json alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modelkeep.checking.plain_words import first_line
from modelkeep.errors import (
    BadInput,
    InferenceError,
    ModelKeepError,
    OutOfMemory,
    RuntimeMissing,
    UnsupportedModel,
)
from modelkeep.inference.child.long_texts import beginning, note_cut
from modelkeep.inference.child.turn import Runnable, Turn
from modelkeep.inference.values import LoadedModel, LoadRequest, Output, Task, TryInputs, TryOptions
from modelkeep.metadata.reading import read_json
from modelkeep.progress import Cancelled, Progress, Report

if TYPE_CHECKING:
    from modelkeep.inference.child.onnx_tasks import Answer

__all__ = ["Graph", "load"]

_DAMAGED = "It may be damaged: verify the model, and download it again if it is."
_USUAL = ("model.onnx", "onnx/model.onnx")
_GENERATES = frozenset(
    {Task.TEXT_GENERATION, Task.SUMMARIZATION, Task.TRANSLATION, Task.TEXT2TEXT_GENERATION}
)
_NO_LIMIT = 1 << 20
"""Where a tokenizer has no longest text, tokenizer_config.json says a number far above any model's."""
_POSITIONS_AFTER_PADDING = frozenset(
    {"roberta", "xlm-roberta", "camembert", "mpnet", "longformer", "xlm-roberta-xl"}
)
"""Kinds of model that count positions from behind the padding's, and so take two tokens fewer than they say."""


def load(request: LoadRequest, report: Report) -> Runnable:
    """Load the graph that is asked for, with its tokenizer and its labels.

    Raises `RuntimeMissing` without onnxruntime or tokenizers, `UnsupportedModel` for generation and for what this
    onnxruntime cannot run, `OutOfMemory`, and `InferenceError` for a file that is damaged or not here.
    """
    if request.task in _GENERATES:
        raise _no_generation()
    report(Progress("Loading onnxruntime"))
    runtime = _imported("onnxruntime")
    name = _chosen(request)
    if request.dtype not in ("auto", ""):
        raise UnsupportedModel(
            f"{name} is run as it is, and not as {request.dtype}.",
            hint="Leave the precision to the model, or choose another of its files.",
        )
    providers = _providers(runtime, request.device)
    config = _json(request, "config.json")
    tokenizer = None
    if request.task is not Task.IMAGE_CLASSIFICATION:
        report(Progress("Loading the tokenizer"))
        tokenizer = _tokenizer(request)
    report(Progress("Loading the weights", item=name))
    options = runtime.SessionOptions()
    options.log_severity_level = 4  # what it would complain of comes as an exception too
    with in_plain_words(f"Loading {name}"):
        session = runtime.InferenceSession(str(Path(request.folder, name)), options, providers=providers)
    return Graph(request, session, tokenizer, config, runtime)


class Graph:
    """An ONNX graph that is loaded. `labels` are in the order of its last axis."""

    def __init__(
        self, request: LoadRequest, session: Any, tokenizer: Any, config: Mapping[str, Any], runtime: Any
    ) -> None:
        self.session = session
        self.tokenizer = tokenizer
        self.config = config
        self.labels = _labels(config)
        self.mask = _mask(request, tokenizer) if tokenizer else ""
        self._request = request
        self._kinds = {one.name: one.type for one in session.get_inputs()}
        if any(name.startswith("past_key_values") for name in self._kinds):
            raise _no_generation()
        versions = {"onnxruntime": runtime.__version__}
        if tokenizer is not None:
            versions["tokenizers"] = import_module("tokenizers").__version__
        self.about = LoadedModel(
            class_name=f"{_architecture(config)} (ONNX)",
            device="cuda:0" if session.get_providers()[0].startswith("CUDA") else "cpu",
            context=self._context(request),
            mask=self.mask,
            labels=self.labels,
            versions=versions,
        )

    def run(self, task: Task, inputs: TryInputs, options: TryOptions, turn: Turn) -> list[Output]:
        """Answer each text or image; see `onnx_tasks`."""
        from modelkeep.inference.child import onnx_tasks

        if task in _GENERATES:
            raise _no_generation()
        answer: Answer = onnx_tasks.ANSWERS[task]
        return answer(self, inputs, options, turn)

    def encoded(self, turn: Turn, text: str, pair: str | None = None) -> Any:
        """The tokens of a text, or of two, which are counted. Of more than the model takes the rest is cut off the
        last, which is noted. Raises `BadInput` for an empty text that has no token at all."""
        most = self.about.context
        first, second = (
            None if one is None else beginning(lambda part: self.tokenizer.encode(part).ids, one, most)
            for one in (text, pair)
        )
        encoding = self.tokenizer.encode(first, second)
        if not encoding.ids:
            raise BadInput("A text is empty.", hint="Leave it out.")
        if most:
            note_cut(turn, f"{text}{pair or ''}", f"{first}{second or ''}", len(encoding.ids), most)
        if most and len(encoding.ids) > most:
            self.tokenizer.enable_truncation(
                most, strategy="longest_first" if pair is None else "only_second"
            )
            try:
                encoding = self.tokenizer.encode(first, second)
            except Exception as error:  # it raises nothing more special where the first is too long by itself
                raise BadInput("The question alone is longer than what the model takes.") from error
            finally:
                self.tokenizer.no_truncation()
        turn.tokens += len(encoding.ids)
        return encoding

    def outputs(self, encoding: Any) -> dict[str, Any]:
        """What the graph makes of these tokens: arrays by their names, without the axis of the batch."""
        rows = {
            "input_ids": encoding.ids,
            "attention_mask": encoding.attention_mask,
            "token_type_ids": encoding.type_ids,
            "position_ids": list(range(len(encoding.ids))),
        }
        return self.fed(rows)

    def fed(self, rows: Mapping[str, Any]) -> dict[str, Any]:
        """What the graph makes of one row for each of its inputs."""
        import numpy as np

        types = {"tensor(int64)": np.int64, "tensor(int32)": np.int32, "tensor(float16)": np.float16}
        feed = {}
        for name, kind in self._kinds.items():
            if name not in rows:
                raise UnsupportedModel(
                    f"The graph takes “{name}”, which is not known here.",
                    hint="Take the model's safetensors, if it has them.",
                )
            feed[name] = np.asarray([rows[name]], types.get(kind, np.float32))
        with in_plain_words("Running the graph"):
            made = self.session.run(None, feed)
        return {one.name: array[0] for one, array in zip(self.session.get_outputs(), made)}

    def json(self, name: str) -> Mapping[str, Any]:
        """The content of one of the model's files, {} where it is not here or is not an object."""
        return _json(self._request, name)

    def modules(self) -> list[str]:
        """The kinds of modules that a model of sentence-transformers is a chain of; none of another model."""
        with suppress(OSError, ModelKeepError):
            said = read_json(Path(self._request.folder, "modules.json"))
            if isinstance(said, list):
                kinds = [str(module.get("type", "")) for module in said if isinstance(module, dict)]
                return [kind.rpartition(".")[2] for kind in kinds]
        return []

    def _context(self, request: LoadRequest) -> int:
        said = _json(request, "tokenizer_config.json").get("model_max_length")
        positions = self.config.get("max_position_embeddings")
        if type(positions) is int and self.config.get("model_type") in _POSITIONS_AFTER_PADDING:
            positions -= 2
        known = [number for number in (said, positions) if type(number) is int and 0 < number < _NO_LIMIT]
        return min(known, default=0)


def _no_generation() -> UnsupportedModel:
    return UnsupportedModel(
        "Making text with ONNX graphs is not supported.", hint="Take the safetensors or a GGUF of the model."
    )


def _imported(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError as error:
        raise RuntimeMissing(
            f"Running ONNX graphs takes {name}, which is not installed here."
            if isinstance(error, ModuleNotFoundError) and error.name in (None, name)
            else f"{name} is installed and does not start ({first_line(str(error))}).",
            hint="Install it: pip install 'modelkeep[onnx]'",
        ) from error


def _chosen(request: LoadRequest) -> str:
    files = sorted(name for name in request.files if name.lower().endswith(".onnx"))
    if request.file and request.file not in files:
        raise BadInput(
            f"{request.file} is not an ONNX graph of this model.", hint=f"It has: {', '.join(files[:8])}"
        )
    name = request.file or next((name for name in _USUAL if name in files), next(iter(files), ""))
    if not name:
        raise UnsupportedModel("There is no ONNX graph here.")
    if Path(name).name.startswith(("decoder", "encoder")):
        raise _no_generation()
    return name


def _providers(runtime: Any, device: str) -> list[Any]:
    has_cuda = "CUDAExecutionProvider" in runtime.get_available_providers()
    if device == "cpu" or (device == "auto" and not has_cuda):
        return ["CPUExecutionProvider"]
    if not has_cuda or not (device == "auto" or device.startswith("cuda")):
        raise UnsupportedModel(
            f"The installed onnxruntime does not run on {device}.",
            hint="Choose the processor, or install onnxruntime-gpu for CUDA.",
        )
    number = device.partition(":")[2]
    return [
        ("CUDAExecutionProvider", {"device_id": int(number) if number.isdigit() else 0}),
        "CPUExecutionProvider",
    ]


def _tokenizer(request: LoadRequest) -> Any:
    library = _imported("tokenizers")
    if "tokenizer.json" not in request.files:
        raise InferenceError(
            "The tokenizer needs tokenizer.json, which is not here.",
            hint="Download the model again, all of it.",
        )
    try:
        tokenizer = library.Tokenizer.from_file(str(Path(request.folder, "tokenizer.json")))
    except MemoryError:
        raise
    except Exception as error:  # it raises nothing more special
        raise InferenceError(
            f"tokenizer.json cannot be read ({first_line(str(error))}).", hint=_DAMAGED
        ) from error
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def _json(request: LoadRequest, name: str) -> Mapping[str, Any]:
    with suppress(OSError, ModelKeepError):
        said = read_json(Path(request.folder, name))
        if isinstance(said, dict):
            return said
    return {}


def _labels(config: Mapping[str, Any]) -> tuple[str, ...]:
    said = config.get("id2label")
    if not isinstance(said, dict):
        return ()
    by_number = {int(number): str(label) for number, label in said.items() if str(number).isdecimal()}
    return tuple(by_number.get(number, f"LABEL_{number}") for number in range(len(by_number)))


def _mask(request: LoadRequest, tokenizer: Any) -> str:
    said = _json(request, "tokenizer_config.json").get("mask_token")
    said = said.get("content") if isinstance(said, dict) else said
    usual = (str(said),) if said else ("[MASK]", "<mask>")
    return next((mask for mask in usual if tokenizer.token_to_id(mask) is not None), "")


def _architecture(config: Mapping[str, Any]) -> str:
    names = config.get("architectures")
    return str(names[0]) if isinstance(names, list) and names else "graph"


@contextmanager
def in_plain_words(what: str) -> Iterator[None]:
    """What onnxruntime raises, whose exceptions differ by name and message alone, as one of ours."""
    try:
        yield
    except (ModelKeepError, Cancelled):
        raise
    except MemoryError as error:
        raise _too_large(what) from error
    except Exception as error:
        raise _in_words(error, what) from error


def _too_large(what: str) -> OutOfMemory:
    return OutOfMemory(
        f"{what} takes more memory than there is.", hint="Choose a smaller file, or end what else has memory."
    )


def _in_words(error: Exception, what: str) -> ModelKeepError:
    kind, said = type(error).__name__, _WHERE.sub("", str(error))
    if "bad_alloc" in said or "llocate memory" in said or "Failed to allocate" in said:
        return _too_large(what)
    if kind == "InvalidProtobuf" or "No graph was found" in said:
        return InferenceError(f"{what} failed: it is no ONNX graph, or not all of it.", hint=_DAMAGED)
    if kind == "NoSuchFile" or "xternal data" in said:
        return InferenceError(
            f"{what} failed: a file with its weights is not here, or not all of it.",
            hint="Download the model again, all of it.",
        )
    if kind == "NotImplemented" or any(words in said for words in _TOO_NEW):
        return UnsupportedModel(
            f"{what} failed: the installed onnxruntime has not all that it takes ({first_line(said)}).",
            hint="A newer one may, or take the model's safetensors.",
        )
    return InferenceError(f"{what} failed ({first_line(said) or kind}).", hint=_DAMAGED)


_TOO_NEW = ("Unsupported model IR version", "is under development", "No Op registered", "No opset import")
_WHERE = re.compile(r"\[ONNXRuntimeError\] : \d+ : \w+ : |Load model from .*? failed:|/\S*\.cc:\d+ ")
"""What onnxruntime begins its messages with, which no reader of a sentence wants."""
