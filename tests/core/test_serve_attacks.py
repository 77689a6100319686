"""What clients must not be able to do to a server, and what must not happen to theirs: one that never ends what it
began, one that nobody reads, files that are no files, a cache that changes under it.
"""

from __future__ import annotations

import errno
import io
import os
import signal
import socket
import stat
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from modelkeep.serve import etags, sendfile
from modelkeep.serve.environment import environment_block
from modelkeep.serve.options import ServeOptions
from modelkeep.serve.outlet import Outlet
from modelkeep.serve.pushing.uploads import Uploads
from modelkeep.serve.server import listen, server_url
from modelkeep.serve.tokens import Tokens, tokens_file
from support.caches import CacheMaker, git_sha1
from support.cli import run
from support.serving import Served, client_environment, run_client, serve_process, serving

HEALTH = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"


def until_closed(client: socket.socket, sent: bytes, more: bytes = b"") -> bytes:
    """What a client gets that sends this, and `more` each time it heard something, until the server has enough."""
    got = b""
    with client:
        client.sendall(sent)
        while True:
            try:
                piece = client.recv(1 << 16)
                if piece and more:
                    client.sendall(more)
            except ConnectionError:
                return got
            if not piece:
                return got
            got += piece


@pytest.fixture
def hasty(cache: CacheMaker, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """A server that waits for nobody."""
    monkeypatch.setattr(sendfile, "_REQUEST_WITHIN", 0.2)
    cache.add("org/model", {"config.json": b"{}"})
    with serving(cache.root, stall=0.3) as served:
        yield served


# ---- clients that do not end


@pytest.mark.parametrize(
    ("sent", "more"),
    [
        (HEALTH, b"\r\n"),  # an empty line is the beginning of no request
        (b"POST /api/repos/create HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n", b"a"),
        (b"GET /health HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n", b"a"),
        (b"POST /api/models/org/model/paths-info/main HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n", b""),
    ],
    ids=["an empty line", "a refused body", "a late body", "no body"],
)
def test_who_begins_and_does_not_end_is_cut(hasty: Served, sent: bytes, more: bytes) -> None:
    hasty.server.config.timeout_keep_alive = 1
    assert until_closed(socket.create_connection(hasty.address, 20), sent, more).startswith(b"HTTP/1.1 ")


def test_a_client_that_reads_no_answer_is_given_up(hasty: Served, cache: CacheMaker) -> None:
    commit = cache.add("org/many", {"empty": b""}, tree=False)
    snapshot = cache.folder("org/many") / "snapshots" / commit
    for number in range(20_000):  # its list takes more than sockets do without a reader
        (snapshot / f"{number:05}-{'x' * 200}.txt").symlink_to(snapshot / "empty")
    with socket.create_connection(hasty.address, 20) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.sendall(b"GET /api/models/org/many HTTP/1.1\r\nHost: x\r\n\r\n" * 3)
        mine = client.getsockname()
        assert client.recv(1) == b"H"
        while any(
            getattr(one, "client", None) == mine for one in list(hasty.server.server_state.connections)
        ):
            hasty.get("/health").close()


def test_a_refused_body_leaves_the_connection_usable(hasty: Served) -> None:
    for _ in range(3):
        assert hasty.post("/api/repos/create", data=b"x" * 300_000).status_code == 403
    assert hasty.get("/health").status_code == 200


def test_far_too_many_connections_are_cut(cache: CacheMaker) -> None:
    with serving(cache.root, max_connections=1) as served, ExitStack() as stack:
        clients = [stack.enter_context(socket.create_connection(served.address, 20)) for _ in range(5)]
        assert until_closed(clients[-1], b"") == b""


@pytest.mark.skipif(sys.platform != "linux", reason="nobody can ask this system")
def test_there_are_files_for_all_connections(cache: CacheMaker) -> None:
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with serve_process(
        "--root",
        str(cache.root),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (512, most)),
    ) as (process, _):
        soft, _ = resource.prlimit(process.pid, resource.RLIMIT_NOFILE)
        process.terminate()
        process.communicate(timeout=20)
    assert soft == min(most, 4 * 512 + 256)


def test_the_url_of_an_upload_is_not_in_the_log(cache: CacheMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(Uploads, "find", broken)
    with serving(cache.root, allow_push=True, into=cache.root) as served:
        assert served.session.put(f"{served.url}/lfs-uploads/secret", timeout=20).status_code == 500
        assert "failed: RuntimeError" in served.log.getvalue()
        assert "secret" not in served.log.getvalue()


# ---- what is odd in a cache


@pytest.mark.skipif(sys.platform == "win32", reason="no pipes there")
def test_a_pipe_in_a_snapshot_keeps_nobody_waiting(cache: CacheMaker) -> None:
    commit = cache.add("org/model", {"config.json": b"{}"}, tree=False, linked=False)
    os.mkfifo(cache.folder("org/model") / "snapshots" / commit / "pipe.bin")
    with serving(cache.root) as served:
        assert served.get("/api/models/org/model/tree/main").status_code == 200
        assert served.get("/org/model/resolve/main/pipe.bin").status_code == 404
        assert served.get("/org/model/resolve/main/config.json").content == b"{}"


@pytest.mark.skipif(sys.platform != "linux", reason="no such names there")
def test_a_name_that_cannot_be_said_spoils_no_list(cache: CacheMaker) -> None:
    commit = cache.add("org/model", {"config.json": b"{}"}, tree=False)
    folder = os.fsencode(cache.folder("org/model") / "snapshots" / commit)
    for name in (b"bad\xff.txt", b"line\nbreak.txt", b"esc\x1b.txt"):
        with open(os.path.join(folder, name), "wb"):
            pass
    with serving(cache.root) as served:
        [listed] = served.get("/api/models?full=true").json()
        assert [file["rfilename"] for file in listed["siblings"]] == ["config.json"]
        assert [item["path"] for item in served.get("/api/models/org/model/tree/main").json()] == [
            "config.json"
        ]
        for odd in ("a%01b", "a%7fb", "a%0bb", "%ff"):
            answer = served.get(f"/org/model/resolve/main/{odd}")
            assert (answer.status_code, answer.headers["X-Error-Code"]) == (404, "EntryNotFound")


def test_what_is_private_stays_so_when_nobody_can_say_what_is(cache: CacheMaker) -> None:
    cache.add("org/model")
    (cache.root / ".modelkeep").mkdir()
    (cache.root / ".modelkeep" / "private").symlink_to("private")  # leads to itself: an error of the disk
    with serving(cache.root, ready=lambda tokens: None) as served:
        assert served.get("/api/models").json() == []
        assert served.get("/org/model/resolve/main/config.json").status_code == 404


def test_too_many_open_files_are_no_missing_file(cache: CacheMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.add("org/model", {"config.json": b"{}"})
    with serving(cache.root) as served:
        assert served.get("/org/model/resolve/main/config.json").status_code == 200

        def full(path: str, flags: int) -> int:
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

        with monkeypatch.context() as patched:
            patched.setattr(etags, "without_waiting", full)
            answer = served.get("/org/model/resolve/main/config.json")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        cache.add("org/copied", {"config.json": b"{}"}, tree=False, linked=False)
        with monkeypatch.context() as patched:
            patched.setattr(etags, "without_waiting", full)
            served.shelf.changed(cache.root)
            assert served.get("/org/copied/resolve/main/config.json").status_code == 503
        assert served.get("/org/copied/resolve/main/config.json").content == b"{}"
        assert served.get("/org/model/resolve/main/config.json").status_code == 200


SNAPSHOT = """
import json, os
from huggingface_hub import snapshot_download
try:
    print(json.dumps(sorted(os.listdir(snapshot_download("org/model")))))
except Exception as error:
    print(json.dumps(type(error).__name__))
"""


def test_a_download_under_way_is_not_taken_for_the_whole(cache: CacheMaker, tmp_path: Path) -> None:
    files = {"config.json": b"{}", "tokenizer.json": b'{"t": 1}'}
    commit = cache.add("org/model", {"config.json": b"{}"}, tree=False)
    cache.write_tree("org/model", commit, files)
    arriving = cache.incomplete("org/model")
    with serving(cache.root) as served:
        environment = client_environment(tmp_path, served.url)
        assert run_client(SNAPSHOT, environment) == "LocalEntryNotFoundError"
        assert served.get("/api/models/org/model/tree/main").headers["Retry-After"] == "10"
        missing = served.get("/org/model/resolve/main/tokenizer.json")
        assert missing.status_code == 503
        # Nobody goes on with it: what is here is served, and what is not is not said to be nowhere.
        os.utime(arriving, (1, 1))
        served.shelf.changed(cache.root)
        missing = served.get("/org/model/resolve/main/tokenizer.json")
        assert missing.status_code == 404
        assert "X-Repo-Commit" not in missing.headers
        assert "X-Repo-Commit" in served.get("/org/model/resolve/main/nowhere").headers
        blob = cache.folder("org/model") / "blobs" / git_sha1(files["tokenizer.json"])
        blob.write_bytes(files["tokenizer.json"])
        (cache.folder("org/model") / "snapshots" / commit / "tokenizer.json").symlink_to(blob)
        arriving.unlink()
        served.shelf.changed(cache.root)
        assert run_client(SNAPSHOT, environment) == ["config.json", "tokenizer.json"]


NO_EXIST = """
import json, sys
from pathlib import Path
from huggingface_hub import constants, hf_hub_download
from huggingface_hub.errors import EntryNotFoundError
try:
    hf_hub_download("org/model", "tokenizer.json")
except EntryNotFoundError:
    print(json.dumps([path.name for path in Path(constants.HF_HUB_CACHE).glob("*/.no_exist/*/*")]))
"""


def test_a_broken_file_is_not_remembered_as_missing(cache: CacheMaker, tmp_path: Path) -> None:
    cache.add("org/model", {"config.json": b"{}", "tokenizer.json": b"1"})
    (cache.folder("org/model") / "blobs" / git_sha1(b"1")).unlink()
    with serving(cache.root) as served:
        assert run_client(NO_EXIST, client_environment(tmp_path, served.url)) == []


# ---- tokens


def test_tokens_that_are_made_at_once_are_all_kept() -> None:
    made: dict[str, str] = {}
    names = [f"client-{number}" for number in range(20)]
    threads = [
        threading.Thread(target=lambda name=name: made.update({name: Tokens().add(name)})) for name in names
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == sorted(token.name for token in Tokens().all()) == sorted(names)
    assert stat.S_IMODE(tokens_file().stat().st_mode) == 0o600


# ---- those who read what a server says


def test_a_program_that_reads_no_events_stops_nothing(cache: CacheMaker) -> None:
    cache.add("org/model", {"config.json": b"{}"})
    with serve_process("--root", str(cache.root)) as (process, first), requests.Session() as session:
        for _ in range(1500):  # more than the pipes take, of events and of lines
            url = f"{first['url']}/org/model/resolve/main/config.json"
            assert session.get(url, timeout=20).status_code == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


def test_lines_come_in_order_and_wait_for_their_reader() -> None:
    reader, writer = os.pipe()
    with os.fdopen(reader) as lines, os.fdopen(writer, "w") as out:
        outlet = Outlet(out)
        for number in range(9000):  # more than a pipe takes
            outlet.write(f"{number:0>50}\n")
        thread = threading.Thread(target=outlet.close)
        thread.start()
        assert [int(lines.readline()) for _ in range(9000)] == list(range(9000))
        thread.join()
    assert outlet.dropped == 0
    memory = io.StringIO()
    outlet = Outlet(memory)
    outlet.write("a\n")
    outlet.close()
    assert memory.getvalue() == "a\n"


def test_a_url_is_quoted_for_each_shell() -> None:
    evil = {"HF_ENDPOINT": "http://x'$(id)"}
    assert environment_block(evil, "sh") == """export HF_ENDPOINT='http://x'"'"'$(id)'"""
    assert environment_block(evil, "powershell") == "$env:HF_ENDPOINT = 'http://x''$(id)'"


# ---- addresses


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="no IPv6 here")
def test_every_address_of_both_kinds() -> None:
    options = ServeOptions(host="::", port=0)
    with listen(options) as bound:
        port = bound.getsockname()[1]
        for host in ("127.0.0.1", "::1"):
            socket.create_connection((host, port), 20).close()
        assert server_url(options, bound).endswith(f":{port}")
    with listen(ServeOptions(host="[::1]", port=0)) as bound:
        assert server_url(ServeOptions(host="[::1]"), bound) == f"http://[::1]:{bound.getsockname()[1]}"


# ---- what an administrator is told


def test_files_for_tls_that_do_not_fit_are_named(cache: CacheMaker, tmp_path: Path) -> None:
    key, other = tmp_path / "key.pem", tmp_path / "other.pem"
    for path in (key, other):
        path.write_text("no key")
    missing = tmp_path / "missing.pem"
    for certfile, keyfile, sentence in (
        (key, missing, f"{missing} cannot be used"),
        (key, other, f"{key} and {other} cannot be used"),
        (key, None, f"{key} alone cannot be used"),
    ):
        keys = ("--keyfile", str(keyfile)) if keyfile else ()
        told = run("serve", "--root", str(cache.root), "--port", "0", "--certfile", str(certfile), *keys)
        assert told.status == 1
        assert sentence in told.err


def test_a_second_server_for_pushes_is_told_of_the_first(cache: CacheMaker) -> None:
    with serving(cache.root, allow_push=True, into=cache.root):
        told = run("serve", "--root", str(cache.root), "--port", "0", "--allow-push")
    assert told.status == 1
    assert f"Another server takes what is pushed to {cache.root}" in told.err


def test_who_asks_too_often_is_told_when_there_is_enough_again(cache: CacheMaker) -> None:
    """For all threads of a client, which come back at the same time."""
    with serving(cache.root, rate=40) as served:
        answers = [served.get("/api/models") for _ in range(41)]
    assert [answer.status_code for answer in answers] == [200] * 40 + [429]
    assert 25 <= int(answers[-1].headers["Retry-After"]) <= 30
