from __future__ import annotations

from collections.abc import Sequence

import pytest

from modelkeep.errors import Offline
from modelkeep.hub.diagnose import CHECKS, Check, Diagnosis, diagnose
from modelkeep.hub.profile import Profile, Token
from modelkeep.progress import Cancelled, Progress
from support.hub import HubServer
from support.hub_faults import Headers, Html, RangeIgnored
from support.hub_proxy import Proxy, SocksProxy

FILES = {"config.json": b"{}", "model.safetensors": b"weights" * 1000}
TOKEN = Token("hf_known", "file")


def outcomes(diagnosis: Diagnosis) -> dict[str, str]:
    return {check.name: check.outcome for check in diagnosis.checks}


def bad(diagnosis: Diagnosis) -> Check:
    """The one that is bad; before it all went well, after it nothing was tried."""
    names = [check.outcome for check in diagnosis.checks]
    place = names.index("bad")
    assert set(names[place + 1 :]) <= {"skipped"}
    assert tuple(check.name for check in diagnosis.checks) == CHECKS
    assert not diagnosis.works
    assert diagnosis.checks[place].hint
    return diagnosis.checks[place]


def test_all_is_well_with_a_hub_of_https_and_a_store_of_its_own() -> None:
    with HubServer(tls="good", cdn=True, token=TOKEN.value) as server:
        server.add("org/name", FILES)
        passed_on: list[Check] = []
        found = diagnose(Profile("x", server.endpoint, ca_file=server.ca_file), TOKEN, emit=passed_on.append)
        assert server.bytes_sent("GET /cdn/*") == 1
    assert outcomes(found) == dict.fromkeys(CHECKS, "good") | {"proxy": "skipped"}
    assert tuple(passed_on) == found.checks
    assert found.works
    sentences = {check.name: check.sentence for check in found.checks}
    assert "trustme" in sentences["tls"]
    assert "valid until" in sentences["tls"]
    assert "tester's, to read" in sentences["token"]
    assert "localhost" in sentences["range"]


@pytest.mark.parametrize(
    ("endpoint", "check", "words"),
    [
        ("nonsense", "address", "not the address"),
        ("http://no-such-host.invalid", "dns", "no address for the name no-such-host.invalid"),
        ("http://127.0.0.1:1", "tcp", "127.0.0.1:1 refused the connection"),
    ],
)
def test_what_is_in_the_way_is_named(endpoint: str, check: str, words: str) -> None:
    found = bad(diagnose(Profile("x", endpoint)))
    assert found.name == check
    assert words in found.sentence


@pytest.mark.parametrize(
    ("tls", "words"),
    [
        ("expired", ("has expired", "trustme")),
        ("untrusted", ("authority that is not trusted", "127.0.0.1")),
        ("wrong host", ("for another", "elsewhere.example")),
    ],
)
def test_a_certificate_that_is_not_right_is_described(tls: str, words: Sequence[str]) -> None:
    with HubServer(tls=tls) as server, Proxy() as proxy:
        for way in ("", proxy.url):
            found = bad(diagnose(Profile("x", server.endpoint, ca_file=server.ca_file, proxy=way)))
            assert found.name == "tls"
            assert all(word in found.sentence for word in words), found.sentence


def test_a_hub_without_tls_is_told_from_one_with() -> None:
    with HubServer() as server:
        found = bad(diagnose(Profile("x", server.endpoint.replace("http:", "https:"))))
    assert found.name == "tls"
    assert "does not speak TLS" in found.sentence


def test_a_page_to_sign_in_is_no_hub() -> None:
    with HubServer() as server:
        server.fault("*", Html(), times=None)
        found = bad(diagnose(Profile("x", server.endpoint)))
    assert found.name == "hub"
    assert "web page" in found.sentence


def test_tokens_are_judged() -> None:
    with HubServer(token=TOKEN.value) as server:
        server.add("org/name", FILES)
        profile = Profile("x", server.endpoint)
        assert bad(diagnose(profile)).name == "hub"
        assert bad(diagnose(profile, Token("hf_wrong", "file"))).name == "token"
        assert diagnose(profile, TOKEN).works


def test_a_mirror_that_is_not_whole_is_found_out() -> None:
    with HubServer() as server:
        server.add("org/name", FILES)
        profile = Profile("x", server.endpoint)
        server.fault("*/config.json", Headers(drop=("X-Repo-Commit",)), times=None)
        found = bad(diagnose(profile))
        assert found.name == "file"
        assert "X-Repo-Commit" in found.sentence
        server.heal()
        server.fault("*/model.safetensors", RangeIgnored(), times=None)
        assert outcomes(diagnose(profile))["range"] == "warn"


def test_the_model_to_try_is_the_one_that_was_named() -> None:
    with HubServer() as server:
        server.add("org/first", FILES)
        server.add("org/second", FILES)
        profile = Profile("x", server.endpoint)
        server.fault("GET /api/models", Html(404), times=None)
        assert diagnose(profile, repo="org/second").works
        assert server.seen("* /org/second/*")
        assert not server.seen("*org/first*")
        assert bad(diagnose(profile, repo="org/third")).name == "hub"


def test_a_hub_without_models_is_not_blamed() -> None:
    with HubServer() as server:
        found = diagnose(Profile("x", server.endpoint))
    assert found.works
    assert outcomes(found)["file"] == outcomes(found)["range"] == "skipped"


@pytest.mark.parametrize("kind", [Proxy, SocksProxy])
@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_proxy_is_tried_by_itself(kind: type[Proxy] | type[SocksProxy], scheme: str) -> None:
    hosts = {"localhost": "127.0.0.1"}
    with (
        HubServer(tls="good" if scheme == "https" else "") as server,
        kind(auth=("user", "secret"), hosts=hosts) as proxy,
    ):
        server.add("org/name", FILES)
        place = Profile("x", server.endpoint.replace("127.0.0.1", "localhost"), ca_file=server.ca_file)
        known = f"{proxy.scheme}://user:secret@127.0.0.1:{proxy.port}"
        found = diagnose(Profile("x", place.endpoint, proxy=known, ca_file=server.ca_file))
        assert found.works, found.checks
        assert {host for host, _ in proxy.asked} == {"localhost"}
        unknown = diagnose(Profile("x", place.endpoint, proxy=proxy.url, ca_file=server.ca_file))
        assert "wants a user name and a password" in bad(unknown).sentence
        said = " ".join(check.sentence for check in (*found.checks, *unknown.checks))
        assert "secret" not in said


def test_it_is_stopped_by_its_report(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(progress: Progress) -> None:
        if progress.item == "hub":
            raise Cancelled

    with HubServer() as server:
        with pytest.raises(Cancelled):
            diagnose(Profile("x", server.endpoint), report=stop)
        assert not server.requests
        monkeypatch.setenv("HF_HUB_OFFLINE", "1")
        with pytest.raises(Offline):
            diagnose(Profile("x", server.endpoint))
