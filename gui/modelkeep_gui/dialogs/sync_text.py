"""What a plan between places says, in words and figures. No widget in here."""

from __future__ import annotations

from collections import Counter

from PySide6.QtCore import QCoreApplication

from modelkeep.remote.plans import CopyPlan, SyncAction, SyncItem, SyncPlan
from modelkeep.text import size_text

__all__ = [
    "action_order",
    "action_sign",
    "action_text",
    "copy_button_text",
    "copy_text",
    "count_models",
    "key_text",
    "sync_button_text",
    "sync_total_text",
]

_ORDER = (SyncAction.DELETE, SyncAction.COPY, SyncAction.MOVE_REF, SyncAction.KEEP, SyncAction.SAME)


def action_text(item: SyncItem) -> str:
    """What becomes of a revision, in a word or two."""
    words = {
        SyncAction.COPY: _tr("Copied"),
        SyncAction.MOVE_REF: _tr("Ref moved"),
        SyncAction.DELETE: _tr("Deleted"),
        SyncAction.SAME: _tr("The same"),
        SyncAction.KEEP: _tr("Stays"),
    }
    return words[item.action]


def action_sign(item: SyncItem) -> tuple[str, str]:
    """The icon and the tone that go with it."""
    signs = {
        SyncAction.COPY: ("plus", "good"),
        SyncAction.MOVE_REF: ("refresh", "warn"),
        SyncAction.DELETE: ("delete", "bad"),
        SyncAction.SAME: ("done", "muted"),
        SyncAction.KEEP: ("pin", "muted"),
    }
    return signs[item.action]


def action_order(item: SyncItem) -> int:
    """What one should see first comes first."""
    return _ORDER.index(item.action)


def key_text(item: SyncItem) -> str:
    """The model and its revision."""
    return " ".join(filter(None, (item.key.repo_id, (item.key.revision or "")[:7])))


def count_models(count: int) -> str:
    """So many models, in words."""
    return _tr("1 model") if count == 1 else _tr("{} models").format(f"{count:,}")


def sync_total_text(plan: SyncPlan) -> str:
    """The figures of a plan in a line."""
    counts = Counter(item.action for item in plan.items)
    words = (
        (SyncAction.COPY, _tr("{} copied")),
        (SyncAction.MOVE_REF, _tr("{} refs moved")),
        (SyncAction.DELETE, _tr("{} deleted")),
        (SyncAction.KEEP, _tr("{} stay")),
        (SyncAction.SAME, _tr("{} the same")),
    )
    parts = [text.format(f"{counts[action]:,}") for action, text in words if counts[action]]
    if plan.sends:
        parts.append(_tr("{} to send").format(size_text(plan.sends)))
    return " · ".join(parts)


def sync_button_text(plan: SyncPlan | None) -> str:
    """What the button does, with the figures."""
    if plan is None or not plan.todo:
        return _tr("&Sync")
    deleted = sum(item.action is SyncAction.DELETE for item in plan.todo)
    if deleted and plan.sends:
        text = _tr("&Sync: send {}, delete {}")
        return text.format(size_text(plan.sends), f"{deleted:,}")
    if deleted:
        return _tr("&Sync: delete {}").format(f"{deleted:,}")
    return _tr("&Sync: send {}").format(size_text(plan.sends)) if plan.sends else _tr("&Sync")


def copy_text(plan: CopyPlan) -> str:
    """What a copy sends."""
    size = size_text(plan.size)
    if plan.is_there:
        return _tr("All {} of it are there already: nothing has to be sent.").format(size)
    if size_text(plan.sends) != size:
        text = _tr("{} of {} are sent; the rest is there already.")
        return text.format(size_text(plan.sends), size)
    return _tr("{} are sent.").format(size)


def copy_button_text(plan: CopyPlan | None, moves: bool) -> str:
    """What the button does, with the figure."""
    if plan is None or not plan.sends:
        return _tr("&Move") if moves else _tr("&Copy")
    size = size_text(plan.sends)
    return _tr("&Move, send {}").format(size) if moves else _tr("&Copy, send {}").format(size)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Places", text)
