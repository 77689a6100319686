"""Downloads over a network that is slow, stalls, breaks off, lies about lengths, or does not lead there at all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from modelkeep.errors import Cancelled, ModelKeepError, RemoteError, RemoteUnreachable
from modelkeep.hub.transfer import TransferState
from modelkeep.progress import Progress
from support.cli import run_process
from support.hub import HubServer
from support.hub_faults import Cut, Dropped, Fault, RangeIgnored, Slow, Stalled, Truncated, WrongLength
from support.hub_fetching import (
    FILES,
    LARGE_FILES,
    NAME,
    SECRET,
    SIZE,
    WEIGHTS,
    WEIGHTS_OF,
    Client,
    assert_nothing_published,
    assert_unfinished,
    assert_whole,
    client_of,
    staged,
)
from support.hub_proxy import Proxy, SocksProxy

MIB = 1 << 20


pytestmark = pytest.mark.usefixtures("impatient")


def sent_again(server: HubServer) -> int:
    """Bytes of the weights that left more often than needed."""
    return server.bytes_sent(WEIGHTS_OF) - len(WEIGHTS)


def test_a_slow_hub_is_waited_for(server: HubServer, client: Client) -> None:
    client.use(server, read_timeout=0.4)  # less than it takes in all: it is the silence that counts
    server.fault(WEIGHTS_OF, Slow(4 * MIB), times=None)
    seen: list[Progress] = []
    result = client.download(report=seen.append)
    assert result.error is None
    assert result.fetched == SIZE
    assert_whole(client.root)
    assert sent_again(server) == 0
    of_bytes = [p for p in seen if p.step.startswith("Downloading") and p.total == SIZE]
    assert of_bytes[-1].done == SIZE
    assert any(0 < p.done < SIZE for p in of_bytes)


def test_a_hub_that_falls_silent_is_asked_again(server: HubServer, client: Client) -> None:
    client.use(server, read_timeout=0.3)
    server.fault(WEIGHTS_OF, Stalled(after=MIB))
    assert client.download().error is None
    assert_whole(client.root)
    assert sent_again(server) <= len(WEIGHTS) // 100


def test_a_hub_that_stays_silent_is_given_up_and_what_came_is_kept(server: HubServer, client: Client) -> None:
    client.use(server, read_timeout=0.1)
    server.fault(WEIGHTS_OF, Stalled(after=MIB))
    server.fault(WEIGHTS_OF, Stalled(), times=None, after=1)
    with pytest.raises(RemoteUnreachable) as caught:
        client.download()
    assert caught.value.hint
    assert client.transfer.state is TransferState.FAILED
    assert client.transfer.error == str(caught.value)
    assert_unfinished(client.root)
    assert staged(client.root) >= MIB
    server.heal()
    server.forget()
    assert client.go_on().error is None
    assert server.bytes_sent(WEIGHTS_OF) <= len(WEIGHTS) - MIB + len(WEIGHTS) // 100
    assert_whole(client.root)


def test_a_cancel_does_not_wait_for_a_silent_hub(server: HubServer, client: Client) -> None:
    client.use(server, read_timeout=3600.0)
    server.fault(WEIGHTS_OF, Stalled(after=MIB))

    def cancel(progress: Progress) -> None:
        if progress.done >= MIB // 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        client.download(report=cancel)
    assert_unfinished(client.root)
    server.heal()
    server.forget()
    assert client.go_on().error is None
    assert_whole(client.root)
    assert server.bytes_sent(WEIGHTS_OF) <= len(WEIGHTS) - MIB + len(WEIGHTS) // 50


def test_another_process_pauses_what_waits_for_a_silent_hub(server: HubServer, client: Client) -> None:
    client.use(server, read_timeout=3600.0)
    server.fault(WEIGHTS_OF, Stalled(after=MIB))
    plan = client.library.hubs.plan_download(NAME, everything=True)
    transfer = client.library.hubs.add_transfer(plan)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(client.library.hubs.run_transfer, transfer.root, transfer.id)
        server.wait_for(lambda s: s.bytes_sent(WEIGHTS_OF) >= MIB)
        done = run_process("transfers", "pause", transfer.id, "--root", client.root)
        assert done.status == 0, done.err
        result = running.result(60)
    assert result.error is not None
    assert client.transfer.state is TransferState.PAUSED
    assert_unfinished(client.root)
    server.heal()
    assert client.go_on().error is None
    assert_whole(client.root)


@pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
def test_what_breaks_off_goes_on_where_it_stopped(server: HubServer, client: Client, reset: bool) -> None:
    server.fault(WEIGHTS_OF, Cut(after=MIB, reset=reset), times=3)
    assert client.download().error is None
    assert_whole(client.root)
    # A reset throws away what has arrived but was not read yet.
    assert sent_again(server) <= (3 * MIB if reset else len(WEIGHTS) // 100)
    assert any(request.headers.get("range") for request in server.seen(WEIGHTS_OF))


def test_ranges_that_break_off_go_on_where_they_stopped(server: HubServer, client: Client) -> None:
    server.add(NAME, LARGE_FILES)
    server.fault(WEIGHTS_OF, Cut(after=MIB), times=3)
    server.fault(WEIGHTS_OF, Cut(after=2 * MIB), after=3)
    assert client.download().error is None
    assert_whole(client.root, LARGE_FILES)
    size = len(LARGE_FILES["model.safetensors"])
    assert server.bytes_sent(WEIGHTS_OF) - size <= size // 100


def test_ranges_where_the_hub_knows_none_begin_anew(server: HubServer, client: Client) -> None:
    server.add(NAME, LARGE_FILES)
    server.fault(WEIGHTS_OF, RangeIgnored(), times=None)
    server.fault(WEIGHTS_OF, Cut(after=MIB), after=2)
    assert client.download().error is None
    assert_whole(client.root, LARGE_FILES)


def test_a_hub_without_ranges_that_always_breaks_off_is_given_up(server: HubServer, client: Client) -> None:
    """Every try brings bytes, and none of them lasts."""
    server.fault(WEIGHTS_OF, RangeIgnored(), times=None)
    server.fault(WEIGHTS_OF, Cut(after=MIB), times=None)

    def watch(progress: Progress) -> None:
        assert len(server.seen(WEIGHTS_OF)) < 60, "it is never given up"

    with pytest.raises(RemoteUnreachable):
        client.download(report=watch)
    assert client.transfer.state is TransferState.FAILED


def test_a_connection_that_closes_before_it_answers_is_tried_again(server: HubServer, client: Client) -> None:
    server.fault("*", Dropped(), times=2)
    server.fault(WEIGHTS_OF, Dropped(reset=True), times=2)
    assert client.download().error is None
    assert_whole(client.root)


def test_all_of_a_file_in_place_of_a_part_begins_anew(server: HubServer, client: Client) -> None:
    server.fault(WEIGHTS_OF, Cut(after=MIB))
    server.fault(WEIGHTS_OF, RangeIgnored(), times=None)
    assert client.download().error is None
    assert_whole(client.root)


@pytest.mark.parametrize(
    "fault",
    [WrongLength(by=1000), WrongLength(by=-1000), Truncated(to=len(WEIGHTS) - 1000), Truncated(to=0)],
    ids=["too long", "too short", "ends early", "empty"],
)
def test_a_wrong_length_is_noticed_and_mended(server: HubServer, client: Client, fault: Fault) -> None:
    server.fault(WEIGHTS_OF, fault)
    assert client.download().error is None
    assert_whole(client.root)


def test_lengths_that_stay_wrong_publish_nothing(server: HubServer, client: Client) -> None:
    server.fault(WEIGHTS_OF, Truncated(to=1000), times=None)
    with pytest.raises(RemoteError) as caught:
        client.download()
    assert caught.value.hint
    assert_unfinished(client.root)


def test_large_files_come_from_another_origin_without_the_token(server: HubServer, client: Client) -> None:
    server.cdn = True
    server.fault("GET /cdn/*", Cut(after=MIB))
    assert client.download().error is None
    assert_whole(client.root)
    fetched = [request for request in server.requests if request.on_cdn]
    assert fetched
    assert not any(request.authorization for request in fetched)
    assert all(
        request.authorization == f"Bearer {SECRET}" for request in server.requests if not request.on_cdn
    )
    assert sum(request.bytes_sent for request in fetched) - len(WEIGHTS) <= len(WEIGHTS) // 100


# ---- the way there


@pytest.mark.parametrize("kind", ["wrong host", "expired", "untrusted"])
def test_a_bad_certificate_ends_it_and_is_named(tmp_path: Path, kind: str) -> None:
    with HubServer(tls=kind) as server:
        server.add(NAME, FILES)
        with client_of(server, tmp_path / "hub", ca_file=server.ca_file) as client:
            with pytest.raises(RemoteUnreachable) as caught:
                client.download()
            assert "certificate" in f"{caught.value} {caught.value.hint}".lower()
            assert server.requests == []
            assert_nothing_published(client.root)


def test_a_good_certificate_of_an_own_authority_is_taken(tmp_path: Path) -> None:
    with HubServer(tls="good", cdn=True) as server:
        server.add(NAME, FILES)
        with client_of(server, tmp_path / "hub", ca_file=server.ca_file) as client:
            assert client.download().error is None
            assert_whole(client.root)


@pytest.mark.parametrize("answer", [407, 0], ids=["407", "hangs"])
def test_a_proxy_that_does_not_pass_on_is_named(server: HubServer, client: Client, answer: int) -> None:
    with Proxy(answer=answer, hang=not answer) as proxy:
        client.use(server, proxy=proxy.url, connect_timeout=0.2, read_timeout=0.2)
        with pytest.raises(ModelKeepError) as caught:
            client.download()
    assert "proxy" in f"{caught.value} {caught.value.hint}".lower()
    assert server.requests == []
    assert_nothing_published(client.root)


def test_a_proxy_that_finds_no_way_is_named(tmp_path: Path) -> None:
    with HubServer(tls="good") as server, Proxy(answer=502) as proxy:
        with client_of(server, tmp_path / "hub", proxy=proxy.url, ca_file=server.ca_file) as client:
            with pytest.raises(RemoteUnreachable) as caught:
                client.download()
            assert "proxy" in f"{caught.value} {caught.value.hint}".lower()
        assert server.requests == []


def test_a_proxy_that_has_trouble_with_plain_requests_ends_it(server: HubServer, client: Client) -> None:
    """Its answer looks as that of the hub would."""
    with Proxy(answer=502) as proxy:
        client.use(server, proxy=proxy.url)
        with pytest.raises(RemoteError) as caught:
            client.download()
    assert caught.value.hint
    assert server.requests == []


def test_a_proxy_that_is_not_there_is_named_without_its_password(server: HubServer, client: Client) -> None:
    with Proxy() as proxy:
        gone = proxy.url.replace("//", "//user:pa55word@")
    client.use(server, proxy=gone, connect_timeout=0.5)
    with pytest.raises(RemoteUnreachable) as caught:
        client.download()
    said = f"{caught.value} {caught.value.hint}"
    assert "proxy" in said.lower()
    assert "pa55word" not in said


@pytest.mark.parametrize("kind", [Proxy, SocksProxy], ids=["http", "socks"])
def test_a_proxy_is_asked_for_the_name(
    server: HubServer, client: Client, kind: type[Proxy] | type[SocksProxy]
) -> None:
    port = urlsplit(server.endpoint).port or 0
    with kind(auth=("user", "pa55word"), hosts={"hub.example": "127.0.0.1"}) as proxy:
        server.endpoint = f"http://hub.example:{port}"
        client.use(server, proxy=proxy.url.replace("//", "//user:pa55word@"))
        assert client.download().error is None
        assert_whole(client.root)
    assert set(proxy.asked) == {("hub.example", port)}


def test_a_hub_that_is_not_there_is_named(client: Client) -> None:
    with HubServer() as gone:
        pass
    client.use(gone)
    with pytest.raises(RemoteUnreachable) as caught:
        client.download()
    assert "127.0.0.1" in str(caught.value)
    assert caught.value.hint
