"""Stopping what is dangerous, unless a person said otherwise, once and by name."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from modelkeep.errors import UnsafeModel
from modelkeep.keys import ModelKey
from modelkeep.progress import Report, ignore
from modelkeep.safety.scan import remember_files, remembered_verdict, scan_files, scan_revision
from modelkeep.safety.verdict import FileVerdict, Finding, ModelVerdict, Verdict

if TYPE_CHECKING:
    from modelkeep.cache.catalog import Catalog
    from modelkeep.cache.inventory import CachedModel, CachedRevision

__all__ = ["Gate", "check_before_loading", "stop_dangerous", "worst_finding"]


def check_before_loading(
    model: CachedModel,
    revision: CachedRevision,
    catalog: Catalog | None = None,
    *,
    what: str,
    allow: Collection[str] = (),
    report: Report = ignore,
) -> ModelVerdict:
    """What is known of a revision, or found now; to be called before anything reads its weights.

    Raises `UnsafeModel` as `stop_dangerous` does, which says what `what` and `allow` are. Without a `catalog` nothing
    is remembered, and all of it is scanned.
    """
    verdict = remembered_verdict(revision, catalog) if catalog else None
    if verdict is None:
        verdict = scan_revision(revision, report, memory=catalog)
    key = model.key.at(revision.commit or None)
    stop_dangerous(key, verdict, what=what, allow=allow, catalog=catalog, root=model.root)
    return verdict


def stop_dangerous(
    key: ModelKey,
    verdict: ModelVerdict,
    *,
    what: str,
    allow: Collection[str] = (),
    catalog: Catalog | None = None,
    root: str = "",
) -> None:
    """Raise `UnsafeModel` for a dangerous model that `allow` does not name; an override is written down.

    `what` is what was to be done: "import", "load", "convert". A model is named as the user knows it: `org/name`, or
    `org/name@revision` with the revision of `key`.
    """
    if verdict.verdict is not Verdict.DANGEROUS:
        return
    file, finding = worst_finding(verdict)
    said = f"{file.path}: {finding.sentence}" + (f" ({finding.where})" if finding.where else "")
    if not {key.name, str(key)} & {str(ModelKey.known(name)) for name in allow}:
        raise UnsafeModel(
            f"{key.at(None)} is not safe to {what}: {said}",
            hint="If you trust who made it, allow it this once by name.",
        )
    if catalog:
        from modelkeep.activity import Activity

        Activity(catalog).log("allow", key, root, 0, detail=f"{what}: {said}")


@dataclass(frozen=True)
class Gate:
    """What the files of a model have to pass before they become part of a cache.

    Where they lie now they are not remembered; `keep` does that where they lie then. See `stop_dangerous`.
    """

    catalog: Catalog
    what: str
    root: str = ""
    allow: Collection[str] = ()

    def scan(self, files: Sequence[tuple[str, Path]], report: Report = ignore) -> ModelVerdict:
        """What is in files, each by its name in the repository and its path; those of a cache may be remembered."""
        return scan_files(files, report, memory=_Recalling(self.catalog))

    def stop(self, key: ModelKey, verdict: ModelVerdict) -> None:
        """Raise `UnsafeModel` for what is dangerous and was not allowed."""
        stop_dangerous(key, verdict, what=self.what, allow=self.allow, catalog=self.catalog, root=self.root)

    def keep(self, verdict: ModelVerdict, snapshot: str) -> None:
        """Remember what was found, now that the files lie in a snapshot folder."""
        files = [(file.path, Path(snapshot, file.path)) for file in verdict.files]
        with self.catalog.batch():
            remember_files(verdict, files, self.catalog)


class _Recalling:
    """A memory that learns nothing new."""

    def __init__(self, catalog: Catalog) -> None:
        self.recall = catalog.recall

    def remember(self, kind: str, path: str, size: int, modified: float, facts: object) -> None:
        """Not here."""


def worst_finding(verdict: ModelVerdict) -> tuple[FileVerdict, Finding]:
    """The worst thing that was found in a model, and the file that has it; only of one that is not clean."""
    found = [(file, finding) for file in verdict.files for finding in file.findings]
    return max(found, key=lambda pair: pair[1].verdict)
