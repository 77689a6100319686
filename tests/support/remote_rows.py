"""Rows and details of a remote, without one."""

from __future__ import annotations

from typing import Any

from modelkeep.keys import ModelKey
from modelkeep.remote.values import (
    Lineage,
    Manifest,
    ManifestFile,
    RefEntry,
    RemoteModel,
    RemoteRevision,
    Summary,
)
from modelkeep.remotes import RemoteDetails, RemoteView
from modelkeep.rows import ModelRow
from support.rows import NOW, model_row

TEAM = RemoteView("team", "/srv/models", "folder", "")
NEW, OLD = "b" * 40, "a" * 40


def remote_row(repo_id: str, where: str, name: str = "team", **values: Any) -> ModelRow:
    """A row in the list of a remote."""
    return model_row(repo_id, root=f"remote:{name}", where=where, **values)


def remote_details(repo_id: str = "org/there", **values: Any) -> RemoteDetails:
    """What a remote says of a model with two revisions."""
    revisions = (
        RemoteRevision(NEW, ("main",), 2_000_000, 2, NOW, "ada", "July’s data"),
        RemoteRevision(OLD, (), 1_000_000, 2, NOW, "bob", "June’s data"),
    )
    files = (
        ManifestFile("config.json", 100, "c" * 64, "1" * 40),
        ManifestFile("model.safetensors", 1_999_900, "d" * 64, "d" * 64),
    )
    key = ModelKey(repo_id, NEW)
    manifest = Manifest(
        key,
        files,
        is_complete=values.get("is_complete", True),
        summary=Summary(task="fill-mask", licence="mit", formats=values.get("formats", ("safetensors",))),
        lineage=values.get("lineage", Lineage()),
        created_by="ada",
        created_at=NOW,
    )
    history = (
        RefEntry("main", 2, NEW, OLD, "July’s data", "ada", NOW),
        RefEntry("main", 1, OLD, "", "June’s data", "bob", NOW),
    )
    model = RemoteModel(key.at(None), revisions, on_remote=3_000_000)
    return RemoteDetails(model, manifest, history, values.get("children", ()))
