"""How the bytes of a disk are shared out, for the disk bar and the map. No Qt in here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from modelkeep.rows import ModelRow

__all__ = ["DiskUsage", "Grouping", "Kind", "Share", "by_share", "disk_usage", "filter_for"]

Grouping = Literal["library", "cache", "owner"]
Kind = Literal["library", "cache", "owner", "more", "trash", "other", "free"]

_NAMED = 7


@dataclass(frozen=True)
class Share:
    """A part of the disk. `name` is a library, a root or an owner, "" when models say nothing or for other kinds."""

    kind: Kind
    name: str
    size: int


@dataclass(frozen=True)
class DiskUsage:
    """A disk, or several together, in bytes. `models` are the shares of models, the largest first."""

    total: int = 0
    free: int = 0
    trash: int = 0
    models: tuple[Share, ...] = ()

    @property
    def shares(self) -> tuple[Share, ...]:
        """All of the disk: models, trash, what is not ours, and what is free."""
        ours = sum(share.size for share in self.models) + self.trash
        other = max(0, self.total - self.free - ours)
        rest = (Share("trash", "", self.trash), Share("other", "", other), Share("free", "", self.free))
        return (*self.models, *(share for share in rest if share.size))


def disk_usage(
    rows: Iterable[ModelRow], grouping: Grouping = "library", *, total: int, free: int, trash: int = 0
) -> DiskUsage:
    """Share out what `rows` take on the disk.

    At most seven groups have a share of their own; the others, and those under a hundredth of all models, are one of
    the kind "more".
    """
    name_of = _NAME_OF[grouping]
    sizes: dict[str, int] = {}
    for row in rows:
        name = name_of(row)
        sizes[name] = sizes.get(name, 0) + row.on_disk
    ordered = sorted(
        ((size, name) for name, size in sizes.items() if size), key=lambda pair: (-pair[0], pair[1])
    )
    models = [Share(grouping, name, size) for size, name in ordered]
    least = sum(sizes.values()) // 100
    named = sum(share.size >= least for share in models[:_NAMED])
    if len(models) > named + 1:
        models[named:] = [Share("more", "", sum(share.size for share in models[named:]))]
    return DiskUsage(total, free, trash, tuple(models))


def by_share(
    rows: Iterable[ModelRow], grouping: Grouping, shares: Sequence[Share]
) -> list[tuple[Share, list[ModelRow]]]:
    """The rows of each share of models, in the order of `shares`; what is in none of them is "more", at the end."""
    name_of = _NAME_OF[grouping]
    parts: list[tuple[Share, list[ModelRow]]] = [(share, []) for share in shares]
    named = {share.name: part for share, part in parts if share.kind == grouping}
    more = next((part for share, part in parts if share.kind == "more"), None)
    for row in rows:
        part = named.get(name_of(row), more)
        if part is None:
            part = more = []
            parts.append((Share("more", "", 0), more))
        part.append(row)
    return parts


def filter_for(share: Share) -> str | None:
    """What one would type to see the models of a share; None when no filter says it (a cache, the rest)."""
    match share.kind:
        case "library":
            return f'library="{share.name}"' if share.name else "library=none"
        case "owner":
            return f'org="{share.name}"' if share.name else "org=none"
    return None


def _owner(row: ModelRow) -> str:
    return row.repo_id.rpartition("/")[0]


_NAME_OF: dict[Grouping, Callable[[ModelRow], str]] = {
    "library": lambda row: row.library,
    "cache": lambda row: row.root,
    "owner": _owner,
}
