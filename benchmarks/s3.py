"""An S3 server to measure against, and the clients that everybody has, each with the keys of that server.

It is the server of the tests: radosgw where it is installed, whose disk is in memory, else `rclone serve s3`. The
clients are `aws` and `s5cmd` of the search path, and the `rclone` that is installed beside this Python.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from pairs import Reading, command

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from support.s3 import S3Server, S3Store, missing_for_radosgw, missing_for_rclone, new_store, radosgw, rclone

__all__ = ["Bucket", "Client", "a_bucket", "clients"]

_BESIDE = Path(sys.executable).parent
_REGION = "us-east-1"


class Bucket(NamedTuple):
    """A bucket on a server that is up, and a folder of this benchmark. `environment` has the keys, for any client."""

    store: S3Store
    folder: Path
    environment: dict[str, str]

    @property
    def server(self) -> S3Server:
        return self.store.server

    def url(self, place: str) -> str:
        """A place in it, as we call it."""
        options = f"endpoint={self.server.endpoint}&region={_REGION}"
        return f"s3://{self.store.bucket}/{place}?{options}"

    def run(self, *words: str | Path) -> Reading:
        return command(*words, **self.environment)

    def clear(self, *places: str) -> None:
        """Remove what is below these places, and have the server give back its memory."""
        rclone_words = [str(_rclone()), "--config", "/dev/null", "purge"]
        for place in places:
            words = [*rclone_words, f":s3:{self.store.bucket}/{place}"]
            subprocess.run(words, env={**os.environ, **self.environment}, capture_output=True)
        for file in (self.folder / "server").glob("*/ceph.conf"):
            words = ["radosgw-admin", "gc", "process", "--include-all", "--conf", str(file)]
            subprocess.run(words, check=True, capture_output=True)


class Client(NamedTuple):
    """Somebody else's client. `copy` are its words before a source and a target that move all that is below a folder,
    `again` those that move what has changed, `listing` those before a place; `scheme` is what it calls a bucket.
    """

    name: str
    copy: tuple[str, ...]
    again: tuple[str, ...]
    listing: tuple[str, ...]
    scheme: str
    pattern: str = ""
    """What stands behind a source to mean all that is in it."""

    def push(self, bucket: Bucket, source: Path, place: str) -> Reading:
        target = f"{self.scheme}{bucket.store.bucket}/{place}/"
        return bucket.run(*self.copy, f"{source}/{self.pattern}", target)

    def push_again(self, bucket: Bucket, source: Path, place: str) -> Reading:
        target = f"{self.scheme}{bucket.store.bucket}/{place}/"
        return bucket.run(*self.again, f"{source}/{self.pattern}", target)

    def fetch(self, bucket: Bucket, place: str, target: Path) -> Reading:
        source = f"{self.scheme}{bucket.store.bucket}/{place}/{self.pattern}"
        return bucket.run(*self.copy, source, f"{target}/")

    def list(self, bucket: Bucket, place: str) -> Reading:
        return bucket.run(*self.listing, f"{self.scheme}{bucket.store.bucket}/{place}/{self.pattern}")


def clients() -> tuple[Client, ...]:
    """Those that are here."""
    found = []
    if aws := _program("aws"):
        copy = (aws, "s3", "cp", "--recursive", "--only-show-errors")
        sync = (aws, "s3", "sync", "--only-show-errors")
        found.append(Client("aws s3", copy, sync, (aws, "s3", "ls", "--recursive"), "s3://"))
    if program := _rclone():
        copy = (program, "--config", "/dev/null", "copy", "-L")
        listing = (program, "--config", "/dev/null", "lsf", "-R", "--fast-list")
        found.append(Client("rclone", copy, copy, listing, ":s3:"))
    if s5cmd := _program("s5cmd"):
        quiet = (s5cmd, "--log", "error")
        found.append(Client("s5cmd", (*quiet, "cp"), (*quiet, "sync"), (s5cmd, "ls"), "s3://", "*"))
    return tuple(found)


@contextmanager
def a_bucket(folder: Path) -> Iterator[Bucket | None]:
    """A new bucket on a server with its files below `folder`; None where there is no server."""
    start = radosgw if not missing_for_radosgw() else rclone if not missing_for_rclone() else None
    if start is None:
        yield None
        return
    (folder / "server").mkdir()
    with start(folder / "server") as server:
        yield Bucket(new_store(server), folder, _environment(folder, server))


def _environment(folder: Path, server: S3Server) -> dict[str, str]:
    return {
        "MODELKEEP_HOME": os.fspath(folder / "home"),
        "HF_HUB_OFFLINE": "",
        "AWS_ACCESS_KEY_ID": server.user.key_id,
        "AWS_SECRET_ACCESS_KEY": server.user.secret,
        "AWS_DEFAULT_REGION": _REGION,
        "AWS_ENDPOINT_URL": server.endpoint,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "S3_ENDPOINT_URL": server.endpoint,
        "RCLONE_S3_PROVIDER": "Ceph" if server.kind == "radosgw" else "Rclone",
        "RCLONE_S3_ENV_AUTH": "true",
        "RCLONE_S3_ENDPOINT": server.endpoint,
        "RCLONE_S3_REGION": _REGION,
        "RCLONE_S3_FORCE_PATH_STYLE": "true",
        "RCLONE_S3_NO_CHECK_BUCKET": "true",
    }


def _program(name: str) -> str | None:
    beside = _BESIDE / name
    return str(beside) if beside.exists() else shutil.which(name)


def _rclone() -> str | None:
    return _program("rclone")
