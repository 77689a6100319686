"""What goes wrong with a store in S3, on real servers: a sentence and a hint for each, and no secret in it."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from modelkeep.errors import (
    AccessDenied,
    BadReply,
    NotOnRemote,
    Offline,
    RemoteBusy,
    RemoteError,
    RemoteUnreachable,
)
from modelkeep.named_remotes import Credentials
from modelkeep.remote.s3.objects import S3Objects
from support.hub_proxy import Proxy
from support.hub_tls import server_context, write_authority
from support.s3 import Fault, FaultProxy, S3Store

pytest_plugins = ("support.s3.fixtures",)


@pytest.fixture
def proxy(s3_store: S3Store) -> Iterator[FaultProxy]:
    with FaultProxy(s3_store.server.endpoint) as proxy:
        yield proxy


@pytest.fixture
def behind(proxy: FaultProxy, s3_store: S3Store) -> Iterator[S3Objects]:
    """A store by way of `proxy`."""
    with S3Objects(s3_store.through(proxy.url).url, s3_store.credentials) as objects:
        yield objects


def refused(objects: S3Objects, kind: type[RemoteError]) -> str:
    """What is said, the same whichever way it is asked."""
    with objects:
        with pytest.raises(kind) as listing:
            list(objects.list(""))
        with pytest.raises(kind) as looking:
            objects.info("x")
        with pytest.raises(kind) as writing:
            objects.put("x", b"")
    for raised in (listing, looking, writing):
        assert raised.value.hint
        assert "\n" not in str(raised.value)
    return str(listing.value)


def test_a_wrong_key(ceph_store: S3Store) -> None:
    known = ceph_store.credentials._replace(key_id="NOBODY")
    assert "does not know this key" in refused(S3Objects(ceph_store.url, known), AccessDenied)


def test_a_wrong_secret(any_s3_store: S3Store, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    known = any_s3_store.credentials._replace(secret="swordfish", token="")
    said = refused(S3Objects(any_s3_store.url, known), AccessDenied)
    assert "secret" in said
    assert "swordfish" not in said + caplog.text + repr(S3Objects(any_s3_store.url, known))


def test_no_bucket(any_s3_store: S3Store) -> None:
    url = any_s3_store.url.replace(any_s3_store.bucket, "nowhere")
    said = refused(S3Objects(url, any_s3_store.credentials), NotOnRemote)
    assert "There is no bucket “nowhere”" in said
    with S3Objects(url, any_s3_store.credentials) as objects, pytest.raises(NotOnRemote):
        objects.refresh("x")


def test_a_reader(ceph_store: S3Store, tmp_path: Path) -> None:
    with S3Objects(ceph_store.url, ceph_store.credentials) as objects:
        objects.put("x", b"content")
    with S3Objects(ceph_store.url, ceph_store.reader()) as objects:
        assert objects.read("x") == b"content"
        assert [one.name for one in objects.list("")] == ["x"]
        assert objects.info("y") is None
        for write in (
            lambda: objects.put("y", b""),
            lambda: objects.create("y", b""),
            lambda: objects.remove(["x"]),
            lambda: objects.refresh("x"),
        ):
            with pytest.raises(AccessDenied, match="may not write"):
                write()
    with S3Objects(ceph_store.url, ceph_store.credentials) as objects:
        assert objects.read("x") == b"content"


@pytest.mark.parametrize(("hours", "words"), [(2, "2 h ahead"), (-3, "3 h behind")])
def test_a_clock_that_is_wrong(
    ceph_store: S3Store, monkeypatch: pytest.MonkeyPatch, hours: int, words: str
) -> None:
    from botocore import auth

    right = auth.get_current_datetime
    monkeypatch.setattr(
        auth, "get_current_datetime", lambda: right() + timedelta(hours=hours, seconds=5 * hours)
    )
    assert words in refused(S3Objects(ceph_store.url, ceph_store.credentials), AccessDenied)


def test_no_keys_anywhere(s3_store: S3Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    assert "No keys" in refused(S3Objects(s3_store.url), AccessDenied)


def test_keys_of_the_environment(s3_store: S3Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", s3_store.credentials.key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", s3_store.credentials.secret)
    with S3Objects(s3_store.url) as objects:
        objects.put("x", b"content")
        assert objects.read("x") == b"content"


def test_a_profile_of_the_aws_files(s3_store: S3Store, own_places: Path) -> None:
    (own_places / ".aws").mkdir()
    (own_places / ".aws" / "config").write_text(
        f"[profile work]\nregion = eu-7\nendpoint_url = {s3_store.server.endpoint}\n"
        f"aws_access_key_id = {s3_store.credentials.key_id}\n"
        f"aws_secret_access_key = {s3_store.credentials.secret}\n"
    )
    url = f"s3://{s3_store.bucket}/models?profile=work&addressing=path"
    with S3Objects(url) as objects:
        objects.put("x", b"content")
    assert s3_store.names() == ["models/x"]
    said = refused(S3Objects(url.replace("work", "play")), AccessDenied)
    assert "no profile “play”" in said


def test_nothing_is_sent_while_offline(
    proxy: FaultProxy, behind: S3Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODELKEEP_OFFLINE", "1")
    refused(behind, Offline)
    assert proxy.requests == []


def test_nobody_listens(s3_store: S3Store) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = s3_store.through(f"http://127.0.0.1:{taken.getsockname()[1]}").url
        assert "refused the connection" in refused(S3Objects(url, s3_store.credentials), RemoteUnreachable)


def test_an_unknown_name(s3_store: S3Store) -> None:
    url = s3_store.through("http://store.invalid").url
    assert "no address for the name" in refused(S3Objects(url, s3_store.credentials), RemoteUnreachable)


def test_a_proxy(s3_store: S3Store) -> None:
    with Proxy() as proxy, S3Objects(s3_store.url_with(proxy=proxy.url), s3_store.credentials) as objects:
        objects.put("x", b"content")
        assert objects.read("x") == b"content"
        assert len(proxy.asked) >= 1


def test_a_proxy_that_is_away(s3_store: S3Store) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = s3_store.url_with(proxy=f"http://127.0.0.1:{taken.getsockname()[1]}")
        said = refused(S3Objects(url, s3_store.credentials), RemoteUnreachable)
    assert "proxy" in said


def test_tls_is_spoken_to_what_does_not(s3_store: S3Store) -> None:
    url = s3_store.through(s3_store.server.endpoint.replace("http:", "https:")).url
    assert "does not speak TLS" in refused(S3Objects(url, s3_store.credentials), RemoteUnreachable)


@pytest.mark.parametrize("kind", ["good", "untrusted", "expired", "wrong host"])
def test_an_authority_of_ones_own(s3_store: S3Store, tmp_path: Path, kind: str) -> None:
    ca = str(tmp_path / "ca.pem")
    tls = server_context(kind, write_authority(ca))
    with FaultProxy(s3_store.server.endpoint, tls) as proxy:
        store = s3_store.through(proxy.url)
        if kind != "good":
            assert "cannot be trusted" in refused(
                S3Objects(store.url_with(ca=ca), store.credentials), RemoteUnreachable
            )
            return
        with S3Objects(store.url_with(ca=ca), store.credentials) as objects:
            objects.put("x", b"content")
            assert objects.read("x") == b"content"
        assert "authority that is not trusted" in refused(
            S3Objects(store.url, store.credentials), RemoteUnreachable
        )


def test_a_server_that_is_busy_is_asked_again(proxy: FaultProxy, behind: S3Objects) -> None:
    proxy.faults.append(Fault("status", "PUT", status=503, times=1))
    behind.put("x", b"content")
    assert proxy.count("PUT") == 2
    assert behind.read("x") == b"content"


def test_a_server_that_asks_for_too_long_is_left_alone(proxy: FaultProxy, behind: S3Objects) -> None:
    proxy.faults.append(Fault("status", status=503, headers=("Retry-After: 9999",)))
    with pytest.raises(RemoteBusy) as raised:
        behind.read("x")
    assert raised.value.retry_after == 9999
    assert "SlowDown" in str(raised.value)
    assert proxy.count("GET") == 1


def test_what_is_cut_off_is_asked_again(proxy: FaultProxy, behind: S3Objects) -> None:
    behind.put("x", bytes(1000))
    proxy.faults.append(Fault("drop", "GET", times=1, after=100))
    assert behind.read("x") == bytes(1000)
    assert proxy.count("GET") == 2


def test_a_stream_that_is_cut_off_says_so(proxy: FaultProxy, behind: S3Objects) -> None:
    behind.put("x", bytes(1000))
    proxy.faults.append(Fault("drop", "GET", after=100))
    view = memoryview(bytearray(1000))
    with behind.open("x") as stream:
        assert stream.readinto(view[:100]) == 100
        with pytest.raises(RemoteUnreachable):
            stream.readinto(view)


def test_a_read_that_waits_ends_when_another_thread_closes(proxy: FaultProxy, behind: S3Objects) -> None:
    behind.put("x", bytes(1000))
    proxy.faults.append(Fault("stall", "GET", after=100))
    view = memoryview(bytearray(1000))
    with ThreadPoolExecutor(1) as pool, behind.open("x") as stream:
        assert stream.readinto(view[:100]) == 100
        waiting = pool.submit(stream.readinto, view)
        stream.close()
        with pytest.raises(RemoteUnreachable):
            waiting.result(30)


def test_bytes_that_change_on_their_way_come_as_they_are(proxy: FaultProxy, behind: S3Objects) -> None:
    behind.put("x", bytes(10))
    proxy.faults.append(Fault("corrupt", "GET", after=3))
    assert behind.read("x") == b"\0\0\0\xff\0\0\0\0\0\0"  # whoever reads compares the SHA-256


def test_one_object_is_denied(proxy: FaultProxy, behind: S3Objects) -> None:
    behind.put("a", b"1")
    behind.put("b", b"2")
    proxy.faults.append(Fault("status", "GET", part="models/a", status=403))
    assert behind.read("b") == b"2"
    with pytest.raises(AccessDenied, match="may not read a in the bucket"):
        behind.read("a")


@pytest.mark.parametrize("status", [200, 403, 404])
def test_what_is_no_s3_server(proxy: FaultProxy, behind: S3Objects, status: int) -> None:
    page = Fault("reply", status=status, body=b"<html><body>Welcome</body></html>")
    proxy.faults.append(page)
    with pytest.raises(BadReply, match="not as an S3 server"):
        list(behind.list(""))
    if status == 200:
        return  # any page may be an object; what is made of it fails
    with pytest.raises(BadReply, match="not as an S3 server"):
        behind.read("x")


def test_a_bucket_in_another_region_is_asked_there(proxy: FaultProxy, behind: S3Objects) -> None:
    proxy.faults.append(
        Fault("status", status=301, code="PermanentRedirect", headers=("x-amz-bucket-region: eu-9",), times=1)
    )
    behind.put("x", b"content")
    assert "/eu-9/s3/aws4_request" in proxy.requests[1].head
    proxy.faults.append(
        Fault("status", status=301, code="PermanentRedirect", headers=("x-amz-bucket-region: eu-9",))
    )
    with pytest.raises(BadReply, match="in the region eu-9"):
        behind.put("x", b"content")


def test_a_region_that_would_lead_elsewhere_is_none(proxy: FaultProxy, behind: S3Objects) -> None:
    said = ("x-amz-bucket-region: evil.example/#",)
    proxy.faults.append(Fault("status", status=301, code="PermanentRedirect", headers=said))
    with pytest.raises(BadReply, match="elsewhere"):
        behind.put("x", b"content")
    assert len(proxy.requests) == 1


def test_what_was_created_before_the_answer_was_lost_is_ours(ceph_store: S3Store) -> None:
    with (
        FaultProxy(ceph_store.server.endpoint) as proxy,
        S3Objects(ceph_store.through(proxy.url).url, ceph_store.credentials) as objects,
    ):
        assert objects.is_exclusive
        proxy.faults.append(Fault("mute", "PUT", times=1))
        assert objects.create("refs/1", b"ours")
        assert proxy.count("PUT", "refs/1") == 2
        assert not objects.create("refs/1", b"ours")


def test_credentials_show_no_secret() -> None:
    known = Credentials("AKIAEXAMPLE", "swordfish", "token-of-mine", "typed")
    with S3Objects("s3://bucket/a?endpoint=http://127.0.0.1:1&region=x", known) as objects:
        assert "swordfish" not in repr(objects) + objects.url + repr(known)
        with pytest.raises(RemoteUnreachable) as raised:
            objects.read("x")
    assert "swordfish" not in str(raised.value)
