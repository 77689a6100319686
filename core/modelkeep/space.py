"""What keeps the caches of a library small: the policy of each, and what it makes room by. `library.space` is one.

with open_library() as library:
    plan = library.space.plan(root, CachePolicy(max_size=100 * 10**9))
    for one in plan.chosen:
        print(one.key, one.why)
    library.space.evict(plan)
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from modelkeep.cache.deletion import DeletionResult, execute_deletion
from modelkeep.cache.eviction import EvictionPlan, plan_eviction
from modelkeep.cache.policy import CachePolicy
from modelkeep.cache.ranking import Ranking, rank_models
from modelkeep.disk import free_space, reserve
from modelkeep.errors import NotEnoughSpace
from modelkeep.keys import ModelKey
from modelkeep.progress import Report, ignore
from modelkeep.settings import Settings, change_settings, load_settings
from modelkeep.text import size_text
from modelkeep.views import resolved

if TYPE_CHECKING:
    from modelkeep.library import Library

__all__ = ["Space"]

_NAMED = 3  # models of a sentence
_ROUNDS = 3


def _is_short(root: str, size: int) -> bool:
    """Whether the disk of a root has no room for so many bytes more, and what goes to the trash would not help."""
    space = free_space(root)
    return space.free - size < reserve(space)


class Space:
    """See the module."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._making_room = threading.Lock()

    def policy(self, root: str) -> CachePolicy:
        """What was chosen for a root; no limits where nothing was."""
        return load_settings().settings.policies.get(resolved(root), CachePolicy())

    def set_policy(self, root: str, policy: CachePolicy) -> None:
        """Keep a choice for a root; one that limits nothing forgets it."""

        def with_policy(settings: Settings) -> Settings:
            policies = {place: one for place, one in settings.policies.items() if place != resolved(root)}
            if policy != CachePolicy():
                policies[resolved(root)] = policy
            return replace(settings, policies=policies)

        change_settings(with_policy)

    def ranking(self, root: str, policy: CachePolicy | None = None) -> Ranking:
        """In which order all models of a root would go by a policy, its own when None. Asks the disk nothing."""
        catalog, place = self._library.catalog, resolved(root)
        return rank_models(
            self._library.inventory(place),
            self.policy(place) if policy is None else policy,
            uses=catalog.last_uses(place),
            counts=catalog.use_counts(place),
            pinned=catalog.pins(place),
            followed=self._followed(place),
            now=time.time(),
        )

    def _followed(self, place: str) -> Iterator[ModelKey]:
        """The models of a root that are kept there because they are followed."""
        settings = load_settings().settings
        caches = {remote.name: remote.cache for remote in settings.remotes}
        for one in settings.follows:
            if resolved(one.root or caches.get(one.remote) or self._library.roots[0]) != place:
                continue
            yield from (ModelKey.known(key).at(None) for key in one.keys)
            for model in self._library.inventory(place).models if not one.keys else ():
                if any(one.tag in revision.refs for revision in model.revisions):
                    yield model.key

    def plan(
        self,
        root: str,
        policy: CachePolicy | None = None,
        *,
        room: int = 0,
        free: int = 0,
        keep: Iterable[ModelKey] = (),
        permanently: bool = False,
    ) -> EvictionPlan:
        """What goes from a root by a policy, its own when None.

        `room` is what is about to be added and `free` what is to be freed whatever the size, in bytes. What is to
        `keep` stays this time.
        """
        place = resolved(root)
        return plan_eviction(
            self._library.inventory(place),
            self.ranking(place, policy),
            pinned=self._library.catalog.pins(place),
            room=room,
            free=free,
            keep=keep,
            permanently=permanently,
        )

    def plan_room(
        self, root: str, size: int, *, keep: Iterable[ModelKey] = (), transfer: str = ""
    ) -> EvictionPlan | None:
        """What goes from a root by its policy because `size` bytes are about to come; None where nothing has to.

        What goes is in the trash then, unless the disk itself has no room for so many bytes more. What other
        transfers than `transfer` were promised room for comes too.
        """
        place = resolved(root)
        policy = self.policy(place)
        if not policy.limits:
            return None
        from modelkeep.hub.queue import still_to_come

        kept = frozenset(keep)
        size += still_to_come(place, but=transfer)
        plan = self.plan(place, policy, room=size, keep=kept)
        if plan.chosen and _is_short(place, size):
            plan = self.plan(place, policy, room=size, keep=kept, permanently=True)
        return plan if plan.chosen or plan.missing else None

    def note_of_room(self, root: str, size: int, *, keep: Iterable[ModelKey] = ()) -> tuple[str, ...]:
        """A sentence for a plan that brings so many bytes: what goes from the root then; none where nothing does."""
        plan = self.plan_room(root, size, keep=keep)
        if plan is None:
            return ()
        if plan.missing:
            return (f"It does not fit: this cache may take {size_text(plan.policy.max_size)}.",)
        names = [one.key.repo_id for one in plan.chosen]
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        is_one = len(names) == 1
        if plan.is_permanent:
            where = f"{'is' if is_one else 'are'} deleted for good, because the disk is full,"
        else:
            where = "goes to the trash" if is_one else "go to the trash"
        return (f"To keep this cache within its limits, {', '.join(names[:_NAMED])}{more} {where} first.",)

    def make_room(
        self,
        root: str,
        size: int,
        *,
        keep: Iterable[ModelKey] = (),
        transfer: str = "",
        report: Report = ignore,
    ) -> DeletionResult | None:
        """Let go what `plan_room` says; None where nothing has to. A `transfer` that it is for is promised the room.

        Raises `NotEnoughSpace` before anything goes, where even that would be too little for the limit of the root.
        """
        if not self.policy(root).limits:
            return None
        done = None
        with self._making_room:  # else two that come at once would both count on the same room
            self._library.refresh([resolved(root)])
            for _ in range(_ROUNDS):  # until what was opened, or came by another process, is made up for
                plan = self.plan_room(root, size, keep=keep, transfer=transfer)
                if plan is None:
                    break
                if plan.missing:
                    raise NotEnoughSpace(
                        f"{size_text(size)} more do not fit: {plan.root} may take "
                        f"{size_text(plan.policy.max_size)}, {size_text(plan.on_disk)} are in use, "
                        f"and {size_text(plan.frees)} of that may go.",
                        hint="Raise the limit of this cache, unpin or delete models, or choose another cache.",
                    )
                done = self.evict(plan, report=report)
            if transfer:
                from modelkeep.hub.transfer_folder import Folder

                Folder(resolved(root), transfer).promise()
        return done

    def evict(self, plan: EvictionPlan, *, report: Report = ignore) -> DeletionResult | None:
        """Carry out a plan, into the trash unless it says otherwise; None where nothing goes.

        What failed is in the result, such as a model that was opened since.
        """
        if plan.deletion is None:
            return None
        with self._library.activity.logged("evict", [one.key for one in plan.chosen], plan.root):
            result = execute_deletion(plan.deletion, report=report)
        why = {one.key: one.why for one in plan.chosen}
        for item in result.items:
            said = item.error or why.get(item.key, "")
            self._library.activity.log("evict", item.key, plan.root, item.freed, item.error, detail=said)
        self._library.refresh([plan.root])
        return result
