"""The rows of the last scan, kept so that a window shows them before it has looked at any disk.

They are a memory, not the truth: a scan follows at once. A file that is missing, garbage or of another version is
no memory.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from modelkeep.disk import write_atomically
from modelkeep.paths import rows_file
from modelkeep.rows import ModelRow, RevisionRow

__all__ = ["load_rows", "save_rows"]

# Other fields, other mark: rows of another version are not read as if they were ours.
_MARK = [*ModelRow._fields, *RevisionRow._fields]


def save_rows(rows: Mapping[str, Iterable[ModelRow]], path: Path | None = None) -> None:
    """Keep the rows of each root. Where that is not possible the next window begins without; nobody is told."""
    path = path or rows_file()
    content = json.dumps([_MARK, {root: list(found) for root, found in rows.items()}], ensure_ascii=False)
    with suppress(OSError, UnicodeEncodeError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, content.encode(), mode=0o600)


def load_rows(path: Path | None = None) -> dict[str, list[ModelRow]]:
    """The rows that were kept, by root."""
    try:
        mark, plain = json.loads((path or rows_file()).read_bytes())
        if mark != _MARK:
            return {}
        return {root: [_row(values) for values in found] for root, found in plain.items()}
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return {}


def _row(values: list[object]) -> ModelRow:
    named = dict(zip(ModelRow._fields, values, strict=True))
    revisions: Any = named.pop("revisions")
    plain: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in named.items()
    }
    return ModelRow(**plain, revisions=tuple(_revision(*revision) for revision in revisions))


def _revision(commit: str, refs: list[str], *rest: object) -> RevisionRow:
    return RevisionRow(commit, tuple(refs), *rest)  # type: ignore[arg-type]
