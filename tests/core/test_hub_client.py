from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate

import pytest

from modelkeep.errors import (
    AccessDenied,
    AlreadyOnRemote,
    BadReply,
    Cancelled,
    NotOnRemote,
    RemoteBusy,
    RemoteConflict,
    RemoteError,
    RemoteUnreachable,
)
from modelkeep.hub.client import FileHead, HubClient
from modelkeep.hub.profile import Profile, Token
from modelkeep.hub.replies import Whoami
from modelkeep.keys import ModelKey
from modelkeep.progress import Progress
from support.caches import git_sha1, sha256
from support.hub import HubServer
from support.hub_faults import (
    Cut,
    Dropped,
    Fault,
    Headers,
    Html,
    RangeIgnored,
    RedirectLoop,
    RedirectTo,
    Stalled,
    Status,
    too_many,
)
from support.hub_proxy import Proxy, SocksProxy

TOKEN = Token("hf_" + "s3cret" * 5, "file")
KEY = ModelKey("org/name")
WEIGHTS = random.Random(3).randbytes(300_000)
FILES = {"config.json": b"{}", "sub folder/ü.txt": b"text", "model.safetensors": WEIGHTS}


@pytest.fixture
def server() -> Iterator[HubServer]:
    """A hub with one model of one commit."""
    with HubServer() as server:
        server.add("org/name", FILES, pipeline_tag="fill-mask", tags=["license:mit"], downloads=5)
        yield server


@pytest.fixture
def client(server: HubServer) -> Iterator[HubClient]:
    with HubClient(profile(server), TOKEN) as client:
        yield client


def profile(server: HubServer, **more: object) -> Profile:
    settings: dict = {"read_timeout": 10.0, **more}
    return Profile("x", server.endpoint, **settings)


def read(
    client: HubClient,
    commit: str,
    path: str = "model.safetensors",
    *,
    start: int = 0,
    stop: int | None = None,
) -> bytes:
    with client.open(KEY, commit, path, start=start, stop=stop) as content:
        found = bytearray()
        view = memoryview(bytearray(70_000))
        while count := content.readinto(view):
            found += view[:count]
        return bytes(found)


# ---- answers


def test_a_model_is_described_at_a_revision(server: HubServer, client: HubClient) -> None:
    first = server.repository("org/name").branches["main"]
    second = server.add("org/name", {"config.json": b"{1}"})
    server.tag("org/name", "refs/pr/1", first)
    model = client.model(KEY)
    assert (model.repo_id, model.commit, model.task, model.licence) == (
        "org/name",
        second,
        "fill-mask",
        "mit",
    )
    for revision in ("refs/pr/1", first):
        assert client.model(KEY.at(revision)).commit == first
    refs = client.refs(KEY)
    assert [(ref.name, ref.commit) for ref in (*refs.branches, *refs.tags)] == [
        ("main", second),
        ("refs/pr/1", first),
    ]
    assert [commit.commit for commit in client.commits(KEY, "main")] == [second, first]
    assert client.whoami() == Whoami("tester", ("org",), "read")


def test_files_are_listed_through_all_pages(server: HubServer, client: HubClient) -> None:
    server.page_size = 2
    commit = client.model(KEY).commit
    listed = {file.path: (file.size, file.etag, file.is_lfs) for file in client.files(KEY, commit)}
    assert listed == {
        "config.json": (2, git_sha1(b"{}"), False),
        "sub folder/ü.txt": (4, git_sha1(b"text"), False),
        "model.safetensors": (len(WEIGHTS), sha256(WEIGHTS), True),
    }


def test_a_page_on_another_host_is_asked_for_here(server: HubServer, client: HubClient) -> None:
    server.page_size = 2
    link = '<https://huggingface.co/api/models/org/name/tree/main?recursive=true&cursor=2>; rel="next"'
    server.fault("*/tree/*", Headers(put={"Link": link}))
    assert len(client.files(KEY, "main")) == len(FILES)


def test_pages_that_lead_in_a_circle_end(server: HubServer, client: HubClient) -> None:
    link = f'<{server.endpoint}/api/models/org/name/tree/main>; rel="next"'
    server.fault("*/tree/*", Headers(put={"Link": link}), times=None)
    with pytest.raises(BadReply, match="circle"):
        client.files(KEY, "main")


def test_a_search_goes_on_where_it_ended(server: HubServer, client: HubClient) -> None:
    server.add("org/other", {"a": b""}, downloads=9, pipeline_tag="ner", library_name="gguf")
    first = client.search("o", limit=1)
    second = client.search(page=first.next)
    assert [model.repo_id for model in (*first.models, *second.models)] == ["org/other", "org/name"]
    assert second.next == ""
    assert [m.repo_id for m in client.search(task="ner", library="gguf", author="org").models] == [
        "org/other"
    ]


@pytest.mark.parametrize("cdn", [False, True])
def test_a_files_head_and_content_are_as_listed(server: HubServer, client: HubClient, cdn: bool) -> None:
    server.cdn = cdn
    commit = client.model(KEY).commit
    assert client.head(KEY, "main", "config.json") == FileHead(2, git_sha1(b"{}"), commit, False)
    assert client.head(KEY, commit, "model.safetensors") == FileHead(
        len(WEIGHTS), sha256(WEIGHTS), commit, True
    )
    assert not server.seen("HEAD /cdn/*")
    for start, stop in ((0, None), (0, 7), (1, None), (1000, 200_000), (len(WEIGHTS) - 1, None)):
        with client.open(KEY, commit, "model.safetensors", start=start, stop=stop) as content:
            assert (content.start, content.size) == (start, len(WEIGHTS))
            assert (content.etag, content.commit) == (sha256(WEIGHTS), commit)
            assert content.status == (200 if (start, stop) == (0, None) else 206)
        assert read(client, commit, start=start, stop=stop) == WEIGHTS[start:stop]
    assert read(client, commit, "sub folder/ü.txt") == b"text"
    assert all(request.headers["accept-encoding"] == "identity" for request in server.seen("*model.saf*"))


def test_a_range_that_is_ignored_is_seen(server: HubServer, client: HubClient) -> None:
    server.fault("*/model.safetensors", RangeIgnored())
    with client.open(KEY, "main", "model.safetensors", start=1000) as content:
        assert (content.status, content.start, content.size) == (200, 0, len(WEIGHTS))


def test_another_name_leads_to_the_model(server: HubServer, client: HubClient) -> None:
    server.rename("org/name", "org/new")
    model = client.model(KEY)
    assert model.repo_id == "org/new"
    assert len(client.files(KEY, model.commit)) == len(FILES)
    assert client.head(KEY, model.commit, "config.json").size == 2
    assert read(client, model.commit) == WEIGHTS


def test_sixteen_threads_share_a_client(server: HubServer, client: HubClient) -> None:
    commit = client.model(KEY).commit
    with ThreadPoolExecutor(16) as threads:
        found = threads.map(lambda start: read(client, commit, start=start), range(0, 64_000, 1000))
        assert all(part == WEIGHTS[1000 * number :] for number, part in enumerate(found))


# ---- who is told the token


def test_the_token_goes_to_its_hub_alone(server: HubServer, client: HubClient) -> None:
    with HubServer() as other:
        other.add("org/name", FILES)
        server.fault("*/config.json", RedirectTo(f"{other.endpoint}{{target}}"), times=None)
        server.fault("*/refs", RedirectTo(f"{other.endpoint}{{target}}", status=307), times=None)
        assert read(client, "main", "config.json") == b"{}"
        client.refs(KEY)
        client.head(KEY, "main", "config.json")
        client.request("GET", f"{other.endpoint}/api/models")
        server.cdn = True
        assert read(client, "main") == WEIGHTS
        assert len(other.requests) == 4
        assert all(not request.authorization for request in other.requests)
        assert all(not request.authorization for request in server.seen("*/cdn/*"))
    assert {request.authorization for request in server.requests if not request.on_cdn} == {
        f"Bearer {TOKEN.value}"
    }
    server.forget()
    client.request("GET", "/api/models", authorize=False)
    assert [request.authorization for request in server.requests] == [""]
    assert server.requests[0].headers["user-agent"].startswith("modelkeep/")


def test_no_password_file_and_no_cookie_is_used(
    server: HubServer, own_places: object, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    netrc = f"{own_places}/.netrc"
    with open(netrc, "w") as file:
        file.write("machine 127.0.0.1 login someone password secret\n")
    monkeypatch.setenv("NETRC", netrc)
    server.fault("*", Headers(put={"Set-Cookie": "session=1; Path=/"}), times=None)
    with HubClient(profile(server)) as client:
        client.search()
        client.search()
    assert all(not request.authorization for request in server.requests)
    assert all("cookie" not in request.headers for request in server.requests)


# ---- refusals


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        (Status(401), AccessDenied, "private, or does not exist"),
        (Status(401, message="Invalid credentials in Authorization header"), AccessDenied, "this token"),
        (Status(403, "GatedRepo"), AccessDenied, "gated"),
        (Status(403), AccessDenied, "does not allow"),
        (Status(403, message="Access to this resource is disabled."), AccessDenied, "disabled"),
        (Status(404, "RepoNotFound"), NotOnRemote, "has no model org/name"),
        (Status(404, "RevisionNotFound"), NotOnRemote, "no revision “v9”"),
        (Status(407), RemoteUnreachable, "proxy"),
        (Status(409), AlreadyOnRemote, "already"),
        (Status(412), RemoteConflict, "meanwhile"),
        (Status(418), BadReply, "418"),
        (Html(), BadReply, "web page"),
        (Html(403), BadReply, "web page"),
        (Headers(put={"Content-Type": "text/plain", "Content-Length": "1"}), BadReply, "not JSON"),
        (RedirectLoop(), BadReply, "circle"),
        (RedirectTo("ftp://127.0.0.1/"), BadReply, "no web address"),
    ],
)
def test_what_a_hub_refuses_is_told_in_words(
    server: HubServer, client: HubClient, fault: Fault, kind: type[RemoteError], words: str
) -> None:
    server.tag("org/name", "v9", server.repository("org/name").branches["main"])
    server.fault("*", fault, times=None)
    with pytest.raises(kind, match=words) as caught:
        client.model(KEY.at("v9"))
    assert type(caught.value) is kind
    assert TOKEN.value not in f"{caught.value}{caught.value.hint}"


def test_a_file_that_is_not_there_is_named(client: HubClient) -> None:
    for call in (client.head, client.open):
        with pytest.raises(NotOnRemote, match=r"no file nix\.bin"):
            call(KEY, "main", "nix.bin")


def test_a_gated_model_names_the_page_where_its_terms_are(server: HubServer, client: HubClient) -> None:
    server.gate("org/name")
    with HubClient(profile(server)) as stranger:
        for one, words in ((client, "were not accepted"), (stranger, "does not know who asks")):
            with pytest.raises(AccessDenied, match=words) as caught:
                one.open(KEY, "main", "model.safetensors")
            assert f"{server.endpoint}/org/name" in caught.value.hint


@pytest.mark.parametrize("header", ["X-Repo-Commit", "ETag"])
def test_what_is_no_hub_is_told_by_its_headers(server: HubServer, client: HubClient, header: str) -> None:
    server.fault("*/config.json", Headers(drop=(header,)), times=None)
    with pytest.raises(BadReply, match=header):
        client.head(KEY, "main", "config.json")


def test_a_file_with_another_content_than_listed_is_not_taken(client: HubClient) -> None:
    with pytest.raises(BadReply, match="another content"):
        client.open(KEY, "main", "config.json", etag="0" * 40)
    client.open(KEY, "main", "config.json", etag=git_sha1(b"{}")).close()


# ---- another try


@pytest.mark.parametrize("fault", [Status(503), too_many(), too_many("0.01"), Dropped(), Dropped(reset=True)])
def test_a_question_is_put_again(server: HubServer, client: HubClient, fault: Fault) -> None:
    server.fault("*", fault, times=2)
    assert client.model(KEY).repo_id == "org/name"
    assert len(server.requests) == 3


def test_a_files_head_is_asked_for_again(server: HubServer, client: HubClient) -> None:
    server.fault("HEAD *", Status(503), times=2)
    assert client.head(KEY, "main", "config.json").size == 2


@pytest.mark.parametrize(
    ("say", "low", "high"),
    [
        (lambda: "77", 77, 77),
        (lambda: formatdate(time.time() + 500, usegmt=True), 400, 500),
        (lambda: "x", 0, 0),
    ],
    ids=["seconds", "date", "neither"],
)
def test_a_busy_hub_says_for_how_long(
    server: HubServer, client: HubClient, say: Callable[[], str], low: float, high: float
) -> None:
    server.fault("*", too_many(say()), times=None)
    with pytest.raises(RemoteBusy) as caught:
        client.open(KEY, "main", "config.json")
    assert low <= caught.value.retry_after <= high
    assert len(server.requests) == 1
    if low:
        with pytest.raises(RemoteBusy):
            client.model(KEY)  # not waited for
        assert len(server.requests) == 2


def test_waiting_for_a_hub_can_be_stopped(server: HubServer) -> None:
    def stop(progress: Progress) -> None:
        raise Cancelled

    server.fault("*", too_many("9"), times=None)
    with HubClient(profile(server), report=stop) as client, pytest.raises(Cancelled):
        client.model(KEY)


# ---- no answer


def unreachable(call: Callable[[], object]) -> str:
    with pytest.raises(RemoteUnreachable) as caught:
        call()
    assert caught.value.hint
    return str(caught.value)


@pytest.mark.parametrize(
    ("endpoint", "words"),
    [
        ("http://127.0.0.1:1", "refused the connection"),
        ("http://no-such-host.invalid", "no address for the name no-such-host.invalid"),
    ],
)
def test_why_there_is_no_answer_is_told(endpoint: str, words: str) -> None:
    with HubClient(Profile("x", endpoint)) as client:
        assert words in unreachable(lambda: client.model(KEY))
        assert words in unreachable(lambda: client.open(KEY, "main", "config.json"))


@pytest.mark.parametrize("fault", [Cut(1000), Cut(1000, reset=True)])
def test_a_body_that_ends_too_early_is_no_file(server: HubServer, client: HubClient, fault: Fault) -> None:
    server.fault("*/model.safetensors", fault)
    unreachable(lambda: read(client, "main"))
    assert read(client, "main") == WEIGHTS


def test_silence_ends_after_the_time_for_an_answer(server: HubServer) -> None:
    server.fault("*/model.safetensors", Stalled(1000))
    with HubClient(profile(server, read_timeout=0.2)) as client:
        assert "too long" in unreachable(lambda: read(client, "main"))


@pytest.mark.parametrize("tls", ["", "good"])
def test_a_read_that_waits_is_ended_from_another_thread(tls: str) -> None:
    with HubServer(tls=tls) as server:
        commit = server.add("org/name", FILES)
        server.fault("*/model.safetensors", Stalled(1000))
        with HubClient(profile(server, read_timeout=60.0, ca_file=server.ca_file)) as client:
            content = client.open(KEY, commit, "model.safetensors")
            view = memoryview(bytearray(1000))
            got = 0
            while got < 1000:
                got += content.readinto(view)
            closer = threading.Timer(0.1, content.close)
            closer.start()
            with pytest.raises(RemoteUnreachable):
                content.readinto(view)
            closer.join()
            assert read(client, commit) == WEIGHTS


# ---- what is between


@pytest.mark.parametrize("kind", [Proxy, SocksProxy])
@pytest.mark.parametrize("tls", ["", "good"])
def test_a_proxy_is_gone_through(
    kind: type[Proxy] | type[SocksProxy], tls: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with HubServer(tls=tls) as server, kind(hosts={"hub.localhost": "127.0.0.1"}) as proxy:
        commit = server.add("org/name", FILES)
        there = server.endpoint if tls else server.endpoint.replace("127.0.0.1", "hub.localhost")
        place = Profile("x", there, proxy=proxy.url, ca_file=server.ca_file)
        with HubClient(place) as client:
            assert read(client, commit) == WEIGHTS
        host = "127.0.0.1" if tls else "hub.localhost"
        assert {asked for asked, _ in proxy.asked} == {host}
        del proxy.asked[:]
        monkeypatch.setenv("ALL_PROXY", proxy.url)
        with HubClient(Profile("x", there, ca_file=server.ca_file)) as client:
            assert client.model(KEY).commit == commit
        assert proxy.asked
        del proxy.asked[:]
        with HubClient(Profile("x", server.endpoint, proxy="none", ca_file=server.ca_file)) as client:
            assert client.model(KEY).commit == commit
        assert not proxy.asked


@pytest.mark.parametrize("kind", [Proxy, SocksProxy])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_fails_is_blamed(kind: type[Proxy] | type[SocksProxy], scheme: str) -> None:
    with kind(auth=("user", "secret")) as proxy:
        for way in (proxy.url, proxy.url.replace("//", "//user:wrong@")):
            with HubClient(Profile("x", f"{scheme}://127.0.0.1:1", proxy=way)) as client:
                said = unreachable(lambda: client.model(KEY))
                assert "proxy" in said
                assert "user name and a password" in said
                assert "wrong" not in said
        gone = Profile("x", f"{scheme}://127.0.0.1:1", proxy=f"{proxy.scheme}://127.0.0.1:1")
        with HubClient(gone) as client:
            assert "refused" in unreachable(lambda: client.model(KEY))


@pytest.mark.parametrize(
    ("tls", "words"),
    [("expired", "has expired"), ("untrusted", "not trusted"), ("wrong host", "for another")],
)
def test_a_certificate_that_is_not_right_is_not_gone_past(tls: str, words: str) -> None:
    with HubServer(tls=tls) as server:
        with HubClient(profile(server, ca_file=server.ca_file), TOKEN) as client:
            assert words in unreachable(lambda: client.model(KEY))
        assert not server.requests


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_the_environment_may_name_the_authorities(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    with HubServer(tls="good") as server:
        with HubClient(profile(server)) as client:
            assert "not trusted" in unreachable(lambda: client.whoami())
        monkeypatch.setenv(variable, server.ca_file)
        with HubClient(profile(server), TOKEN) as client:
            assert client.whoami().name == "tester"
