"""The preferences, page by page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from modelkeep.cache.policy import CACHE_OF_A_REMOTE, CachePolicy, Order
from modelkeep.paths import default_root
from modelkeep.rows import RootView
from modelkeep.settings import Settings, Theme, load_settings, save_settings
from modelkeep_gui.settings.dialog import PreferencesDialog
from modelkeep_gui.settings.limit_dialog import LimitDialog
from support.accessible import nameless, unreachable
from support.windows import only


def view(path: str, state: str = "ready", message: str = "", models: int = 3) -> RootView:
    nothing = dict.fromkeys(RootView._fields, 0)
    told = {"path": path, "name": "", "state": state, "message": message, "models": models, "problems": ()}
    return RootView(**nothing | told | {"models_on_disk": 2_000_000_000})  # type: ignore[arg-type]


@pytest.fixture
def above(qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    return window


def opened(above: QWidget, settings: Settings, *views: RootView) -> PreferencesDialog:
    save_settings(settings)
    dialog = PreferencesDialog(settings, views, above)
    dialog.open()
    return dialog


def lines(dialog: PreferencesDialog) -> list[tuple[str, str]]:
    return [(line.path, line.state) for line in dialog.caches.table.rows.values]


def choose(dialog: PreferencesDialog, row: int) -> None:
    dialog.caches.table.selectRow(row)


def test_every_cache_is_listed_with_its_state(above: QWidget, tmp_path: Path) -> None:
    shared, away, new = (str(tmp_path / name) for name in ("shared", "away", "new"))
    dialog = opened(
        above,
        Settings(roots=(shared, away, new)),
        view(str(default_root())),
        view(shared, "read-only", models=1),
        view(away, "not-mounted", "It is on a disk that is not mounted now."),
    )
    assert lines(dialog) == [
        (default_root().as_posix(), "3 models · 2.0 GB"),
        (shared, "1 model · 2.0 GB · read-only"),
        (away, "not mounted"),
        (new, "not looked at yet"),
    ]


def test_the_default_cache_stays(above: QWidget, tmp_path: Path) -> None:
    dialog = opened(above, Settings(roots=(str(tmp_path),)))
    choose(dialog, 0)
    assert not dialog.caches.remove.isEnabled()
    choose(dialog, 1)
    assert dialog.caches.remove.isEnabled()


def test_caches_are_added_and_removed_when_ok_is_pressed(
    qtbot: QtBot, above: QWidget, tmp_path: Path
) -> None:
    old, new = str(tmp_path / "old"), str(tmp_path / "new")
    dialog = opened(above, Settings(roots=(old,), language="zh"))
    choose(dialog, 1)
    dialog.caches.remove.click()
    dialog.caches.add_folder(new)
    with qtbot.waitSignal(dialog.applied) as told:
        dialog.ok.click()
    assert told.args == [Settings(roots=(new,), language="zh")]


def test_a_folder_is_chosen_in_a_dialog_of_the_system(qtbot: QtBot, above: QWidget, tmp_path: Path) -> None:
    dialog = opened(above, Settings())
    dialog.caches.add.click()
    chooser = only(dialog, QFileDialog)
    assert chooser.isVisible()
    chooser.fileSelected.emit(str(tmp_path))
    assert lines(dialog)[1] == (str(tmp_path), "not looked at yet")


def test_a_cache_that_is_listed_already_is_not_added_again(above: QWidget, tmp_path: Path) -> None:
    dialog = opened(above, Settings(roots=(str(tmp_path),)))
    dialog.caches.add_folder(str(tmp_path))
    assert len(lines(dialog)) == 2
    assert "is in the list of caches already" in dialog.caches.notice
    dialog.caches.add_folder(str(tmp_path / "other"))
    assert dialog.caches.notice == ""


@pytest.mark.parametrize("number", [0, 1, 2])
def test_colours_are_applied_without_closing(qtbot: QtBot, above: QWidget, number: int) -> None:
    themes: tuple[Theme, ...] = ("system", "light", "dark")
    dialog = opened(above, Settings(theme=themes[number - 1]))
    dialog.appearance.themes.button(number).click()
    with qtbot.waitSignal(dialog.applied) as told:
        dialog.apply.click()
    assert told.args == [Settings(theme=themes[number])]
    assert dialog.isVisible()


@pytest.mark.parametrize(("number", "language"), [(0, ""), (1, "en"), (2, "zh_CN")])
def test_the_language_is_shown_and_chosen(qtbot: QtBot, above: QWidget, number: int, language: str) -> None:
    dialog = opened(above, Settings(language=language))
    assert dialog.appearance.languages.checkedId() == number
    dialog = opened(above, Settings(language="en" if language != "en" else ""))
    dialog.appearance.languages.button(number).click()
    with qtbot.waitSignal(dialog.applied) as told:
        dialog.apply.click()
    assert told.args == [Settings(language=language)]


def test_a_language_that_is_not_offered_is_kept(above: QWidget) -> None:
    dialog = opened(above, Settings(language="de"))
    assert dialog.appearance.save(Settings(language="de")).language == "de"


def test_a_limit_is_set_and_taken_away_when_ok_is_pressed(
    qtbot: QtBot, above: QWidget, tmp_path: Path
) -> None:
    root = str(tmp_path.resolve())
    dialog = opened(above, Settings(roots=(root,)), view(root))
    choose(dialog, 1)
    dialog.caches.limit.click()
    asked = only(dialog, LimitDialog)
    asked.is_limited.click()
    asked.size_.setText("5 TiBs")
    asked.size_.textEdited.emit("5 TiBs")
    assert not asked.ok.isEnabled()
    asked.size_.setText("150 GB")
    asked.size_.textEdited.emit("150 GB")
    asked.choices.expires.click()
    asked.ok.click()
    assert [line.limit for line in dialog.caches.table.rows.values] == ["", "150 GB · 90 days"]
    with qtbot.waitSignal(dialog.applied) as told:
        dialog.ok.click()
    policy = CachePolicy(150_000_000_000, 90 * 86400.0)
    assert told.args == [Settings(roots=(root,), policies={root: policy})]
    again = opened(above, told.args[0], view(root))
    again.caches.set_policy(root, CachePolicy())
    with qtbot.waitSignal(again.applied) as told:
        again.ok.click()
    assert told.args[0].policies == {}


def test_the_limit_of_the_cache_of_a_remote_is_a_round_number(above: QWidget) -> None:
    dialog = LimitDialog("team", CACHE_OF_A_REMOTE, 10, above)
    assert dialog.size_.text() == "100 GiB"
    assert dialog.policy == CACHE_OF_A_REMOTE


@pytest.mark.parametrize("size", [0, 150_000_000_001, 5 << 40])
def test_a_limit_that_is_not_touched_stays_as_it_is(above: QWidget, size: int) -> None:
    policy = CachePolicy(size, 100_000.0, Order.NONE, 90.0)
    dialog = LimitDialog("Home", policy, 10, above)
    dialog.open()
    assert dialog.policy == policy
    assert nameless(dialog) == []
    assert unreachable(dialog) == []


def test_nothing_is_told_when_nothing_changed(qtbot: QtBot, above: QWidget) -> None:
    dialog = opened(above, Settings(theme="dark"))
    with qtbot.assertNotEmitted(dialog.applied):
        dialog.apply.click()
        dialog.ok.click()


def test_what_changed_meanwhile_elsewhere_is_kept(qtbot: QtBot, above: QWidget, tmp_path: Path) -> None:
    old, mine, other = (str(tmp_path.resolve() / name) for name in ("old", "mine", "other"))
    theirs = Settings(
        roots=(old, other), language="en", default_profile="mirror", policies={old: CachePolicy(5)}
    )
    dialog = opened(above, Settings(roots=(old,)))
    save_settings(theirs)  # as `modelkeep roots` does in a terminal
    dialog.caches.add_folder(mine)
    dialog.caches.set_policy(mine, CachePolicy(7))
    dialog.appearance.themes.button(2).click()
    for _ in range(2):  # what was applied once is not taken back by what the pages still show
        with qtbot.waitSignal(dialog.applied) as told:
            dialog.apply.click()
        save_settings(told.args[0])
        dialog.appearance.themes.button(1).click()
    both = {old: CachePolicy(5), mine: CachePolicy(7)}
    assert told.args == [replace(theirs, roots=(old, other, mine), policies=both, theme="light")]
    assert load_settings().settings == told.args[0]


def test_cancel_changes_nothing(qtbot: QtBot, above: QWidget, tmp_path: Path) -> None:
    dialog = opened(above, Settings())
    dialog.caches.add_folder(str(tmp_path))
    with qtbot.assertNotEmitted(dialog.applied):
        dialog.cancel.click()


@pytest.mark.parametrize("tab", [0, 1])
def test_everything_has_a_name_and_is_reached_by_tab(above: QWidget, tmp_path: Path, tab: int) -> None:
    dialog = opened(above, Settings(roots=(str(tmp_path),)))
    dialog.tabs.setCurrentIndex(tab)
    assert nameless(dialog) == []
    assert unreachable(dialog) == []
