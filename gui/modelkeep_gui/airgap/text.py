"""What the assistants say of sites, bundles and models, in words and figures. No widget in here."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from modelkeep.text import size_text, time_text
from modelkeep_gui.ages import age_text

if TYPE_CHECKING:
    from modelkeep.archive.export_plan import ExportItem
    from modelkeep.archive.holdings import Holdings
    from modelkeep.carrying import BundlePlan, HeldRevision
    from modelkeep.rows import ModelRow

__all__ = [
    "Bundled",
    "bundle_lines",
    "count_models",
    "held_text",
    "made_text",
    "missing_text",
    "old_text",
    "pack_text",
    "packed_text",
    "site_facts",
    "site_name",
    "there_text",
    "total_text",
]

_OLD = 30 * 86400  # seconds after which an inventory may no longer be true


@dataclass(frozen=True)
class Bundled:
    """What was packed. Sizes are bytes; `sums` is the SHA-256 of its `SHA256SUMS`, "" where there is none."""

    folder: Path
    site: str
    archives: int
    volumes: int
    size: int
    saved: int
    key_id: str
    sums: str
    failures: tuple[str, ...]


def site_name(holdings: Holdings) -> str:
    return holdings.name or _tr("A site without a name")


def made_text(holdings: Holdings) -> str:
    """When an inventory was made."""
    when, seconds = time_text(holdings.made)[:16], time.time() - holdings.made
    if seconds < 60:
        return _tr("Its inventory was made just now, {}.").format(when)
    return _tr("Its inventory is {} old, of {}.").format(age_text(seconds), when)


def old_text(holdings: Holdings) -> str:
    """What to think of when an inventory is old, "" when it is not."""
    if time.time() - holdings.made < _OLD:
        return ""
    return _tr("It is old: what was deleted there since then would be lacking. A new one is safer.")


def site_facts(holdings: Holdings) -> str:
    """How much a site has."""
    size = sum(content.size for content in holdings.contents)
    contents = _tr("{} contents").format(f"{len(holdings.contents):,}")
    return " · ".join((count_models(len(holdings.models)), contents, size_text(size)))


def held_text(row: ModelRow, holdings: Holdings | None) -> str:
    """What the other side has of a model, as far as its inventory says without a closer look."""
    from modelkeep.keys import ModelKey

    if holdings is None:
        return ""
    there = holdings.model(ModelKey.known(row.key))
    if there is None:
        return _tr("not there")
    commits = {revision.commit for revision in row.revisions[:1]}
    return _tr("this revision") if commits <= there.revisions.keys() else _tr("another revision")


def there_text(item: ExportItem | HeldRevision) -> str:
    """What the other side has of a model that is carried."""
    from modelkeep.carrying import HeldRevision

    if isinstance(item, HeldRevision):
        return _tr("all of it, {}").format(size_text(item.size))
    if not item.absent:
        return _tr("nothing")
    count = _tr("1 file") if len(item.absent) == 1 else _tr("{} files").format(f"{len(item.absent):,}")
    return f"{count}, {size_text(item.saved)}"


def packed_text(item: ExportItem | HeldRevision) -> str:
    """What is packed of a model."""
    from modelkeep.carrying import HeldRevision

    if isinstance(item, HeldRevision):
        return _tr("nothing: it is there")
    if item.refusal:
        return _tr("cannot be packed")
    return size_text(item.size)


def total_text(plan: BundlePlan) -> str:
    """What is packed in all."""
    going = sum(not item.refusal for item in plan.export.items)
    parts = [_tr("{} to carry in {}").format(size_text(plan.export.total), _archives(going))]
    if plan.holdings is not None:
        parts.append(_tr("{} need not be carried").format(size_text(plan.saved)))
    if plan.held:
        parts.append(_tr("{} there already").format(count_models(len(plan.held))))
    return " · ".join(parts)


def pack_text(plan: BundlePlan | None) -> str:
    """What the last button does, with the figure."""
    going = sum(not item.refusal for item in plan.export.items) if plan else 0
    if plan is None or not going:
        return _tr("&Pack")
    return _tr("&Pack {}, {}").format(count_models(going), size_text(plan.export.total))


def bundle_lines(done: Bundled) -> Iterator[tuple[str, str]]:
    """What one wants to know of a bundle, with labels."""
    volumes = _tr("1 file") if done.volumes == 1 else _tr("{} files").format(f"{done.volumes:,}")
    yield _tr("Where"), str(done.folder)
    yield _tr("What"), f"{_archives(done.archives)} · {volumes} · {size_text(done.size)}"
    if done.site:
        saved = _tr("{} need not be carried").format(size_text(done.saved))
        yield _tr("For"), f"{done.site} · {saved}"


def missing_text(path: Path) -> str:
    """That there is no such file, "" when there is."""
    return "" if path.exists() else _tr("There is no file {}.").format(path)


def count_models(count: int) -> str:
    return _tr("1 model") if count == 1 else _tr("{} models").format(f"{count:,}")


def _archives(count: int) -> str:
    return _tr("1 archive") if count == 1 else _tr("{} archives").format(f"{count:,}")


def _tr(text: str) -> str:
    return QCoreApplication.translate("Airgap", text)
