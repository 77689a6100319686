"""The models of a remote and of the caches in one list, each once, as rows that say where it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from modelkeep.remote.values import RemoteModel, RemoteRevision, Where
from modelkeep.rows import ModelRow, RevisionRow

__all__ = ["joined_rows", "root_of"]

_UNPUSHED = "What is here has not been pushed there."


def root_of(name: str) -> str:
    """What rows of a remote have as their root."""
    return f"remote:{name}"


def joined_rows(name: str, there: Sequence[RemoteModel], here: Iterable[ModelRow]) -> tuple[ModelRow, ...]:
    """The rows of a remote, by name. Sizes are of the revision that the name alone means there; of what is only
    here, of the cache.
    """
    cached: dict[str, list[ModelRow]] = {}
    for row in here:
        cached.setdefault(row.key, []).append(row)
    root = root_of(name)
    rows = [_row(root, model, cached.pop(str(model.key), [])) for model in there if model.revisions]
    rows += [group[0]._replace(root=root, where=Where.HERE.value) for group in cached.values()]
    return tuple(sorted(rows, key=lambda row: (row.repo_id.casefold(), row.repo_type)))


def _row(root: str, model: RemoteModel, here: Sequence[ModelRow]) -> ModelRow:
    main = model.main
    assert main is not None
    row = _of_remote(root, model, main)
    if not here:
        return row
    same = next((one for one in here if _main(one) == main.commit), None)
    known = {revision.commit for revision in model.revisions}
    nearest = same or next((one for one in here if _main(one) in known), here[0])
    row = row._replace(
        last_used=nearest.last_used,
        last_used_source=nearest.last_used_source,
        pinned=any(one.pinned for one in here),
        note=nearest.note,
        incomplete=nearest.incomplete,
        problems=nearest.problems,
    )
    if same is not None:
        return row._replace(
            where=Where.BOTH.value,
            state=same.state,
            verified=same.verified,
            verified_at=same.verified_at,
            safety=same.safety,
        )
    # What the remote once had is an older one; what it never had was made or fetched since.
    note = row.note if _main(nearest) in known else " ".join(filter(None, (_UNPUSHED, row.note)))
    return row._replace(where=Where.NEWER.value, note=note)


def _of_remote(root: str, model: RemoteModel, main: RemoteRevision) -> ModelRow:
    said = model.summary
    return ModelRow(
        key=str(model.key),
        root=root,
        repo_id=model.key.repo_id,
        repo_type=model.key.repo_type,
        size=main.size,
        on_disk=model.on_remote,
        frees=0,
        last_used=0.0,
        last_used_source="",
        modified=main.pushed_at,
        state=_state(main),
        pinned=False,
        note="",
        library=said.library,
        task=said.task,
        licence=said.licence,
        languages=said.languages,
        tags=said.tags,
        formats=said.formats,
        parameters=said.parameters,
        custom_code=said.custom_code,
        incomplete=0,
        problems=0,
        revisions=tuple(map(_revision, model.revisions)),
        where=Where.THERE.value,
    )


def _revision(revision: RemoteRevision) -> RevisionRow:
    return RevisionRow(
        commit=revision.commit,
        refs=revision.refs,
        size=revision.size,
        on_disk=revision.size,
        frees=0,
        files=revision.files,
        missing=0,
        state=_state(revision),
        modified=revision.pushed_at,
    )


def _state(revision: RemoteRevision) -> str:
    return "whole" if revision.is_complete else "unproven"


def _main(row: ModelRow) -> str:
    """The commit that loading by name uses, as `CachedModel.main` says; "" for a model without revisions."""
    for revision in row.revisions:
        if "main" in revision.refs:
            return revision.commit
    newest = max(row.revisions, key=lambda revision: revision.modified, default=None)
    return newest.commit if newest else ""
