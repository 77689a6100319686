"""Makes rows of a table without a cache."""

from __future__ import annotations

from typing import Any

from modelkeep.rows import ModelRow, RevisionRow

NOW = 1_790_000_000.0
DAY = 86400.0


def revision_row(commit: str = "a1b2c3d4" * 5, **values: Any) -> RevisionRow:
    """A whole revision that `main` names; `values` say what is different."""
    usual = RevisionRow(
        commit=commit,
        refs=("main",),
        size=433_000_000,
        on_disk=433_004_544,
        frees=433_004_544,
        files=9,
        missing=0,
        state="whole",
        modified=NOW - 3 * DAY,
    )
    return usual._replace(**values)


def model_row(repo_id: str = "dmis-lab/biobert-v1.1", root: str = "/cache/hub", **values: Any) -> ModelRow:
    """A whole model with one revision; `values` say what is different."""
    repo_type = values.get("repo_type", "model")
    scheme = "hf" if repo_type == "model" else f"hf-{repo_type}"
    usual = ModelRow(
        key=f"{scheme}@{repo_id}",
        root=root,
        repo_id=repo_id,
        repo_type=repo_type,
        size=433_000_000,
        on_disk=433_004_544,
        frees=433_004_544,
        last_used=NOW - 2 * DAY,
        last_used_source="journal",
        modified=NOW - 3 * DAY,
        state="whole",
        pinned=False,
        note="",
        library="transformers",
        task="fill-mask",
        licence="apache-2.0",
        languages=("en",),
        tags=(),
        formats=("safetensors",),
        parameters=108_310_272,
        custom_code=False,
        incomplete=0,
        problems=0,
        revisions=(revision_row(),),
    )
    return usual._replace(**values)
