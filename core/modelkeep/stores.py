"""What stores can do besides: they know how refs moved, bring back what was deleted, and hold garbage. A part of
`library.remotes`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from modelkeep.errors import NotAllowed
from modelkeep.keys import ModelKey
from modelkeep.progress import Report, ignore
from modelkeep.remote.remote import HoldsGarbage, KeepsHistory

if TYPE_CHECKING:
    from modelkeep.library import Library
    from modelkeep.remote.values import (
        Collected,
        Collection,
        RefEntry,
        RemoteDeletion,
        RemoteModel,
    )

__all__ = ["Stores"]


class Stores:
    """See the module. From any remote something can be deleted; the rest raises `NotAllowed` for a hub."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def history(self, name: str, key: str, *, ref: str = "main") -> tuple[RefEntry, ...]:
        """How a branch or tag of a model came to lead where it does, the newest step first."""
        with self._history(name) as remote:
            return remote.history(ModelKey.parse(key).at(None), ref)

    # ---- deleting there

    def plan_deletion(self, name: str, key: str, *, report: Report = ignore) -> RemoteDeletion:
        """What deleting a model, or a revision of it, from a remote takes away."""
        with self._library.remotes.open(name) as remote:
            return replace(remote.plan_deletion(ModelKey.parse(key)), remote=name)

    def delete(self, plan: RemoteDeletion, *, report: Report = ignore) -> None:
        """Carry out a plan."""
        keys = [plan.key.at(commit) for commit in plan.commits] or [plan.key]
        with self._library.activity.logged("delete", keys), self._library.remotes.open(plan.remote) as remote:
            remote.delete(plan, report=report)
        for key in keys:
            self._library.activity.log("delete", key, "", 0, detail=f"from {plan.remote}")

    def deleted(self, name: str) -> tuple[RemoteModel, ...]:
        """What was deleted from a store and can still be brought back; none where the remote keeps
        nothing."""
        with self._history(name) as remote:
            return remote.deleted()

    def restore(self, name: str, key: str, *, report: Report = ignore) -> tuple[str, ...]:
        """Bring back what was deleted from a store; returns the commits."""
        wanted = ModelKey.parse(key)
        with self._library.activity.logged("restore", [wanted]), self._history(name) as remote:
            commits = remote.restore(wanted, report=report)
        for commit in commits:
            self._library.activity.log("restore", wanted.at(commit), "", 0, detail=f"on {name}")
        return commits

    def set_ref(self, name: str, key: str, ref: str, *, message: str = "") -> RefEntry:
        """Let a branch or tag of a store lead to the revision of the key, as `production`."""
        wanted = ModelKey.parse(key)
        with self._library.activity.logged("set-ref", [wanted]), self._history(name) as remote:
            entry = remote.set_ref(wanted, ref, was=None, message=message)
        said = f"{ref} on {name}{f': {message}' if message else ''}"
        self._library.activity.log("set-ref", wanted.at(entry.commit), "", 0, detail=said)
        return entry

    def remove_ref(self, name: str, key: str, ref: str, *, message: str = "") -> None:
        """Let a branch or tag of a store lead nowhere; the revision stays."""
        wanted = ModelKey.parse(key).at(None)
        with self._library.activity.logged("set-ref", [wanted]), self._history(name) as remote:
            remote.remove_ref(wanted, ref, message=message)
        said = f"{ref} removed on {name}{f': {message}' if message else ''}"
        self._library.activity.log("set-ref", wanted, "", 0, detail=said)

    def plan_collection(
        self, name: str, *, grace: float | None = None, report: Report = ignore
    ) -> Collection:
        """What nothing in a store needs any more; see `HoldsGarbage`. Raises `NotAllowed` for a remote of
        another kind."""
        with self._garbage(name) as remote:
            return replace(remote.plan_collection(grace=grace, report=report), remote=name)

    def collect(self, plan: Collection, *, report: Report = ignore) -> Collected:
        """Remove it."""
        with self._library.activity.logged("collect", ()), self._garbage(plan.remote) as remote:
            done = remote.collect(plan, report=report)
        error = " ".join(done.failures[:3])
        self._library.activity.log("collect", "", "", done.freed, error, detail=f"on {plan.remote}")
        return done

    # ---- within

    @contextmanager
    def _history(self, name: str) -> Iterator[KeepsHistory]:
        with self._library.remotes.open(name) as remote:
            if not isinstance(remote, KeepsHistory):
                raise NotAllowed(
                    f"{name} keeps no history of its own: only a folder or an S3 store does.",
                    hint="Use the pages of the hub for that.",
                )
            yield remote

    @contextmanager
    def _garbage(self, name: str) -> Iterator[HoldsGarbage]:
        with self._library.remotes.open(name) as remote:
            if not isinstance(remote, HoldsGarbage):
                raise NotAllowed(
                    f"{name} is no store in which something could be collected.",
                    hint="Only a folder or an S3 store holds garbage.",
                )
            yield remote
