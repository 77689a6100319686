"""What a library does with archives: export models, import them, go on after an interruption. `library.archives`.

with open_library() as library:
    plan = library.archives.plan_import(["bert.zip"])
    print(plan.bytes_needed, plan.fits, plan.problems)
    library.archives.run_import(plan)
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from modelkeep.cache.inventory import CachedModel, CachedRevision
from modelkeep.errors import ModelNotFound
from modelkeep.keys import ModelKey
from modelkeep.progress import Report, ignore
from modelkeep.rows import Selection
from modelkeep.views import resolved

if TYPE_CHECKING:
    from modelkeep.archive.holdings import Holdings
    from modelkeep.archive.import_plan import ImportPlan
    from modelkeep.archive.minisign import PublicKey
    from modelkeep.archive.pack import ArchiveOptions, ExportPlan, ExportResult
    from modelkeep.archive.unpack import ImportResult
    from modelkeep.cache.staging import LeftStaging
    from modelkeep.carrying import BundlePlan
    from modelkeep.library import Library

__all__ = ["Archives"]


class Archives:
    """See the module."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def plan_export(
        self,
        selected: Sequence[Selection],
        target: str | os.PathLike[str],
        *,
        options: ArchiveOptions | None = None,
        allow_incomplete: bool = False,
    ) -> ExportPlan:
        """What exporting the selected models or revisions would write, to the byte."""
        from modelkeep.exchange import plan_exports

        chosen = [self._exported(root, ModelKey.known(key)) for root, key, _ in selected]
        place = Path(target).expanduser().absolute()
        return plan_exports(chosen, place, self._library.catalog, options, allow_incomplete=allow_incomplete)

    def _exported(self, root: str, key: ModelKey) -> tuple[CachedModel, CachedRevision]:
        model = self._library.model(root, key)
        revision = model.revision(key.revision) if key.revision else model.main
        if revision is None:
            raise ModelNotFound(
                f"{key} has nothing that could be exported.",
                hint="Its folder has no snapshot. Download the model again.",
            )
        return model, revision

    def export(self, plan: ExportPlan, *, bundle: bool = False, report: Report = ignore) -> ExportResult:
        """Write the archives of a plan, as a bundle if wanted. What failed is in the result; see its `failures`."""
        from modelkeep.exchange import run_export

        with self._library.activity.logged("export", [item.key for item in plan.items]):
            result = run_export(plan, self._library.catalog, bundle=bundle, report=report)
        for done in result.items:
            size, where = (done.archive.size, f"to {done.archive.paths[0]}") if done.archive else (0, "")
            self._library.activity.log("export", done.item.key, "", size, done.error, detail=where)
        return result

    def holdings(self, roots: Sequence[str] | None = None, *, name: str = "") -> Holdings:
        """What roots (all when None) have, for the other side of an air gap: see `archive.holdings`.

        `name` is what the site is to be called; nothing else says where it is.
        """
        from modelkeep.carrying import holdings_of

        inventories = [self._library.inventory(root) for root in roots or self._library.roots]
        return holdings_of(inventories, self._library.catalog, name=name)

    def plan_bundle(
        self,
        selected: Sequence[Selection],
        target: str | os.PathLike[str],
        holdings: Holdings | None = None,
        *,
        options: ArchiveOptions | None = None,
        allow_incomplete: bool = False,
        report: Report = ignore,
    ) -> BundlePlan:
        """What bundling the selected models or revisions into a folder would write, without what `holdings` have."""
        from modelkeep.archive.export_plan import ArchiveOptions
        from modelkeep.carrying import plan_bundle

        return plan_bundle(
            [self._exported(root, ModelKey.known(key)) for root, key, _ in selected],
            Path(target).expanduser().absolute(),
            self._library.catalog,
            holdings,
            options or ArchiveOptions(),
            allow_incomplete=allow_incomplete,
            report=report,
        )

    def bundle(self, plan: BundlePlan, *, report: Report = ignore) -> ExportResult:
        """Write the bundle of a plan. What failed is in the result; see its `failures`."""
        return self.export(plan.export, bundle=True, report=report)

    def plan_import(
        self,
        sources: Sequence[str | os.PathLike[str]],
        root: str | None = None,
        *,
        name: str | None = None,
        replace: bool = False,
        trusted: Sequence[PublicKey] = (),
        report: Report = ignore,
    ) -> ImportPlan:
        """What importing archives, folders, clones or bundles into a root (the first when None) would do.

        `name` is for the one model that has none, or in place of the only model's own. Files that an archive leaves
        out are taken from any root. With `trusted` keys, what none of them has signed is refused.
        """
        from modelkeep.archive.import_plan import plan_import
        from modelkeep.exchange import is_disproven

        key = ModelKey.parse(name) if name else None
        place = Path(resolved(root or self._library.roots[0]))
        plan = plan_import(
            [Path(source).expanduser() for source in sources],
            place,
            name=key,
            replace=replace,
            others=[Path(other) for other in self._library.roots if other != place.as_posix()],
            is_wrong=is_disproven(self._library.catalog),
            trusted=trusted,
            report=report,
        )
        return self._with_room(plan)

    def run_import(
        self, plan: ImportPlan, *, allow_unsafe: Sequence[str] = (), report: Report = ignore
    ) -> ImportResult:
        """Carry out a plan. What failed is in the result; see `ImportResult.failures`.

        A dangerous model is not imported unless `allow_unsafe` has its name, `org/name`.
        """
        from modelkeep.exchange import run_import, with_safety

        with self._library.activity.logged(
            "import", [item.key for item in plan.items if item.key], plan.root
        ):
            self._make_room(plan, report)
            result = run_import(plan, self._library.catalog, allow_unsafe=allow_unsafe, report=report)
        if any(done.bytes_linked for done in result.items):
            # A hard link changes nothing in the folders of who had the content first.
            self._library.forget(plan.root)
        for item, done in zip(plan.items, result.items, strict=True):
            allowed = done.key is not None and done.key.repo_id in allow_unsafe
            said = f"from {done.source}" + (", allowed by name whatever is in it" if allowed else "")
            if item.signature and item.signature.is_verified:
                said += f", signed by {item.signature.key_id}"
            self._library.activity.log(
                "import", done.key or "", plan.root, done.bytes_written, str(done.error or ""), detail=said
            )
        self._library.refresh([plan.root])
        return with_safety(result, self._library.inventory(plan.root), self._library.catalog)

    def _make_room(self, plan: ImportPlan, report: Report) -> None:
        """Keep the root within its limits."""
        self._library.space.make_room(plan.root, plan.bytes_needed, keep=self._kept(plan), report=report)

    def _with_room(self, plan: ImportPlan) -> ImportPlan:
        """A plan whose first item that is written notes what goes from the root to keep that within its limits."""
        number = next((number for number, item in enumerate(plan.items) if item.bytes_needed), -1)
        if number < 0:
            return plan
        notes = self._library.space.note_of_room(plan.root, plan.bytes_needed, keep=self._kept(plan))
        items = list(plan.items)
        items[number] = dataclasses.replace(items[number], notes=(*items[number].notes, *notes))
        return dataclasses.replace(plan, items=tuple(items))

    def _kept(self, plan: ImportPlan) -> set[ModelKey]:
        """What is imported, and what contents come from, stays."""
        keep = {item.key.at(None) for item in plan.items if item.key}
        used = [file.existing for item in plan.items for file in item.files if file.existing]
        for model in self._library.inventory(plan.root).models:
            if any(path.startswith(f"{model.path}{os.sep}") for path in used):
                keep.add(model.key)
        return keep

    def leftovers(self) -> tuple[LeftStaging, ...]:
        """What interrupted imports left in the staging folders of all roots; see `LeftStaging.alive`."""
        from modelkeep.cache.staging import find_staging

        return tuple(left for root in self._library.roots for left in find_staging(root))

    def resume(
        self,
        left: LeftStaging,
        root: str,
        *,
        allow_unsafe: Sequence[str] = (),
        trusted: Sequence[PublicKey] = (),
        report: Report = ignore,
    ) -> ImportResult:
        """Do the interrupted import again; what it had staged is not read again.

        For `allow_unsafe` see `run_import`, for `trusted` see `plan_import`. Raises `UnknownArchive` for what another
        work than an import left.
        """
        from modelkeep.leftovers import check_resumable

        check_resumable(left)
        plan = self.plan_import(left.sources, root, trusted=trusted, report=report)
        if left.key and any(item.key is None for item in plan.items):
            plan = self.plan_import(left.sources, root, name=str(left.key), trusted=trusted, report=report)
        return self.run_import(plan, allow_unsafe=allow_unsafe, report=report)

    def clear_leftovers(self, leftovers: Sequence[LeftStaging]) -> int:
        """Remove what interrupted imports left, but for those that are alive; returns the bytes that frees."""
        from modelkeep.cache.staging import clear_staging

        dead = [left for left in leftovers if not left.alive]
        for left in dead:
            root = Path(left.path).parents[2].as_posix()
            with self._library.activity.logged("clear-staging", [left.key] if left.key else (), root):
                clear_staging(Path(root), left)
            self._library.activity.log("clear-staging", left.key or "", root, left.on_disk)
        return sum(left.on_disk for left in dead)
