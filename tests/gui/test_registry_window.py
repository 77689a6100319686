"""Registered models from the window's own menus and preferences."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from modelkeep.settings import Settings, load_settings, save_settings
from modelkeep_gui.app import App, build
from modelkeep_gui.library.scopes import REGISTERED
from modelkeep_gui.operations import roots
from modelkeep_gui.registry.page import RegistryPage
from modelkeep_gui.registry.register_dialog import RegisterDialog
from modelkeep_gui.settings.dialog import PreferencesDialog
from modelkeep_gui.settings.registry_folder import RegistryFolder
from support.accessible import nameless, unreachable
from support.caches import CacheMaker

PATIENCE = 20_000


@pytest.fixture
def app(
    qtbot: QtBot, qapp: QApplication, cache: CacheMaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[App]:
    cache.add("org/ours", {"config.json": b"{}", "model.safetensors": b"weights"})
    monkeypatch.setenv("MODELKEEP_ROOTS", str(cache.root))
    palette, style = qapp.palette(), qapp.style().name()
    built = build(
        qapp, store=QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat), theme="light"
    )
    qtbot.addWidget(built.window)
    built.window.show()
    built.session.feed.refresh()
    qtbot.waitUntil(lambda: bool(built.session.table.rows), timeout=PATIENCE)
    yield built
    built.session.is_closing = True
    built.close()
    qapp.setStyleSheet("")
    qapp.setStyle(style)
    qapp.setPalette(palette)


def test_a_model_of_the_library_is_registered_and_seen_on_the_page(qtbot: QtBot, app: App) -> None:
    window = app.window
    assert not window.actions_.register.isEnabled()
    window.view.select_first()
    window.actions_.register.trigger()
    qtbot.waitUntil(lambda: bool(window.findChildren(RegisterDialog)), timeout=PATIENCE)
    dialog = window.findChildren(RegisterDialog)[0]
    assert (dialog.form.name.text(), dialog.form.model.text()) == ("ours", "org/ours")
    with qtbot.waitSignal(app.session.registry_changed, timeout=PATIENCE):
        dialog.save.click()
    window.actions_.show_registered.trigger()
    assert window.sidebar.scope == REGISTERED
    page = window.center.currentWidget()
    assert isinstance(page, RegistryPage)
    qtbot.waitUntil(lambda: page.view is not None, timeout=PATIENCE)
    page.table.select_names({"ours"})
    page.show_model.trigger()
    assert [one.key for one in window.selection()] == ["hf@org/ours"]


def test_another_folder_is_chosen_in_the_preferences_and_read_at_once(
    qtbot: QtBot, app: App, tmp_path: Path
) -> None:
    window = app.window
    (tmp_path / "others.yaml").write_text("theirs: {model: org/theirs}\n")
    window.actions_.show_registered.trigger()
    page = window.center.currentWidget()
    assert isinstance(page, RegistryPage)
    qtbot.waitUntil(lambda: page.view is not None, timeout=PATIENCE)
    roots.show_preferences(app.session, window)
    [dialog] = window.findChildren(PreferencesDialog)
    dialog.caches.registry.folder.setText(str(tmp_path))
    dialog.ok.click()
    qtbot.waitUntil(
        lambda: "theirs" in [one.registration.name for one in page.table.rows.values], timeout=PATIENCE
    )
    assert load_settings().settings.registry == str(tmp_path)


def test_the_folder_that_a_variable_names_cannot_be_changed(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDVL_MEDICAL_MODELS_DIR", "/srv/medical")
    part = RegistryFolder()
    qtbot.addWidget(part)
    part.load(Settings(registry="/srv/ours"))
    part.show()
    assert part.folder.text() == "/srv/medical"
    assert part.folder.isReadOnly()
    assert not part.browse.isEnabled()
    assert part.field.problem == "The variable MEDVL_MEDICAL_MODELS_DIR of the environment says so."
    assert part.save(Settings(registry="/srv/ours")).registry == "/srv/ours"


def test_what_is_no_folder_is_said_and_not_kept(qtbot: QtBot, tmp_path: Path) -> None:
    save_settings(Settings(registry="/srv/ours"))
    part = RegistryFolder()
    qtbot.addWidget(part)
    part.load(load_settings().settings)
    part.show()
    part.folder.setText("ours")
    assert part.field.problem == "Write the whole path, from the root on."
    assert part.save(Settings(registry="/srv/ours")).registry == "/srv/ours"
    part.folder.clear()
    assert part.field.problem == ""
    assert part.save(Settings(registry="/srv/ours")).registry == ""
    assert nameless(part) == []
    assert unreachable(part) == []
