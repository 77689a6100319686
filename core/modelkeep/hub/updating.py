"""Asks a hub whether there are newer commits of what is cached. Writes nothing: no ref, no tree listing, no file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from modelkeep.cache.catalog import Catalog
from modelkeep.cache.changes import differences, files_here
from modelkeep.cache.inventory import CachedModel, CachedRevision, Inventory
from modelkeep.cache.trees import TreeFile, read_tree
from modelkeep.errors import AccessDenied, ModelNotFound, NotOnRemote, Offline, RemoteError, RemoteUnreachable
from modelkeep.hub.choice import choose_by_format
from modelkeep.hub.giving import is_of_remote_only
from modelkeep.hub.updates import Update
from modelkeep.keys import ModelKey
from modelkeep.progress import Progress, Report, ignore

if TYPE_CHECKING:
    from modelkeep.hub.client import HubClient

__all__ = ["Question", "check", "check_all", "known_contents", "to_ask"]

_AT_ONCE = 4  # models
_TICK = 0.1  # seconds; how soon a cancel is heard


class Question(NamedTuple):
    """A model, the ref that is asked for ("" for the one that loading by name uses), and what the catalog says it
    came from: "import", "local", "remote" (and no hub), "download" or "".
    """

    model: CachedModel
    ref: str
    source: str


def to_ask(inventory: Inventory, key: ModelKey, catalog: Catalog) -> Question:
    """The question about a cached model, or one of its refs. Raises `ModelNotFound`."""
    model = inventory.by_key.get(key.at(None))
    if model is None:
        raise ModelNotFound(
            f"{key} is not in {inventory.root}.", hint="It may have been deleted. Scan again."
        )
    revision = model.revision(key.revision) if key.revision else model.main
    origin = catalog.origin(model.root, model.key, revision.commit) if revision else None
    source = origin.source if origin else ""
    if source == "remote" and not is_of_remote_only(origin):
        source = "download"  # from a hub first, and then from a remote
    return Question(model, key.revision or "", source)


def check_all(
    client: HubClient,
    asked: Sequence[Question],
    known: frozenset[str],
    *,
    report: Report = ignore,
    emit: Callable[[Update], object] = lambda update: None,
) -> tuple[Update, ...]:
    """`check` of several models, some at a time; each answer is passed on when it is there, in any order.

    Once the hub could not be reached at all, it is not asked for the rest. Raises `Offline`.
    """
    lost: list[RemoteUnreachable] = []
    done: dict[int, Update] = {}

    def one(number: int) -> Update:
        model, ref, source = asked[number]
        if lost:
            ref = ref or _followed(model)
            return Update(model.root, model.key, ref, dict(model.refs).get(ref, ""), error=lost[0])
        update = check(client, model, ref, source=source, known=known)
        if isinstance(update.error, RemoteUnreachable):
            lost.append(update.error)
        return update

    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="updates") as pool:
        waiting: dict[Future[Update], int] = {
            pool.submit(one, number): number for number in range(len(asked))
        }
        try:
            while waiting:
                name = asked[min(waiting.values())][0].repo_id
                report(Progress("Asking for newer commits", len(done), len(asked), name, unit="models"))
                for future in wait(waiting, _TICK, FIRST_COMPLETED).done:
                    number = waiting.pop(future)
                    done[number] = future.result()
                    emit(done[number])
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return tuple(done[number] for number in range(len(asked)))


def check(
    client: HubClient,
    model: CachedModel,
    ref: str = "",
    *,
    source: str = "",
    known: frozenset[str] = frozenset(),
) -> Update:
    """What the hub has newer than the commit that `ref` leads to here.

    `known` are the etags of the contents that are in any cache, `source` where the revision came from. What the hub
    does not have is a note, what kept it from answering an error; only `Offline` is raised.
    """
    ref = ref or _followed(model)
    old = dict(model.refs).get(ref, "")
    here = Update(model.root, model.key, ref, old)
    if not old:
        return replace(here, note="It has no branch here to follow: it was fetched by its commit.")
    if source == "remote":
        return replace(here, note="It came from a remote: no hub is asked about it.")
    if model.repo_type == "kernel":
        return replace(here, note="Hubs are not asked about kernels.")
    try:
        return _asked(client, model, here, known)
    except Offline:
        raise
    except (NotOnRemote, AccessDenied) as error:
        return _absent(client, here, source, error)
    except RemoteError as error:
        return replace(here, error=error)


def known_contents(models: Iterable[CachedModel]) -> frozenset[str]:
    """The etags of all contents of these models."""
    return frozenset(
        file.blob.name
        for model in models
        for revision in model.revisions
        for file in revision.files
        if file.blob and file.linked
    )


def _followed(model: CachedModel) -> str:
    """The ref that loading by name uses, else the first that is there."""
    refs = [ref for ref, _ in model.refs]
    return "main" if "main" in refs else next((ref for ref in refs if not ref.startswith("refs/")), "")


def _asked(client: HubClient, model: CachedModel, here: Update, known: frozenset[str]) -> Update:
    said = client.model(model.key.at(here.ref))
    note = ""
    if said.repo_id and said.repo_id != model.repo_id:
        note = f"It is called {said.repo_id} there now."
    if said.disabled:
        note = f"{note} It was disabled there.".strip()
    update = replace(here, new=said.commit, last_modified=said.last_modified, note=note)
    if not update.is_newer:
        return update
    return _compared(client, model, update, known)


def _compared(client: HubClient, model: CachedModel, update: Update, known: frozenset[str]) -> Update:
    """With what differs between the files that are here and those of the new commit."""
    new = {file.path: TreeFile(file.size, file.etag) for file in client.files(model.key, update.new)}
    revision = next((revision for revision in model.revisions if revision.commit == update.old), None)
    if revision is None:
        note = f"{update.note} The revision that {update.ref} leads to is not here.".strip()
        old: dict[str, TreeFile] = {}
        update = replace(update, note=note)
    else:
        listing = _old_listing(client, model, revision)
        here = {file.name for file in revision.files if file.blob}
        old = {path: file for path, file in listing.items() if path in here}
        if len(old) < len(listing):
            # Only some files were fetched: of the others just those that are new, and that a download would take.
            taken = choose_by_format({path: file.size for path, file in new.items()}, model.repo_type)
            new = {
                path: file
                for path, file in new.items()
                if path in old or (path not in listing and taken[path].chosen)
            }
    wanted = {file.etag: file.size for path, file in new.items() if old.get(path) != file}
    return replace(
        update,
        changes=differences(old, new),
        bytes_new=sum(size for etag, size in wanted.items() if etag not in known),
    )


def _old_listing(client: HubClient, model: CachedModel, revision: CachedRevision) -> Mapping[str, TreeFile]:
    """The files of the repository at the commit that is here: by its tree listing, the hub, or the snapshot."""
    listing = read_tree(model.path, revision.commit)
    if listing is not None:
        return listing
    try:
        files = client.files(model.key.at(None), revision.commit)
    except (NotOnRemote, AccessDenied):
        return files_here(revision)
    return {file.path: TreeFile(file.size, file.etag) for file in files}


def _absent(client: HubClient, here: Update, source: str, error: RemoteError) -> Update:
    """What it means that the hub does not have it, or does not show it."""
    made_here = {"import": "It was imported", "local": "It was made on this machine"}.get(source)
    try:
        client.refs(here.key)
    except Offline:
        raise
    except (NotOnRemote, AccessDenied) as denied:
        if made_here:
            note = f"{made_here}, and the hub has no repository of that name."
        elif isinstance(denied, AccessDenied):
            note = "The hub does not show it to you: it is private, or was removed or renamed."
        else:
            note = "The hub does not have it any more: it was removed, renamed or made private."
        return replace(here, note=note)
    except RemoteError as failed:
        return replace(here, error=failed)
    if isinstance(error, AccessDenied):
        return replace(here, error=error)
    return replace(here, note=f"The hub has no branch or tag “{here.ref}” of it.")
