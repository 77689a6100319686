"""Profiles, tokens, and the switch that keeps everything here."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

from modelkeep.errors import Offline, SettingsError
from modelkeep.hub.client import HubClient, open_client
from modelkeep.hub.offline import offline_reason
from modelkeep.hub.profile import OFFICIAL, Profile, Token
from modelkeep.hub.profiles import (
    environment_profile,
    find_profile,
    list_profiles,
    remove_profile,
    save_profile,
    set_default,
)
from modelkeep.hub.tokens import forget_token, keep_token, token_for, tokens_file
from modelkeep.paths import settings_file
from modelkeep.settings import Settings, load_settings, save_settings
from support.hub import HubServer

SECRET = "hf_" + "s3cret" * 5
MIRROR = Profile("mirror", "https://mirror.example", proxy="socks5h://proxy:1080", limit_rate=1_000_000)


class Memory(KeyringBackend):
    """A keyring of one process. `locked`: it gives nothing."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise KeyringLocked(f"locked, and it holds {SECRET}")
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.locked:
            raise KeyringLocked(f"locked: {password}")
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def ring() -> Memory:
    """A keyring that works."""
    return Memory()


@pytest.fixture(autouse=True)
def _own_keyring(request: pytest.FixtureRequest) -> object:
    """The backend is chosen once a process: each test has the one it asks for, or one that fails."""
    from keyring.backends.fail import Keyring

    before = keyring.get_keyring()
    keyring.set_keyring(request.getfixturevalue("ring") if "ring" in request.fixturenames else Keyring())  # type: ignore[no-untyped-call]
    yield
    keyring.set_keyring(before)


# ---- profiles


def test_without_anything_the_official_hub_is_used() -> None:
    assert list_profiles() == (Profile("default", OFFICIAL, source="environment"),)
    assert find_profile() == environment_profile()


def test_the_environment_says_what_it_says_to_the_hubs_own_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "https://mirror.example/")
    monkeypatch.setenv("HF_HUB_ETAG_TIMEOUT", "3")
    monkeypatch.setenv("HF_HUB_DOWNLOAD_TIMEOUT", "nonsense")
    profile = find_profile("default")
    assert profile.endpoint == "https://mirror.example"
    assert (profile.connect_timeout, profile.read_timeout) == (3.0, 30.0)


def test_what_is_saved_is_found_and_removed() -> None:
    save_profile(replace(MIRROR, endpoint=" https://mirror.example/ "), default=True)
    assert find_profile() == find_profile("mirror") == MIRROR
    save_profile(replace(MIRROR, read_timeout=5))
    assert [profile.read_timeout for profile in list_profiles()] == [30.0, 5]
    set_default("default")
    assert find_profile().source == "environment"
    set_default("mirror")
    remove_profile("mirror")
    assert load_settings() == (Settings(), "")
    assert find_profile().source == "environment"


def test_a_name_that_is_not_known_is_an_error_that_names_the_known() -> None:
    save_profile(MIRROR)
    with pytest.raises(SettingsError, match="no profile “nirror”") as caught:
        find_profile("nirror")
    assert caught.value.hint == "There are these: default, mirror."
    with pytest.raises(SettingsError, match="no profile “nirror”"):
        remove_profile("nirror")
    with pytest.raises(SettingsError, match="stays"):
        remove_profile("default")


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"name": ""}, "needs a name"),
        ({"name": "a\nb"}, "needs a name"),
        ({"name": "Default"}, "cannot be changed here"),
        ({"endpoint": "mirror.example"}, "not the address of a hub"),
        ({"endpoint": "ftp://mirror.example"}, "not the address of a hub"),
        ({"endpoint": "https://mirror.example:99999"}, "not the address of a hub"),
        ({"endpoint": "https://user:pass@mirror.example"}, "no user and no password"),
        ({"endpoint": "https://mirror.example?token=1"}, "ends before"),
        ({"proxy": "proxy:3128"}, "not the address of a proxy"),
        ({"proxy": "socks4://proxy:1080"}, "not the address of a proxy"),
        ({"ca_file": "/nowhere/ca.pem"}, "cannot be read"),
        ({"ca_file": __file__}, "holds no certificate"),
        ({"connect_timeout": 0.0}, "make no sense"),
    ],
)
def test_what_cannot_be_used_is_not_kept(changed: dict, reason: str) -> None:
    with pytest.raises(SettingsError, match=reason) as caught:
        save_profile(replace(MIRROR, **changed))
    assert caught.value.hint
    assert not settings_file().exists()


def test_what_a_newer_version_says_of_a_profile_stays() -> None:
    save_profile(MIRROR)
    content = json.loads(settings_file().read_text())
    assert "source" not in content["profiles"][0]
    content["profiles"][0]["colour"] = "red"
    settings_file().write_text(json.dumps(content))
    save_profile(replace(MIRROR, read_timeout=7))
    [kept] = json.loads(settings_file().read_text())["profiles"]
    assert (kept["colour"], kept["read_timeout"]) == ("red", 7)


@pytest.mark.parametrize(
    "profiles",
    ["mirror", ["mirror"], [{}], [{"name": "a", "xet": 1}], [{"name": "a", "read_timeout": -1}]],
)
def test_profiles_that_make_no_sense_are_set_aside(profiles: object) -> None:
    settings_file().parent.mkdir(parents=True)
    settings_file().write_text(json.dumps({"profiles": profiles}))
    settings, problem = load_settings()
    assert settings == Settings()
    assert "profile" in problem
    assert len(list(settings_file().parent.glob("*.broken-*"))) == 1


# ---- tokens


def test_a_token_is_kept_in_the_keyring(ring: Memory) -> None:
    keep_token("mirror", f" {SECRET}\n")
    assert ring.kept == {("modelkeep", "mirror"): SECRET}
    assert token_for(MIRROR) == Token(SECRET, "keyring")
    assert not tokens_file().exists()
    forget_token("mirror")
    assert token_for(MIRROR) is None
    assert not ring.kept


def test_a_token_is_kept_in_a_file_when_the_user_says_so(ring: Memory) -> None:
    keep_token("mirror", "hf_old")
    keep_token("mirror", SECRET, in_file=True)
    assert token_for(MIRROR) == Token(SECRET, "file")
    assert stat.S_IMODE(tokens_file().stat().st_mode) == 0o600
    assert not ring.kept
    keep_token("mirror", SECRET)
    assert token_for(MIRROR) == Token(SECRET, "keyring")
    assert not tokens_file().exists()


def test_without_a_keyring_it_is_said_and_the_file_is_the_way() -> None:
    with pytest.raises(SettingsError, match="no keyring") as caught:
        keep_token("mirror", SECRET)
    assert "file" in caught.value.hint
    assert token_for(MIRROR) is None
    keep_token("mirror", SECRET, in_file=True)
    assert token_for(MIRROR) == Token(SECRET, "file")


def test_a_locked_keyring_is_an_error_that_tells_no_secret(ring: Memory) -> None:
    ring.locked = True
    calls: tuple[Callable[[], object], ...] = (
        lambda: keep_token("mirror", SECRET),
        lambda: token_for(MIRROR),
    )
    for call in calls:
        with pytest.raises(SettingsError, match="locked") as caught:
            call()
        assert SECRET not in f"{caught.value}{caught.value.hint}{caught.value.__cause__}"


def test_a_removed_profile_leaves_no_token_to_the_next_of_its_name(ring: Memory) -> None:
    save_profile(MIRROR)
    keep_token("mirror", SECRET)
    remove_profile("mirror")
    assert token_for(MIRROR) is None


@pytest.mark.parametrize("value", ["", "two words", "hf_ü", "a\r\nX-Evil: 1"])
def test_what_cannot_be_a_token_is_refused(value: str) -> None:
    with pytest.raises(SettingsError, match="cannot be a token"):
        keep_token("mirror", value, in_file=True)


def test_a_token_of_the_environment_goes_to_no_other_profile(
    monkeypatch: pytest.MonkeyPatch, own_places: Path
) -> None:
    save_profile(MIRROR)
    signed_in = own_places / ".cache" / "huggingface" / "token"
    signed_in.parent.mkdir(parents=True)
    signed_in.write_text("hf_signed_in\n")
    assert token_for(environment_profile()) == Token("hf_signed_in", "hf auth login")
    other = own_places / "elsewhere"
    other.write_text("hf_elsewhere")
    monkeypatch.setenv("HF_TOKEN_PATH", str(other))
    assert token_for(environment_profile()) == Token("hf_elsewhere", "hf auth login")
    monkeypatch.setenv("HUGGING_FACE_HUB_TOKEN", "hf_old")
    monkeypatch.setenv("HF_TOKEN", SECRET)
    assert token_for(environment_profile()) == Token(SECRET, "HF_TOKEN")
    assert token_for(MIRROR) is None


def test_nothing_that_is_printed_shows_a_token() -> None:
    keep_token("mirror", SECRET, in_file=True)
    with HubClient(MIRROR, token_for(MIRROR)) as client:
        assert SECRET not in f"{token_for(MIRROR)!r} {client!r} {vars(client)!r} {vars(client._transport)!r}"


# ---- offline


@pytest.mark.parametrize("variable", ["MODELKEEP_OFFLINE", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", ""])
def test_offline_no_client_is_made_and_one_that_is_there_asks_nothing(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with HubServer() as server:
        profile = Profile("mirror", server.endpoint)
        with HubClient(profile) as client:
            client.search()
            if variable:
                monkeypatch.setenv(variable, "1")
            else:
                save_settings(Settings(offline=True))
            assert offline_reason() == (f"{variable} is set" if variable else "the offline switch is on")
            server.forget()
            for call in (client.search, client.whoami, lambda: open_client(profile)):
                with pytest.raises(Offline) as caught:
                    call()
                assert caught.value.hint
            assert not server.requests


def test_a_variable_that_says_no_is_no(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    assert offline_reason() == ""
    assert os.environ["HF_HUB_OFFLINE"] == "0"
