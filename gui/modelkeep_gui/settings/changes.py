"""What was chosen, put into the settings as they are by now: others may have changed them meanwhile."""

from __future__ import annotations

from dataclasses import replace

from modelkeep.settings import Settings

__all__ = ["with_changes"]


def with_changes(now: Settings, before: Settings, chosen: Settings) -> Settings:
    """`now` with what differs between `before` and `chosen`: each cache in the list and each limit by itself."""
    removed, added = set(before.roots) - set(chosen.roots), set(chosen.roots) - set(before.roots)
    roots = [root for root in now.roots if root not in removed]
    roots += [root for root in chosen.roots if root in added and root not in roots]
    policies = dict(now.policies)
    for place in before.policies.keys() | chosen.policies.keys():
        policy = chosen.policies.get(place)
        if policy == before.policies.get(place):
            continue
        policies.pop(place, None)
        if policy is not None:
            policies[place] = policy
    return replace(
        now,
        roots=tuple(roots),
        policies=policies,
        theme=now.theme if chosen.theme == before.theme else chosen.theme,
        registry=now.registry if chosen.registry == before.registry else chosen.registry,
        inference=now.inference if chosen.inference == before.inference else chosen.inference,
        language=now.language if chosen.language == before.language else chosen.language,
    )
