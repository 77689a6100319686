"""Carries out a plan: makes what is not there, sends contents, commits, and compares what the hub then has with ours.

What was sent and not committed stays in the hub's store, so that the same push, done again, goes on from there.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import IO, TYPE_CHECKING, NamedTuple

from modelkeep.archive.lfs import LFS_FROM
from modelkeep.cache import layout
from modelkeep.disk import disk_errors, keeping_atime
from modelkeep.errors import (
    AlreadyOnRemote,
    BadReply,
    ModelKeepError,
    NotOnRemote,
    RemoteBusy,
    RemoteConflict,
    RemoteUnreachable,
)
from modelkeep.hub.lfs_upload import changed, upload_contents
from modelkeep.hub.pace import wait_before
from modelkeep.hub.push_calls import (
    CommitReply,
    LfsActions,
    commit,
    create_branch,
    create_repository,
    lfs_batch,
    preupload,
)
from modelkeep.hub.push_plan import PushAction, PushFile, PushPlan, PushResult
from modelkeep.hub.push_source import LocalFile, hashes_of
from modelkeep.progress import Progress, Report, ignore

if TYPE_CHECKING:
    from modelkeep.hub.client import HubClient

__all__ = ["MOST_IN_A_COMMIT", "check_secrets", "push"]

MOST_IN_A_COMMIT = 25_000
"""Operations; a push of more files becomes several commits, each on top of the one before."""

_TICK = 0.1  # seconds
_LOOK_AGAIN = "Push again to see what changed; what was sent is not sent again."


def push(
    client: HubClient, plan: PushPlan, *, allow_secrets: Sequence[str] = (), report: Report = ignore
) -> PushResult:
    """Do what the plan says. A report that raises stops it, up to the commit: there it is too late.

    Raises `ModelKeepError` for secrets that are not allowed, `RemoteConflict` when the hub changed since the plan was
    made, `ContentConflict` when a file here did; then nothing was committed.
    """
    check_secrets(plan, allow_secrets)
    report(Progress("Asking the hub"))
    if plan.is_nothing and not (plan.creates or plan.creates_branch):
        return PushResult(plan, plan.base, _page(client, plan, plan.base), 0, 0)
    plan = _with_places(client, plan)
    sent = _send_contents(client, plan, report)
    reply, regular = _commit(client, plan, report)
    report(Progress("Comparing with the hub"))
    verified, differs = _compared(client, plan, reply.commit)
    url = reply.url or _page(client, plan, reply.commit)
    return PushResult(plan, reply.commit, url, sent + regular, verified, differs, reply.pull_request_url)


def check_secrets(plan: PushPlan, allowed: Sequence[str]) -> None:
    """Raise `ModelKeepError` for what looks like a secret in a file that is sent and not allowed by name."""
    sent = {file.path for file in plan.sent}
    found = [secret for secret in plan.secrets if secret.path in sent and secret.path not in set(allowed)]
    if not found:
        return
    shown = [f"{one.path}{f', line {one.line}' if one.line else ''} ({one.kind})" for one in found[:5]]
    more = f", and {len(found) - 5} more" if len(found) > 5 else ""
    raise ModelKeepError(
        f"This looks like a secret: {'; '.join(shown)}{more}. Nothing was sent.",
        hint="Take it out of the push; if it is none, allow it by its exact path.",
    )


# ---- what has to be there first


def _with_places(client: HubClient, plan: PushPlan) -> PushPlan:
    """Make the repository and the branch where they are missing; the plan with what is known since."""
    try:
        if plan.creates:
            create_repository(client, plan.to, plan.who, private=plan.private)
        base = plan.base or _head(client, plan, "main")
        if plan.creates_branch and plan.branch != "main":
            create_branch(client, plan.to, plan.branch, base)
    except AlreadyOnRemote as error:
        raise RemoteConflict(
            f"{error} It was not there when the push was planned.", hint=_LOOK_AGAIN
        ) from error
    if plan.base:
        return plan
    # A new repository's own rules were not known: it may want files otherwise than was thought.
    kept = [file for file in plan.files if file.action is not PushAction.DELETED]
    local = [LocalFile(file.path, file.source, file.size) for file in kept]
    modes = preupload(client, plan.to, plan.branch, local, pull_request=False)
    files = []
    for file, here in zip(kept, local, strict=True):
        mode = modes[file.path]
        if not mode.ignored:
            files.append(_as_wanted(file, here, is_lfs=mode.is_lfs or file.size > LFS_FROM))
    ignored = [file.path for file in kept if modes[file.path].ignored]
    return replace(plan, base=base, files=tuple(files), ignored=tuple(sorted({*plan.ignored, *ignored})))


def _as_wanted(file: PushFile, here: LocalFile, *, is_lfs: bool) -> PushFile:
    if is_lfs == file.is_lfs:
        return file
    hashes = hashes_of(here, None, lambda size: None)
    if file.etag not in hashes:
        raise changed(file)
    return file._replace(is_lfs=is_lfs, etag=hashes.sha256 if is_lfs else hashes.git_sha1)


def _head(client: HubClient, plan: PushPlan, branch: str) -> str:
    """Where a branch leads, "" where it is not there."""
    branches = {ref.name: ref.commit for ref in client.refs(plan.to).branches}
    return branches.get(branch, "")


# ---- contents


def _send_contents(client: HubClient, plan: PushPlan, report: Report) -> int:
    """Bring what the hub's store lacks; returns the bytes."""
    contents = {file.etag: file for file in plan.sent if file.is_lfs}
    if not contents:
        return 0

    def ask(file: PushFile) -> LfsActions:
        return lfs_batch(client, plan.to, plan.branch, [(file.etag, file.size)])[file.etag]

    actions = lfs_batch(client, plan.to, plan.branch, [(file.etag, file.size) for file in contents.values()])
    needed = [(file, actions[etag]) for etag, file in contents.items() if actions[etag].upload]
    regular = sum(file.size for file in plan.sent if not file.is_lfs)
    total = sum(file.size for file, _ in needed) + regular
    # The largest first: the others go beside it.
    needed.sort(key=lambda one: one[0].size, reverse=True)
    return upload_contents(client, needed, ask, total=total, report=report)


# ---- the commit


class _Done(NamedTuple):
    reply: CommitReply
    regular: int


def _commit(client: HubClient, plan: PushPlan, report: Report) -> _Done:
    """One commit, or several for very many files; the reply to the last, and the bytes that went within them."""
    files = [file for file in plan.files if file.action is not PushAction.SAME]
    if not files:
        return _Done(CommitReply(plan.base, "", ""), 0)
    groups = [files[start : start + MOST_IN_A_COMMIT] for start in range(0, len(files), MOST_IN_A_COMMIT)]
    branch, parent, pull_request, regular = plan.branch, plan.base, plan.pull_request, 0
    request_url = ""
    for number, group in enumerate(groups):
        title = plan.message or _title(plan)
        if len(groups) > 1:
            title = f"{title} ({number + 1} of {len(groups)})"
        report(Progress("Committing", number, len(groups), title, unit="commits"))
        with _lines(title, parent, group) as (lines, size):
            regular += size
            reply = _committed(client, plan, branch, parent, lines, group, pull_request, report)
        if reply.pull_request_url:
            request_url = reply.pull_request_url
        if pull_request and len(groups) > 1:
            # What comes later belongs to the same pull request, which is a branch of its own.
            branch, pull_request = _request_branch(request_url), False
        parent = reply.commit
    return _Done(reply._replace(pull_request_url=request_url), regular)


def _committed(
    client: HubClient,
    plan: PushPlan,
    branch: str,
    parent: str,
    lines: IO[bytes],
    group: Sequence[PushFile],
    pull_request: bool,
    report: Report,
) -> CommitReply:
    """Commit, and find out what became of it when no answer comes: it must not be done twice."""
    attempt = 0
    while True:
        lines.seek(0)
        try:
            return commit(client, plan.to, branch, lines, pull_request=pull_request)
        except RemoteConflict as error:
            raise RemoteConflict(
                f"Somebody else changed “{branch}” of {plan.to.repo_id} since this push was planned.",
                hint=_LOOK_AGAIN,
            ) from error
        except (RemoteUnreachable, RemoteBusy) as error:
            attempt += 1
            pause = wait_before(attempt, error)
            if pause is None or pull_request or not parent:
                raise
            _wait(pause, report)
            head = _head(client, plan, branch)
            if head != parent:
                if _differing(client, plan, head, group):
                    raise RemoteConflict(
                        f"Somebody else changed “{branch}” of {plan.to.repo_id} meanwhile.", hint=_LOOK_AGAIN
                    ) from error
                return CommitReply(head, "", "")  # it was done, and only the answer was lost


def _wait(seconds: float, report: Report) -> None:
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        report(Progress("Waiting for the hub"))
        time.sleep(min(_TICK, left))


@contextmanager
def _lines(title: str, parent: str, files: Iterable[PushFile]) -> Iterator[tuple[IO[bytes], int]]:
    """The operations of a commit, a line of JSON each, in a file: they hold the contents that are not LFS.

    With the bytes of these contents. Raises `ContentConflict` for one that is not what the plan saw.
    """
    header: dict[str, object] = {"summary": title, "description": ""}
    if parent:
        header["parentCommit"] = parent
    size = 0
    with tempfile.TemporaryFile() as lines:
        lines.write(_line("header", header))
        for file in files:
            if file.action is PushAction.DELETED:
                lines.write(_line("deletedFile", {"path": file.path}))
            elif file.is_lfs:
                value = {"path": file.path, "algo": "sha256", "oid": file.etag, "size": file.size}
                lines.write(_line("lfsFile", value))
            else:
                content = base64.b64encode(_content(file)).decode()
                lines.write(_line("file", {"content": content, "path": file.path, "encoding": "base64"}))
                size += file.size
        lines.flush()
        yield lines, size


def _line(key: str, value: object) -> bytes:
    return json.dumps({"key": key, "value": value}).encode() + b"\n"


def _content(file: PushFile) -> bytes:
    with disk_errors(file.source), open(file.source, "rb", opener=keeping_atime) as opened:
        if os.fstat(opened.fileno()).st_size != file.size:
            raise changed(file)
        content = opened.read()
    if hashlib.sha1(layout.git_blob_header(len(content)) + content).hexdigest() != file.etag:
        raise changed(file)
    return content


def _title(plan: PushPlan) -> str:
    files = [file for file in plan.files if file.action is not PushAction.SAME]
    if len(files) == 1:
        verb = {PushAction.NEW: "Add", PushAction.DELETED: "Remove"}.get(files[0].action, "Change")
        return f"{verb} {files[0].path}"
    return f"Push {len(files):,} files"


def _request_branch(url: str) -> str:
    number = re.search(r"/discussions/(\d+)", url)
    if number is None:
        raise BadReply("The hub does not say which pull request it made.")
    return f"refs/pr/{number[1]}"


# ---- after it


def _compared(client: HubClient, plan: PushPlan, made: str) -> tuple[int, tuple[str, ...]]:
    """How many files the hub has as they are here, and which it has otherwise."""
    if not made:
        return 0, ()
    differs = _differing(client, plan, made, plan.files)
    kept = sum(file.action is not PushAction.DELETED for file in plan.files)
    return kept - sum(
        file.action is not PushAction.DELETED for file in plan.files if file.path in differs
    ), differs


def _differing(client: HubClient, plan: PushPlan, made: str, files: Iterable[PushFile]) -> tuple[str, ...]:
    try:
        there = {file.path: file for file in client.files(plan.to, made)}
    except NotOnRemote as error:
        raise BadReply(
            f"The hub made the commit {made[:12]} and does not show it.", hint="Look at its page."
        ) from error
    wrong = []
    for file in files:
        remote = there.get(file.path)
        if file.action is PushAction.DELETED:
            same = remote is None
        else:
            same = remote is not None and (remote.etag, remote.size) == (file.etag, file.size)
        if not same:
            wrong.append(file.path)
    return tuple(wrong)


def _page(client: HubClient, plan: PushPlan, made: str) -> str:
    """The page of a commit, as the Hub has it."""
    kind = "" if plan.to.repo_type == "model" else f"{plan.to.repo_type}s/"
    return f"{client.endpoint}/{kind}{plan.to.repo_id}" + (f"/commit/{made}" if made else "")
