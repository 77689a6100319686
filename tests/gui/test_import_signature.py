"""Who signed what is imported, and what is joined with what is here, over plans of real signed archives."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from modelkeep.archive.import_plan import Action, ImportPlan, plan_import
from modelkeep.archive.minisign import PublicKey, make_key, write_key
from modelkeep.archive.pack import ArchiveOptions
from modelkeep.library import open_library
from modelkeep.rows import RootView, Selection
from modelkeep_gui.dialogs.import_dialog import ImportDialog
from modelkeep_gui.dialogs.import_text import file_text
from support.accessible import nameless, unreachable
from support.archives import FILES
from support.caches import CacheMaker

KEY = make_key()
NAME = KEY.public.name
Ask = Callable[..., ImportDialog]


@pytest.fixture
def here(tmp_path: Path) -> CacheMaker:
    """The cache that is imported into: it has another revision, of which all but one file is the same."""
    cache = CacheMaker(tmp_path / "here")
    cache.add("org/name", FILES | {"config.json": b"{}"})
    return cache


@pytest.fixture
def ask(qtbot: QtBot, here: CacheMaker) -> Ask:
    above = QWidget()
    qtbot.addWidget(above)
    above.show()
    view = RootView(
        here.root.as_posix(), "hub", "ready", "", True, 1, 0, 0, 0, 0, 0, 1, 9**12, 9**11, (), 0.0
    )

    def opened(*paths: Path) -> ImportDialog:
        dialog = ImportDialog((view,), map(str, paths), above)
        dialog.open()
        return dialog

    return opened


@pytest.fixture
def public(tmp_path: Path) -> Path:
    return write_key(KEY, tmp_path / "team", None)[1]


def packed(tmp_path: Path, *, signed: bool = True, without: CacheMaker | None = None) -> Path:
    """A bundle of a model, for a site that has what is in the cache `without`."""
    cache = CacheMaker(tmp_path / "there")
    cache.add("org/name", FILES)
    options = ArchiveOptions(signer=KEY if signed else None)
    with open_library([cache.root]) as library:
        holdings = None
        if without is not None:
            with open_library([without.root]) as other:
                holdings = other.archives.holdings(name="site B")
        selected = [Selection(cache.root.as_posix(), "hf@org/name")]
        plan = library.archives.plan_bundle(selected, tmp_path / "stick", holdings, options=options)
        assert not library.archives.bundle(plan).failures
    return tmp_path / "stick"


def planned(here: CacheMaker, source: Path, trusted: Sequence[PublicKey] = ()) -> ImportPlan:
    return plan_import([source], here.root, replace=True, trusted=trusted)


def test_a_verified_signature_is_shown(ask: Ask, here: CacheMaker, public: Path, tmp_path: Path) -> None:
    dialog = ask(source := packed(tmp_path))
    dialog.trust.add([str(public)])
    assert dialog.request.trusted == (KEY.public,)
    dialog.set_plan(planned(here, source, dialog.request.trusted))
    assert f"Signed by {NAME}, verified." in dialog.details.texts
    assert any(text.startswith(f"Signature: {NAME} · modelkeep ") for text in dialog.details.texts)
    assert dialog.status == "1 signed and verified"
    assert dialog.import_.isEnabled()
    assert (nameless(dialog), unreachable(dialog)) == ([], [])


def test_an_unknown_key_proves_nothing(ask: Ask, here: CacheMaker, tmp_path: Path) -> None:
    dialog = ask(source := packed(tmp_path))
    dialog.set_plan(planned(here, source))
    assert (
        f"Signed by an unknown key, {NAME}: this proves nothing unless you trust it." in dialog.details.texts
    )
    assert dialog.status == "1 signed by an unknown key"
    assert dialog.import_.isEnabled()


def test_what_is_not_signed_says_so_quietly(ask: Ask, here: CacheMaker, tmp_path: Path) -> None:
    dialog = ask(source := packed(tmp_path, signed=False))
    dialog.set_plan(planned(here, source))
    assert "Signature: Not signed" in dialog.details.texts
    assert dialog.status == ""


def test_what_no_trusted_key_signed_is_refused(ask: Ask, here: CacheMaker, tmp_path: Path) -> None:
    dialog = ask(source := packed(tmp_path))
    other = write_key(make_key(), tmp_path / "other", None)[1]
    dialog.trust.add([str(other)])
    dialog.set_plan(planned(here, source, dialog.request.trusted))
    assert f"signed by the key {NAME}, which is not one that you trust" in dialog.details.texts[0]
    assert dialog.status == "1 cannot be imported"
    assert not dialog.import_.isEnabled()


def test_a_wrong_signature_is_refused(ask: Ask, here: CacheMaker, public: Path, tmp_path: Path) -> None:
    source = packed(tmp_path)
    [archive] = source.glob("*.zip")
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(tmp_path / "changed")
    [sums] = (tmp_path / "changed").rglob("SHA256SUMS")
    sums.write_bytes(sums.read_bytes() + b"\n")
    dialog = ask(sums.parent)
    dialog.trust.add([str(public)])
    dialog.set_plan(planned(here, sums.parent, dialog.request.trusted))
    assert "is not true" in dialog.details.texts[0]
    assert not dialog.import_.isEnabled()


def test_what_is_taken_from_here_is_said(ask: Ask, here: CacheMaker, tmp_path: Path) -> None:
    dialog = ask(source := packed(tmp_path, without=here))
    plan = planned(here, source)
    dialog.set_plan(plan)
    [item] = plan.items
    assert len(item.joins) == len(FILES) - 1
    assert any(
        "are not in the archive: they are taken from what is here" in text for text in dialog.details.texts
    )
    assert any(text.startswith("Packed for: “site B”, by its inventory ") for text in dialog.details.texts)
    assert dialog.table.rows.index(0, 2).data().endswith(f", joins {len(item.joins)} files")


def test_what_is_lacking_is_said_file_by_file(ask: Ask, here: CacheMaker, tmp_path: Path) -> None:
    dialog = ask(source := packed(tmp_path, without=here))
    empty = CacheMaker(tmp_path / "empty")
    plan = planned(empty, source)
    dialog.set_plan(plan)
    [item] = plan.items
    assert item.action is Action.REFUSED
    assert dialog.table.rows.index(0, 2).data() == f"Lacks {len(FILES) - 1} files that are not here"
    said = {file.name: file_text(file, (), item.lacking) for file in item.files}
    assert said.pop("config.json") == "to write"
    assert set(said.values()) == {"missing here"}


def test_what_another_cache_has_is_copied(here: CacheMaker, tmp_path: Path) -> None:
    source = packed(tmp_path, without=here)
    [item] = plan_import([source], tmp_path / "empty", others=[here.root]).items
    assert {file_text(file, ()) for file in item.files} == {"to write", "in another cache, copied"}


def test_other_keys_make_another_plan(qtbot: QtBot, ask: Ask, public: Path, tmp_path: Path) -> None:
    dialog = ask(source := packed(tmp_path))
    with qtbot.waitSignal(dialog.replan_requested) as asked:
        drop(dialog, public)
    assert asked.args is not None
    assert (asked.args[0].sources, asked.args[0].trusted) == ((str(source),), (KEY.public,))
    assert dialog.trust.shown.text() == f"{NAME} (team.pub)"
    with qtbot.waitSignal(dialog.replan_requested) as asked:
        dialog.trust.clear.click()
    assert asked.args is not None
    assert asked.args[0].trusted == ()


def test_a_file_that_is_no_key_is_named(qtbot: QtBot, ask: Ask, tmp_path: Path) -> None:
    dialog = ask(tmp_path / "a.zip")
    (tmp_path / "no.pub").write_text("nothing")
    with qtbot.assertNotEmitted(dialog.replan_requested):
        dialog.trust.add([str(tmp_path / "no.pub")])
    assert "is no public key" in dialog.trust.notice.text
    dialog.trust.add([str(tmp_path / "away.pub")])
    assert dialog.trust.notice.text == f"There is no file {tmp_path / 'away.pub'}."


def drop(dialog: ImportDialog, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    none = Qt.KeyboardModifier.NoModifier
    dialog.dropEvent(QDropEvent(QPoint(), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, none))
