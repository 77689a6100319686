"""What goes to free up space, in words and figures. No widget in here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from modelkeep.cache.policy import Order
from modelkeep.text import exact_size_text, size_text, time_text
from modelkeep_gui.ages import age_text

if TYPE_CHECKING:
    from modelkeep.cache.ranking import Candidate, Ranking, Spared

__all__ = [
    "button_text",
    "count_text",
    "frees_tooltip",
    "gain_text",
    "order_text",
    "orders",
    "spared_text",
    "used_text",
    "used_tooltip",
    "why_text",
]

_JUST_NOW = 60.0  # seconds; before, `age_text` has no figure to say


def orders() -> tuple[Order, ...]:
    """What can be chosen, in the order of the list."""
    return Order.LEAST_RECENTLY_USED, Order.LEAST_RECENTLY_STORED, Order.LEAST_FREQUENTLY_USED, Order.NONE


def order_text(order: Order) -> str:
    match order:
        case Order.LEAST_RECENTLY_USED:
            return _tr("Used longest ago")
        case Order.LEAST_RECENTLY_STORED:
            return _tr("Came longest ago")
        case Order.LEAST_FREQUENTLY_USED:
            return _tr("Used least often")
    return _tr("Nothing by itself")


def count_text(count: int) -> str:
    return _tr("1 model") if count == 1 else _tr("{} models").format(f"{count:,}")


def button_text(count: int, frees: int, permanently: bool) -> str:
    """What the button does, with the figure."""
    if not count:
        return _tr("&Move to the trash")
    if permanently:
        return _tr("&Delete {} for good, free {}").format(count_text(count), size_text(frees))
    return _tr("&Move {} to the trash, {}").format(count_text(count), size_text(frees))


def gain_text(frees: int, permanently: bool) -> str:
    if permanently:
        return _tr("The disk gains {} at once. There is no way back.").format(size_text(frees))
    return _tr(
        "The disk gains {} only when the trash is emptied. Until then all of it can be restored."
    ).format(size_text(frees))


def why_text(one: Candidate, ranking: Ranking) -> str:
    """Why a model is on the list, in a few words."""
    now, policy = ranking.now, ranking.policy
    if one.expired:
        unused = age_text(now - max(one.used.at, one.stored))
        return _tr("not used for {} (limit {})").format(unused, age_text(policy.expiry))
    match policy.order:
        case Order.LEAST_RECENTLY_STORED:
            return _came(now - one.stored)
        case Order.LEAST_FREQUENTLY_USED:
            if not one.uses:
                return _tr("never seen in use")
            if one.uses == 1:
                return _tr("seen in use once")
            return _tr("seen in use {} times").format(f"{one.uses:,}")
    if not one.used.at:
        if now - one.stored < _JUST_NOW:
            return _tr("no use is known; it has just come")
        return _tr("no use is known; came {} ago").format(age_text(now - one.stored))
    age = now - one.used.at
    if one.used.source == "journal":
        return _tr("used just now") if age < _JUST_NOW else _tr("used {} ago").format(age_text(age))
    if age < _JUST_NOW:
        return _tr("its files were read just now")
    return _tr("its files were read {} ago").format(age_text(age))


def spared_text(one: Spared, ranking: Ranking) -> str:
    """A model that stays, and why: "org/model · pinned"."""
    match one.reason:
        case "pinned":
            why = _tr("pinned")
        case "followed":
            why = _tr("followed from a remote")
        case "new":
            why = _came(ranking.now - one.stored)
        case "elsewhere":
            why = _tr("a link to another place")
        case _:
            why = _tr("in use or being downloaded")
    return _tr("{name} · {size} · {why}").format(name=one.key.repo_id, size=size_text(one.frees), why=why)


def _came(seconds: float) -> str:
    return _tr("has just come") if seconds < _JUST_NOW else _tr("came {} ago").format(age_text(seconds))


def used_text(one: Candidate, now: float) -> str:
    return age_text(now - one.used.at) if one.used.at else _tr("not known")


def used_tooltip(one: Candidate) -> str:
    """When it was used last, and how we know."""
    if not one.used.at:
        return _tr("No use is known.")
    when = time_text(one.used.at)
    match one.used.source:
        case "journal":
            return _tr("{} (seen by Modelkeep)").format(when)
        case "atime":
            return _tr("{} or later (by the file system's access time)").format(when)
    return _tr("{} or later (this disk does not keep access times well)").format(when)


def frees_tooltip(one: Candidate) -> str:
    frees = _tr("{} are freed when it goes").format(exact_size_text(one.frees))
    if one.frees >= one.size:
        return frees
    return _tr("{frees}; it has {size}. The rest is needed by something else.").format(
        frees=frees, size=size_text(one.size)
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("Space", text)
