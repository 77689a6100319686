"""The child process of a trial: loads a model by its name as a user does, counts what came, and runs nothing.

Only `try_loading` starts it, confined, with HF_HUB_CACHE at the cache and HF_HUB_OFFLINE=1; nothing imports it. It
and the child of conversions are the modules of the core that load a machine-learning framework.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from modelkeep.checking.headers import is_index, shards_of
from modelkeep.errors import InferenceError, ModelKeepError, RuntimeMissing, SafetyError, UnsupportedModel
from modelkeep.metadata.reading import read_json
from modelkeep.progress import Progress, Report

__all__ = ["load", "main"]

_DAMAGED = "See which files are damaged: modelkeep verify"
_WRONG_SHAPE = "The shape of a weight is not what its configuration says."
_AGAIN = "Download the model again."
# Vocabularies that transformers turns into its own, whatever the tokenizer says that its files are.
_OTHER_VOCABULARIES = (".model", ".spm", ".tiktoken", "tekken.json")


class _WantsCode(SafetyError):
    """It runs code of its own, which was not allowed."""


class _Asked(NamedTuple):
    """What is to be loaded: by `name`, at a ref or commit (None for main); `files` by their paths in the repository.

    `folder` is the snapshot, to say what is in it and not to load from; `reads_text` asks for a tokenizer.
    """

    way: str
    name: str
    revision: str | None
    folder: str
    files: frozenset[str]
    allow_code: bool
    reads_text: bool

    @property
    def where(self) -> dict[str, object]:
        return {"revision": self.revision} if self.revision else {}


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
        error, hint, wants_code = str(problem), problem.hint, isinstance(problem, _WantsCode)
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
    with _in_plain_words(asked, "transformers"):
        report(Progress("Loading transformers"))
        import transformers

        _note_what_is_missed(transformers.utils.hub)
        part: dict[str, Any] = {"subfolder": subfolder} if subfolder else {}
        where: dict[str, Any] = asked.where | part | {"local_files_only": True}
        trusted = where | {"trust_remote_code": asked.allow_code}
    with _in_plain_words(asked, "config.json"):
        report(Progress("Loading the configuration"))
        config = transformers.AutoConfig.from_pretrained(asked.name, **trusted)
    if asked.reads_text:
        with _in_plain_words(asked, "the tokenizer"):
            report(Progress("Loading the tokenizer"))
            yield _tokenizer(asked, transformers.AutoTokenizer.from_pretrained(asked.name, **trusted))
    if processor := _processor(asked):
        with _in_plain_words(asked, "the processor"):
            report(Progress("Loading the processor"))
            yield type(getattr(transformers, processor).from_pretrained(asked.name, **trusted)).__name__
    with _in_plain_words(asked, "the weights"):
        report(Progress("Loading the weights"))
        kind = _model_class(transformers, config, asked.allow_code)
        options = trusted if kind.__name__.startswith("Auto") else where
        model, told = kind.from_pretrained(asked.name, dtype="auto", output_loading_info=True, **options)
        _refuse_gaps(model, told)
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


def _tokenizer(asked: _Asked, tokenizer: Any) -> str:
    # Without its files transformers makes one that knows no word, and says nothing.
    names = dict(tokenizer.vocab_files_names)
    here = {name.rpartition("/")[2] for name in asked.files}
    parts = [names[part] for part in ("vocab_file", "merges_file") if part in names]
    whole = names.get("tokenizer_file") in here or (parts and here.issuperset(parts))
    if names and not whole and not any(name.endswith(_OTHER_VOCABULARIES) for name in here):
        gone = " and ".join(name for name in parts if name not in here) or "tokenizer.json"
        raise InferenceError(f"The tokenizer needs {gone}, which is not here.", hint=_AGAIN)
    return f"{type(tokenizer).__name__}, {len(tokenizer):,} entries"


def _processor(asked: _Asked) -> str:
    """The class of transformers that makes of pictures or sounds what the model takes; "" where it takes none."""
    if "processor_config.json" in asked.files:
        return "AutoProcessor"
    said = _json(asked, "preprocessor_config.json")
    if not isinstance(said, dict):
        return ""
    kinds = {"image_processor_type": "AutoImageProcessor", "feature_extractor_type": "AutoFeatureExtractor"}
    return next((kind for field, kind in kinds.items() if field in said), "AutoProcessor")


def _json(asked: _Asked, name: str) -> object:
    with suppress(OSError, ModelKeepError):
        return read_json(Path(asked.folder, name))
    return None


def _refuse_gaps(model: Any, told: Mapping[str, Any]) -> None:
    """Raise for weights that the files do not have: transformers would go on with random ones."""
    missing = sorted(told["missing_keys"])
    if missing:
        count = "A weight is" if len(missing) == 1 else f"{len(missing):,} weights are"
        raise InferenceError(
            f"{count} not in the files, which {type(model).__name__} needs: {missing[0]}"
            f"{' and others' if len(missing) > 1 else ''}.",
            hint="It was published like this, or some of its files are not the right ones: modelkeep verify",
        )
    if wrong := sorted(map(str, told["mismatched_keys"])):
        raise InferenceError(f"{_WRONG_SHAPE[:-1]}: {wrong[0]}.", hint=_DAMAGED)


def _described(model: Any) -> str:
    count = sum(parameter.numel() for parameter in model.parameters())
    dtypes = sorted({str(parameter.dtype).removeprefix("torch.") for parameter in model.parameters()})
    return f"{type(model).__name__}, {count:,} parameters, {' and '.join(dtypes)}"


# ---- others


def _sentences(asked: _Asked, report: Report) -> Iterator[str]:
    with _in_plain_words(asked, "the model"):
        report(Progress("Loading the model"))
        model = import_module("sentence_transformers").SentenceTransformer(
            asked.name, revision=asked.revision, trust_remote_code=asked.allow_code, local_files_only=True
        )
        yield _described(model)


def _sentences_transformer(asked: _Asked, report: Report) -> Iterator[str]:
    """The transformer of a chain of modules, where the library of the chain is not installed."""
    match _json(asked, "modules.json"):
        case [{"path": str(path)}, *_]:
            folder = path.strip("/")
        case _:
            raise InferenceError("modules.json cannot be read.", hint=_AGAIN)
    for one in _with_transformers(asked, report, folder):
        yield f"{one} (of its transformer: sentence-transformers is not installed here)"


def _pipeline(asked: _Asked, report: Report) -> Iterator[str]:
    with _in_plain_words(asked, "the pipeline"):
        report(Progress("Loading the pipeline"))
        kind = import_module("diffusers").DiffusionPipeline
        pipeline = kind.from_pretrained(asked.name, local_files_only=True, **asked.where)
        for part in pipeline.components.values():
            yield _described(part) if hasattr(part, "parameters") else type(part).__name__


def _gguf(asked: _Asked, report: Report) -> Iterator[str]:
    name = min(name for name in asked.files if name.endswith(".gguf"))
    with _in_plain_words(asked, name):
        report(Progress("Loading the weights", item=name))
        model = import_module("llama_cpp").Llama(str(Path(asked.folder, name)), n_ctx=64, verbose=False)
        yield f"{name}, {model.n_vocab():,} entries in its vocabulary"


def _onnx(asked: _Asked, report: Report) -> Iterator[str]:
    name = min(name for name in asked.files if name.endswith(".onnx"))
    with _in_plain_words(asked, name):
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

# ---- what libraries say, in one sentence

_INSTALL = re.compile(r"pip install (?:-\S+ )*[`'\"]?([A-Za-z][\w.-]*)")
_FILE = re.compile(r"file named ([\w./-]*\w)(?: or ([\w./-]*\w))?")
_NEEDS = re.compile(r"requires the (\S+) library")
_TYPE = re.compile(r"model type [`'\"]([^`'\"]+)[`'\"].*does not recognize", re.DOTALL)


@contextmanager
def _in_plain_words(asked: _Asked, part: str) -> Iterator[None]:
    try:
        yield
    except (ModelKeepError, MemoryError):
        raise
    except Exception as error:
        raise _in_words(error, asked, part) from error


def _in_words(error: Exception, asked: _Asked, part: str) -> Exception:
    said = str(error)
    if "trust_remote_code" in said:
        return _WantsCode(
            "It runs code of its own, which was not allowed.", hint="If you trust who made it, allow it."
        )
    if "allocate memory" in said:
        return MemoryError(said)
    if isinstance(error, ImportError):
        return _not_installed(error, said)
    if unknown := _TYPE.search(said):
        return UnsupportedModel(
            f"The installed transformers knows no models of the type “{unknown[1]}”.",
            hint="A newer one may.",
        )
    if type(error).__name__ == "UnpicklingError" or "Weights only load failed" in said:
        return SafetyError(
            f"{part.capitalize()} are pickles with more in them than numbers, which is not loaded.",
            hint="Ask whoever made it for safetensors.",
        )
    if type(error).__name__ == "SafetensorError":
        return InferenceError(f"{part.capitalize()} cannot be read ({_first(said)}).", hint=_DAMAGED)
    if "ignore_mismatched_sizes" in said:
        return InferenceError(_WRONG_SHAPE, hint=_DAMAGED)
    if missing := _missing(asked, part, said):
        return InferenceError(missing, hint=_AGAIN)
    return InferenceError(f"Loading {part} failed ({type(error).__name__}: {_first(said)}).")


def _not_installed(error: ImportError, said: str) -> RuntimeMissing:
    found = _INSTALL.search(said) or _NEEDS.search(said)
    name = found[1] if found else (error.name or "")
    if not name:
        return RuntimeMissing(f"Something that loading it takes is not installed here ({_first(said)}).")
    return RuntimeMissing(
        f"Loading it takes {name}, which is not installed here.", hint=f"Install it: pip install {name}"
    )


def _missing(asked: _Asked, part: str, said: str) -> str:
    """The sentence for a file that is not here, "" when that is not what was said."""
    if "couldn't connect" in said:
        repo, name = _MISSED[-1] if _MISSED else ("", "A file that it needs")
        return f"{name}{'' if repo in ('', asked.name) else f' of {repo}'} is not here."
    if part == "the weights" and (gone := _missing_shard(asked)):
        return gone
    pair = {"vocab.json", "merges.txt"}
    if part == "the tokenizer" and "tokenizer.json" not in asked.files and len(pair & asked.files) == 1:
        return f"The tokenizer needs {min(pair - asked.files)}, which is not here."
    if named := _FILE.search(said):
        names = [name for name in named.groups() if name]
        return f"{' or '.join(names)} is not here."
    return ""


_MISSED: list[tuple[str, str]] = []
"""The repository and name of each file that was looked for and is not here, the last one last."""


@cache
def _note_what_is_missed(hub: Any) -> None:
    """Have transformers, whose error for a missing file does not name it, tell what it asks its hub client for."""
    fetch = getattr(hub, "hf_hub_download", None)
    if fetch is None:
        return

    def noting(repo_id: str, filename: str, *arguments: Any, **options: Any) -> Any:
        try:
            return fetch(repo_id, filename, *arguments, **options)
        except Exception:
            folder = options.get("subfolder")
            _MISSED.append((repo_id, f"{folder}/{filename}" if folder else filename))
            raise

    hub.hf_hub_download = noting


def _missing_shard(asked: _Asked) -> str:
    for index in sorted(name for name in asked.files if is_index(name)):
        with suppress(OSError, ModelKeepError):
            for shard in shards_of(index, str(Path(asked.folder, index))):
                if shard not in asked.files:
                    return f"{index} names {shard}, which is not here."
    return ""


def _first(said: str) -> str:
    return next(iter(said.strip().splitlines()), "")[:300].rstrip(". ")
