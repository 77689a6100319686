"""Both assistants from the first step to the last, with the real library in a real work process."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot

from modelkeep.archive.minisign import make_key, write_key
from modelkeep.library import open_library
from modelkeep.rows import Selection
from modelkeep_gui.airgap.bundled_dialog import BundledDialog
from modelkeep_gui.airgap.carry_dialog import CarryDialog
from modelkeep_gui.airgap.site_dialog import SiteDialog
from modelkeep_gui.app import build
from modelkeep_gui.dialogs.export_dialog import ExportDialog
from modelkeep_gui.dialogs.import_dialog import ImportDialog
from modelkeep_gui.operations import carrying, export
from support.accessible import nameless, unreachable
from support.archives import FILES
from support.caches import CacheMaker
from support.models import safetensors_file
from support.sessions import Heard, open_session

PATIENCE = 30_000
Kind = TypeVar("Kind", bound=QDialog)
WEIGHTS = safetensors_file({"w": {"dtype": "U8", "shape": [9000], "data_offsets": [0, 9000]}}, bytes(9000))
MODEL = {**FILES, "model.safetensors": WEIGHTS}


@pytest.fixture
def there(tmp_path: Path) -> CacheMaker:
    """The connected side: a model that the other side has in another revision, and one that it has."""
    cache = CacheMaker(tmp_path / "there")
    cache.add("org/new", MODEL)
    cache.add("org/same", {"config.json": b"{}"})
    return cache


@pytest.fixture
def here(tmp_path: Path) -> CacheMaker:
    """The isolated side."""
    cache = CacheMaker(tmp_path / "here")
    cache.add("org/new", MODEL | {"config.json": b"{}"})
    cache.add("org/same", {"config.json": b"{}"})
    return cache


@pytest.fixture
def open_on(
    qtbot: QtBot, qapp: QApplication, own_places: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[CacheMaker], Heard]]:
    """Opens a window on one of the two."""
    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(own_places / "config"))
    opened = []

    def open_one(cache: CacheMaker) -> Heard:
        monkeypatch.setenv("MODELKEEP_ROOTS", str(cache.root))
        context = open_session(qtbot, qapp)
        opened.append(context)
        heard = context.__enter__()
        heard.window.show()
        with qtbot.waitSignal(heard.session.feed.views_changed, timeout=PATIENCE):
            heard.session.feed.refresh()
        qtbot.waitUntil(lambda: len(heard.session.table.rows) == 2, timeout=PATIENCE)
        return heard

    yield open_one
    for context in reversed(opened):
        context.__exit__(None, None, None)


def dialog_of(qtbot: QtBot, heard: Heard, kind: type[Kind]) -> Kind:
    def shown() -> list[Kind]:
        return [dialog for dialog in heard.window.findChildren(kind) if dialog.isVisible()]

    qtbot.waitUntil(lambda: bool(shown()), timeout=PATIENCE)
    return shown()[0]


def inventory(cache: CacheMaker, path: Path) -> Path:
    with open_library([cache.root]) as library:
        path.write_bytes(library.archives.holdings(name="site B").to_json())
    return path


def at_models(qtbot: QtBot, heard: Heard, path: Path | None, *keys: str) -> CarryDialog:
    """The assistant of the connected side at its second step, with a plan."""
    [root] = {row.root for row in heard.session.table.rows}
    dialog = carrying.carry(heard.session, heard.window, [Selection(root, key) for key in keys])
    assert not dialog.next.isEnabled()
    if path is None:
        dialog.site.nothing.click()
    else:
        dialog.site.read(str(path))
    qtbot.waitUntil(dialog.next.isEnabled, timeout=PATIENCE)
    dialog.next.click()
    qtbot.waitUntil(lambda: not dialog.models.wait.is_waiting, timeout=PATIENCE)
    return dialog


def test_what_is_here_is_written_and_carried_and_comes_back(
    qtbot: QtBot, open_on: Callable[[CacheMaker], Heard], here: CacheMaker, there: CacheMaker, tmp_path: Path
) -> None:
    path, stick = tmp_path / "here.json", tmp_path / "stick"
    isolated = open_on(here)
    asking = carrying.say_what_is_here(isolated.session, isolated.window)
    assert asking.step_text == "Step 1 of 3: What is here"
    assert (nameless(asking), unreachable(asking)) == ([], [])
    qtbot.keyClicks(asking.here.name, "site B")
    asking.here.file.clear()
    qtbot.keyClicks(asking.here.file, str(path))
    qtbot.keyClick(asking.here.file, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: asking.step == 1, timeout=PATIENCE)
    assert json.loads(path.read_bytes())["name"] == "site B"
    assert f"File: {path}" in asking.away.lines.texts
    assert (nameless(asking), unreachable(asking)) == ([], [])
    asking.reject()

    key, public = write_key(make_key(), tmp_path / "team", None)
    connected = open_on(there)
    carry = at_models(qtbot, connected, path, "hf@org/new", "hf@org/same")
    said = {
        carry.models.rows.index(row, 0).data(): [
            carry.models.rows.index(row, column).data() for column in (2, 3)
        ]
        for row in range(2)
    }
    assert said["org/same"] == ["all of it, 2 B", "nothing: it is there"]
    assert said["org/new"][0].startswith(f"{len(MODEL) - 1} files, ")
    assert "1 model there already" in carry.models.total.text
    assert (nameless(carry), unreachable(carry)) == ([], [])
    carry.next.click()
    assert carry.step_text == "Step 3 of 3: Where and how"
    carry.place.take_folder(str(stick))
    carry.place.key.sign.click()
    carry.place.key.take_file(str(key))
    qtbot.waitUntil(carry.next.isEnabled, timeout=PATIENCE)
    assert (nameless(carry), unreachable(carry)) == ([], [])
    assert carry.next.text().startswith("&Pack 1 model, ")
    carry.next.click()
    qtbot.waitUntil(lambda: carry.step == 4, timeout=PATIENCE)
    digest = hashlib.sha256((stick / "SHA256SUMS").read_bytes()).hexdigest()
    assert f"SHA-256: {digest}" in carry.done_page.spoken.texts
    assert f"Where: {stick}" in carry.done_page.lines.texts
    assert (nameless(carry), unreachable(carry)) == ([], [])
    carry.next.click()

    back = carrying.say_what_is_here(isolated.session, isolated.window)
    assert back.here.name.text() == "site B", "it is remembered"
    back.skip.click()
    assert not back.next.isEnabled()
    back.back_page.take([str(stick), str(public)])
    assert (nameless(back), unreachable(back)) == ([], [])
    back.next.click()
    dialog = dialog_of(qtbot, isolated, ImportDialog)
    qtbot.waitUntil(lambda: not dialog.is_busy, timeout=PATIENCE)
    assert dialog.status == "1 signed and verified"
    dialog.import_.click()
    qtbot.waitUntil(lambda: bool(isolated.said), timeout=PATIENCE)
    assert isolated.said[0].text == "Imported org/new."


def test_without_an_inventory_all_is_packed_and_nothing_is_said_of_the_other_side(
    qtbot: QtBot, open_on: Callable[[CacheMaker], Heard], there: CacheMaker, tmp_path: Path
) -> None:
    heard = open_on(there)
    carry = at_models(qtbot, heard, None, "hf@org/new", "hf@org/same")
    assert "2 archives" in carry.models.total.text
    assert [carry.models.rows.index(row, 2).data() for row in range(2)] == ["", ""]
    carry.next.click()
    carry.place.take_folder(str(tmp_path / "stick"))
    qtbot.waitUntil(carry.next.isEnabled, timeout=PATIENCE)
    carry.next.click()
    carry.reject()  # and the packing goes on
    qtbot.waitUntil(lambda: bool(heard.said), timeout=PATIENCE)
    message = heard.said[0]
    assert message.text == f"Packed 2 models to {tmp_path / 'stick'}."
    assert callable(message.about)
    message.about()
    done = dialog_of(qtbot, heard, BundledDialog)
    assert done.heading.text() == "The bundle is ready to be carried"
    assert (nameless(done), unreachable(done)) == ([], [])


def test_what_the_other_side_has_need_not_be_carried(
    qtbot: QtBot, open_on: Callable[[CacheMaker], Heard], here: CacheMaker, there: CacheMaker, tmp_path: Path
) -> None:
    carry = at_models(qtbot, open_on(there), inventory(here, tmp_path / "here.json"), "hf@org/same")
    assert carry.models.total.text == "The other side has all of this: there is nothing to carry."
    assert not carry.next.isEnabled()
    carry.reject()


def test_what_cannot_be_packed_says_why(
    qtbot: QtBot, open_on: Callable[[CacheMaker], Heard], there: CacheMaker, tmp_path: Path
) -> None:
    [config] = (there.folder("org/same") / "snapshots").rglob("config.json")
    config.resolve().unlink()
    carry = at_models(qtbot, open_on(there), None, "hf@org/new", "hf@org/same")
    assert carry.models.refusals.title == "1 model cannot be packed"
    assert carry.models.rows.index(1, 3).data() == "cannot be packed"
    carry.next.click()
    carry.place.take_folder(str(tmp_path / "stick"))
    qtbot.waitUntil(carry.next.isEnabled, timeout=PATIENCE)
    assert [item.key.repo_id for item in carry.plan.export.items] == ["org/new"]
    carry.reject()


def test_a_folder_that_is_typed_is_planned_before_it_is_packed_to(
    qtbot: QtBot, open_on: Callable[[CacheMaker], Heard], there: CacheMaker, tmp_path: Path
) -> None:
    carry = at_models(qtbot, open_on(there), None, "hf@org/new")
    carry.next.click()
    carry.place.folder.clear()
    qtbot.keyClicks(carry.place.folder, str(tmp_path / "typed"))
    assert not carry.next.isEnabled()
    qtbot.waitUntil(carry.next.isEnabled, timeout=PATIENCE)
    assert carry.plan.export.folder == tmp_path / "typed"
    carry.place.folder.clear()
    carry.place.folder.textEdited.emit("")
    carry.back.click()
    assert carry.step_text == "Step 2 of 3: What to carry"
    qtbot.waitUntil(carry.next.isEnabled, timeout=PATIENCE)
    carry.next.click()
    assert not carry.next.isEnabled(), "there is no folder to pack to"
    carry.reject()


def test_a_file_that_cannot_be_written_is_named(
    qtbot: QtBot, open_on: Callable[[CacheMaker], Heard], here: CacheMaker, tmp_path: Path
) -> None:
    heard = open_on(here)
    asking: SiteDialog = carrying.say_what_is_here(heard.session, heard.window)
    asking.here.file.clear()
    qtbot.keyClicks(asking.here.file, str(tmp_path / "away" / "here.json"))
    asking.next.click()
    qtbot.waitUntil(lambda: bool(asking.here.wait.notice.text), timeout=PATIENCE)
    assert asking.step == 0
    assert asking.next.isEnabled()
    asking.here.roots[0].click()
    assert not asking.next.isEnabled()
    asking.reject()


def test_an_export_is_signed(
    qtbot: QtBot, open_on: Callable[[CacheMaker], Heard], there: CacheMaker, tmp_path: Path
) -> None:
    heard = open_on(there)
    key = make_key()
    path, _ = write_key(key, tmp_path / "team", None)
    [root] = {row.root for row in heard.session.table.rows}
    export.export(heard.session, heard.window, [Selection(root, "hf@org/same")])
    dialog = dialog_of(qtbot, heard, ExportDialog)
    dialog.folder.setText(str(tmp_path / "out"))
    dialog.key.sign.click()
    assert not dialog.export.isEnabled()
    dialog.key.take_file(str(path))
    qtbot.waitUntil(dialog.export.isEnabled, timeout=PATIENCE)
    assert dialog.answer.plan.options.signer is not None
    assert dialog.answer.plan.options.signer.id == key.id
    dialog.checksums.click()  # without them there is nothing to sign
    qtbot.waitUntil(dialog.export.isEnabled, timeout=PATIENCE)
    assert dialog.answer.plan.options.signer is None
    dialog.reject()


def test_the_file_menu_begins_both(
    qtbot: QtBot, qapp: QApplication, there: CacheMaker, own_places: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODELKEEP_ROOTS", str(there.root))
    palette, style = qapp.palette(), qapp.style().name()
    store = QSettings(str(own_places / "window.ini"), QSettings.Format.IniFormat)
    app = build(qapp, store=store, theme="light")
    qtbot.addWidget(app.window)
    app.window.show()
    actions = app.window.actions_
    for action, kind in ((actions.carry, CarryDialog), (actions.say_here, SiteDialog)):
        action.trigger()
        (dialog,) = app.window.findChildren(kind)
        assert dialog.isVisible()
        dialog.reject()
    app.close()
    qapp.setStyleSheet("")
    qapp.setStyle(style)
    qapp.setPalette(palette)
