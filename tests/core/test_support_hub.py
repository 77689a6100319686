"""The hub of the tests: the real client takes it for a hub, and what is to go wrong does."""

from __future__ import annotations

import http.client
import json
import os
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from huggingface_hub import HfApi, constants, hf_hub_download, scan_cache_dir, snapshot_download
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from support.hub import HubServer
from support.hub_content import Content
from support.hub_faults import (
    Cut,
    Dropped,
    Flipped,
    Headers,
    Html,
    RangeIgnored,
    RedirectLoop,
    RedirectTo,
    Slow,
    Stalled,
    Status,
    WrongLength,
    too_many,
)
from support.hub_proxy import Proxy, SocksProxy

WEIGHTS = os.urandom(300_000)
FILES = {"config.json": b"{}", "onnx/model.onnx": b"onnx", "model.safetensors": WEIGHTS, "a b/ü.txt": b"text"}


@pytest.fixture(autouse=True)
def _no_calls_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_TELEMETRY", True)


@pytest.fixture
def server() -> Iterator[HubServer]:
    with HubServer() as server:
        yield server


def fetch(server: HubServer, path: str, method: str = "GET", **headers: str) -> tuple[int, bytes, dict]:
    """One request on a connection of its own: status, body, headers."""
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(server.endpoint).port, timeout=20)
    with closing(connection):
        connection.request(method, path, headers={key.replace("_", "-"): v for key, v in headers.items()})
        with connection.getresponse() as answer:
            return answer.status, answer.read(), {key.lower(): v for key, v in answer.getheaders()}


# ---- the real client


@pytest.mark.parametrize("cdn", [False, True], ids=["direct", "cdn"])
def test_the_client_fetches_a_snapshot(server: HubServer, tmp_path: Path, cdn: bool) -> None:
    commit = server.add("org/name", FILES)
    server.cdn = cdn
    server.page_size = 2
    place = Path(
        snapshot_download("org/name", endpoint=server.endpoint, cache_dir=tmp_path, token="hf_secret")
    )
    assert place.name == commit
    assert {name: (place / name).read_bytes() for name in FILES} == FILES
    assert scan_cache_dir(tmp_path).warnings == []
    fetched = [r for r in server.requests if r.method == "GET" and r.path.endswith("model.safetensors")]
    assert [r.on_cdn for r in fetched] == [cdn]
    for request in server.requests:
        assert request.authorization == ("" if request.on_cdn else "Bearer hf_secret")
    assert server.bytes_sent("GET *.safetensors") == len(WEIGHTS)
    server.forget()
    snapshot_download("org/name", endpoint=server.endpoint, cache_dir=tmp_path, revision=commit)
    assert server.requests == []


def test_the_client_finds_what_there_is(server: HubServer) -> None:
    old = server.add("org/one", {"config.json": b"1"}, downloads=1, pipeline_tag="fill-mask")
    new = server.add("org/one", FILES, title="More", downloads=1)
    server.add("other/two", FILES, downloads=2, tags=["pytorch"], library_name="transformers")
    server.tag("org/one", "v1", old)
    server.page_size = 1
    api = HfApi(endpoint=server.endpoint, token=False)
    assert [model.id for model in api.list_models(sort="downloads")] == ["other/two", "org/one"]
    assert [model.id for model in api.list_models(author="org", search="ON")] == ["org/one"]
    assert [model.id for model in api.list_models(filter="pytorch")] == ["other/two"]
    assert [model.id for model in api.list_models(pipeline_tag="fill-mask")] == ["org/one"]
    info = api.model_info("org/one", files_metadata=True)
    assert info.sha == new
    sizes = {s.rfilename: (s.size, s.lfs and s.lfs.sha256) for s in info.siblings or []}
    assert sizes["model.safetensors"] == (len(WEIGHTS), Content(WEIGHTS, lfs=True).sha256)
    assert sizes["config.json"] == (2, None)
    assert api.model_info("org/one", revision="v1").sha == old
    assert sorted(api.list_repo_files("org/one")) == sorted(FILES)
    assert [item.path for item in api.list_repo_tree("org/one")] == [
        "a b",
        "config.json",
        "model.safetensors",
        "onnx",
    ]
    assert [item.path for item in api.get_paths_info("org/one", ["a b/ü.txt", "no"])] == ["a b/ü.txt"]
    refs = api.list_repo_refs("org/one")
    assert [(r.name, r.target_commit) for r in (*refs.branches, *refs.tags)] == [("main", new), ("v1", old)]
    assert [c.commit_id for c in api.list_repo_commits("org/one")] == [new, old]
    assert api.whoami(token="hf_secret")["name"] == "tester"


def test_the_client_understands_every_no(server: HubServer, tmp_path: Path) -> None:
    server.add("org/name", FILES)
    api = HfApi(endpoint=server.endpoint, token="hf_secret")

    def get(repo: str, file: str = "config.json", revision: str = "main") -> str:
        return hf_hub_download(
            repo, file, revision=revision, endpoint=server.endpoint, cache_dir=tmp_path, token="hf_secret"
        )

    with pytest.raises(RepositoryNotFoundError):
        get("org/none")
    server.hides = True
    with pytest.raises(RepositoryNotFoundError):
        HfApi(endpoint=server.endpoint, token=False).model_info("org/none")
    assert [request.status for request in server.seen("*org/none*")] == [404, 401]
    with pytest.raises(RevisionNotFoundError):
        get("org/name", revision="none")
    with pytest.raises(RemoteEntryNotFoundError):
        get("org/name", "none")
    server.gate("org/name", "manual")
    assert api.model_info("org/name").gated == "manual"
    with pytest.raises(GatedRepoError, match="ask for access"):
        get("org/name")
    server.gate("org/name", accepted=True)
    assert Path(get("org/name")).read_bytes() == b"{}"
    server.token = "another"
    with pytest.raises(HfHubHTTPError, match="Invalid credentials"):
        get("org/name", "model.safetensors")
    server.token = ""
    server.remove_file("org/name", "onnx/model.onnx")
    assert "onnx/model.onnx" not in api.list_repo_files("org/name")
    server.remove("org/name")
    with pytest.raises(RepositoryNotFoundError):
        api.model_info("org/name")


def test_the_client_follows_a_new_name(server: HubServer, tmp_path: Path) -> None:
    server.add("org/old", FILES)
    server.rename("org/old", "org/new")
    server.cdn = True
    assert HfApi(endpoint=server.endpoint, token=False).model_info("org/old").id == "org/new"
    place = snapshot_download("org/old", endpoint=server.endpoint, cache_dir=tmp_path, token="hf_secret")
    assert Path(place, "model.safetensors").read_bytes() == WEIGHTS
    assert all(not request.authorization for request in server.requests if request.on_cdn)


def test_the_command_of_the_client_works_in_a_process_of_its_own(server: HubServer, tmp_path: Path) -> None:
    large = tmp_path / "large"
    large.write_bytes(WEIGHTS * 10)
    server.add("org/name", {"model.safetensors": large, "config.json": b"{}"})
    done = subprocess.run(
        [Path(sys.executable).with_name("hf"), "download", "org/name", "--cache-dir", tmp_path / "hub"],
        env=os.environ
        | {"HF_ENDPOINT": server.endpoint, "HF_HUB_DISABLE_TELEMETRY": "1"}
        | {"HF_HUB_DISABLE_UPDATE_CHECK": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    [fetched] = (tmp_path / "hub").glob("*/snapshots/*/model.safetensors")
    assert fetched.read_bytes() == WEIGHTS * 10


# ---- files and their parts


def test_parts_are_sent_as_asked(server: HubServer) -> None:
    server.add("org/name", FILES)
    path = "/org/name/resolve/main/model.safetensors"
    etag = f'"{Content(WEIGHTS, lfs=True).sha256}"'
    status, body, headers = fetch(server, path, Range="bytes=10-19")
    assert (status, body, headers["content-range"]) == (206, WEIGHTS[10:20], "bytes 10-19/300000")
    assert headers["etag"] == headers["x-linked-etag"] == etag
    assert fetch(server, path, Range="bytes=299990-")[:2] == (206, WEIGHTS[-10:])
    assert fetch(server, path, Range="bytes=-5")[:2] == (206, WEIGHTS[-5:])
    assert fetch(server, path, Range="bytes=300000-")[0] == 416
    assert fetch(server, path, Range="bytes=5-", If_Range=etag)[0] == 206
    assert fetch(server, path, Range="bytes=5-", If_Range='"else"')[:2] == (200, WEIGHTS)
    status, body, headers = fetch(server, path, "HEAD")
    assert (status, body, headers["content-length"]) == (200, b"", "300000")
    assert server.requests[0].bytes_sent == 10


def test_a_large_file_is_sent_from_the_disk(server: HubServer, tmp_path: Path) -> None:
    large = tmp_path / "large"
    large.write_bytes(WEIGHTS * 10)
    server.add("org/name", {"model.bin": large, "small.txt": b"x"})
    assert fetch(server, "/org/name/resolve/main/model.bin")[:2] == (200, WEIGHTS * 10)
    assert fetch(server, "/org/name/resolve/main/model.bin", Range="bytes=5-9")[:2] == (206, WEIGHTS[5:10])


def test_the_same_steps_give_the_same_commits(server: HubServer) -> None:
    with HubServer() as mirror:
        for hub in (server, mirror):
            hub.add("org/name", {"a": b"1"})
        assert server.add("org/name", {"a": b"2"}) == mirror.add("org/name", {"a": b"2"})


# ---- what goes wrong


@pytest.mark.parametrize("reset", [False, True])
@pytest.mark.parametrize("on_disk", [False, True])
def test_a_cut_answer_ends_where_it_was_told(
    server: HubServer, tmp_path: Path, reset: bool, on_disk: bool
) -> None:
    (tmp_path / "large").write_bytes(WEIGHTS)
    server.add("org/name", {"model.bin": tmp_path / "large" if on_disk else WEIGHTS})
    server.fault("*/model.bin", Cut(5000, reset=reset))
    fetch(server, "/org/name/resolve/main/model.bin", "HEAD")
    with pytest.raises((http.client.IncompleteRead, ConnectionResetError)) as caught:
        fetch(server, "/org/name/resolve/main/model.bin")
    assert isinstance(caught.value, ConnectionResetError) is reset
    assert [request.bytes_sent for request in server.requests] == [0, 5000]
    assert fetch(server, "/org/name/resolve/main/model.bin")[1] == WEIGHTS


def test_a_stalled_answer_goes_on_when_released(server: HubServer) -> None:
    server.add("org/name", FILES)
    server.fault("*/model.safetensors", Stalled(after=1000))
    url = f"{server.endpoint}/org/name/resolve/main/model.safetensors"
    with requests.get(url, stream=True, timeout=20) as answer:
        server.wait_for(lambda s: s.bytes_sent() == 1000)
        assert len(answer.raw.read(1000)) == 1000
        server.release()
        assert len(answer.raw.read()) == len(WEIGHTS) - 1000


def test_a_server_ends_while_an_answer_is_stalled() -> None:
    with HubServer() as server:
        server.add("org/name", FILES)
        server.fault("*/model.safetensors", Stalled(after=1000))
        answer = requests.get(
            f"{server.endpoint}/org/name/resolve/main/model.safetensors", stream=True, timeout=20
        )
        server.wait_for(lambda s: s.bytes_sent() == 1000)
    with answer, pytest.raises(requests.RequestException):
        assert not answer.content


def test_wrong_bytes_lengths_and_parts(server: HubServer) -> None:
    server.add("org/name", FILES)
    path = "/org/name/resolve/main/model.safetensors"
    server.fault("*/model.safetensors", Flipped(at=100))
    body = fetch(server, path)[1]
    assert [at for at in range(len(WEIGHTS)) if body[at] != WEIGHTS[at]] == [100]
    server.fault("*/model.safetensors", WrongLength(by=5))
    with pytest.raises(http.client.IncompleteRead):
        fetch(server, path)
    server.fault("*/model.safetensors", WrongLength(by=-5))
    assert fetch(server, path)[1] == WEIGHTS[:-5]
    server.fault("*/model.safetensors", RangeIgnored())
    assert fetch(server, path, Range="bytes=5-9")[:2] == (200, WEIGHTS)
    server.fault("*/model.safetensors", Slow(10_000_000))
    assert fetch(server, path)[1] == WEIGHTS


def test_faults_come_as_often_as_told_and_after_as_many(server: HubServer) -> None:
    server.add("org/name", FILES)
    server.fault("GET /api/*", Status(503), times=2, after=1)
    assert [fetch(server, "/api/models/org/name")[0] for _ in range(4)] == [200, 503, 503, 200]
    server.fault("/api/*", too_many("7"), times=None)
    status, body, headers = fetch(server, "/api/models/org/name")
    assert (status, headers["retry-after"]) == (429, "7")
    assert "error" in json.loads(body)
    server.heal()
    assert fetch(server, "/api/models/org/name")[0] == 200


def test_answers_that_are_not_a_hubs(server: HubServer) -> None:
    server.add("org/name", FILES)
    path = "/org/name/resolve/main/config.json"
    server.fault("*/config.json", Headers(drop=("X-Repo-Commit", "ETag")))
    assert not {"x-repo-commit", "etag"} & fetch(server, path, "HEAD")[2].keys()
    server.fault("*/config.json", Headers(put={"ETag": '"else"'}))
    assert fetch(server, path, "HEAD")[2]["etag"] == '"else"'
    server.fault("/api/*", Html())
    assert fetch(server, "/api/models/org/name")[1].startswith(b"<!DOCTYPE")
    server.fault("*/config.json", RedirectLoop())
    assert fetch(server, path)[2]["location"] == path
    server.fault("*/config.json", RedirectTo("http://elsewhere.example{target}"))
    assert fetch(server, path)[2]["location"] == f"http://elsewhere.example{path}"
    server.fault("*/config.json", Dropped())
    with pytest.raises(http.client.RemoteDisconnected):
        fetch(server, path)


def test_something_happens_before_an_answer(server: HubServer) -> None:
    old = server.add("org/name", FILES)
    server.on("GET /api/models/org/name", lambda: server.add("org/name", {"a": b"1"}), after=1)
    heads = [json.loads(fetch(server, "/api/models/org/name")[1])["sha"] for _ in range(3)]
    assert heads[0] == old != heads[1] == heads[2]


def test_an_error_in_a_callback_is_not_lost() -> None:
    with pytest.raises(ZeroDivisionError):
        _answer_with(lambda: 1 / 0)


def _answer_with(callback: Callable[[], object]) -> None:
    with HubServer() as server:
        server.on("*", callback)
        with pytest.raises(http.client.RemoteDisconnected):
            fetch(server, "/api/models")


# ---- what is between


@pytest.mark.parametrize("kind", ["wrong host", "expired", "untrusted"])
def test_bad_certificates_are_bad(kind: str) -> None:
    with HubServer(tls=kind) as server, pytest.raises(requests.exceptions.SSLError):
        requests.get(f"{server.endpoint}/api/models", verify=server.ca_file, timeout=20)


def test_a_good_certificate_is_good(tmp_path: Path) -> None:
    with HubServer(tls="good", cdn=True) as server:
        server.add("org/name", FILES)
        url = f"{server.endpoint}/org/name/resolve/main/model.safetensors"
        assert requests.get(url, verify=server.ca_file, timeout=20).content == WEIGHTS
        server.fault("/cdn/*", Cut(1000))
        with pytest.raises(requests.RequestException):
            requests.get(url, verify=server.ca_file, timeout=20)
        context = ssl.create_default_context(cafile=server.ca_file)
        port = urlsplit(server.endpoint).port
        with (
            socket.create_connection(("127.0.0.1", port or 0)) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as secure,
        ):
            assert secure.version() in ("TLSv1.2", "TLSv1.3")


def through(proxy: str, url: str, **more: object) -> requests.Response:
    return requests.get(url, proxies={"http": proxy, "https": proxy}, timeout=20, **more)  # type: ignore[arg-type]


def test_a_proxy_passes_on(server: HubServer) -> None:
    server.add("org/name", FILES)
    port = urlsplit(server.endpoint).port or 0
    with Proxy(hosts={"hub.example": "127.0.0.1"}) as proxy:
        url = f"http://hub.example:{port}/org/name/resolve/main/model.safetensors"
        assert through(proxy.url, url).content == WEIGHTS
        with HubServer(tls="good") as secure:
            secure.add("org/name", FILES)
            url = f"{secure.endpoint}/org/name/resolve/main/model.safetensors"
            assert through(proxy.url, url, verify=secure.ca_file).content == WEIGHTS
            secure_port = urlsplit(secure.endpoint).port
        assert through(proxy.url, "http://no-such-host.invalid/").status_code == 502
    assert proxy.asked == [("hub.example", port), ("127.0.0.1", secure_port), ("no-such-host.invalid", 80)]
    assert server.requests[0].headers["host"] == f"hub.example:{port}"


def test_a_proxy_refuses_and_hangs(server: HubServer) -> None:
    url = f"{server.endpoint}/api/models"
    with Proxy(auth=("user", "secret")) as proxy:
        assert through(proxy.url, url).status_code == 407
        assert through(proxy.url.replace("//", "//user:secret@"), url).status_code == 200
    with Proxy(answer=502) as proxy:
        assert through(proxy.url, url).status_code == 502
    with Proxy(hang=True) as proxy, pytest.raises(requests.Timeout):
        requests.get(url, proxies={"http": proxy.url}, timeout=0.1)


def test_a_socks_proxy_is_asked_for_names(server: HubServer) -> None:
    server.add("org/name", FILES)
    port = urlsplit(server.endpoint).port or 0
    with SocksProxy(hosts={"hub.example": "127.0.0.1"}, auth=("user", "secret")) as proxy:
        url = f"http://hub.example:{port}/org/name/resolve/main/model.safetensors"
        assert through(proxy.url.replace("//", "//user:secret@"), url).content == WEIGHTS
        with pytest.raises(requests.ConnectionError):
            through(proxy.url, url)
    assert proxy.asked == [("hub.example", port)]
