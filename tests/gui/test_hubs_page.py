"""The hubs in the preferences: profiles, their test, the offline switch; in a real work process."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from modelkeep.hub.diagnose import CHECKS
from modelkeep.hub.profile import NO_PROXY, Profile, ProfileView
from modelkeep.hub.tokens import keep_token
from modelkeep.settings import Settings, load_settings, save_settings
from modelkeep_gui.dialogs.confirm_dialog import ConfirmDialog
from modelkeep_gui.jobs.runner import JobRunner
from modelkeep_gui.settings.dialog import PreferencesDialog
from modelkeep_gui.settings.hubs_page import HubsPage
from modelkeep_gui.settings.profile_dialog import ProfileDialog
from modelkeep_gui.settings.profile_form import ProfileChoice
from modelkeep_gui.settings.profile_text import endpoint_problem, proxy_problem, rate_text, variables
from support.accessible import nameless, unreachable
from support.windows import only, seen

CLOSED = Profile(
    "Closed", "http://127.0.0.1:9", NO_PROXY, connect_timeout=2.0
)  # nobody listens at the port “discard”
PATIENCE = 20_000


@pytest.fixture
def runner(qtbot: QtBot, own_places: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[JobRunner]:
    monkeypatch.setenv("HF_TOKEN", "hf_of_the_environment")
    save_settings(Settings(profiles=(Profile("Lab"), CLOSED), default_profile="Lab"))
    keep_token("Lab", "hf_secret", in_file=True)
    runner = JobRunner("modelkeep.library:open_library")
    yield runner
    runner.shutdown()


@pytest.fixture
def above(qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    return window


@pytest.fixture
def preferences(above: QWidget, runner: JobRunner) -> PreferencesDialog:
    dialog = PreferencesDialog(load_settings().settings, (), above, runner=runner)
    dialog.tabs.setCurrentIndex(1)
    dialog.open()
    return dialog


@pytest.fixture
def page(qtbot: QtBot, preferences: PreferencesDialog) -> HubsPage:
    page = preferences.hubs
    assert page is not None
    qtbot.waitUntil(lambda: len(page.table.rows.values) == 3, timeout=PATIENCE)
    qtbot.waitUntil(lambda: bool(page.offline.effect.text()))
    return page


def cells(page: HubsPage) -> list[list[str]]:
    rows = page.table.rows
    return [
        [rows.index(row, column).data() for column in range(rows.columnCount())]
        for row in range(rows.rowCount())
    ]


def open_dialog(above: QWidget, view: ProfileView | None = None) -> ProfileDialog:
    dialog = ProfileDialog(view, ["Official"], parent=above)
    dialog.open()
    return dialog


def test_hubs_are_listed_with_where_their_token_is(page: HubsPage) -> None:
    assert cells(page) == [
        ["default (environment)", "huggingface.co", "from HF_TOKEN", ""],
        ["Lab", "huggingface.co", "in a file", "by default"],
        ["Closed", "127.0.0.1:9", "none", ""],
    ]


def test_that_of_the_environment_is_only_shown(
    page: HubsPage, monkeypatch: pytest.MonkeyPatch, preferences: PreferencesDialog
) -> None:
    page.table.selectRow(0)
    assert (page.remove.isEnabled(), page.test.isEnabled()) == (False, True)
    monkeypatch.setenv("HF_ENDPOINT", "https://hub.example")
    page.edit.click()
    dialog = only(page, ProfileDialog)
    assert dialog.is_locked
    assert "It comes from HF_ENDPOINT" in seen(dialog)
    assert dialog.form.endpoint.isReadOnly()
    assert not dialog.form.token.text.isVisible()
    assert "from HF_TOKEN" in seen(dialog)


def test_a_hub_is_added(qtbot: QtBot, page: HubsPage) -> None:
    page.add.click()
    dialog = only(page, ProfileDialog)
    dialog.form.name.setText("Mirror")
    dialog.form.endpoint.setText("http://10.0.0.4:8000/")
    dialog.form.token.text.setText("hf_secret")
    dialog.form.token.in_file.setChecked(True)
    assert "Whoever can read your files" in seen(dialog)
    dialog.save.click()
    qtbot.waitUntil(lambda: len(cells(page)) == 4)
    assert cells(page)[3] == ["Mirror", "10.0.0.4:8000", "in a file", ""]
    assert load_settings().settings.profiles[2] == Profile("Mirror", "http://10.0.0.4:8000")
    qtbot.waitUntil(lambda: not page.findChildren(ProfileDialog))


def test_what_the_core_refuses_is_said_in_the_form(qtbot: QtBot, page: HubsPage) -> None:
    dialog = page.open_profile()
    dialog.form.name.setText("Mirror")
    dialog.form.token.text.setText("hf_secret")
    dialog.save.click()
    qtbot.waitUntil(dialog.notice.isVisible)
    assert dialog.notice.text.startswith("This system has no keyring to keep a token in.")
    assert dialog.save.isEnabled()


def test_a_hub_is_removed_once_that_was_confirmed(qtbot: QtBot, page: HubsPage) -> None:
    page.table.selectRow(2)
    page.remove.click()
    only(page, ConfirmDialog).confirm.click()
    qtbot.waitUntil(lambda: [line[0] for line in cells(page)] == ["default (environment)", "Lab"])


def test_another_hub_becomes_the_default(qtbot: QtBot, page: HubsPage) -> None:
    page.table.selectRow(1)
    assert not page.default.isEnabled(), "it is the default already"
    for row in (2, 0):
        page.table.selectRow(row)
        page.default.click()
        marks = ["by default" if number == row else "" for number in range(3)]
        qtbot.waitUntil(lambda: [line[3] for line in cells(page)] == marks)  # noqa: B023


def test_what_is_done_here_outlives_the_other_pages(
    qtbot: QtBot, preferences: PreferencesDialog, page: HubsPage
) -> None:
    page.table.selectRow(2)
    page.remove.click()
    only(page, ConfirmDialog).confirm.click()
    qtbot.waitUntil(lambda: len(cells(page)) == 2)
    preferences.appearance.themes.button(2).click()
    with qtbot.waitSignal(preferences.applied) as told:
        preferences.ok.click()
    assert told.args == [Settings(theme="dark", profiles=(Profile("Lab"),), default_profile="Lab")]


def test_a_test_shows_each_check_and_can_be_copied(qtbot: QtBot, page: HubsPage) -> None:
    page.table.selectRow(2)
    page.test.click()
    dialog = only(page, ProfileDialog)
    qtbot.waitUntil(
        lambda: len(dialog.checks.checks) == len(CHECKS) and dialog.test.isEnabled(), timeout=PATIENCE
    )
    outcomes = [check.outcome for check in dialog.checks.checks]
    assert (outcomes[0], outcomes.count("bad"), outcomes[-1]) == ("good", 1, "skipped")
    [bad] = (check for check in dialog.checks.checks if check.outcome == "bad")
    qtbot.waitUntil(lambda: bad.sentence in seen(dialog))
    assert bad.hint in seen(dialog)
    dialog.checks.copy.click()
    text = QGuiApplication.clipboard().text()
    assert text.startswith("Closed · http://127.0.0.1:9\nworks: ")
    assert f"does not work: {bad.sentence}" in text
    assert "not tried: " in text


def test_the_offline_switch_is_turned(qtbot: QtBot, page: HubsPage) -> None:
    assert not page.offline.box.isChecked()
    for on in (True, False):
        with qtbot.waitSignal(page.offline_changed):
            page.offline.box.click()
        assert load_settings().settings.offline is on
        assert page.offline.box.isChecked() is on
        assert ("Nothing leaves this machine." in page.offline.effect.text()) is on


def test_a_variable_that_holds_the_switch_is_named(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, above: QWidget, runner: JobRunner
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    page = PreferencesDialog(Settings(), (), above, runner=runner).hubs
    assert page is not None
    qtbot.waitUntil(lambda: bool(page.offline.effect.text()), timeout=PATIENCE)
    assert "because HF_HUB_OFFLINE is set" in page.offline.effect.text()
    assert (page.offline.box.isChecked(), page.offline.box.isEnabled()) == (True, False)


def test_what_is_wrong_is_said_at_the_field(qtbot: QtBot, above: QWidget) -> None:
    dialog = open_dialog(above)
    asked: list[object] = []
    dialog.save_requested.connect(asked.append)
    form = dialog.form
    form.name.setText("official")
    form.endpoint.setText("huggingface")
    form.limit.setText("10")
    form.ca_file.setText("/nowhere.pem")
    form.proxy.choice.setCurrentIndex(2)
    form.proxy.text.setText("proxy")
    dialog.save.click()
    assert asked == []
    assert form.name_field.problem == "There is a profile of that name already."
    assert form.endpoint_field.problem == "Write an address such as https://huggingface.co."
    assert form.ca_field.problem == "There is no such file."
    assert form.limit_field.problem.startswith("Write a size with its unit")
    assert "socks5h://proxy:1080" in seen(form.proxy)
    assert form.more.is_open
    assert form.endpoint.accessibleDescription() == form.endpoint_field.problem
    form.endpoint.clear()
    qtbot.keyClicks(form.endpoint, "http://hub")
    assert form.endpoint_field.problem == "", "it goes as soon as it is right"


def test_all_fields_come_out_as_they_are(qtbot: QtBot, above: QWidget, tmp_path: Path) -> None:
    pem = tmp_path / "ca.pem"
    pem.write_text("-----BEGIN CERTIFICATE-----\n")
    profile = Profile(
        "Lab", "https://lab", "socks5h://proxy:1080", str(pem), 2.5, 60.0, xet=True, limit_rate=1_234_567
    )
    dialog = open_dialog(above, ProfileView(profile, False, "keyring"))
    with qtbot.waitSignal(dialog.save_requested) as asked:
        dialog.save.click()
    assert asked.args == [ProfileChoice(profile)]
    dialog.save.setEnabled(True)
    dialog.form.proxy.choice.setCurrentIndex(1)
    dialog.form.connect_timeout.setValue(5)
    dialog.form.token.forget.setChecked(True)
    with qtbot.waitSignal(dialog.save_requested) as asked:
        dialog.save.click()
    assert asked.args == [ProfileChoice(replace(profile, proxy=NO_PROXY, connect_timeout=5.0), "")]


def test_a_token_is_seen_only_when_asked_for(above: QWidget) -> None:
    field = open_dialog(above).form.token
    field.text.setText("hf_secret")
    assert field.text.displayText() != "hf_secret"
    field.show_button.click()
    assert field.text.displayText() == "hf_secret"
    assert field.show_button.accessibleName() == "Hide the token"


def test_a_ca_file_is_chosen_in_a_dialog_of_the_system(above: QWidget, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing")
    form = open_dialog(above).form
    form.browse.click()
    only(form, QFileDialog).fileSelected.emit(str(tmp_path / "ca.pem"))
    assert form.ca_field.problem == "It holds no certificate in PEM form."


@pytest.mark.parametrize(
    ("address", "is_right"),
    [
        ("https://huggingface.co", True),
        ("http://[::1]:8000/mirror", True),
        ("ftp://hub", False),
        ("https://user:secret@hub", False),
        ("https://", False),
        ("https://hub:port", False),
        ("https://a b", False),
    ],
)
def test_an_address_is_checked(address: str, is_right: bool) -> None:
    assert (endpoint_problem(address) == "") is is_right


def test_proxies_and_rates_are_what_a_profile_takes() -> None:
    assert proxy_problem("socks5h://proxy:1080") == ""
    assert proxy_problem("gopher://proxy") != ""
    assert [rate_text(rate) for rate in (0, 10_000_000, 1_234_567)] == ["", "10 MB", "1234567 B"]
    assert variables({"https_proxy": "x", "HF_ENDPOINT": "", "OTHER": "x"}) == ["HTTPS_PROXY"]


def test_everything_has_a_name_and_is_reached_by_tab(
    preferences: PreferencesDialog, page: HubsPage, above: QWidget
) -> None:
    assert (nameless(preferences), unreachable(preferences)) == ([], [])
    dialog = open_dialog(above)
    dialog.form.more.set_open(True)
    dialog.form.proxy.choice.setCurrentIndex(2)
    assert (nameless(dialog), unreachable(dialog)) == ([], [])
