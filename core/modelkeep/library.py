"""All caches of this user with what is known about them: what the command line and the window work with.

    with open_library() as library:
        for root in library.refresh():
            print(root.path, root.models)

A library looks (`refresh`, `rows`, `details`) and deletes (`plan_deletion`, `delete`, `restore`). The rest is in its
parts: `archives`, `hubs`, `remotes`, `registered`, `trust`, `space`, `tryouts`, `trainings`, `activity`. Its methods
may be called from several threads; what changes one cache is made one after another by that cache's lock.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from modelkeep.activity import Activity
from modelkeep.cache.catalog import Catalog
from modelkeep.cache.deletion import DeletionPlan, DeletionResult, Target, execute_deletion, plan_deletion
from modelkeep.cache.index import Index
from modelkeep.cache.inventory import CachedModel, CachedRevision, Inventory
from modelkeep.cache.last_use import last_used, mount_atime
from modelkeep.cache.scan import scan
from modelkeep.cache.trash import Emptied, Restored, TrashEntry, empty, list_trash, restore
from modelkeep.details import ModelDetails, Provenance, card_of, files_of, snippet
from modelkeep.errors import ModelNotFound
from modelkeep.keys import ModelKey
from modelkeep.metadata.describe import Description, describe
from modelkeep.progress import Progress, Report, ignore
from modelkeep.remembered import save_rows
from modelkeep.rows import ModelRow, RootRows, RootView, Selection
from modelkeep.settings import all_roots, load_settings
from modelkeep.views import batches, resolved, row_of, verdicts_of, view_of

# What only some need is loaded when it is asked for: who lists models need not wait for it.
if TYPE_CHECKING:
    from modelkeep.archives import Archives
    from modelkeep.hubs import Hubs
    from modelkeep.registered import Registered
    from modelkeep.remotes import Remotes
    from modelkeep.space import Space
    from modelkeep.trainings import Trainings
    from modelkeep.trust import Trust
    from modelkeep.tryouts import Tryouts

__all__ = ["Library", "open_library"]

_DESCRIBED = 250  # models that are described together, and passed on


Emit = Callable[[object], None]


def open_library(roots: Iterable[str | os.PathLike[str]] | None = None) -> Library:
    """The library of this user: just `roots`, else those of MODELKEEP_ROOTS, else those of the settings."""
    loaded = load_settings()
    if roots is None and (named := os.environ.get("MODELKEEP_ROOTS")):
        roots = filter(None, named.split(os.pathsep))
    chosen = [Path(root) for root in roots] if roots is not None else all_roots(loaded.settings)
    return Library(chosen, Catalog(), problem=loaded.problem)


class Library:
    """See the module. `problem` is what was wrong with the settings when they were read, "" for nothing."""

    def __init__(self, roots: Iterable[Path], catalog: Catalog, *, problem: str = "") -> None:
        self.roots = tuple(dict.fromkeys(resolved(root) for root in roots))
        self.catalog = catalog
        self.activity = Activity(catalog)
        """What was done, by this user and all programs of theirs that use this library."""
        self.problem = problem
        self._index = Index()
        self._inventories: dict[str, Inventory] = {}
        self._described: dict[tuple[str, ModelKey], tuple[CachedModel, Description]] = {}
        self._emitted: dict[str, list[ModelRow]] = {}
        self._scanning = threading.Lock()
        self._emitting = (
            threading.Lock()
        )  # held while rows are compared with what is known now, and passed on
        self._opening = threading.Lock()
        self._archives: Archives | None = None
        self._hubs: Hubs | None = None
        self._trust: Trust | None = None
        self._space: Space | None = None
        self._remotes: Remotes | None = None
        self._registered: Registered | None = None
        self._tryouts: Tryouts | None = None
        self._trainings: Trainings | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End what runs models, and let go of the catalog."""
        if self._tryouts is not None:
            self._tryouts.close()
        if self._trainings is not None:
            self._trainings.close()
        self.catalog.close()

    @property
    def archives(self) -> Archives:
        """What this library does with archives: import, export, and what interrupted imports left."""
        from modelkeep.archives import Archives

        with self._opening:
            self._archives = self._archives or Archives(self)
            return self._archives

    @property
    def hubs(self) -> Hubs:
        """What this library does with hubs: search, download, push. Loaded when it is first asked for."""
        from modelkeep.hubs import Hubs

        with self._opening:
            self._hubs = self._hubs or Hubs(self)
            return self._hubs

    @property
    def trust(self) -> Trust:
        """What this library can say of its models, and mend: whole, safe, usable offline. Loaded when asked for."""
        from modelkeep.trust import Trust

        with self._opening:
            self._trust = self._trust or Trust(self)
            return self._trust

    @property
    def remotes(self) -> Remotes:
        """What this library does with remotes. Loaded when it is first asked for."""
        from modelkeep.remotes import Remotes

        with self._opening:
            self._remotes = self._remotes or Remotes(self)
            return self._remotes

    @property
    def registered(self) -> Registered:
        """The models that have names of their own, and whether they are here. Loaded when it is first asked for."""
        from modelkeep.registered import Registered

        with self._opening:
            self._registered = self._registered or Registered(self)
            return self._registered

    @property
    def space(self) -> Space:
        """What keeps the caches of this library small. Loaded when it is first asked for."""
        from modelkeep.space import Space

        with self._opening:
            self._space = self._space or Space(self)
            return self._space

    @property
    def tryouts(self) -> Tryouts:
        """What this library does to try models. Loaded when it is first asked for."""
        from modelkeep.tryouts import Tryouts

        with self._opening:
            self._tryouts = self._tryouts or Tryouts(self)
            return self._tryouts

    @property
    def trainings(self) -> Trainings:
        """What this library does to fine-tune models. Loaded when it is first asked for."""
        from modelkeep.trainings import Trainings

        with self._opening:
            self._trainings = self._trainings or Trainings(self)
            return self._trainings

    # ---- looking

    def problems(self) -> tuple[str, ...]:
        """What was wrong with Modelkeep's own files when they were read, a sentence each."""
        return tuple(filter(None, (self.problem, self.catalog.problem)))

    def set_roots(self, roots: Iterable[str | os.PathLike[str]]) -> None:
        """Work with these roots from now on."""
        self.roots = tuple(dict.fromkeys(resolved(root) for root in roots))

    def refresh(
        self, roots: Sequence[str] | None = None, *, report: Report = ignore, emit: Emit | None = None
    ) -> tuple[RootView, ...]:
        """Scan roots (all when None), passing on their rows as `RootRows`; what did not change is not read again.

        Rows of models that were never described lack what their files say; `describe_new` passes them on again. The
        rows of a root are passed on only when they differ from those of the last time.
        """
        views = []
        for root in self.roots if roots is None else map(resolved, roots):
            with self._scanning:
                inventory = scan(root, known=self._index, report=report)
            views.append(view_of(inventory))
            with self._emitting:
                self._inventories[root] = inventory
                if emit is not None:
                    self._emit_rows(root, self._rows(inventory, describe_new=False), emit)
        return tuple(views)

    def _emit_rows(self, root: str, rows: list[ModelRow], emit: Emit) -> None:
        """Pass on the rows of a root, unless they are what was passed on before."""
        if self._emitted.get(root) == rows:
            return
        for batch in batches(root, rows):
            emit(batch)
        self._emitted[root] = rows

    def describe_new(self, *, report: Report = ignore, emit: Emit) -> None:
        """Read what models say of themselves that were not described yet, and pass on their complete rows.

        Of a root that is scanned again meanwhile no more is passed on: its rows are of yesterday then.
        """
        for inventory in list(self._inventories.values()):
            new = [model for model in inventory.models if self._known_description(model) is None]
            told: dict[str, ModelRow] = {}
            for start in range(0, len(new), _DESCRIBED):
                report(Progress("Reading model cards", start, len(new), new[start].repo_id, unit="models"))
                with self.catalog.batch():
                    rows = self._rows(inventory, new[start : start + _DESCRIBED])
                with self._emitting:
                    if self._inventories.get(inventory.root) is not inventory:
                        break
                    emit(RootRows(inventory.root, tuple(rows), first=False, last=True))
                told |= {row.key: row for row in rows}
            else:
                rows = self._rows(inventory, describe_new=False)
                with self._emitting:
                    if self._inventories.get(inventory.root) is inventory:
                        self._emit_rest(inventory.root, rows, told, emit)

    def _emit_rest(self, root: str, rows: list[ModelRow], told: dict[str, ModelRow], emit: Emit) -> None:
        """Pass on those of all rows that are otherwise than they were passed on last, now or before.

        Whoever asks for complete rows describes models too, and those are not new here. Where models came or went,
        the next look passes on everything.
        """
        shown = {row.key: row for row in self._emitted.get(root, ())} | told
        if shown.keys() != {row.key for row in rows}:
            return
        for batch in batches(root, [row for row in rows if row != shown[row.key]]):
            if batch.rows:
                emit(batch._replace(first=False, last=True))
        self._emitted[root] = rows

    def remember_rows(self) -> None:
        """Keep the rows as they are now, for the next window to begin with."""
        save_rows({root: self._rows(inventory) for root, inventory in self._inventories.items()})

    def rows(self, roots: Sequence[str] | None = None) -> list[ModelRow]:
        """The rows of roots (all when None), complete, from a scan that is made if there was none yet."""
        found: list[ModelRow] = []
        with self.catalog.batch():
            for root in roots or self.roots:
                found += self._rows(self.inventory(root))
        return found

    def inventory(self, root: str | os.PathLike[str]) -> Inventory:
        """What is in a root, by the last scan, or a first one."""
        place = resolved(Path(root))
        if place not in self._inventories:
            self.refresh([place])
        return self._inventories[place]

    def model(self, root: str, key: ModelKey) -> CachedModel:
        """The model of that key in a root, whichever revision is named. Raises `ModelNotFound`."""
        model = self.inventory(root).by_key.get(key.at(None))
        if model is None:
            raise ModelNotFound(f"{key} is not in {root}.", hint="It may have been deleted. Scan again.")
        return model

    def forget(self, root: str) -> None:
        """Have the next scan read all of a root, because something changed that its folders do not show."""
        self._index.forget(root)

    def views(self) -> tuple[RootView, ...]:
        """All roots at a glance, by the last scans."""
        return tuple(view_of(self.inventory(root)) for root in self.roots)

    def find(self, key: ModelKey) -> list[CachedModel]:
        """The models of that name in all roots (a key's revision is not looked at)."""
        return [m for root in self.roots if (m := self.inventory(root).by_key.get(key.at(None))) is not None]

    def choose(self, keys: Sequence[str], files: Sequence[str] = ()) -> list[Selection]:
        """What keys mean, as `org/name`, `org/name@revision` or `hf@…`; in every root that has it.

        Raises `InvalidKey`, and `ModelNotFound` naming the nearest names.
        """
        chosen = []
        for text in keys:
            # A key as we write it is taken as it is: a folder may have a name that the Hub would not allow.
            key = ModelKey.known(text) if text.startswith(("hf@", "hf-")) else ModelKey.parse(text)
            models = self.find(key)
            if key.revision:
                models = [model for model in models if model.revision(key.revision)]
            if not models:
                raise ModelNotFound(f"No cache has {key}.", hint=self._did_you_mean(key))
            chosen += [Selection(model.root, str(key), tuple(files)) for model in models]
        return chosen

    def details(self, root: str, key: str, revision: str | None = None) -> ModelDetails:
        """All that is known of a model, with one of its revisions looked at closely."""
        from modelkeep.remote.offering import lineage_of

        model = self.model(root, ModelKey.known(key))
        chosen = model.revision(revision) if revision else model.main
        [row] = self._rows(self.inventory(root), [model])
        if chosen is None:
            chosen = _nothing(model)
        description = self._describe(model) if chosen is model.main else describe(chosen, memory=self.catalog)
        origin = self.catalog.origin(model.root, model.key, chosen.commit)
        use = self.catalog.last_use(model.root, model.key)
        provenance = Provenance(
            url=origin.url if origin else "",
            source=origin.source if origin else "",
            archive=origin.archive if origin else "",
            at=(origin.downloaded_at or 0.0) if origin else 0.0,
            by=(origin.downloaded_by or "") if origin else "",
            last_modified=(origin.last_modified or "") if origin else "",
        )
        return ModelDetails(
            row=row,
            path=model.path,
            refs=model.refs,
            commit=chosen.commit,
            snapshot=chosen.path,
            files=files_of(chosen),
            missing=chosen.missing,
            description=description,
            card=card_of(chosen),
            provenance=provenance,
            used_by=use.by if use else "",
            problems=model.problems,
            snippet=snippet(model, description, chosen.commit),
            trusted=self.trust.what_is_known(model, chosen),
            lineage=lineage_of(model.key, description, origin.metadata if origin else {}, chosen),
        )

    # ---- what a user says about models

    def set_pinned(self, selected: Sequence[Selection], pinned: bool) -> list[ModelRow]:
        """Pin models, so that nothing removes them, or unpin them; returns their new rows."""
        write = self.catalog.pin if pinned else self.catalog.unpin
        for root, key, _ in selected:
            write(root, ModelKey.known(key).at(None))
        return self._rows_of(selected)

    def set_note(self, selected: Sequence[Selection], note: str) -> list[ModelRow]:
        """Write a note on models ("" removes it); returns their new rows."""
        for root, key, _ in selected:
            self.catalog.set_note(root, ModelKey.known(key).at(None), note)
        return self._rows_of(selected)

    # ---- deleting

    def plan_deletion(
        self, selected: Sequence[Selection], *, permanently: bool = False
    ) -> tuple[DeletionPlan, ...]:
        """A plan for each root that something is deleted from."""
        by_root: dict[str, list[Target]] = {}
        for root, key, files in selected:
            by_root.setdefault(root, []).append(Target(ModelKey.known(key), files))
        return tuple(
            plan_deletion(
                self.inventory(root), targets, pinned=self.catalog.pins(root), permanently=permanently
            )
            for root, targets in by_root.items()
        )

    def delete(
        self, plans: Sequence[DeletionPlan], *, force: bool = False, report: Report = ignore
    ) -> tuple[DeletionResult, ...]:
        """Carry out plans. What failed is in the results; see `DeletionResult.failures`."""
        results = []
        for plan in plans:
            with self.activity.logged("delete", [item.key for item in plan.items], plan.root):
                result = execute_deletion(plan, force=force, report=report)
            for item in result.items:
                self.activity.log("delete", item.key, plan.root, item.freed, item.error)
            results.append(result)
        self.refresh([plan.root for plan in plans])
        return tuple(results)

    def trash(self, roots: Sequence[str] | None = None) -> tuple[TrashEntry, ...]:
        """What is in the trash of roots (all when None), the newest first."""
        found = [entry for root in roots or self.roots for entry in list_trash(root)]
        return tuple(sorted(found, key=lambda entry: entry.deleted_at, reverse=True))

    def restore(self, entries: Sequence[tuple[str, str]], *, report: Report = ignore) -> tuple[Restored, ...]:
        """Put back entries, each as (root, id)."""
        restored: list[Restored] = []
        for root, ids in _by_root(entries).items():
            with self.activity.logged("restore", (), root):
                done = restore(root, ids, report=report)
            for entry in done:
                self.activity.log("restore", entry.key or "", root, 0, entry.error)
            restored += done
        self.refresh(list(_by_root(entries)))
        return tuple(restored)

    def empty_trash(
        self, entries: Sequence[tuple[str, str]], *, force: bool = False, report: Report = ignore
    ) -> tuple[Emptied, ...]:
        """Remove entries, each as (root, id), for good."""
        emptied: list[Emptied] = []
        for root, ids in _by_root(entries).items():
            names = {entry.id: entry.key for entry in list_trash(root) if entry.what != "leftover"}
            with self.activity.logged("empty-trash", [names[id] for id in ids if id in names], root):
                done = empty(root, ids, force=force, report=report)
            for entry in done:
                self.activity.log("empty-trash", names.get(entry.id, ""), root, entry.freed, entry.error)
            emptied += done
        self.refresh(list(_by_root(entries)))
        return tuple(emptied)

    # ---- within

    def _rows_of(self, selected: Sequence[Selection]) -> list[ModelRow]:
        rows = []
        for root, key, _ in selected:
            rows += self._rows(self.inventory(root), [self.model(root, ModelKey.known(key))])
        return rows

    def _rows(
        self, inventory: Inventory, models: Iterable[CachedModel] | None = None, *, describe_new: bool = True
    ) -> list[ModelRow]:
        uses = self.catalog.last_uses(inventory.root)
        pins = self.catalog.pins(inventory.root)
        notes = self.catalog.notes(inventory.root)
        some = None if models is None else list(models)
        folders = [inventory.root] if some is None else [model.path for model in some]
        verdicts = verdicts_of(self.catalog, folders)
        mount = mount_atime(inventory.root)
        rows = []
        for model in inventory.models if some is None else some:
            description = self._describe(model) if describe_new else self._known_description(model)
            key = model.key
            use = last_used(model, uses.get(key), mount)
            rows.append(row_of(model, description, use, key in pins, notes.get(key, ""), verdicts))
        return rows

    def _describe(self, model: CachedModel) -> Description:
        known = self._known_description(model)
        if known is None:
            known = describe(model.main or _nothing(model), memory=self.catalog)
            self._described[model.root, model.key] = (model, known)
        return known

    def _known_description(self, model: CachedModel) -> Description | None:
        """What was read of a model that has not changed since."""
        known = self._described.get((model.root, model.key))
        if known is None:
            return None
        return known[1] if known[0] is model or known[0].main == model.main else None

    def _did_you_mean(self, key: ModelKey) -> str:
        from difflib import get_close_matches

        names = [model.repo_id for root in self.roots for model in self.inventory(root).models]
        if key.repo_id in names and key.revision:
            model = next(
                m for root in self.roots for m in self.inventory(root).models if m.repo_id == key.repo_id
            )
            here = ", ".join(r.refs[0] if r.refs else r.commit[:8] for r in model.revisions)
            return f"Its revisions here are {here or 'none'}."
        near = get_close_matches(key.repo_id, names, n=3, cutoff=0.5)
        return f"Did you mean {' or '.join(near)}?" if near else "`modelkeep list` shows what is there."


def _nothing(model: CachedModel) -> CachedRevision:
    """A revision of a model that has none, as of a repository with only refs."""
    return CachedRevision("", model.path, (), (), 0, 0, 0, model.modified, model.state)


def _by_root(entries: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for root, entry in entries:
        grouped.setdefault(root, []).append(entry)
    return grouped
