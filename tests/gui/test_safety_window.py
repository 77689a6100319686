"""Scanning in the window: what is said of models, in the details, after a scan, an import and a download."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from modelkeep.details import Trusted
from modelkeep.hub.transfer import DownloadResult
from modelkeep.keys import ModelKey
from modelkeep.rows import Selection
from modelkeep.safety.verdict import ModelVerdict, Verdict
from modelkeep.settings import Settings
from modelkeep_gui.details.safety import Safety
from modelkeep_gui.dialogs.allow_unsafe_dialog import AllowUnsafeDialog
from modelkeep_gui.dialogs.import_dialog import ImportDialog
from modelkeep_gui.dialogs.leftovers_dialog import LeftoversDialog
from modelkeep_gui.dialogs.safety_dialog import Examined, SafetyDialog
from modelkeep_gui.dialogs.safety_findings import FindingsList
from modelkeep_gui.dialogs.safety_text import filter_text, known_before_scanning, lines, summary
from modelkeep_gui.jobs.job import Job, JobState
from modelkeep_gui.jobs.runner import JobRunner
from modelkeep_gui.library.feed import LibraryFeed
from modelkeep_gui.library.table_model import LibraryTableModel
from modelkeep_gui.operations import import_, safety, transfers
from modelkeep_gui.session import Revealed, Session
from modelkeep_gui.theme import Theme
from modelkeep_gui.transfers.queue import TransferQueue
from modelkeep_gui.widgets.message_bar import Message
from support.accessible import nameless, unreachable
from support.archives import entries
from support.details import MAIN, file_line, model_details
from support.pickles import calling, zip_of
from support.rows import model_row, revision_row
from support.safety import (
    CALLS,
    CLEAN,
    CLOSED,
    DANGEROUS,
    FOUND,
    NOTICED,
    OLD,
    OWN_CODE,
    SUSPICIOUS,
    file_verdict,
    verdict_of,
)

PATIENCE = 20_000
BAD = calling("os", "system")

Dialog = TypeVar("Dialog", bound=QDialog)
Open = Callable[[str], "Window"]


class Window:
    """What the operations work with: a session, a widget above which dialogs open, what was said and begun."""

    def __init__(self, qtbot: QtBot, session: Session) -> None:
        self.session = session
        self.widget = QWidget()
        self.said: list[Message] = []
        self.jobs: list[Job] = []
        self.revealed: list[Revealed] = []
        self._qtbot = qtbot
        qtbot.addWidget(self.widget)
        self.widget.show()
        session.told.connect(self.said.append)
        session.runner.added.connect(self.jobs.append)
        session.revealed.connect(self.revealed.append)

    def wait(self, condition: Callable[[], object]) -> None:
        self._qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE)

    def dialogs(self, kind: type[Dialog]) -> list[Dialog]:
        return [dialog for dialog in self.widget.findChildren(kind) if dialog.isVisible()]

    def dialog(self, kind: type[Dialog]) -> Dialog:
        """The dialog of that kind, once it is open."""
        self.wait(lambda: self.dialogs(kind))
        return self.dialogs(kind)[-1]

    def message(self) -> Message:
        self.wait(lambda: self.said)
        return self.said.pop()

    def allow(self, name: str) -> None:
        """Type a model's name where it is asked for, and go on."""
        asked = self.dialog(AllowUnsafeDialog)
        asked.field.setText(name)
        asked.allow.click()


class Feed(LibraryFeed):
    """Counts how often the caches are looked at anew."""

    looks = 0

    def refresh(self) -> None:
        self.looks += 1


@pytest.fixture
def opened(
    qtbot: QtBot, qapp: QApplication, service: str, own_places: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Open]:
    """Opens windows with a work process that has a service."""
    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(own_places / "config"))
    palette, style = qapp.palette(), qapp.style().name()
    runners = []

    def open_window(service: str) -> Window:
        runner, table = JobRunner(service), LibraryTableModel()
        runners.append(runner)
        feed = Feed(runner, table)
        return Window(
            qtbot,
            Session(runner, table, feed, TransferQueue(runner), Theme(qapp, "light"), Settings()),
        )

    yield open_window
    for runner in runners:
        runner.shutdown()
    qapp.setStyleSheet("")
    qapp.setStyle(style)
    qapp.setPalette(palette)


@pytest.fixture
def window(opened: Open) -> Window:
    return opened("support.safety:Service")


# The words --------------------------------------------------------------------------------------------------------


def test_the_worst_comes_first_and_says_where_it_is() -> None:
    found = lines(DANGEROUS)
    assert [said.verdict for said in found] == sorted((said.verdict for said in found), reverse=True)
    assert found[0].text == (
        "dangerous: pytorch_model.bin › archive › data.pkl: It calls os.system when it is loaded."
    )


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        (CLEAN, "Nothing unsafe was found in 2 files."),
        (NOTICED, "Nothing unsafe was found, but 1 file to know of."),
        (SUSPICIOUS, "1 file is suspicious."),
        (
            verdict_of(file_verdict("a.zip", CLOSED), file_verdict("b.zip", CLOSED)),
            "2 files could not be scanned.",
        ),
        (DANGEROUS, "1 file is dangerous."),
    ],
)
def test_a_verdict_is_a_sentence(verdict: ModelVerdict, said: str) -> None:
    assert summary(verdict) == said


def test_a_file_that_could_not_be_scanned_is_never_called_clean() -> None:
    [said] = lines(verdict_of(replace(file_verdict("x.bin"), verdict=Verdict.COULD_NOT_SCAN)))
    assert said.sentence == "could not be scanned"


def test_names_alone_tell_of_pickles_and_code() -> None:
    found = known_before_scanning(
        ["config.json", "pytorch_model.bin", "modeling_own.py", "model.safetensors"]
    )
    assert {said.path for said in found} == {"pytorch_model.bin", "modeling_own.py"}


# The details ------------------------------------------------------------------------------------------------------


@pytest.fixture
def tab(qtbot: QtBot) -> Safety:
    tab = Safety()
    qtbot.addWidget(tab)
    tab.resize(352, 600)
    tab.show()
    return tab


def test_before_a_scan_it_says_so_and_offers_one(qtbot: QtBot, tab: Safety) -> None:
    tab.set_details(model_details())
    assert tab.texts[0] == "Nobody has scanned this revision yet."
    assert filter_text() in tab.texts
    assert [said.path for said in tab.findings.findings] == ["pytorch_model.bin"]
    assert tab.scan.text() == "Scan now"
    with qtbot.waitSignal(tab.scan_requested) as asked:
        tab.scan.click()
    assert asked.args == [Selection("/cache/hub", f"hf@dmis-lab/biobert-v1.1@{MAIN}")]


def test_after_a_scan_it_says_what_was_found_when_and_by_what(tab: Safety) -> None:
    tab.set_details(model_details(trusted=Trusted(safety=DANGEROUS)))
    said = " | ".join(tab.texts)
    assert "1 file is dangerous." in said
    assert "ago by modelkeep 0.4, picklescan 0.0.30" in said
    assert filter_text() in said
    assert tab.findings.findings == lines(DANGEROUS)
    assert tab.scan.text() == "Scan again"
    assert (nameless(tab), unreachable(tab)) == ([], [])
    tab.copy.click()
    copied = QGuiApplication.clipboard().text()
    assert "dangerous: pytorch_model.bin › archive › data.pkl" in copied
    assert filter_text() in copied


def test_only_pickles_are_offered_to_be_converted(qtbot: QtBot, tab: Safety) -> None:
    tab.set_details(model_details())
    with qtbot.waitSignal(tab.convert_requested) as asked:
        tab.convert.click()
    assert asked.args[0].key.endswith(MAIN)
    tab.set_details(model_details(files=(file_line("model.safetensors", 1, "safetensors"),)))
    assert not tab.convert.isVisible()


def test_a_clean_model_has_no_finding(tab: Safety) -> None:
    tab.set_details(model_details(trusted=Trusted(safety=DANGEROUS)))
    tab.set_details(model_details(trusted=Trusted(safety=CLEAN)))
    assert tab.findings.findings == []
    assert tab.texts[0] == "Nothing unsafe was found in 2 files."


def test_hundreds_of_findings_are_rows_of_one_list(
    qtbot: QtBot, tab: Safety, qtmodeltester: ModelTester
) -> None:
    many = verdict_of(*(file_verdict(f"part-{n:03}.bin", CALLS) for n in range(500)))
    before = len(tab.findChildren(QWidget))
    tab.set_details(model_details(trusted=Trusted(safety=many)))
    model = tab.findings.model()
    qtmodeltester.check(model)
    assert model.rowCount() == 500
    assert len(tab.findChildren(QWidget)) == before


def test_a_long_sentence_takes_more_lines_where_there_is_less_room(qtbot: QtBot) -> None:
    shown = FindingsList("Findings")
    qtbot.addWidget(shown)
    shown.set_findings(lines(verdict_of(file_verdict("modeling.py", OWN_CODE))))
    shown.resize(600, 200)
    shown.show()
    qtbot.waitExposed(shown)
    wide = shown.visualRect(shown.model().index(0, 0)).height()
    shown.resize(200, 200)
    qtbot.waitUntil(lambda: shown.visualRect(shown.model().index(0, 0)).height() > wide)


def test_chosen_findings_are_copied(qtbot: QtBot) -> None:
    shown = FindingsList("Findings")
    qtbot.addWidget(shown)
    shown.set_findings(lines(DANGEROUS))
    shown.show()
    shown.setCurrentIndex(shown.model().index(0, 0))
    qtbot.keyClick(shown, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == lines(DANGEROUS)[0].text


# A scan -----------------------------------------------------------------------------------------------------------


def test_a_scan_of_all_shows_the_worst_first(window: Window) -> None:
    safety.scan(window.session, window.widget, [])
    dialog = window.dialog(SafetyDialog)
    assert dialog.heading.text() == "1 of 4 models is dangerous"
    assert dialog.texts[:3] == ["org/bad", "dangerous", "aaaaaaa"]
    assert dialog.findings.findings == lines(DANGEROUS)
    assert dialog.table.model().rowCount() == 3, "a clean one is counted only"
    assert (nameless(dialog), unreachable(dialog)) == ([], [])
    [job] = window.jobs
    assert job.summary == "Scanned 4 revisions: 2 not clean"
    assert window.session.feed.looks == 1  # type: ignore[attr-defined]


def test_a_scan_that_finds_nothing_is_a_quiet_line(window: Window) -> None:
    safety.scan(window.session, window.widget, [Selection("/models", "hf@org/clean")])
    message = window.message()
    assert message.text == "Nothing unsafe was found in org/clean. A scan is a filter and no proof."
    assert (message.action, message.tone) == ("", "good")
    assert not window.dialogs(SafetyDialog)


def test_what_is_only_to_be_known_is_one_click_away(window: Window) -> None:
    safety.scan(window.session, window.widget, [Selection("/models", "hf@org/own-code")])
    message = window.message()
    assert message.action == "Details"
    assert callable(message.about)
    message.about()
    dialog = window.dialog(SafetyDialog)
    assert dialog.heading.text() == "Nothing unsafe was found in org/own-code"
    assert not dialog.convert.isEnabled()


def test_a_scan_that_is_stopped_says_what_it_found_so_far(window: Window) -> None:
    chosen = [Selection("/models", f"hf@org/{name}") for name in ("bad", "endless")]
    safety.scan(window.session, window.widget, chosen)
    [job] = window.jobs
    found: list[object] = []
    job.received.connect(found.append)
    window.wait(lambda: found)
    job.cancel()
    message = window.message()
    assert job.state is JobState.CANCELED
    assert message.text == "The scan was stopped. Revisions scanned: 1, not clean: 1."


def test_what_helps_is_offered_for_the_chosen_model(qtbot: QtBot, window: Window) -> None:
    dialog = SafetyDialog([Examined(*one) for one in FOUND], window.widget)
    dialog.offer_cache_remedies()
    with qtbot.waitSignal(dialog.convert_requested) as asked:
        dialog.convert.click()
    assert asked.args == [Selection("/models", f"hf@org/bad@{OLD}")]
    with qtbot.waitSignal(dialog.delete_requested) as asked:
        dialog.delete.click()
    assert asked.args == [Selection("/models", f"hf@org/bad@{OLD}")]


def test_what_was_deleted_is_not_shown_any_more(window: Window) -> None:
    safety.scan(window.session, window.widget, [])
    dialog = window.dialog(SafetyDialog)
    table, looks = window.session.table, window.session.feed.rows_changed
    here = [
        model_row(f"org/{name}", root="/models", revisions=(revision_row(OLD),)) for name in ("bad", "odd")
    ]
    table.replace_rows("/models", here)
    looks.emit(None)
    assert dialog.table.model().rowCount() == 2
    table.replace_rows("/models", here[1:])
    looks.emit(None)
    assert dialog.texts[0] == "org/odd"
    table.replace_rows("/models", [])
    looks.emit(None)
    assert not dialog.isVisible()
    looks.emit(None)  # which a dialog that is closed hears no more


# An import --------------------------------------------------------------------------------------------------------


@pytest.fixture
def real(opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Window:
    """A window with the library itself, on an empty cache."""
    (tmp_path / "hub").mkdir()
    monkeypatch.setenv("MODELKEEP_ROOTS", str(tmp_path / "hub"))
    window = opened("modelkeep.library:open_library")
    with_views = window.session.feed
    LibraryFeed.refresh(with_views)
    window.wait(lambda: with_views.views)
    return window


def packed(folder: Path) -> Path:
    """An archive of a dangerous model that is too large and too packed for its plan to look into."""
    path = folder / "a.zip"
    weights = BAD + bytes(5 << 20)
    path.write_bytes(zip_of(entries({"pytorch_model.bin": weights, "config.json": b"{}"}), deflated=True))
    return path


def test_a_dangerous_archive_is_imported_only_by_its_name(real: Window, tmp_path: Path) -> None:
    path = packed(tmp_path)
    import_.import_files(real.session, real.widget, [str(path)])
    dialog = real.dialog(ImportDialog)
    real.wait(dialog.import_.isEnabled)
    dialog.import_.click()
    message = real.message()
    assert message.tone == "bad"
    assert message.text.startswith("org/name was not imported: ")
    assert not list((tmp_path / "hub").glob("models--*/snapshots/*"))
    told = real.dialog(SafetyDialog)
    assert told.heading.text() == "org/name was not imported: it is dangerous"
    assert told.texts[:2] == ["org/name", "dangerous"]
    assert "pytorch_model.bin" in told.findings.findings[0].text
    assert told.findings.findings[0].verdict is Verdict.DANGEROUS
    told.remedies[0].click()
    real.allow("org/name")
    message = real.message()
    assert message.text.startswith("Imported org/name. 1 file is dangerous.")
    assert (message.action, message.tone) == ("Details", "warn")
    assert list((tmp_path / "hub").glob("models--org--name/snapshots/*/pytorch_model.bin"))
    assert not real.dialogs(SafetyDialog)
    assert callable(message.about)
    message.about()
    assert real.dialog(SafetyDialog).texts[:2] == ["org/name", "dangerous"]


def test_what_was_stopped_waits_to_be_allowed_later(real: Window, tmp_path: Path) -> None:
    path = packed(tmp_path)
    import_.import_files(real.session, real.widget, [str(path)])
    dialog = real.dialog(ImportDialog)
    real.wait(dialog.import_.isEnabled)
    dialog.import_.click()
    real.dialog(SafetyDialog).reject()
    assert real.message().tone == "bad"
    import_.offer_leftovers(real.session, real.widget)
    message = real.message()
    assert message.action == "Resume…"
    assert callable(message.about)
    message.about()
    real.dialog(LeftoversDialog).resume.click()
    real.dialog(SafetyDialog).remedies[0].click()
    assert real.message().tone == "bad"
    real.allow("org/name")
    assert real.message().text.startswith("Imported org/name.")


# A download -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "said", "tone", "shows_safety"),
    [
        (None, "Downloaded org/name.", "good", False),
        (CLEAN, "Downloaded org/name.", "good", False),
        (SUSPICIOUS, "Downloaded org/name. 1 file is suspicious.", "warn", True),
        (DANGEROUS, "Downloaded org/name. 1 file is dangerous.", "bad", True),
    ],
)
def test_what_is_in_a_download_is_told_when_it_is_here(
    window: Window, found: ModelVerdict | None, said: str, tone: str, shows_safety: bool
) -> None:
    shown: list[bool] = []
    transfers.follow(window.session, lambda: shown.append(True))
    result = DownloadResult(ModelKey("org/name"), "/models", OLD, "/x", 1, 0, 1.0, safety=found)
    window.session.transfers.arrived.emit(result)
    message = window.message()
    assert (message.text, message.action, message.tone) == (said, "Show", tone)
    assert callable(message.about)
    message.about()
    assert bool(shown) is shows_safety
    [revealed] = window.revealed
    assert revealed.models[0].key == "hf@org/name"
