"""Large uploads to S3 that break off: by a killed process, by another one that is quicker, by the server."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from modelkeep.errors import AccessDenied
from modelkeep.remote.objects import Content
from modelkeep.remote.s3.objects import S3Objects
from modelkeep.remote.s3.renewing import renew_in_parts
from modelkeep.remote.s3.uploading import part_size
from modelkeep.streams import FileStream, Stream
from support.s3 import Fault, FaultProxy, S3Store

pytest_plugins = ("support.s3.fixtures",)

BLOB = "blobs/ab/abcd"
SIZE = 66 << 20
PARTS = 9

UPLOAD = """
import sys
from modelkeep.named_remotes import Credentials
from modelkeep.remote.objects import Content
from modelkeep.remote.s3.objects import S3Objects
from modelkeep.streams import FileStream

url, path, sha256, size, name = sys.argv[1:]
read = lambda start, stop: FileStream(path, start=start, stop=stop)
with S3Objects(url) as objects:
    objects.upload(name, Content(sha256, int(size), read, lambda size: None))
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A content whose parts all differ."""
    file = tmp_path_factory.mktemp("content") / "model.safetensors"
    file.write_bytes(b"".join(bytes([number]) * (1 << 20) for number in range(66)))
    return file


def content_of(file: Path, told: Callable[[int], None] = lambda size: None) -> Content:
    def read(start: int, stop: int | None) -> Stream:
        return FileStream(file, start=start, stop=stop)

    return Content(sha256_of(file), SIZE, read, told)


def sha256_of(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def uploading(store: S3Store, file: Path) -> subprocess.Popen[bytes]:
    """A process that uploads the file."""
    keys = {"AWS_ACCESS_KEY_ID": store.credentials.key_id, "AWS_SECRET_ACCESS_KEY": store.credentials.secret}
    arguments = [store.url, str(file), sha256_of(file), str(SIZE), BLOB]
    return subprocess.Popen([sys.executable, "-c", UPLOAD, *arguments], env=os.environ | keys)


def assert_whole(store: S3Store, file: Path) -> None:
    with store.client() as client:
        with client.get_object(Bucket=store.bucket, Key=f"{store.prefix}/{BLOB}")["Body"] as body:
            assert hashlib.sha256(body.read()).hexdigest() == sha256_of(file)
        assert not client.list_multipart_uploads(Bucket=store.bucket).get("Uploads")


def test_after_a_kill_the_parts_that_are_there_are_not_sent_again(ceph_store: S3Store, file: Path) -> None:
    with FaultProxy(ceph_store.server.endpoint) as proxy:
        proxy.faults += [Fault("wait", "PUT", f"partNumber={number}&") for number in range(5, PARTS + 1)]
        with uploading(ceph_store.through(proxy.url), file) as process:
            try:
                proxy.wait_for("PUT", "partNumber", 4)
            finally:
                process.kill()
    assert ceph_store.names() == []
    told: list[int] = []
    with (
        FaultProxy(ceph_store.server.endpoint) as proxy,
        S3Objects(ceph_store.through(proxy.url).url, ceph_store.credentials) as objects,
    ):
        objects.upload(BLOB, content_of(file, told.append))
        # A part that was on its way at the kill may have arrived too.
        assert PARTS - 6 <= proxy.count("PUT", "partNumber") <= PARTS - 4
        assert proxy.count("POST", "uploads=") == 0
    assert sum(told) == SIZE
    assert_whole(ceph_store, file)


def test_a_part_that_is_other_than_ours_is_sent_again(any_s3_store: S3Store, file: Path) -> None:
    key = f"{any_s3_store.prefix}/{BLOB}"
    with any_s3_store.client() as client:
        begun = client.create_multipart_upload(Bucket=any_s3_store.bucket, Key=key)["UploadId"]
        for number, part in ((1, bytes(part_size(SIZE))), (2, b"other")):
            client.upload_part(
                Bucket=any_s3_store.bucket, Key=key, UploadId=begun, PartNumber=number, Body=part
            )
    with (
        FaultProxy(any_s3_store.server.endpoint) as proxy,
        S3Objects(any_s3_store.through(proxy.url).url, any_s3_store.credentials) as objects,
    ):
        objects.upload(BLOB, content_of(file))
        assert proxy.count("PUT", "partNumber") >= PARTS
    assert_whole(any_s3_store, file)


def test_two_processes_both_end_well(ceph_store: S3Store, file: Path) -> None:
    with uploading(ceph_store, file) as first, uploading(ceph_store, file) as second:
        assert (first.wait(60), second.wait(60)) == (0, 0)
    with S3Objects(ceph_store.url, ceph_store.credentials) as objects:
        objects.clear_unfinished(0)  # what the one began that did not find the other's
    assert_whole(ceph_store, file)


def test_an_upload_that_somebody_else_completed_is_done(ceph_store: S3Store, file: Path) -> None:
    told: list[int] = []
    with (
        FaultProxy(ceph_store.server.endpoint) as proxy,
        S3Objects(ceph_store.through(proxy.url).url, ceph_store.credentials) as objects,
    ):
        # The answer to its end is lost: asked again, there is no such upload.
        proxy.faults.append(Fault("mute", "POST", "uploadId=", times=1))
        objects.upload(BLOB, content_of(file, told.append))
        assert proxy.count("PUT", "partNumber") == PARTS
    assert sum(told) == SIZE
    assert_whole(ceph_store, file)


def test_an_upload_that_somebody_else_cleared_begins_anew(ceph_store: S3Store, file: Path) -> None:
    told: list[int] = []
    with (
        FaultProxy(ceph_store.server.endpoint) as proxy,
        S3Objects(ceph_store.through(proxy.url).url, ceph_store.credentials) as objects,
        S3Objects(ceph_store.url, ceph_store.credentials) as other,
    ):

        def tell(size: int) -> None:
            told.append(size)
            with clearing:
                if sum(told) >= 20 << 20 and not cleared:
                    cleared.append(other.clear_unfinished(-60))

        clearing, cleared = threading.Lock(), list[int]()
        objects.upload(BLOB, content_of(file, tell))
        assert cleared == [1]
        assert proxy.count("POST", "uploads=") == 2
    assert sum(told) == SIZE
    assert_whole(ceph_store, file)


def test_a_part_that_fails_is_sent_again_alone(ceph_store: S3Store, file: Path) -> None:
    told: list[int] = []
    with (
        FaultProxy(ceph_store.server.endpoint) as proxy,
        S3Objects(ceph_store.through(proxy.url).url, ceph_store.credentials) as objects,
    ):
        proxy.faults += [
            Fault("drop", "PUT", "partNumber=3&", times=1, after=1 << 20),
            Fault("status", "PUT", "partNumber=4&", times=1, status=503),
        ]
        objects.upload(BLOB, content_of(file, told.append))
        assert proxy.count("PUT", "partNumber") == PARTS + 2
    assert sum(told) == SIZE
    assert_whole(ceph_store, file)


def test_what_is_refused_stays_to_be_gone_on_with(ceph_store: S3Store, file: Path) -> None:
    with (
        FaultProxy(ceph_store.server.endpoint) as proxy,
        S3Objects(ceph_store.through(proxy.url).url, ceph_store.credentials) as objects,
    ):
        denial = Fault("status", "PUT", "partNumber=7&", status=403)
        proxy.faults.append(denial)
        with pytest.raises(AccessDenied):
            objects.upload(BLOB, content_of(file))
        assert list(objects.list("")) == []
        proxy.faults.clear()
        objects.upload(BLOB, content_of(file))
        assert proxy.count("POST", "uploads=") == 1
    assert_whole(ceph_store, file)


def test_where_uploads_are_not_listed_it_begins_anew(ceph_store: S3Store, file: Path) -> None:
    with (
        FaultProxy(ceph_store.server.endpoint) as proxy,
        S3Objects(ceph_store.through(proxy.url).url, ceph_store.credentials) as objects,
    ):
        proxy.faults.append(Fault("status", "GET", "uploads=", status=501, code="NotImplemented"))
        objects.upload(BLOB, content_of(file))
    assert_whole(ceph_store, file)


def test_what_is_too_large_to_be_copied_at_once_is_copied_in_parts(ceph_store: S3Store, file: Path) -> None:
    with S3Objects(ceph_store.url, ceph_store.credentials) as objects:
        objects.upload(BLOB, content_of(file))
        renew_in_parts(objects._connection, f"{ceph_store.prefix}/{BLOB}", SIZE, 40 << 20)
    assert_whole(ceph_store, file)


@pytest.mark.parametrize("size", [1, 64 << 20, 80 << 30, (80 << 30) + 1, 5 << 40])
def test_parts_are_few_enough_and_small_enough(size: int) -> None:
    assert 5 << 20 <= part_size(size) <= 5 << 30
    assert -(-size // part_size(size)) <= 10_000
