"""The JSON of `registry`, as `docs/json.md` describes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from modelkeep.registered import RegisteredModel
    from modelkeep.registrations.values import FileProblem

__all__ = ["file_problem", "model"]

Json = dict[str, object]


def model(one: RegisteredModel) -> Json:
    said = one.registration
    return {
        "name": said.name,
        "model_type": said.model_type,
        "model": said.model,
        "revision": said.revision or None,
        "description": said.description or None,
        "tags": list(said.tags),
        "loader": said.loader or None,
        "parameters": dict(said.parameters),
        "capabilities": dict(said.capabilities),
        "version": said.version,
        "model_class": said.model_class or None,
        "config_class": said.config_class or None,
        "tokenizer_class": said.tokenizer_class or None,
        "origin": said.origin,
        "file": said.file or None,
        "line": said.line or None,
        "here": one.is_here,
        "root": one.root or None,
        "commit": one.commit or None,
        "path": one.path or None,
        "state": one.state or None,
        "size": one.size,
        "problem": one.problem or None,
    }


def file_problem(one: FileProblem) -> Json:
    return {"file": one.file, "line": one.line, "message": one.message}
