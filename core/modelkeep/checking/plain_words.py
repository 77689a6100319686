"""What transformers and its like say when a model does not load, each in one sentence.

Both the child process of trials and the workers that run models load with it. It takes no more than the standard
library, for a worker may be another Python than that of Modelkeep.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from modelkeep.errors import (
    Cancelled,
    InferenceError,
    ModelKeepError,
    RuntimeMissing,
    SafetyError,
    UnsupportedModel,
)
from modelkeep.metadata.reading import read_json

__all__ = [
    "AGAIN",
    "Source",
    "WantsCode",
    "first_line",
    "in_plain_words",
    "note_what_is_missed",
    "refuse_gaps",
]

AGAIN = "Download the model again."
_DAMAGED = "See which files are damaged: modelkeep verify"
_WRONG_SHAPE = "The shape of a weight is not what its configuration says."


class WantsCode(SafetyError):
    """It runs code of its own, which was not allowed."""


class Source(NamedTuple):
    """What is to be loaded: by `name`, at a ref or commit (None for main); `files` by their paths in the repository.

    `folder` is the snapshot, to say what is in it and not to load from.
    """

    name: str
    revision: str | None
    folder: str
    files: frozenset[str]
    allow_code: bool = False

    @property
    def where(self) -> dict[str, Any]:
        """What libraries that load by name are told, beside the name."""
        return {"revision": self.revision} if self.revision else {}

    def json(self, name: str) -> object:
        """The value in one of its files; None where it is not here, or cannot be read."""
        with suppress(OSError, ModelKeepError):
            return read_json(Path(self.folder, name))
        return None


_INSTALL = re.compile(r"pip install (?:-\S+ )*[`'\"]?([A-Za-z][\w.-]*)")
_FILE = re.compile(r"file named ([\w./-]*\w)(?: or ([\w./-]*\w))?")
_NEEDS = re.compile(r"requires the (\S+) library")
_CONVERTERS = re.compile(r"\b(sentencepiece|tiktoken)\b")
_TYPE = re.compile(r"model type [`'\"]([^`'\"]+)[`'\"].*does not recognize", re.DOTALL)


@contextmanager
def in_plain_words(source: Source, part: str) -> Iterator[None]:
    """Raise what goes wrong while `part` ("the weights") is loaded as an error of ours, or as `MemoryError`."""
    try:
        yield
    except (ModelKeepError, Cancelled, MemoryError):
        raise
    except Exception as error:
        raise _in_words(error, source, part) from error


def _in_words(error: Exception, source: Source, part: str) -> Exception:
    said = str(error)
    if "trust_remote_code" in said:
        return WantsCode(
            "It runs code of its own, which was not allowed.", hint="If you trust who made it, allow it."
        )
    if "allocate memory" in said:
        return MemoryError(said)
    # What turns a vocabulary into another tries both in turn, and tells of the last.
    if part == "the tokenizer" and _CONVERTERS.search(said) and (name := _converter(source)):
        return _not_installed(ImportError(name=name), "")
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
        return InferenceError(f"{part.capitalize()} cannot be read ({first_line(said)}).", hint=_DAMAGED)
    if "ignore_mismatched_sizes" in said:
        return InferenceError(_WRONG_SHAPE, hint=_DAMAGED)
    if missing := _missing(source, part, said):
        return InferenceError(missing, hint=AGAIN)
    return InferenceError(f"Loading {part} failed ({type(error).__name__}: {first_line(said)}).")


def _converter(source: Source) -> str:
    """The package that its vocabulary takes to be read, "" where that is installed."""
    is_tiktoken = any(name.endswith((".tiktoken", "tekken.json")) for name in source.files)
    name = "tiktoken" if is_tiktoken else "sentencepiece"
    return "" if find_spec(name) else name


def _not_installed(error: ImportError, said: str) -> RuntimeMissing:
    found = _INSTALL.search(said) or _NEEDS.search(said)
    name = found[1] if found else (error.name or "")
    if not name:
        return RuntimeMissing(f"Something that loading it takes is not installed here ({first_line(said)}).")
    return RuntimeMissing(
        f"Loading it takes {name}, which is not installed here.", hint=f"Install it: pip install {name}"
    )


def _missing(source: Source, part: str, said: str) -> str:
    """The sentence for a file that is not here, "" when that is not what was said."""
    if "couldn't connect" in said:
        repo, name = _MISSED[-1] if _MISSED else ("", "A file that it needs")
        return f"{name}{'' if repo in ('', source.name) else f' of {repo}'} is not here."
    if part == "the weights" and (gone := _missing_shard(source)):
        return gone
    pair = {"vocab.json", "merges.txt"}
    if part == "the tokenizer" and "tokenizer.json" not in source.files and len(pair & source.files) == 1:
        return f"The tokenizer needs {min(pair - source.files)}, which is not here."
    if named := _FILE.search(said):
        names = [name for name in named.groups() if name]
        return f"{' or '.join(names)} is not here."
    return ""


_MISSED: list[tuple[str, str]] = []
"""The repository and name of each file that was looked for and is not here, the last one last."""


@cache
def note_what_is_missed(hub: Any) -> None:
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


def _missing_shard(source: Source) -> str:
    for index in sorted(name for name in source.files if name.endswith(".index.json")):
        said = source.json(index)
        shards = said.get("weight_map") if isinstance(said, dict) else None
        for shard in sorted(set(map(str, shards.values()))) if isinstance(shards, dict) else ():
            if shard not in source.files:
                return f"{index} names {shard}, which is not here."
    return ""


def first_line(said: str) -> str:
    """The first line of what a library said, to stand within a sentence."""
    return next(iter(said.strip().splitlines()), "")[:300].rstrip(". ")


def refuse_gaps(model: Any, told: Mapping[str, Any]) -> None:
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
