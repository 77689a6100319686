"""The pages of the assistants by themselves: keys, inventories, models."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from pytestqt.qtbot import QtBot

from modelkeep.archive.holdings import Holdings
from modelkeep.archive.minisign import PublicKey, SecretKey, make_key, read_key, write_key
from modelkeep.library import open_library
from modelkeep.rows import ModelRow, Selection
from modelkeep_gui.airgap.key_choice import KeyChoice
from modelkeep_gui.airgap.models_choice import ModelsChoice, candidates
from modelkeep_gui.airgap.new_key_dialog import NewKeyDialog
from modelkeep_gui.airgap.said_line import in_groups
from modelkeep_gui.airgap.site_choice import SiteChoice
from modelkeep_gui.airgap.text import old_text
from support.accessible import nameless, unreachable
from support.caches import CacheMaker
from support.rows import model_row, revision_row
from support.windows import seen

PATIENCE = 20_000
CHEAP = {"operations": 1 << 15, "memory": 1 << 24}  # of the password, to be quick


@pytest.fixture(autouse=True)
def own_settings(own_places: Path) -> None:
    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(own_places / "config"))


@pytest.fixture
def keys(qtbot: QtBot) -> KeyChoice:
    choice = KeyChoice()
    qtbot.addWidget(choice)
    choice.show()
    return choice


def ids(key: SecretKey | None) -> bytes:
    return key.id if key else b""


def test_nothing_is_signed_unless_one_says_so(keys: KeyChoice) -> None:
    assert (keys.signer, keys.is_ready) == (None, True)
    keys.sign.click()
    assert (keys.signer, keys.is_ready) == (None, False)
    assert (nameless(keys), unreachable(keys)) == ([], [])


def test_a_key_without_a_password_is_taken_at_once(qtbot: QtBot, keys: KeyChoice, tmp_path: Path) -> None:
    key = make_key()
    path, _ = write_key(key, tmp_path / "team", None)
    keys.sign.click()
    keys.take_file(str(path))
    qtbot.waitUntil(lambda: keys.is_ready, timeout=PATIENCE)
    assert ids(keys.signer) == key.id
    assert keys.state.text == f"Signed by the key {key.public.name}."
    assert not keys.password.isVisible()
    again = KeyChoice()
    qtbot.addWidget(again)
    assert again.file.text() == str(path), "the file is remembered"
    keys.sign.click()
    assert keys.signer is None


def test_a_locked_key_takes_its_password_and_no_other(qtbot: QtBot, keys: KeyChoice, tmp_path: Path) -> None:
    key = make_key()
    path, _ = write_key(key, tmp_path / "team", "right", **CHEAP)
    keys.sign.click()
    keys.take_file(str(path))
    qtbot.waitUntil(keys.password.isVisible, timeout=PATIENCE)
    assert not keys.is_ready
    qtbot.keyClicks(keys.password, "wrong")
    qtbot.keyClick(keys.password, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "password of the secret key is wrong" in keys.state.text, timeout=PATIENCE)
    assert not keys.is_ready
    keys.password.clear()
    qtbot.keyClicks(keys.password, "right")
    keys.unlock.click()
    qtbot.waitUntil(lambda: keys.is_ready, timeout=PATIENCE)
    assert ids(keys.signer) == key.id
    assert keys.password.text() == ""


def test_another_file_is_another_key(qtbot: QtBot, keys: KeyChoice, tmp_path: Path) -> None:
    path, _ = write_key(make_key(), tmp_path / "team", None)
    keys.sign.click()
    keys.take_file(str(path))
    qtbot.waitUntil(lambda: keys.is_ready, timeout=PATIENCE)
    keys.file.clear()
    qtbot.keyClicks(keys.file, str(tmp_path / "none.key"))
    assert not keys.is_ready
    qtbot.waitUntil(lambda: "There is no file" in keys.state.text, timeout=PATIENCE)


def test_a_new_key_is_made_and_used(qtbot: QtBot, tmp_path: Path) -> None:
    dialog = NewKeyDialog(tmp_path)
    qtbot.addWidget(dialog)
    dialog.open()
    assert (nameless(dialog), unreachable(dialog)) == ([], [])
    assert not dialog.make.isEnabled()
    qtbot.keyClicks(dialog.password, "one")
    qtbot.keyClicks(dialog.again, "two")
    assert "The two passwords differ." in seen(dialog)
    assert not dialog.make.isEnabled()
    dialog.open_key.click()
    dialog.make.click()
    qtbot.waitUntil(lambda: dialog.heading.text() == "The key is made", timeout=PATIENCE)
    public = PublicKey.parse((tmp_path / "modelkeep.pub").read_bytes())
    assert f"Key: {public.name}" in dialog.lines.texts
    assert stat.S_IMODE((tmp_path / "modelkeep.key").stat().st_mode) == 0o600
    dialog.make.click()
    assert dialog.result() == NewKeyDialog.DialogCode.Accepted
    assert SecretKey.parse(read_key(dialog.path)).public == public == dialog.key.public


def test_a_key_is_never_replaced(qtbot: QtBot, tmp_path: Path) -> None:
    write_key(make_key(), tmp_path / "modelkeep", None)
    dialog = NewKeyDialog(tmp_path)
    qtbot.addWidget(dialog)
    dialog.open()
    dialog.open_key.click()
    dialog.make.click()
    qtbot.waitUntil(lambda: "is there already" in dialog.wait.notice.text, timeout=PATIENCE)
    assert dialog.make.isEnabled()


# ---- what the other side has


@pytest.fixture
def site(qtbot: QtBot) -> SiteChoice:
    choice = SiteChoice()
    qtbot.addWidget(choice)
    choice.show()
    return choice


def holdings_of(cache: CacheMaker, name: str = "site B") -> Holdings:
    with open_library([cache.root]) as library:
        return library.archives.holdings(name=name)


def test_an_inventory_says_whose_it_is(qtbot: QtBot, site: SiteChoice, tmp_path: Path) -> None:
    cache = CacheMaker(tmp_path / "hub")
    cache.add("org/name", {"config.json": b"{}", "model.safetensors": bytes(2000)})
    (tmp_path / "here.json").write_bytes(holdings_of(cache).to_json())
    assert not site.is_decided
    assert (nameless(site), unreachable(site)) == ([], [])
    site.read(str(tmp_path / "here.json"))
    qtbot.waitUntil(lambda: site.is_decided, timeout=PATIENCE)
    assert "site B | 1 model · 2 contents · 2.0 kB\nIts inventory was made just now" in seen(site)
    assert not site.warning.isVisible()
    assert getattr(site.holdings, "name", "") == "site B"
    site.nothing.click()
    assert getattr(site.holdings, "name", "") == ""
    assert site.is_decided


def test_what_is_no_inventory_is_refused(qtbot: QtBot, site: SiteChoice, tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text("{}")
    site.read(str(tmp_path / "other.json"))
    qtbot.waitUntil(lambda: "That is no inventory of a site." in seen(site), timeout=PATIENCE)
    assert not site.is_decided
    site.read(str(tmp_path / "none.json"))
    assert f"There is no file {tmp_path / 'none.json'}." in seen(site)


def test_an_old_inventory_is_warned_of() -> None:
    assert "deleted there since then" in old_text(Holdings(1.0, "0.1.0"))


# ---- what to carry


@pytest.fixture
def models(qtbot: QtBot) -> ModelsChoice:
    choice = ModelsChoice()
    qtbot.addWidget(choice)
    choice.resize(900, 500)
    choice.show()
    return choice


def names(models: ModelsChoice) -> list[str]:
    return [models.rows.index(row, 0).data() for row in range(models.rows.rowCount())]


def tick(models: ModelsChoice, row: int) -> None:
    models.rows.setData(models.rows.index(row, 0), None, int(Qt.ItemDataRole.CheckStateRole))


def test_what_is_selected_is_chosen_and_the_others_are_to_be_found(
    qtbot: QtBot, models: ModelsChoice
) -> None:
    rows = [model_row("org/a"), model_row("org/b"), model_row("other/c")]
    models.show_models(*candidates(rows, [Selection(rows[1].root, rows[1].key)]))
    assert names(models) == ["org/b"]
    assert models.count.text() == "1 of 3 models chosen"
    models.only_chosen.click()
    assert names(models) == ["org/a", "org/b", "other/c"]
    models.search.set_filter_text("other")
    with qtbot.waitSignal(models.changed):
        models.choose_all.click()
    assert [chosen.key for chosen in models.chosen] == ["hf@org/b", "hf@other/c"]
    models.search.set_filter_text("")
    models.table.setCurrentIndex(models.rows.index(1, 2))
    qtbot.keyClick(models.table, Qt.Key.Key_Space)
    assert [chosen.key for chosen in models.chosen] == ["hf@other/c"]
    models.choose_none.click()
    assert models.chosen == []
    assert models.total.text == "Choose what is to be carried."
    assert (nameless(models), unreachable(models)) == ([], [])


def test_a_model_of_two_caches_leaves_once(models: ModelsChoice) -> None:
    rows: list[ModelRow] = [model_row("org/a", root="/one"), model_row("org/a", root="/two")]
    models.show_models(*candidates(rows, []))
    tick(models, 0)
    tick(models, 1)
    assert models.chosen == [Selection("/two", "hf@org/a")]
    models.choose_none.click()
    models.choose_all.click()
    assert models.chosen == [Selection("/one", "hf@org/a")]


def test_a_revision_that_is_selected_is_a_line_of_its_own(models: ModelsChoice) -> None:
    old = revision_row("b" * 40, refs=(), size=5)
    row = model_row("org/a", revisions=(revision_row(), old))
    models.show_models(*candidates([row], [Selection(row.root, f"{row.key}@{old.commit}")]))
    assert names(models) == ["org/a@bbbbbbb"]
    assert models.rows.index(0, 1).data() == "5 B"


def test_digits_are_read_out_by_four() -> None:
    assert in_groups("55747E33CF33") == "5574 7E33 CF33"
