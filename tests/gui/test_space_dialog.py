"""Freeing up space in the window: what the slider means, what is kept, and what becomes of it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from modelkeep import open_library
from modelkeep.cache.deletion import DeletionPlan
from modelkeep.cache.eviction import EvictionPlan
from modelkeep.cache.last_use import LastUse
from modelkeep.cache.policy import CachePolicy, Order
from modelkeep.cache.ranking import Candidate, Ranking, Spared
from modelkeep.errors import ModelKeepError
from modelkeep.keys import ModelKey
from modelkeep.rows import RootView
from modelkeep_gui.dialogs.space_amount import SpaceAmount
from modelkeep_gui.dialogs.space_dialog import SpaceDialog
from modelkeep_gui.dialogs.space_text import spared_text, why_text
from modelkeep_gui.operations.space import free_up, tell_of_limits
from modelkeep_gui.operations.undo import restore
from support.accessible import nameless, unreachable
from support.aged import LARGE, add_aged
from support.caches import CacheMaker
from support.rows import DAY, NOW
from support.sessions import Heard, open_session
from support.spaces import listed
from support.windows import only, seen

NO_LIMIT = CachePolicy()
DELETION = DeletionPlan("/cache/hub", (), 100, 100, permanently=False, unseen_processes=0)
NAMES = ["org/m0", "org/m1", "org/m2", "org/m3"]


@pytest.fixture
def old(cache: CacheMaker) -> CacheMaker:
    """Four models, the last the one that was used last."""
    for name, days in zip(NAMES, (40, 30, 20, 10), strict=True):
        add_aged(cache, name, days=days)
    return cache


@pytest.fixture
def heard(
    qtbot: QtBot, qapp: QApplication, old: CacheMaker, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Heard]:
    monkeypatch.setenv("MODELKEEP_ROOTS", os.fspath(old.root))
    with open_session(qtbot, qapp) as heard:
        yield heard


def look(qtbot: QtBot, heard: Heard) -> None:
    heard.session.feed.refresh()
    qtbot.waitUntil(lambda: bool(heard.session.feed.views), timeout=20_000)


def opened(qtbot: QtBot, heard: Heard) -> SpaceDialog:
    """The dialog, once it knows the models."""
    look(qtbot, heard)
    heard.window.show()
    free_up(heard.session, heard.window)
    dialog = only(heard.window, SpaceDialog)
    qtbot.waitUntil(lambda: "Looking" not in dialog.table.placeholder, timeout=20_000)
    return dialog


def words(dialog: SpaceDialog) -> str:
    return dialog.go.text().replace("&", "")


# From the slider to the trash, with the real library ----------------------------------------------------------------


def test_what_the_slider_means_goes_to_the_trash_and_comes_back(
    qtbot: QtBot, heard: Heard, old: CacheMaker
) -> None:
    dialog = opened(qtbot, heard)
    assert listed(dialog) == []
    assert not dialog.go.isEnabled()
    dialog.amount.slider.setValue(500)
    assert listed(dialog) == ["org/m0", "org/m1"]
    assert words(dialog).startswith("Move 2 models to the trash, 2")
    assert "only when the trash is emptied" in seen(dialog)
    dialog.go.click()
    qtbot.waitUntil(lambda: bool(heard.said), timeout=20_000)
    assert heard.said[0].text.startswith("Moved 2 models to the trash")
    assert not old.folder("org/m0").exists()
    restore(heard.session, heard.undos[0].entries)
    qtbot.waitUntil(lambda: len(heard.said) == 2, timeout=20_000)
    assert old.folder("org/m0").exists()


def test_one_that_is_open_stays_and_another_goes(qtbot: QtBot, heard: Heard, old: CacheMaker) -> None:
    dialog = opened(qtbot, heard)
    blob = next(path for path in (old.folder("org/m0") / "blobs").iterdir() if len(path.name) == 64)
    with blob.open("rb"):
        dialog.amount.slider.setValue(200)
        assert listed(dialog) == ["org/m0"]
        qtbot.waitUntil(lambda: listed(dialog) == ["(org/m0)", "org/m1"], timeout=20_000)


def test_what_was_opened_after_the_list_was_seen_is_asked_about_again(
    qtbot: QtBot, heard: Heard, old: CacheMaker
) -> None:
    dialog = opened(qtbot, heard)
    dialog.amount.slider.setValue(200)
    blob = next(path for path in (old.folder("org/m0") / "blobs").iterdir() if len(path.name) == 64)
    with blob.open("rb"):
        dialog.go.click()
        qtbot.waitUntil(lambda: "Something has changed" in seen(dialog), timeout=20_000)
    assert dialog.isVisible()
    assert old.folder("org/m0").exists()
    assert listed(dialog) == ["(org/m0)", "org/m1"]


def test_for_good_is_said_and_done(qtbot: QtBot, heard: Heard, old: CacheMaker) -> None:
    dialog = opened(qtbot, heard)
    dialog.amount.slider.setValue(200)
    assert dialog.go.isDefault()
    dialog.permanently.click()
    assert words(dialog).startswith("Delete 1 model for good, free 1")
    assert "There is no way back" in seen(dialog)
    assert dialog.cancel.isDefault()
    dialog.go.click()
    qtbot.waitUntil(lambda: bool(heard.said), timeout=20_000)
    assert heard.said[0].text.startswith("Deleted org/m0 for good")
    assert heard.undos == []


def test_an_order_and_a_limit_of_days_bring_another_list(qtbot: QtBot, heard: Heard, old: CacheMaker) -> None:
    with open_library([old.root]) as library:
        library.catalog.record_use(old.root, ModelKey("org/m0"), at=time.time(), by="me")
    dialog = opened(qtbot, heard)
    dialog.choices.order.setCurrentIndex(dialog.choices.order.findData(Order.LEAST_FREQUENTLY_USED))
    dialog.amount.slider.setValue(200)
    qtbot.waitUntil(lambda: listed(dialog) == ["org/m1"], timeout=20_000)
    dialog.choices.expires.click()
    dialog.choices.days.setValue(15)
    qtbot.waitUntil(lambda: sorted(listed(dialog)) == ["org/m1", "org/m2"], timeout=20_000)


@pytest.mark.parametrize("limit", [CachePolicy(max_size=2 * LARGE), CachePolicy(expiry=15 * DAY)])
def test_a_cache_over_its_limit_is_told_of_once(
    qtbot: QtBot, heard: Heard, old: CacheMaker, limit: CachePolicy
) -> None:
    root = os.path.realpath(old.root)
    heard.session.settings = replace(heard.session.settings, policies={root: limit})
    tell_of_limits(heard.session, heard.window)
    look(qtbot, heard)
    heard.session.feed.refresh()
    qtbot.waitUntil(lambda: not heard.session.feed.is_scanning, timeout=20_000)
    [message] = heard.said
    assert (
        "over its limit of 200 kB" if limit.max_size else "3 models were not used for 15 days"
    ) in message.text
    message.about()  # type: ignore[operator]
    assert only(heard.window, SpaceDialog).root == root


def test_a_cache_within_its_limit_is_not_mentioned(qtbot: QtBot, heard: Heard, old: CacheMaker) -> None:
    limits = {os.path.realpath(old.root): CachePolicy(max_size=10**12, expiry=400 * DAY)}
    heard.session.settings = replace(heard.session.settings, policies=limits)
    tell_of_limits(heard.session, heard.window)
    look(qtbot, heard)
    assert heard.said == []


# What the list says, with a ranking at hand -------------------------------------------------------------------------


def view(path: str = "/cache/hub", free: int = 20, state: str = "ready") -> RootView:
    nothing = dict.fromkeys(RootView._fields, 0)
    told = {"path": path, "name": path, "state": state, "message": "", "problems": ()}
    return RootView(**nothing | told | {"disk_total": 100, "disk_free": free})  # type: ignore[arg-type]


def ranking(count: int, policy: CachePolicy = NO_LIMIT, *, on_disk: int = 0) -> Ranking:
    candidates = tuple(
        Candidate(ModelKey(f"org/m{n}"), 100, LastUse(NOW - (count - n) * DAY, "journal"), 1, NOW, "", 100)
        for n in range(count)
    )
    return Ranking("/cache/hub", policy, NOW, on_disk, 20, 100, candidates)


@pytest.mark.parametrize(
    ("source", "age", "stored", "order", "said"),
    [
        ("journal", 5, 5, Order.LEAST_RECENTLY_USED, "used just now"),
        ("journal", 3 * DAY, 5, Order.LEAST_RECENTLY_USED, "used 3 d ago"),
        ("atime", 5, 5, Order.LEAST_RECENTLY_USED, "its files were read just now"),
        ("atime", 3 * DAY, 5, Order.LEAST_RECENTLY_USED, "its files were read 3 d ago"),
        ("", NOW, 5, Order.LEAST_RECENTLY_USED, "no use is known; it has just come"),
        ("", NOW, 3 * DAY, Order.LEAST_RECENTLY_USED, "no use is known; came 3 d ago"),
        ("journal", 5, 5, Order.LEAST_RECENTLY_STORED, "has just come"),
        ("journal", 5, 3 * DAY, Order.LEAST_RECENTLY_STORED, "came 3 d ago"),
    ],
)
def test_why_a_model_goes(
    qapp: QApplication, source: str, age: float, stored: float, order: Order, said: str
) -> None:
    one = Candidate(ModelKey("org/m"), 100, LastUse(NOW - age, source), 1, NOW - stored, "")
    assert why_text(one, replace(ranking(0), policy=CachePolicy(order=order))) == said


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("pinned", "pinned"),
        ("followed", "followed from a remote"),
        ("new", "has just come"),
        ("busy", "in use or being downloaded"),
    ],
)
def test_why_a_model_stays(qapp: QApplication, reason: str, said: str) -> None:
    one = Spared(ModelKey("org/m"), 100, "", reason=reason, stored=NOW)
    assert spared_text(one, ranking(0)).endswith(f"· {said}")


@pytest.fixture
def above(qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    return window


@pytest.fixture
def dialog(above: QWidget) -> SpaceDialog:
    dialog = SpaceDialog([view()], above)
    dialog.begin()
    dialog.open()
    return dialog


def untick(dialog: SpaceDialog, row: int) -> None:
    rows = dialog.table.rows
    rows.setData(rows.index(row, 0), None, int(Qt.ItemDataRole.CheckStateRole))


def test_another_goes_for_one_that_is_kept_and_the_tick_can_be_set_again(dialog: SpaceDialog) -> None:
    dialog.show_ranking(ranking(3))
    dialog.amount.slider.setValue(667)
    untick(dialog, 0)
    assert listed(dialog) == ["(org/m0)", "org/m1", "org/m2"]
    untick(dialog, 2)
    assert listed(dialog) == ["(org/m0)", "org/m1", "(org/m2)"]
    untick(dialog, 1)
    assert listed(dialog) == ["(org/m0)", "(org/m1)", "(org/m2)"]
    for row in range(3):
        untick(dialog, row)
    assert listed(dialog) == ["org/m0", "org/m1"]


def test_a_cache_over_its_limit_begins_with_what_is_too_much(dialog: SpaceDialog) -> None:
    dialog.show_ranking(ranking(5, CachePolicy(max_size=350), on_disk=500))
    assert dialog.amount.wanted == 150
    assert listed(dialog) == ["org/m0", "org/m1"]


def test_the_cache_on_the_fullest_disk_is_first_and_read_only_ones_are_not_offered(above: QWidget) -> None:
    views = [view("/a", 50), view("/b", 10), view("/c", 1, state="read-only")]
    dialog = SpaceDialog(views, above)
    assert dialog.root == "/b"
    assert dialog.roots.count() == 2
    assert SpaceDialog(views, above, root="/a").root == "/a"


def test_the_slider_stays_quick_with_5000_models(dialog: SpaceDialog) -> None:
    dialog.show_ranking(ranking(5000))
    for step in (1000, 3, 999, 500):
        dialog.amount.slider.setValue(step)
        assert len(dialog.chosen) == 5 * step
        assert dialog.table.rows.rowCount() == 5 * step


def test_an_error_is_said_and_the_next_wish_is_asked_for(qtbot: QtBot, dialog: SpaceDialog) -> None:
    dialog.show_ranking(ranking(3))
    with qtbot.waitSignal(dialog.plan_requested):
        dialog.amount.slider.setValue(300)
    dialog.show_error(ModelKeepError("The disk is gone."))
    assert "The disk is gone." in seen(dialog)
    with qtbot.waitSignal(dialog.plan_requested):
        dialog.amount.slider.setValue(900)
    assert "The disk is gone." not in seen(dialog)


@pytest.mark.parametrize("doubt", ["cancel", "permanently"])
def test_who_thinks_again_while_the_plan_is_made_is_heard(
    qtbot: QtBot, dialog: SpaceDialog, doubt: str
) -> None:
    found = ranking(3)
    dialog.show_ranking(found)
    dialog.amount.slider.setValue(300)
    dialog.go.click()
    getattr(dialog, doubt).click()
    plan = EvictionPlan(found.root, found.policy, 300, 90, found.candidates[:1], (), DELETION)
    with qtbot.assertNotEmitted(dialog.confirmed):
        dialog.show_plan(plan)


def test_what_was_seen_and_planned_again_is_confirmed(qtbot: QtBot, dialog: SpaceDialog) -> None:
    found = ranking(3)
    dialog.show_ranking(found)
    dialog.amount.slider.setValue(300)
    dialog.go.click()
    plan = EvictionPlan(found.root, found.policy, 300, 90, found.candidates[:1], (), DELETION)
    with qtbot.waitSignal(dialog.confirmed) as told:
        dialog.show_plan(plan)
    assert told.args == [plan]


def test_enter_ends_what_is_typed_and_decides_nothing(qtbot: QtBot, dialog: SpaceDialog) -> None:
    dialog.show_ranking(ranking(3))
    dialog.amount.text.setFocus()
    dialog.amount.text.selectAll()
    qtbot.keyClicks(dialog.amount.text, "200 B")
    with qtbot.assertNotEmitted(dialog.plan_requested):
        qtbot.keyClick(dialog.amount.text, Qt.Key.Key_Return)
    assert listed(dialog) == ["org/m0", "org/m1"]
    assert dialog.isVisible()
    with qtbot.waitSignal(dialog.plan_requested):
        qtbot.keyClick(dialog.go, Qt.Key.Key_Return)


def test_a_size_is_typed(qtbot: QtBot) -> None:
    amount = SpaceAmount()
    qtbot.addWidget(amount)
    amount.show()
    amount.set_most(10_000)
    qtbot.keyClicks(amount.text, "x")
    assert "Write a size" in amount.problem
    amount.text.clear()
    qtbot.keyClicks(amount.text, "5 kB")
    assert (amount.wanted, amount.slider.value(), amount.problem) == (5000, 500, "")
    amount.text.clear()
    qtbot.keyClicks(amount.text, "1 MB")
    assert amount.wanted == 10_000
    assert "No more than" in amount.problem
    qtbot.keyClick(amount.slider, Qt.Key.Key_PageDown)
    assert amount.wanted == 9000
    assert amount.text.text() == "9.0 kB"


def test_everything_has_a_name_and_is_reached_by_tab(dialog: SpaceDialog) -> None:
    dialog.show_ranking(ranking(3))
    dialog.amount.slider.setValue(900)
    assert nameless(dialog) == []
    assert unreachable(dialog) == []
