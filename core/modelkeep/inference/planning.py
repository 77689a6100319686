"""Looking at a revision before it is tried: what would run it, whether it can, what it would take."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from platform import python_version
from typing import Literal

from modelkeep.cache.catalog import Catalog
from modelkeep.cache.inventory import CachedModel, CachedRevision, Inventory, State
from modelkeep.checking.offline_ready import offline_ready
from modelkeep.checking.verify import last_verified
from modelkeep.errors import ModelNotFound
from modelkeep.inference.interpreters import lacks
from modelkeep.inference.memory import memory_free, memory_needed, processor_memory, usual_file
from modelkeep.inference.outcome import Interpreter
from modelkeep.inference.own_code import code_is_allowed, own_code
from modelkeep.inference.plan import TryPlan
from modelkeep.inference.tasks_of import Tryable, chosen_task, task_named, tryable
from modelkeep.inference.tokenizer_files import has_chat_template, mask_of
from modelkeep.inference.values import Backend, LoadRequest, Task
from modelkeep.keys import ModelKey
from modelkeep.metadata.describe import Description, describe
from modelkeep.metadata.reading import Unreadable, read_json
from modelkeep.safety.scan import remembered_verdict

__all__ = ["own_runtime", "plan_try"]

Cause = Literal["", "kind", "missing", "damaged", "runtime"]

_MEND = "See which files are bad and bring them back: modelkeep verify, modelkeep mend"


def own_runtime() -> Interpreter:
    """What the Python that runs Modelkeep has, seen without starting it; its devices are not looked at."""
    places = []
    for place in sys.path:
        with suppress(OSError):
            places.append((place, os.stat(place).st_mtime_ns))  # changed by whatever is installed there
    return _found_in(tuple(places))


@lru_cache(maxsize=1)
def _found_in(places: tuple[tuple[str, int], ...]) -> Interpreter:
    """What is in these places, which is looked for once; `places` say only when it has to be again."""
    found = {}
    for name in ("torch", "transformers", "onnxruntime", "tokenizers", "llama-cpp-python"):
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return Interpreter("", python_version(), found)


def plan_try(
    inventory: Inventory,
    model: CachedModel,
    revision: CachedRevision,
    catalog: Catalog,
    *,
    task: str = "",
    device: str = "auto",
    dtype: str = "auto",
    file: str = "",
    interpreter: Interpreter,
    memory: int = 0,
) -> TryPlan:
    """What trying a revision would take; see `Tryouts.plan`. `interpreter` is the Python that would run it, and
    `memory` the most bytes that it may allocate, 0 for no limit."""
    if task:
        task_named(task)  # one that is none is an error, whatever the model is
    sizes = {one.name: one.size for one in revision.files if one.blob}
    if file and file not in sizes:
        raise ModelNotFound(f"{model.key} has no file {file}.", hint=_weights_of(sizes))
    description = describe(revision, memory=catalog)
    config = _config(revision)
    can = _what_it_can(model.key, sizes, revision, description, config, file)
    chosen = chosen_task(task, can.tasks, str(model.key)) if can.tasks else Task.TEXT_GENERATION
    code = own_code(inventory, revision)
    allowed = code is not None and code_is_allowed(catalog, revision, code)
    verdict = remembered_verdict(revision, catalog)
    problem, hint, cause = _problem(inventory, model, revision, catalog, can, interpreter)
    named = revision.refs[0] if revision.refs else revision.commit
    left = processor_memory(device, interpreter.devices, memory)
    return TryPlan(
        key=model.key,
        root=model.root,
        commit=revision.commit,
        task=chosen,
        tasks=can.tasks,
        load=LoadRequest(
            key=str(model.key.at(revision.commit)),
            root=model.root,
            name=model.repo_id,
            revision=None if "main" in revision.refs else named,
            folder=revision.path,
            files=tuple(sizes),
            backend=can.backend,
            task=chosen,
            device=device,
            dtype=dtype,
            file=file or usual_file(can.backend, sizes),
            allow_code=allowed,
        ),
        interpreter=interpreter.path or sys.executable,
        verdict=verdict.verdict.text if verdict else "",
        wants_code=code is not None,
        code_files=code.files if code else (),
        code_allowed=allowed,
        memory_needed=memory_needed(
            can.backend, chosen, sizes, description, config, dtype=dtype, file=file, left=left
        ),
        memory_free=memory_free(device, interpreter.devices),
        problem=problem,
        hint=hint,
        notes=tuple(_notes(revision, description, can)),
        cause=cause,
        chat=chosen is Task.TEXT_GENERATION and has_chat_template(revision),
        mask=mask_of(revision) if chosen is Task.FILL_MASK else "",
    )


def _what_it_can(
    key: ModelKey,
    sizes: Mapping[str, int],
    revision: CachedRevision,
    description: Description,
    config: Mapping[str, object],
    file: str,
) -> Tryable:
    if key.repo_type != "model":
        return Tryable(
            Backend.TRANSFORMERS,
            problem=f"{key} is a {key.repo_type}, and no model.",
            hint="Only models can be tried.",
        )
    # What is not here says as well what it would be.
    return tryable({*sizes, *revision.missing}, description, config, file=file)


def _problem(
    inventory: Inventory,
    model: CachedModel,
    revision: CachedRevision,
    catalog: Catalog,
    can: Tryable,
    interpreter: Interpreter,
) -> tuple[str, str, Cause]:
    if model.repo_type != "model":
        return can.problem, can.hint, "kind"
    if not any(file.blob for file in revision.files):
        return f"Nothing of {model.key} is here but its folder.", "Download it again.", "missing"
    known = last_verified(catalog, revision)
    if revision.state is State.DAMAGED or (known and known.verdict.is_bad):
        said = revision.problems[0].message if revision.problems else "Verifying it found bad contents."
        return f"{model.key} is damaged: {said}", _MEND, "damaged"
    if can.tasks or not can.problem:
        # By which name it is found is no matter here: a worker loads it by its commit too.
        named = replace(model, refs=(("main", revision.commit),))
        if gone := offline_ready(inventory, named, replace(revision, refs=("main",))).lacks:
            more = f" There are {len(gone) - 1} more such things." if len(gone) > 1 else ""
            return f"{model.key} is not whole: {gone[0]}{more}", _MEND, "missing"
    if can.problem:
        return f"{model.key} cannot be tried: {can.problem}", can.hint, "kind"
    if interpreter.problem and can.backend in (Backend.TRANSFORMERS, Backend.SENTENCES):
        return interpreter.problem, interpreter.hint, "runtime"
    lacking, install = lacks(interpreter, can.backend)
    return (lacking, install, "runtime") if lacking else ("", "", "")


def _notes(revision: CachedRevision, description: Description, can: Tryable) -> list[str]:
    notes = []
    if revision.state is State.INCOMPLETE and can.tasks:
        notes.append("Files of the repository are not here; those that it takes are.")
    if can.tasks and description.quantisation and can.backend is Backend.TRANSFORMERS:
        notes.append(
            f"Its weights are quantised ({description.quantisation}), which may take more libraries."
        )
    return notes


def _config(revision: CachedRevision) -> Mapping[str, object]:
    file = revision.file("config.json")
    if file and file.blob:
        with suppress(OSError, Unreadable):
            said = read_json(file.blob.payload)
            if isinstance(said, dict):
                return said
    return {}


def _weights_of(sizes: Mapping[str, int]) -> str:
    files = [name for name in sizes if name.lower().endswith((".gguf", ".onnx", ".safetensors", ".bin"))]
    return f"It has {', '.join(files[:8])}." if files else "It has no weights."
