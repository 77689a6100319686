"""What a test needs to export: a cache, looked at and described as the library does it."""

from __future__ import annotations

from pathlib import Path

from modelkeep.archive.manifest import metadata_for
from modelkeep.archive.pack import Packable
from modelkeep.cache.scan import scan


def packables(root: Path, *, who: str = "tester") -> list[Packable]:
    """Every revision in a cache, under the name by which its model is loaded."""
    found = []
    for model in scan(root).models:
        for revision in model.revisions:
            key = model.key if "main" in revision.refs else model.key.at(revision.commit)
            found.append(
                Packable(revision, metadata_for(key, revision, downloaded_at=1.5, downloaded_by=who))
            )
    return found
