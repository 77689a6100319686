"""Parts of files, and clients that are slow, gone or greedy."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme

from support.caches import CacheMaker, sha256
from support.serving import Served, serving

CONTENT = bytes(range(256)) * 100
URL = "/org/model/resolve/main/model.safetensors"


@pytest.fixture
def served(cache: CacheMaker) -> Iterator[Served]:
    cache.add("org/model", {"model.safetensors": CONTENT, "empty.txt": b"", "ä b.txt": b"umlaut"})
    with serving(cache.root) as served:
        yield served


def test_a_range_is_sent_alone(served: Served) -> None:
    for asked, first, last in (
        ("bytes=0-0", 0, 0),
        ("bytes=100-299", 100, 299),
        ("bytes=25000-", 25000, 25599),
        ("bytes=25000-99999", 25000, 25599),
        ("bytes=-100", 25500, 25599),
        ("bytes=-99999", 0, 25599),
    ):
        whole, head = (ask(URL, headers={"Range": asked}) for ask in (served.get, served.head))
        for answer in (whole, head):
            assert answer.status_code == 206
            assert answer.headers["Content-Range"] == f"bytes {first}-{last}/25600"
            assert answer.headers["Content-Length"] == str(last - first + 1)
        assert whole.content == CONTENT[first : last + 1]


def test_what_is_no_range_gets_all(served: Served) -> None:
    for asked in ("bytes=5-2", "bytes=-", "lines=1-2", "bytes=0-1,5-6", f"bytes={'9' * 30}-"):
        answer = served.get(URL, headers={"Range": asked})
        assert (answer.status_code, answer.content) == (200, CONTENT)


def test_a_range_after_the_end_is_refused(served: Served) -> None:
    for asked in ("bytes=25600-", "bytes=99999-100000", "bytes=-0"):
        answer = served.get(URL, headers={"Range": asked})
        assert (answer.status_code, answer.headers["Content-Range"]) == (416, "bytes */25600")


def test_a_range_holds_only_while_the_file_is_the_same(served: Served) -> None:
    etag = f'"{sha256(CONTENT)}"'
    same = served.get(URL, headers={"Range": "bytes=5-9", "If-Range": etag})
    other = served.get(URL, headers={"Range": "bytes=5-9", "If-Range": '"another"'})
    assert (same.status_code, same.content) == (206, CONTENT[5:10])
    assert (other.status_code, other.content) == (200, CONTENT)


def test_headers_of_a_file(served: Served) -> None:
    head = served.head(URL)
    assert head.headers["ETag"] == head.headers["X-Linked-Etag"] == f'"{sha256(CONTENT)}"'
    assert head.headers["Content-Length"] == head.headers["X-Linked-Size"] == "25600"
    assert "Location" not in head.headers
    plain = served.get("/org/model/resolve/main/%C3%A4%20b.txt")
    assert plain.content == b"umlaut"
    assert "filename*=UTF-8''%C3%A4%20b.txt" in plain.headers["Content-Disposition"]
    assert "X-Linked-Etag" not in plain.headers
    empty = served.get("/org/model/resolve/main/empty.txt")
    assert (empty.status_code, empty.content) == (200, b"")


def test_several_requests_share_a_connection_and_may_come_at_once(served: Served) -> None:
    request = f"GET {URL} HTTP/1.1\r\nHost: x\r\nRange: bytes={{}}\r\n{{}}\r\n".format
    with socket.create_connection(served.address, 20) as client:
        last = request("100-102", "Connection: close\r\n")
        client.sendall((request("0-9", "") + request("10-19", "") + last).encode())
        answer = b""
        while piece := client.recv(65536):
            answer += piece
    bodies = [
        part.partition(b"\r\n\r\n")[2] for part in answer.split(b"HTTP/1.1 206 Partial Content\r\n")[1:]
    ]
    assert bodies == [CONTENT[:10], CONTENT[10:20], CONTENT[100:103]]


def test_a_short_answer_does_not_wait_for_its_own_end(served: Served) -> None:
    assert served.get(URL).status_code == 200
    [connection] = served.server.server_state.connections
    option = connection.transport.get_extra_info("socket").getsockopt
    assert option(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_reading_leaves_access_times_alone(served: Served, cache: CacheMaker) -> None:
    blob = cache.folder("org/model") / "blobs" / sha256(CONTENT)
    long_ago = time.time() - 1e6
    os.utime(blob, (long_ago, long_ago))
    assert served.get(URL).content == CONTENT
    assert blob.stat().st_atime == pytest.approx(long_ago, abs=1)


def test_a_file_that_was_replaced_is_not_given_out_as_the_old_one(served: Served, cache: CacheMaker) -> None:
    assert served.get(URL).status_code == 200
    (cache.folder("org/model") / "blobs" / sha256(CONTENT)).write_bytes(b"other")
    assert served.get(URL).headers["X-Error-Code"] == "EntryNotFound"


@pytest.fixture
def large(cache: CacheMaker) -> Path:
    """A model whose file is larger than what sockets take without a reader."""
    commit = cache.add("org/model", {"model.safetensors": b""}, tree=False)
    blob = (cache.folder("org/model") / "snapshots" / commit / "model.safetensors").resolve()
    os.truncate(blob, 64 << 20)
    return cache.root


def test_a_client_that_stops_reading_is_given_up(large: Path) -> None:
    with serving(large, stall=0.2) as served, socket.create_connection(served.address, 20) as client:
        client.sendall(f"GET {URL} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        _until(lambda: served.journal.counts["broken_transfers"] == 1)
        assert "the client stopped reading" in served.log.getvalue()
        assert served.get("/health").status_code == 200


def test_a_client_that_is_slow_gets_all_of_it(large: Path) -> None:
    with serving(large, stall=2) as served, served.get(URL, stream=True) as answer:
        got = 0
        for number, piece in enumerate(answer.iter_content(1 << 20)):
            got += len(piece)
            if number % 6 == 0:
                time.sleep(0.2)  # all in all longer than no progress may last
        assert got == 64 << 20


def test_a_client_that_breaks_off_is_a_line_in_the_log(large: Path) -> None:
    with serving(large) as served:
        with socket.create_connection(served.address, 20) as client:
            client.sendall(f"GET {URL} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            client.recv(100)
        _until(lambda: served.journal.counts["broken_transfers"] == 1)
        assert "the client broke off" in served.log.getvalue()
        assert "Traceback" not in served.log.getvalue()
        assert served.journal.active() == 0


def test_over_tls_it_is_the_same(cache: CacheMaker, tmp_path: Path) -> None:
    authority = trustme.CA()
    chain, trusted = tmp_path / "chain.pem", tmp_path / "ca.pem"
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(chain))
    authority.cert_pem.write_to_path(str(trusted))
    content = os.urandom(3 << 20)
    cache.add("org/model", {"model.safetensors": content})
    with serving(cache.root, certfile=chain) as served:
        assert served.url.startswith("https://127.0.0.1:")
        assert served.get(URL, verify=str(trusted)).content == content
        part = served.get(URL, verify=str(trusted), headers={"Range": "bytes=1000000-2999999"})
        assert part.content == content[1000000:3000000]


def _until(condition: Callable[[], bool]) -> None:
    """Wait for the server's own thread; what the test is about has no event to wait for."""
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)
