"""What is filled in for a remote, and what becomes of it."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from modelkeep.errors import SettingsError
from modelkeep.named_remotes import Credentials
from modelkeep.remote.naming import checked_remote
from modelkeep.remote.values import Check
from modelkeep.remotes import RemoteView
from modelkeep_gui.settings.remote_address import Address, name_problem, parsed
from modelkeep_gui.settings.remote_dialog import RemoteDialog
from modelkeep_gui.settings.remote_form import RemoteChoice
from support.accessible import nameless
from support.windows import seen

URLS = (
    "/srv/models",
    "s3://models",
    "s3://models/nlp/team?endpoint=https://s3.example.org&region=eu&profile=work&addressing=path",
    "hub:mirror",
    "hub:mirror/my-company",
    "den://place",
)


@pytest.mark.parametrize("url", URLS)
def test_an_address_comes_back_as_it_was(url: str) -> None:
    assert parsed(url).url == url


def test_the_parts_of_a_store_are_told_apart() -> None:
    address = parsed(URLS[2])
    assert (address.bucket, address.prefix, address.endpoint) == (
        "models",
        "nlp/team",
        "https://s3.example.org",
    )
    assert address.rest == (("addressing", "path"),)


def test_a_prefix_is_written_so_that_it_is_no_query() -> None:
    assert Address("s3", bucket="models", prefix="a b?c").url == "s3://models/a%20b%3Fc"


@pytest.fixture
def above(qtbot: QtBot) -> QWidget:
    above = QWidget()
    qtbot.addWidget(above)
    return above


@pytest.fixture
def dialog(above: QWidget) -> RemoteDialog:
    dialog = RemoteDialog(None, ["Team"], (), above)
    dialog.open()
    return dialog


def test_what_is_wrong_is_said_where_it_is(dialog: RemoteDialog) -> None:
    dialog.form.name.setText("team")
    dialog.form.folder.setText("relative/folder")
    assert not dialog.form.check()
    assert dialog.form.name_field.problem == "There is a remote of that name already."
    assert dialog.form.folder_field.problem == "Write the whole path, from the root on."
    dialog.form.name.setText("mine")
    assert dialog.form.name_field.problem == ""
    assert not nameless(dialog)


def test_only_the_fields_of_the_kind_are_seen(dialog: RemoteDialog) -> None:
    assert dialog.form.folder.isVisible()
    dialog.form.kind.setCurrentIndex(1)
    assert dialog.form.bucket.isVisible()
    assert not dialog.form.folder.isVisible()


def test_a_store_is_saved_with_its_key_and_no_secret_in_its_url(dialog: RemoteDialog, qtbot: QtBot) -> None:
    form = dialog.form
    form.kind.setCurrentIndex(1)
    form.name.setText("nlp")
    form.bucket.setText("models")
    form.endpoint.setText("https://s3.example.org/")
    form.key.key_id.setText("AKIA")
    assert not form.check()
    assert "fill in both" in form.key_field.problem
    form.key.secret.setText("hush")
    with qtbot.waitSignal(dialog.save_requested) as saved:
        dialog.save.click()
    key = Credentials("AKIA", "hush", source="typed")
    assert saved.args == [RemoteChoice("nlp", "s3://models?endpoint=https://s3.example.org", "", key)]
    dialog.show_failure(SettingsError("The keyring is locked.", hint="Unlock it."))
    assert "The keyring is locked. Unlock it." in seen(dialog)
    assert dialog.save.isEnabled()


def test_what_a_test_found_is_listed_as_it_comes(dialog: RemoteDialog, qtbot: QtBot) -> None:
    dialog.form.name.setText("mine")
    dialog.form.folder.setText("/srv/models")
    with qtbot.waitSignal(dialog.test_requested):
        dialog.test.click()
    dialog.show_check(Check("reach", "ok", "The folder is there."))
    dialog.show_check(Check("write", "bad", "It cannot be written to.", "Ask its owner."))
    dialog.end_test()
    text = dialog.checks.text()
    assert "works: The folder is there.\n" in text
    assert "does not work: It cannot be written to.\n    Ask its owner." in text


def test_what_a_failed_check_leaves_out_is_one_line(dialog: RemoteDialog) -> None:
    dialog.show_check(Check("reach", "bad", "There is no bucket."))
    for name in ("list", "write"):
        dialog.show_check(Check(name, "skipped", "Not tested, because “reach” failed."))
    assert dialog.checks.text().count("not tested") == 1
    assert "reach" not in dialog.checks.text()


def test_a_name_is_one_word_as_the_settings_want_it(dialog: RemoteDialog) -> None:
    for name in ("Lab S3", "a" * 65, "-lab"):
        assert name_problem(name, ()).startswith("A name is one word")
        with pytest.raises(SettingsError):
            checked_remote(name, "/srv/models")
    assert name_problem("Lab-S3", ()) == ""


def test_a_dialog_that_grows_stays_on_the_screen(dialog: RemoteDialog, qtbot: QtBot) -> None:
    screen, before = dialog.screen().availableGeometry(), dialog.height()
    dialog.move(0, screen.bottom() - dialog.frameGeometry().height())
    dialog.form.kind.setCurrentIndex(1)
    qtbot.waitUntil(
        lambda: dialog.form.aws.isVisible() and dialog.frameGeometry().bottom() <= screen.bottom()
    )
    assert dialog.height() > before


def test_the_name_of_a_remote_that_is_kept_stays(above: QWidget) -> None:
    view = RemoteView("team", URLS[2], "s3", "/cache", credentials="keyring")
    dialog = RemoteDialog(view, ["team"], (), above)
    assert dialog.form.name.isReadOnly()
    assert dialog.form.check()
    assert dialog.form.choice == RemoteChoice("team", URLS[2], "/cache")
