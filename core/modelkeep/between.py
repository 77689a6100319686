"""What goes between caches and remotes: copying, moving, syncing, and following. A part of `library.remotes`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from modelkeep.named_remotes import Follow
from modelkeep.progress import Report, ignore

if TYPE_CHECKING:
    from modelkeep.library import Library
    from modelkeep.remote.plans import Copied, CopyPlan, Followed, FollowPlan, Synced, SyncPlan

__all__ = ["Between"]


class Between:
    """See the module. A place is the name of a remote, the path of a cache, or "here" for the first cache."""

    def __init__(self, library: Library) -> None:
        self._library = library

    # ---- copying and syncing

    def plan_copy(
        self, key: str, origin: str, destination: str, *, move: bool = False, report: Report = ignore
    ) -> CopyPlan:
        """What copying a revision from one place to another sends; with `move` also what is deleted after
        it."""
        from modelkeep.remote.copying import plan_copy

        return plan_copy(self._library, key, origin, destination, move=move, report=report)

    def copy(self, plan: CopyPlan, *, report: Report = ignore) -> Copied:
        """Carry out a plan; the origin's is deleted only after the destination has verified."""
        from modelkeep.remote.copying import copy

        verb = "move" if plan.moves else "copy"
        with self._library.activity.logged(verb, [plan.key]):
            done = copy(self._library, plan, report=report)
        where = f"from {plan.origin} to {plan.destination}"
        self._library.activity.log(verb, plan.key.at(done.commit), "", done.sent, detail=where)
        return done

    def plan_sync(
        self, origin: str, destination: str, *, delete: bool = False, report: Report = ignore
    ) -> SyncPlan:
        """What one place lacks of another; with `delete` also what only the destination has."""
        from modelkeep.remote.syncing import plan_sync

        return plan_sync(self._library, origin, destination, delete=delete, report=report)

    def sync(self, plan: SyncPlan, *, report: Report = ignore) -> Synced:
        """Carry out a plan; what failed is in the result. Doing it again goes on from there."""
        from modelkeep.remote.syncing import sync

        with self._library.activity.logged("sync", [item.key for item in plan.todo]):
            done = sync(self._library, plan, report=report)
        where = f"from {plan.origin} to {plan.destination}"
        for item in done.done:
            self._library.activity.log("sync", item.key, "", item.sends, detail=f"{item.action} {where}")
        for failure in done.failures:
            self._library.activity.log("sync", "", "", 0, failure, detail=where)
        return done

    # ---- following

    def follow(
        self, name: str, keys: Sequence[str] = (), *, tag: str = "", root: str = ""
    ) -> tuple[Follow, ...]:
        """Keep these models here, besides those that are followed already; returns all that is followed of
        it."""
        from modelkeep.remote.following import follow

        return follow(name, keys, tag, root)

    def unfollow(self, name: str, keys: Sequence[str] = (), *, tag: str = "") -> tuple[Follow, ...]:
        """Follow these no more, all when neither keys nor a tag are named. What is here stays."""
        from modelkeep.remote.following import unfollow

        return unfollow(name, keys, tag)

    def plan_follow(self, name: str = "", *, report: Report = ignore) -> tuple[FollowPlan, ...]:
        """What following brings now, of one remote or of all."""
        from modelkeep.remote.following import plan_follow

        return plan_follow(self._library, name, report)

    def run_follow(self, plan: FollowPlan, *, report: Report = ignore) -> Followed:
        """Carry out a plan; what failed is in the result."""
        from modelkeep.remote.following import run_follow

        return run_follow(self._library, plan, report)
