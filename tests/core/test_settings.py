from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelkeep.errors import SettingsError
from modelkeep.paths import default_root, settings_file
from modelkeep.settings import (
    Settings,
    all_roots,
    change_settings,
    load_settings,
    save_settings,
    with_root,
    without_root,
)
from support.users import as_nobody

CHOSEN = Settings(roots=("/disk/hub", "/run/media/usb/hub"), theme="dark", language="de")


def test_without_a_file_the_defaults_are_used_and_nothing_is_written() -> None:
    assert load_settings() == (Settings(), "")
    assert not settings_file().parent.exists()


def test_what_is_saved_is_loaded() -> None:
    save_settings(CHOSEN)
    assert load_settings() == (CHOSEN, "")


def test_what_a_newer_version_wrote_stays_in_the_file() -> None:
    save_settings(Settings())
    content = json.loads(settings_file().read_text())
    settings_file().write_text(json.dumps({"quota": {"bytes": 7}, **content}))
    loaded = load_settings()
    assert loaded == (Settings(), "")
    save_settings(CHOSEN)
    assert json.loads(settings_file().read_text())["quota"] == {"bytes": 7}
    assert load_settings().settings == CHOSEN


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not JSON"),
        (b"\x00\xff\xfe garbage", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "not a JSON object"),
        (b'{"roots": "/disk/hub"}', "“roots” is not a list of paths"),
        (b'{"roots": ["/disk/hub", 7]}', "“roots” is not a list of paths"),
        (b'{"roots": ["/disk/\\u0000"]}', "“roots” is not a list of paths"),
        (b'{"roots": [""]}', "“roots” is not a list of paths"),
        (b'{"theme": "pink"}', "“theme” is not one of system, light, dark"),
        (b'{"theme": []}', "“theme” is not one of system, light, dark"),
        (b'{"language": null}', "“language” is not a text"),
    ],
)
def test_a_file_that_makes_no_sense_is_set_aside_and_explained(content: bytes, reason: str) -> None:
    path = settings_file()
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    settings, problem = load_settings()
    assert settings == Settings()
    (aside,) = path.parent.iterdir()
    assert aside.read_bytes() == content
    assert reason in problem
    assert problem.endswith(f"it is kept as {aside.name}.")
    assert load_settings() == (Settings(), "")


def test_a_folder_in_place_of_the_file_is_set_aside_too() -> None:
    (settings_file() / "mine").mkdir(parents=True)
    assert "it is a folder" in load_settings().problem
    assert not settings_file().exists()
    assert len(list(settings_file().parent.glob("*.broken-*/mine"))) == 1


def test_saving_over_a_file_that_makes_no_sense_keeps_that_file() -> None:
    settings_file().parent.mkdir(parents=True)
    settings_file().write_text("precious")
    save_settings(CHOSEN)
    assert load_settings() == (CHOSEN, "")
    (aside,) = settings_file().parent.glob("*.broken-*")
    assert aside.read_text() == "precious"


@given(st.binary(max_size=40) | st.recursive(st.none() | st.text(), st.lists).map(json.dumps).map(str.encode))
def test_no_content_of_the_file_makes_loading_fail(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.mktemp("settings") / "settings.json"
    path.write_bytes(content)
    load_settings(path)
    assert load_settings(path).problem == ""


def test_a_file_that_may_not_be_read_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    save_settings(CHOSEN, path)
    path.chmod(0)
    settings, problem = as_nobody(lambda: load_settings(path), tmp_path)
    assert settings == Settings()
    assert problem == f"{path} cannot be read (Permission denied), so the defaults are used."
    with pytest.raises(SettingsError, match="Permission denied"):
        as_nobody(lambda: save_settings(Settings(), path), tmp_path)
    path.chmod(0o600)
    assert load_settings(path) == (CHOSEN, "")


def test_a_broken_file_that_cannot_be_moved_is_still_only_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text("garbage")
    settings, problem = as_nobody(lambda: load_settings(path), tmp_path)
    assert settings == Settings()
    assert problem.endswith("it could not be set aside (Permission denied).")
    assert path.read_text() == "garbage"


def test_settings_that_cannot_be_kept_are_an_error_with_a_hint(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match=r"cannot be kept in .*file/settings.json") as caught:
        save_settings(CHOSEN, tmp_path / "file" / "settings.json")
    assert caught.value.hint


def test_a_link_to_the_file_stays_a_link(tmp_path: Path) -> None:
    link = tmp_path / "settings.json"
    link.symlink_to(tmp_path / "dotfiles.json")
    save_settings(CHOSEN, link)
    assert link.is_symlink()
    assert load_settings(tmp_path / "dotfiles.json") == (CHOSEN, "")


# ---- roots


def test_the_default_root_comes_first() -> None:
    assert all_roots(Settings()) == (default_root(),)
    assert all_roots(CHOSEN) == (default_root(), Path("/disk/hub"), Path("/run/media/usb/hub"))


def test_a_root_with_two_names_is_there_once(tmp_path: Path, own_places: Path) -> None:
    (tmp_path / "hub").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "hub")
    default_root().mkdir(parents=True)
    (tmp_path / "default").symlink_to(default_root())
    names = ("hub", "link", "default", "hub/../hub/")
    roots = tuple(str(tmp_path / name) for name in names)
    assert all_roots(Settings((*roots, "~/.cache/huggingface/hub"))) == (default_root(), tmp_path / "hub")


def test_links_that_lead_in_a_circle_are_a_root_like_any_other(tmp_path: Path) -> None:
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    assert all_roots(Settings((str(tmp_path / "circle"),)))[1:] == (tmp_path / "circle",)


def test_a_root_is_added_as_an_absolute_path(
    tmp_path: Path, own_places: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = with_root(with_root(Settings(), "hub"), Path("~/models"))
    assert settings.roots == (str(tmp_path / "hub"), str(own_places / "models"))


def test_a_root_is_added_once(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "hub")
    settings = with_root(Settings(), tmp_path / "hub")
    for name in ("hub", "link"):
        with pytest.raises(SettingsError, match="already") as caught:
            with_root(settings, tmp_path / name)
        assert caught.value.hint
    with pytest.raises(SettingsError, match=f"as {tmp_path}/hub"):
        with_root(settings, tmp_path / "link")
    with pytest.raises(SettingsError, match="already"):
        with_root(settings, default_root())


def test_a_root_is_removed_under_any_of_its_names(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "hub")
    settings = with_root(CHOSEN, tmp_path / "hub")
    assert without_root(settings, tmp_path / "link") == CHOSEN


def test_what_is_not_listed_cannot_be_removed() -> None:
    with pytest.raises(SettingsError, match="is not in the list") as caught:
        without_root(CHOSEN, "/disk/nub")
    assert caught.value.hint == "These were added: /disk/hub, /run/media/usb/hub."
    with pytest.raises(SettingsError, match="is not in the list") as caught:
        without_root(Settings(), "/disk/hub")
    assert caught.value.hint == "None was added yet."


def test_the_default_root_cannot_be_removed() -> None:
    with pytest.raises(SettingsError, match="default cache") as caught:
        without_root(CHOSEN, default_root())
    assert "HF_HUB_CACHE" in caught.value.hint


def test_those_who_change_the_settings_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    folders = [f"/models/{number}" for number in range(40)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda one: change_settings(lambda now: with_root(now, one), path), folders))
    assert sorted(load_settings(path).settings.roots) == sorted(folders)
