"""Loading a model for trial: the proof that it can be used without a network, in a child process that has none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NamedTuple

from modelkeep.cache.inventory import CachedModel, CachedRevision
from modelkeep.checking.offline_ready import reads_text, ref_problem
from modelkeep.confined.outcome import Confined
from modelkeep.confined.run import run_confined
from modelkeep.disk import unchanged_atimes
from modelkeep.progress import Report, ignore
from modelkeep.safety.gate import check_before_loading

if TYPE_CHECKING:
    from modelkeep.cache.catalog import Catalog

__all__ = ["TrialLoad", "trial_request", "try_loading"]


@dataclass(frozen=True)
class TrialLoad:
    """What came of a trial. `loaded` are what was loaded, as "BertModel, 22,713,216 parameters, float32".

    `error` is one sentence, "" when it loads, and `hint` what to do. `with_code`: it ran code of the model's own,
    because the user allowed it; `wants_code`: without that it does not load. `seconds` is the whole trial, `memory`
    the most that it held, in bytes. `walls` are what the child process was really kept from; see `Confined`. `tried`
    are network addresses that it wanted to reach and could not. `log` are the last lines of the child process.
    """

    root: str
    key: str
    commit: str
    loaded: tuple[str, ...] = ()
    error: str = ""
    hint: str = ""
    seconds: float = 0.0
    memory: int = 0
    with_code: bool = False
    wants_code: bool = False
    walls: tuple[str, ...] = ()
    tried: tuple[str, ...] = ()
    log: tuple[str, ...] = ()

    @property
    def works(self) -> bool:
        return not self.error


class _Way(NamedTuple):
    """How models of a kind are loaded: what has to be installed, and what to install for it."""

    name: str
    packages: tuple[str, ...]
    install: str


_OWN_EXTRA = "'modelkeep[inference]'"
_TRANSFORMERS = _Way("transformers", ("torch", "transformers"), _OWN_EXTRA)
_SENTENCES = _Way("sentence-transformers", ("torch", "sentence_transformers"), "sentence-transformers")
_SENTENCES_TRANSFORMER = _Way("transformer of sentences", ("torch", "transformers"), _OWN_EXTRA)
_DIFFUSERS = _Way("diffusers", ("torch", "diffusers"), "diffusers")
_GGUF = _Way("gguf", ("llama_cpp",), "llama-cpp-python")
_ONNX = _Way("onnx", ("onnxruntime",), "onnxruntime")
_NAMES = {"llama_cpp": "llama-cpp-python", "sentence_transformers": "sentence-transformers"}


def try_loading(
    model: CachedModel,
    revision: CachedRevision,
    *,
    allow_code: bool = False,
    allow_unsafe: Sequence[str] = (),
    memory: int = 0,
    seconds: float = 900.0,
    interpreter: str = "",
    catalog: Catalog | None = None,
    report: Report = ignore,
) -> TrialLoad:
    """Load a revision as its library does, by its name, with sockets denied and HF_HUB_OFFLINE=1.

    `allow_code` runs the model's own code; `allow_unsafe` names the model whose dangerous files may be loaded all the
    same, and `catalog` keeps that, and what scanning found. `memory` is a limit in bytes, 0 for what the machine can
    give; `interpreter` is the Python that loads it, "" for our own. Its access times stay. Raises `UnsafeModel`
    before anything is loaded.
    """
    result = TrialLoad(model.root, str(model.key.at(revision.commit)), revision.commit)
    way = _way({file.name for file in revision.files if file.blob} | set(revision.missing))
    if way is None:
        return replace(
            result,
            error="Modelkeep cannot try models of this kind.",
            hint="It loads those of transformers, sentence-transformers, diffusers, llama.cpp and ONNX.",
        )
    # What another Python has is not known here: the child says what it lacks.
    absent = [_NAMES.get(name, name) for name in way.packages if not interpreter and find_spec(name) is None]
    if absent:
        return replace(
            result,
            error=f"Loading it takes {' and '.join(absent)}, which {_are(absent)} not installed here.",
            hint=f"Install {'it' if len(absent) == 1 else 'them'}: pip install {way.install}",
        )
    if revision is model.main and (problem := ref_problem(model)):
        return replace(result, error=problem, hint="modelkeep doctor mends it.")
    check_before_loading(model, revision, catalog, what="load", allow=allow_unsafe, report=report)
    with unchanged_atimes([file.path for file in revision.files]):
        done = run_confined(
            "modelkeep.checking.trial_child",
            trial_request(model, revision, way.name, allow_code=allow_code),
            memory=memory,
            seconds=seconds,
            environment={"HF_HUB_CACHE": model.root, "TRANSFORMERS_VERBOSITY": "error"},
            interpreter=interpreter,
            report=report,
        )
    return _with_reply(result, done)


def trial_request(
    model: CachedModel, revision: CachedRevision, way: str, *, allow_code: bool = False
) -> dict[str, Any]:
    """What the child process is asked: to load the revision by the ref that leads to it, or else by its commit."""
    named = revision.refs[0] if revision.refs else revision.commit
    return {
        "way": way,
        "name": model.repo_id,
        "revision": None if "main" in revision.refs else named,
        "folder": revision.path,
        "files": [file.name for file in revision.files if file.blob],
        "allow_code": allow_code,
        "reads_text": reads_text(revision),
    }


def _way(names: set[str]) -> _Way | None:
    """How a model is loaded whose files have these names."""
    if "modules.json" in names:
        return _SENTENCES if find_spec("sentence_transformers") else _SENTENCES_TRANSFORMER
    if "model_index.json" in names:
        return _DIFFUSERS
    if "adapter_config.json" in names:
        return None
    suffixes = {name.rpartition(".")[2] for name in names}
    if "config.json" in names and suffixes & {"safetensors", "bin"}:
        return _TRANSFORMERS
    if "gguf" in suffixes:
        return _GGUF
    if "onnx" in suffixes:
        return _ONNX
    # Its configuration may be what is not here.
    weights = [name for name in names if name.startswith(("model", "pytorch_model"))]
    has_weights = any(name.endswith((".safetensors", ".bin")) for name in weights)
    return _TRANSFORMERS if has_weights or "config.json" in names else None


def _are(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _with_reply(result: TrialLoad, done: Confined) -> TrialLoad:
    """The result with what the child said, which may be anything: it may have run somebody else's code."""
    loaded = done.reply.get("loaded")
    return replace(
        result,
        loaded=tuple(str(one) for one in loaded) if isinstance(loaded, list) else (),
        error=done.error or str(done.reply.get("error", "It did not say what it loaded.")),
        hint=done.hint or str(done.reply.get("hint", "")),
        seconds=done.seconds,
        memory=done.memory,
        with_code=done.reply.get("with_code") is True,
        wants_code=done.reply.get("wants_code") is True,
        walls=done.walls,
        tried=done.tried,
        log=done.log,
    )
