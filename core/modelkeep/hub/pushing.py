"""Works out what a push would send: what the hub has, what differs, which contents its store lacks, what is secret.

Asks the hub and reads the files; changes nothing, here or there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from modelkeep.archive.lfs import LFS_FROM, LfsRules
from modelkeep.cache.catalog import Catalog
from modelkeep.disk import disk_errors
from modelkeep.errors import AccessDenied, BadReply, InvalidKey, NotOnRemote
from modelkeep.hub.choice import choose_by_globs
from modelkeep.hub.ignored import Ignored
from modelkeep.hub.push_calls import Mode, card_problems, ignore_rules, lfs_batch, preupload
from modelkeep.hub.push_plan import PushAction, PushFile, PushPlan
from modelkeep.hub.push_source import Hashes, LocalFile, PushSource, chosen, hashes_of
from modelkeep.hub.replies import HubFile, Whoami
from modelkeep.keys import ModelKey
from modelkeep.progress import Progress, Report, ignore
from modelkeep.safety.secrets import SecretFound, find_secrets

if TYPE_CHECKING:
    from modelkeep.hub.client import HubClient

__all__ = ["PushOptions", "plan_push", "uploads_needed", "what_is_there", "with_sends"]

_ATTRIBUTES = ".gitattributes"  # the hub's own, which says what is LFS
_CARD = "README.md"


class PushOptions(NamedTuple):
    """How to push; see `Hubs.plan_push`."""

    files: Sequence[str] | None = None
    include: Sequence[str] = ()
    exclude: Sequence[str] = ()
    branch: str = "main"
    pull_request: bool = False
    private: bool = True
    message: str = ""
    delete: bool = False


EVERYTHING = PushOptions()


class _There(NamedTuple):
    """What the hub has now: `to` by its present name, `base` where the branch leads, or will begin."""

    to: ModelKey
    files: dict[str, HubFile]
    base: str = ""
    creates: bool = False
    creates_branch: bool = False
    notes: tuple[str, ...] = ()


def plan_push(
    client: HubClient,
    source: PushSource,
    to: ModelKey,
    options: PushOptions = EVERYTHING,
    *,
    catalog: Catalog | None = None,
    report: Report = ignore,
) -> PushPlan:
    """What pushing `source` would do. `catalog` remembers hashes of large files.

    Raises `AccessDenied` where the token may not write, `ModelNotFound` for files that are not here, `CacheError` for
    damaged ones, and other `RemoteError`s.
    """
    _check_names(to, options.branch)
    local = chosen(source, options.files, options.include, options.exclude)
    report(Progress("Asking the hub"))
    who = _who(client, may_only_read=options.pull_request)
    there = what_is_there(client, to, options)
    modes = _modes(client, there, options, local.files)
    ignored = [file.path for file in local.files if modes[file.path].ignored]
    wanted = [file for file in local.files if not modes[file.path].ignored]
    files = _compared(wanted, there.files, modes, catalog, report)
    files = with_sends(client, there, options.branch, files)
    if options.delete:
        files += _deleted(there.files, {*source.ignored, *(file.path for file in source.files)}, options)
    notes = [*there.notes, *_notes_on_card(client, there.to, files)]
    plan = PushPlan(
        source=source.name,
        to=there.to,
        profile=client.profile.name,
        endpoint=client.endpoint,
        branch=options.branch,
        files=tuple(sorted(files)),
        base=there.base,
        creates=there.creates,
        private=options.private,
        creates_branch=there.creates_branch,
        pull_request=options.pull_request,
        message=options.message,
        ignored=tuple(sorted({*source.ignored, *ignored})),
        notes=tuple(notes),
        who=who.name,
    )
    return replace(plan, secrets=_secrets(plan.sent, report))


def uploads_needed(
    client: HubClient, to: ModelKey, branch: str, files: Iterable[PushFile]
) -> tuple[PushFile, ...]:
    """The files, each with the bytes that have to be sent of it: of a content that several have, once."""
    files = tuple(files)
    contents = dict.fromkeys((file.etag, file.size) for file in files if file.is_lfs)
    actions = lfs_batch(client, to, branch, contents) if contents else {}
    seen: set[str] = set()
    done = []
    for file in files:
        needed = not file.is_lfs or (bool(actions[file.etag].upload) and file.etag not in seen)
        seen.add(file.etag)
        done.append(file._replace(sends=file.size if needed else 0))
    return tuple(done)


def _check_names(to: ModelKey, branch: str) -> None:
    if "/" not in to.repo_id:
        raise InvalidKey(
            f"“{to.repo_id}” does not say whose it is.", hint="Name the user or organisation too: org/name."
        )
    ModelKey.parse(f"{to.repo_id}@{branch}")


# ---- the hub


def _who(client: HubClient, *, may_only_read: bool) -> Whoami:
    try:
        who = client.whoami()
    except (NotOnRemote, BadReply):
        return Whoami("")  # a hub without users
    if who.role == "read" and not may_only_read:
        raise AccessDenied(
            f"The token of {who.name} may only read.",
            hint="Make one that may write in your settings on the hub, and give it to the profile.",
        )
    return who


def what_is_there(client: HubClient, to: ModelKey, options: PushOptions) -> _There:
    """The branch that is pushed to, and its files."""
    try:
        refs = client.refs(to)
    except NotOnRemote:
        if options.pull_request:
            raise
        return _There(to, {}, creates=True, creates_branch=options.branch != "main")
    branches = {ref.name: ref.commit for ref in refs.branches}
    notes = []
    if branches:
        called = client.model(to).repo_id or to.repo_id
        if called != to.repo_id:
            notes.append(f"{to.repo_id} is called {called} there now.")
            to = replace(to, repo_id=called)
    if options.branch not in branches and options.pull_request:
        raise NotOnRemote(
            f"{to.repo_id} has no branch “{options.branch}” to which something could be proposed.",
            hint=f"Its branches are {', '.join(branches)}." if branches else "",
        )
    base = branches.get(options.branch) or branches.get("main", "")
    files = {file.path: file for file in client.files(to, base)} if base else {}
    return _There(
        to, files, base, creates_branch=options.branch not in branches and bool(branches), notes=tuple(notes)
    )


def _modes(
    client: HubClient, there: _There, options: PushOptions, files: Sequence[LocalFile]
) -> dict[str, Mode]:
    """How the hub wants the files; for a repository that is not there yet, how a new one does."""
    if there.base:
        revision = "main" if there.creates_branch else options.branch
        return preupload(client, there.to, revision, files, pull_request=options.pull_request)
    rules = LfsRules({})
    ignored = Ignored({"": ignore_rules(files) or ""})
    return {
        file.path: Mode(file.size > 0 and rules.is_lfs(file.path, file.size), file.path in ignored)
        for file in files
    }


# ---- the files


def _compared(
    files: Sequence[LocalFile],
    there: dict[str, HubFile],
    modes: dict[str, Mode],
    catalog: Catalog | None,
    report: Report,
) -> list[PushFile]:
    total = sum(file.size for file in files)
    done = 0

    def counting(path: str) -> Callable[[int], None]:
        def count(size: int) -> None:
            nonlocal done
            done += size
            report(Progress("Comparing", done, total, path))

        return count

    return [
        _planned(file, hashes_of(file, catalog, counting(file.path)), modes[file.path], there.get(file.path))
        for file in files
    ]


def _planned(file: LocalFile, hashes: Hashes, mode: Mode, remote: HubFile | None) -> PushFile:
    is_lfs = mode.is_lfs or file.size > LFS_FROM
    if remote is not None and remote.etag and remote.etag in hashes:
        return PushFile(file.path, file.source, file.size, PushAction.SAME, remote.is_lfs, remote.etag)
    etag = hashes.sha256 if is_lfs else hashes.git_sha1
    action = PushAction.NEW if remote is None else PushAction.CHANGED
    return PushFile(file.path, file.source, file.size, action, is_lfs, etag, file.size)


def with_sends(client: HubClient, there: _There, branch: str, files: list[PushFile]) -> list[PushFile]:
    """With what the hub's store has already; a new repository is not asked, because it has none."""
    sent = [file for file in files if file.action is not PushAction.SAME]
    if there.base:
        needed = uploads_needed(client, there.to, "main" if there.creates_branch else branch, sent)
    else:
        first = {file.etag: file.path for file in reversed(sent)}
        needed = tuple(
            file._replace(sends=0 if file.is_lfs and first[file.etag] != file.path else file.size)
            for file in sent
        )
    by_path = {file.path: file for file in needed}
    return [by_path.get(file.path, file) for file in files]


def _deleted(there: dict[str, HubFile], here: set[str], options: PushOptions) -> list[PushFile]:
    """What only the hub has, of what was chosen."""
    if options.files is not None:
        return []
    choice = choose_by_globs(there, options.include, options.exclude)
    return [
        PushFile(path, "", file.size, PushAction.DELETED, file.is_lfs, file.etag)
        for path, file in there.items()
        if path not in here and choice[path].chosen and path.rpartition("/")[2] != _ATTRIBUTES
    ]


def _notes_on_card(client: HubClient, to: ModelKey, files: Iterable[PushFile]) -> list[str]:
    card = next((file for file in files if file.path == _CARD and file.action in _SENT), None)
    if card is None:
        return []
    with disk_errors(card.source), open(card.source, encoding="utf-8", errors="replace") as text:
        content = text.read()
    errors, warnings = card_problems(client, to, content)
    return [
        *(f"The hub will not take {_CARD}: {message}" for message in errors),
        *(f"{_CARD}: {message}" for message in warnings),
    ]


_SENT = (PushAction.NEW, PushAction.CHANGED)


def _secrets(files: Iterable[PushFile], report: Report) -> tuple[SecretFound, ...]:
    found: list[SecretFound] = []
    files = list(files)
    for number, file in enumerate(files):
        report(Progress("Looking for secrets", number, len(files), file.path, unit="files"))
        found += find_secrets(file.path, file.source)
    return tuple(found)
