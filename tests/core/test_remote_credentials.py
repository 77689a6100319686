"""The keys of named remotes: where they are kept, where they go, and where they are never seen."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from modelkeep.errors import SettingsError
from modelkeep.hub.profile import Profile
from modelkeep.hub.tokens import forget_token, keep_token, token_for, tokens_file
from modelkeep.library import Library, open_library
from modelkeep.named_remotes import Credentials, NamedRemote
from modelkeep.paths import settings_file
from modelkeep.remote.secrets import forget_key, keep_key, key_for, key_source
from support.cli import run, run_on_terminal
from support.keyrings import MemoryKeyring, no_keyring, ring

__all__ = ["no_keyring", "ring"]

SECRET = "s3cret/" + "x+" * 16
KEY = Credentials("AKIDEXAMPLE", SECRET, source="typed")
TEAM = NamedRemote("team", "s3://models/nlp?endpoint=https://s3.example.org")
FOLDER = NamedRemote("stick", "/media/stick")


@pytest.fixture(autouse=True)
def no_keys_of_aws(monkeypatch: pytest.MonkeyPatch, own_places: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(own_places / "credentials"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(own_places / "config"))


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return open_library([tmp_path / "hub"])


def everything_kept() -> str:
    """All that Modelkeep has written, but for the file of tokens."""
    folder = settings_file().parent.parent
    texts = [path.read_bytes() for path in folder.rglob("*") if path.is_file() and path != tokens_file()]
    return b"\n".join(texts).decode("utf-8", "replace")


# ---- keeping


def test_a_key_is_kept_in_the_keyring_and_nowhere_else(library: Library, ring: MemoryKeyring) -> None:
    view = library.remotes.add("team", TEAM.url, credentials=KEY)
    assert view.credentials == "keyring"
    assert json.loads(ring.kept["modelkeep", "remote:team"]) == {"key_id": KEY.key_id, "secret": SECRET}
    assert not tokens_file().exists()
    assert SECRET not in everything_kept()
    assert key_for(TEAM) == KEY._replace(source="keyring")
    library.remotes.remove("team")
    assert (ring.kept, library.remotes.all()) == ({}, ())


def test_a_key_does_not_go_where_its_name_led_before(library: Library, ring: MemoryKeyring) -> None:
    library.remotes.add("team", TEAM.url)
    elsewhere = "s3://models?endpoint=https://other.example.org"
    kept = settings_file().read_bytes()
    settings_file().unlink()
    settings_file().symlink_to("/dev/null/settings.json")  # where nothing can be written
    with pytest.raises(SettingsError):
        library.remotes.add("team", elsewhere, credentials=KEY)
    settings_file().unlink()
    settings_file().write_bytes(kept)
    assert [view.url for view in library.remotes.all()] == [TEAM.url]
    assert key_for(TEAM) is None


def test_a_key_is_kept_in_a_file_only_on_the_users_word(library: Library, no_keyring: None) -> None:
    with pytest.raises(SettingsError, match="no keyring to keep a key in") as caught:
        library.remotes.add("team", TEAM.url, credentials=KEY)
    assert "file" in caught.value.hint
    assert library.remotes.all() == (), "what could not be kept is not half there"
    view = library.remotes.add("team", TEAM.url, credentials=KEY._replace(token="session"), in_file=True)
    assert view.credentials == "file"
    assert stat.S_IMODE(tokens_file().stat().st_mode) == 0o600
    assert SECRET not in everything_kept()
    assert key_for(TEAM) == Credentials(KEY.key_id, SECRET, "session", "file")
    library.remotes.remove("team")
    assert not tokens_file().exists()


def test_a_key_of_a_remote_is_never_a_token_of_a_hub(ring: MemoryKeyring) -> None:
    keep_key(TEAM, KEY)
    profile = Profile("remote:team", "https://evil.example")
    assert token_for(profile) is None
    with pytest.raises(SettingsError, match="can have no token"):
        keep_token("remote:team", "hf_other")
    forget_token("remote:team")
    assert key_for(TEAM) is not None


@pytest.mark.parametrize(
    "key",
    [
        Credentials("", SECRET),
        Credentials("AK ID", SECRET),
        Credentials("AKID", "pä55"),
        Credentials("A", ""),
    ],
)
def test_what_cannot_be_a_key_is_refused_and_not_quoted(ring: MemoryKeyring, key: Credentials) -> None:
    with pytest.raises(SettingsError, match="cannot be a") as caught:
        keep_key(TEAM, key)
    assert not any(part and part in f"{caught.value}" for part in key[:2] if len(part) > 1)
    assert not ring.kept


def test_a_folder_and_a_hub_take_no_key(library: Library, ring: MemoryKeyring, tmp_path: Path) -> None:
    for url in (str(tmp_path), "hub:default/org"):
        with pytest.raises(SettingsError, match="nothing to keep"):
            library.remotes.add("x", url, credentials=KEY)
    assert not ring.kept


def test_a_locked_keyring_says_so_without_what_is_in_it(
    library: Library, ring: MemoryKeyring, tmp_path: Path
) -> None:
    library.remotes.add("team", TEAM.url, credentials=KEY)
    library.remotes.add("stick", str(tmp_path))
    ring.locked = True
    with pytest.raises(SettingsError, match="keyring is locked") as caught:
        library.remotes.open("team")
    assert SECRET not in f"{caught.value} {caught.value.hint} {caught.value.__cause__!r}"
    team, stick = library.remotes.all()
    assert (team.credentials, team.problem, stick.problem) == ("", "The keyring is locked.", "")
    library.remotes.open("stick").close()


def test_what_is_no_key_in_the_keyring_is_said_and_not_shown(ring: MemoryKeyring) -> None:
    ring.kept["modelkeep", "remote:team"] = f'["{SECRET}"'
    with pytest.raises(SettingsError, match="is no key") as caught:
        key_for(TEAM)
    assert SECRET not in f"{caught.value} {caught.value.hint}"


# ---- where it goes


def test_a_key_does_not_follow_its_name_to_another_server(library: Library, ring: MemoryKeyring) -> None:
    library.remotes.add("team", TEAM.url, credentials=KEY)
    assert library.remotes.add("team", f"{TEAM.url}&region=eu").credentials == "keyring"
    assert library.remotes.add("team", "s3://models?endpoint=https://evil.example").credentials == ""
    assert not ring.kept


def test_an_older_key_of_a_name_is_not_taken_for_a_new_remote(library: Library, ring: MemoryKeyring) -> None:
    keep_key(TEAM, KEY)
    assert library.remotes.add("team", TEAM.url).credentials == ""
    forget_key(FOLDER)


def test_keys_are_found_where_awss_tools_look(
    monkeypatch: pytest.MonkeyPatch, no_keyring: None, own_places: Path
) -> None:
    assert key_source(TEAM) == ""
    (own_places / "credentials").write_text("[lab]\naws_access_key_id = A\naws_secret_access_key = B\n")
    assert key_source(TEAM) == ""
    lab = NamedRemote("team", f"{TEAM.url}&profile=lab")
    assert key_source(lab) == "aws"
    (own_places / "config").write_text(
        "[default]\ncredential_process = /bin/key\n[profile other]\nrole_arn = x\n"
    )
    assert key_source(TEAM) == "aws"
    monkeypatch.setenv("AWS_PROFILE", "none")
    assert key_source(TEAM) == ""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "A")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "B")
    assert (key_source(TEAM), key_source(lab), key_source(FOLDER)) == ("environment", "aws", "")


# ---- a URL


@pytest.mark.parametrize(
    "url",
    [
        f"s3://AKID:{SECRET.replace('/', '')}@models/nlp",
        f"s3://models?secret={SECRET}",
        f"s3://models?endpoint=https://u:{SECRET.replace('/', '')}@s3.example.org",
        f"s3://models?aws_access_key_id={SECRET}",
    ],
)
def test_a_url_with_a_secret_is_refused_and_not_kept(library: Library, url: str) -> None:
    with pytest.raises(SettingsError) as caught:
        library.remotes.add("team", url)
    assert "x+x+" not in f"{caught.value} {caught.value.hint} {everything_kept()}"
    assert library.remotes.all() == ()


# ---- the command line


def test_the_secret_comes_from_standard_input_and_is_never_an_argument(no_keyring: None) -> None:
    from click.testing import CliRunner

    from modelkeep.cli.commands import modelkeep

    add = ["remote", "add", "team", TEAM.url, "--key-id", "AKID", "--in-file"]
    assert run(*add).status == 2, "in a pipe nobody is asked"
    done = CliRunner().invoke(modelkeep, [*add, "--secret-stdin", "--json"], input=f"{SECRET}\n")
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)[0]["credentials"] == "file"
    assert SECRET not in done.output
    assert key_for(TEAM) == Credentials("AKID", SECRET, source="file")
    shown = run("remote", "list").out + run("remote", "list", "--json").out + run("log").out
    assert SECRET not in shown
    assert "AKID" not in shown
    assert run("remote", "add", "other", TEAM.url, "--secret-stdin").status == 2
    assert SECRET not in everything_kept()


def test_on_a_terminal_the_secret_is_asked_for_and_not_shown() -> None:
    status, shown = run_on_terminal(
        *("remote", "add", "team", TEAM.url, "--key-id", "AKID", "--in-file"), answer=f"{SECRET}\n"
    )
    assert status == 0, shown
    assert SECRET not in shown
