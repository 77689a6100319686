"""Importing and exporting from the click to the table, with the real library in a real work process."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from modelkeep.archive.import_plan import Action, plan_import
from modelkeep.cache.staging import Work, open_staging
from modelkeep.rows import Selection
from modelkeep.settings import Settings
from modelkeep_gui.dialogs.error_dialog import ErrorDialog
from modelkeep_gui.dialogs.export_dialog import ExportDialog
from modelkeep_gui.dialogs.import_dialog import ImportDialog
from modelkeep_gui.dialogs.leftovers_dialog import LeftoversDialog
from modelkeep_gui.jobs.job import Job, JobState
from modelkeep_gui.jobs.row import JobRow
from modelkeep_gui.jobs.runner import JobRunner
from modelkeep_gui.library.feed import LibraryFeed
from modelkeep_gui.library.table_model import LibraryTableModel
from modelkeep_gui.library.view import LibraryView, Selected
from modelkeep_gui.operations import export, import_
from modelkeep_gui.session import Session
from modelkeep_gui.theme import Theme
from modelkeep_gui.transfers.queue import TransferQueue
from modelkeep_gui.widgets.message_bar import Message
from support import archives
from support.archives import WEIGHTS, dss_zip, entries, real_tar, split
from support.caches import CacheMaker, sha256
from support.models import safetensors_file
from support.windows import seen

PATIENCE = 20_000
TENSOR = {"dtype": "U8", "shape": [len(WEIGHTS)], "data_offsets": [0, len(WEIGHTS)]}
# With weights that a scan finds nothing wrong with.
FILES = {**archives.FILES, "model.safetensors": safetensors_file({"weight": TENSOR}, WEIGHTS)}

Dialog = TypeVar("Dialog", bound=QDialog)


@dataclass
class Window:
    """What the operations work with: a session, a window with a table, and what was said and begun."""

    qtbot: QtBot
    session: Session
    widget: QWidget
    view: LibraryView
    said: list[Message]
    jobs: list[Job]

    def dialog(self, kind: type[Dialog]) -> Dialog:
        """The dialog of that kind, once it is open."""
        self.wait(lambda: bool(self._dialogs(kind)))
        return self._dialogs(kind)[0]

    def _dialogs(self, kind: type[Dialog]) -> list[Dialog]:
        return [dialog for dialog in self.widget.findChildren(kind) if dialog.isVisible()]

    def import_dialog(self, *paths: Path) -> ImportDialog:
        """The dialog about these, once all of them were looked at."""
        import_.import_files(self.session, self.widget, [str(path) for path in paths])
        dialog = self.dialog(ImportDialog)
        self.wait(lambda: not dialog.is_busy)
        return dialog

    def export_dialog(self, *keys: str) -> ExportDialog:
        [root] = {row.root for row in self.session.table.rows}
        export.export(self.session, self.widget, [Selection(root, key) for key in keys])
        return self.dialog(ExportDialog)

    def wait(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition, timeout=PATIENCE)

    def wait_for_message(self) -> Message:
        self.wait(lambda: bool(self.said))
        return self.said.pop()

    def names(self) -> list[str]:
        return [row.repo_id for row in self.session.table.rows]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "hub").mkdir()
    return tmp_path / "hub"


@pytest.fixture
def window(
    qtbot: QtBot, qapp: QApplication, root: Path, monkeypatch: pytest.MonkeyPatch, own_places: Path
) -> Iterator[Window]:
    monkeypatch.setenv("MODELKEEP_ROOTS", str(root))
    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(own_places / "config"))
    palette, style = qapp.palette(), qapp.style().name()
    runner, table = JobRunner("modelkeep.library:open_library"), LibraryTableModel()
    session = Session(
        runner, table, LibraryFeed(runner, table), TransferQueue(runner), Theme(qapp, "light"), Settings()
    )
    widget, view = QWidget(), LibraryView(table)
    session.revealed.connect(lambda revealed: view.select(list(revealed.models)))
    view.selection_changed.connect(lambda selected: setattr(session, "selected", selected))
    QVBoxLayout(widget).addWidget(view)
    qtbot.addWidget(widget)
    widget.show()
    window = Window(qtbot, session, widget, view, [], [])
    session.told.connect(window.said.append)
    runner.added.connect(window.jobs.append)
    with qtbot.waitSignal(session.feed.views_changed, timeout=PATIENCE):
        session.feed.refresh()
    yield window
    session.feed.stop()
    runner.shutdown()
    qapp.setStyleSheet("")
    qapp.setStyle(style)
    qapp.setPalette(palette)


def archive(path: Path, key: str | None = "hf@org/name", commit: str = "a" * 40) -> Path:
    return dss_zip(path, entries(FILES, key=key, commit=commit, sums=True))


def test_a_model_goes_in_and_out_again(window: Window, tmp_path: Path, root: Path) -> None:
    dialog = window.import_dialog(archive(tmp_path / "a.zip"))
    assert dialog.root.root == root.as_posix()
    dialog.import_.click()
    message = window.wait_for_message()
    assert (message.text, message.action, message.tone) == ("Imported org/name.", "Show", "good")
    window.wait(lambda: window.names() == ["org/name"])
    window.wait(lambda: [selected.key for selected in window.view.selected] == ["hf@org/name"])
    assert window.jobs[0].summary == "Imported org/name"
    folder = tmp_path / "out"
    leaving = window.export_dialog("hf@org/name")
    leaving.folder.setText(str(folder))
    leaving.folder.textEdited.emit(str(folder))
    window.wait(leaving.export.isEnabled)
    size = leaving.answer.plan.total
    leaving.export.click()
    message = window.wait_for_message()
    assert message.text == f"Exported org/name to {folder}."
    assert [path.name for path in folder.iterdir()] == ["org_2fname.zip"]
    assert (folder / "org_2fname.zip").stat().st_size == size
    again = window.export_dialog("hf@org/name")
    assert again.folder.text() == str(folder), "the folder is remembered"
    [item] = plan_import([folder / "org_2fname.zip"], root).items
    assert item.action is Action.PRESENT


def test_a_bundle_is_written_and_read(window: Window, tmp_path: Path, root: Path) -> None:
    cache = CacheMaker(root)
    cache.add("org/a", FILES)
    cache.add("org/b", {"config.json": b"{}"})
    window.session.feed.refresh()
    window.wait(lambda: window.names() == ["org/a", "org/b"])
    leaving = window.export_dialog("hf@org/a", "hf@org/b")
    leaving.folder.setText(str(tmp_path / "stick"))
    leaving.bundle.click()
    leaving.checksums.click()
    window.wait(leaving.export.isEnabled)
    leaving.export.click()
    assert window.wait_for_message().text == f"Exported 2 models to {tmp_path / 'stick'}."
    assert (tmp_path / "stick" / "index.json").is_file()
    dialog = window.import_dialog(tmp_path / "stick")
    assert dialog.status == "2 already here"


def test_a_model_without_a_name_gets_one(window: Window, tmp_path: Path) -> None:
    path = dss_zip(tmp_path / "a.zip", entries(key=None, folder="my_2fmodel"))
    dialog = window.import_dialog(path)
    window.wait(dialog.import_.isEnabled)
    assert dialog.details.name.field.text() == "my/model"
    dialog.details.name.field.clear()
    window.qtbot.keyClicks(dialog.details.name.field, "org/mine")
    window.wait(lambda: dialog.import_.isEnabled() and str(dialog.answer.items[0].key) == "hf@org/mine")
    dialog.import_.click()
    window.wait(lambda: window.names() == ["org/mine"])


def test_only_the_archive_that_is_renamed_is_read_again(window: Window, tmp_path: Path) -> None:
    named = archive(tmp_path / "a.zip")
    nameless = dss_zip(tmp_path / "b.zip", entries(key=None, folder="x"))
    dialog = window.import_dialog(named, nameless)
    window.wait(dialog.import_.isEnabled)
    # What is read again would be found to be gone.
    os.rename(named, tmp_path / "away.zip")
    dialog.table.setCurrentIndex(dialog.table.rows.index(1, 0))
    dialog.details.name.field.clear()
    window.qtbot.keyClicks(dialog.details.name.field, "org/mine")
    keys = ["hf@org/name", "hf@org/mine"]
    window.wait(lambda: [str(item.key) for item in dialog.answer.items] == keys)


def test_volumes_chosen_one_by_one_are_one_model(window: Window, tmp_path: Path) -> None:
    split(archive(tmp_path / "a.zip"), 200_000)
    dialog = window.import_dialog(*sorted(tmp_path.glob("a.zip.*")))
    assert dialog.import_.text().replace("&", "") == "Import 1 model, write 512 kB"


def test_a_conflict_is_replaced_when_one_says_so(window: Window, tmp_path: Path, root: Path) -> None:
    CacheMaker(root).add("org/name", {**FILES, "README.md": b"another"}, commit="a" * 40)
    dialog = window.import_dialog(archive(tmp_path / "a.zip"))
    assert not dialog.import_.isEnabled()
    dialog.details.choice.replace.click()
    dialog.import_.click()
    assert window.wait_for_message().text == "Imported org/name."
    snapshot = root / "models--org--name" / "snapshots" / ("a" * 40)
    assert (snapshot / "README.md").read_bytes() == FILES["README.md"]


def test_what_fails_is_named_and_the_rest_is_done(window: Window, tmp_path: Path) -> None:
    good, bad = archive(tmp_path / "a.zip", "hf@org/a"), tmp_path / "b.zip"
    content = entries(FILES, key="hf@org/b", commit="b" * 40, sums=True)
    spoiled = sha256(FILES["model.safetensors"]).encode()
    content["org_2fname/SHA256SUMS"] = content["org_2fname/SHA256SUMS"].replace(spoiled, b"0" * 64)
    dialog = window.import_dialog(good, dss_zip(bad, content))
    dialog.import_.click()
    message = window.wait_for_message()
    assert message.text.startswith("1 of 2 imported: model.safetensors is not what SHA256SUMS says")
    assert (message.action, message.tone) == ("Details", "bad")
    [job] = window.jobs
    assert job.state is JobState.COMPLETED
    assert "model.safetensors is not what SHA256SUMS says" in job.details
    row = JobRow(job, window.widget)
    row.show()
    assert "1 of 2 imported | model.safetensors is not what SHA256SUMS says" in seen(row)
    window.wait(lambda: window.names() == ["org/a"])
    assert callable(message.about)
    message.about()
    assert window.dialog(ErrorDialog)


def test_closing_the_dialog_ends_the_reading(window: Window, tmp_path: Path) -> None:
    big = {**FILES, "model.safetensors": bytes(300_000_000)}
    path = real_tar(tmp_path / "a.tar.gz", entries(big), "--use-compress-program=gzip -1")
    import_.import_files(window.session, window.widget, [str(path)])
    dialog = window.dialog(ImportDialog)
    window.wait(lambda: bool(window.session.runner.running()))
    [job] = [job for job in window.session.runner.running() if job.call.method == "archives.plan_import"]
    with window.qtbot.waitSignal(job.canceled, timeout=PATIENCE):
        dialog.cancel.click()
    assert window.said == []
    assert window.jobs == []


def test_what_the_user_selected_meanwhile_stays_selected(window: Window, tmp_path: Path, root: Path) -> None:
    CacheMaker(root).add("org/other")
    window.session.feed.refresh()
    window.wait(lambda: window.names() == ["org/other"])
    dialog = window.import_dialog(archive(tmp_path / "a.zip"))
    dialog.import_.click()
    other = Selected(root.as_posix(), "hf@org/other", None)
    window.view.select([other])
    message = window.wait_for_message()
    window.wait(lambda: len(window.names()) == 2)
    window.wait(lambda: not window.session.feed.is_scanning)
    assert window.view.selected == [other]
    assert callable(message.about)
    message.about()
    assert [selected.key for selected in window.view.selected] == ["hf@org/name"]


def test_files_are_chosen_in_the_systems_own_dialog(window: Window, tmp_path: Path) -> None:
    import_.choose_files(window.session, window.widget)
    files = window.dialog(QFileDialog)
    assert "*.tar.zst" in files.nameFilters()[0]
    files.filesSelected.emit([str(archive(tmp_path / "a.zip"))])
    files.close()
    dialog = window.dialog(ImportDialog)
    window.wait(dialog.import_.isEnabled)


def test_an_interrupted_import_is_offered_and_resumed(window: Window, tmp_path: Path, root: Path) -> None:
    [item] = plan_import([archive(tmp_path / "a.zip")], root).items
    with open_staging(root, item.work):
        pass
    import_.offer_leftovers(window.session, window.widget)
    message = window.wait_for_message()
    assert (message.text, message.action) == ("An import of org/name was interrupted.", "Resume…")
    assert callable(message.about)
    message.about()
    dialog = window.dialog(LeftoversDialog)
    dialog.resume.click()
    assert window.wait_for_message().text == "Imported org/name."
    window.wait(lambda: window.names() == ["org/name"])
    assert not (root / ".modelkeep").exists()


def test_an_interrupted_conversion_is_not_resumed(window: Window, tmp_path: Path, root: Path) -> None:
    [item] = plan_import([archive(tmp_path / "a.zip")], root).items
    with open_staging(root, Work((), "safetensors", "org/name", "a" * 40)):
        pass
    with open_staging(root, Work((), "pushed by clients", "", None)):
        pass
    import_.offer_leftovers(window.session, window.widget)
    message = window.wait_for_message()
    assert (message.text, message.action) == (
        "The conversion of org/name was interrupted: convert it again.",
        "Show…",
    )
    with open_staging(root, item.work):
        pass
    import_.offer_leftovers(window.session, window.widget)
    message = window.wait_for_message()
    assert (message.text, message.action) == ("2 works were interrupted.", "Resume…")
    assert callable(message.about)
    message.about()
    dialog = window.dialog(LeftoversDialog)
    assert dialog.resume.text() == "&Resume"
    dialog.table.selectRow([bool(left.sources) for left in dialog.table.rows.values].index(False))
    assert not dialog.resume.isEnabled()
    assert dialog.clear.isEnabled()
    dialog.reject()


def test_an_interrupted_import_is_cleared(window: Window, tmp_path: Path, root: Path) -> None:
    [item] = plan_import([archive(tmp_path / "a.zip")], root).items
    with open_staging(root, replace(item.work, state=())) as staging:
        staging.part(0).write_bytes(bytes(100_000))
    import_.offer_leftovers(window.session, window.widget)
    about = window.wait_for_message().about
    assert callable(about)
    about()
    dialog = window.dialog(LeftoversDialog)
    dialog.clear.click()
    assert window.wait_for_message().text.endswith(" freed.")
    assert not (root / ".modelkeep").exists()
    import_.offer_leftovers(window.session, window.widget)
    window.wait(lambda: not window.session.runner.running())
    assert window.said == []
