"""A store's objects in a bucket of S3: Amazon's, Ceph's, MinIO's, or any other that speaks it."""

from __future__ import annotations

import base64
import hashlib
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from types import TracebackType
from typing import Self
from uuid import uuid4

from modelkeep.errors import BadReply
from modelkeep.named_remotes import Credentials
from modelkeep.progress import Progress, Report, ignore
from modelkeep.remote.names import PROBES
from modelkeep.remote.objects import Content, ObjectInfo
from modelkeep.remote.s3 import uploading
from modelkeep.remote.s3.address import S3Address, parse_address
from modelkeep.remote.s3.answers import deletion_of
from modelkeep.remote.s3.connecting import Connection
from modelkeep.remote.s3.refusals import NotSupported, UploadGone, time_in
from modelkeep.remote.s3.renewing import renew
from modelkeep.streams import Stream

__all__ = ["S3Objects"]

_AT_ONCE = 1000  # keys that one call deletes


class S3Objects:
    """`Objects` in a bucket, below a prefix. Reaches nothing until it is asked for something.

    `credentials` None: what botocore finds in the environment, the AWS files, an SSO session or the machine's role.
    Raises `SettingsError` for a URL that is none of a bucket.
    """

    def __init__(self, url: str | S3Address, credentials: Credentials | None = None) -> None:
        self._address = url if isinstance(url, S3Address) else parse_address(url)
        self._connection = Connection(self._address, credentials)
        self._lock = threading.Lock()
        self._hands: uploading.Hands | None = None
        self._exclusive: bool | None = None
        self._has_bucket = False

    def __repr__(self) -> str:
        return f"S3Objects({self.url!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def url(self) -> str:
        return self._address.url

    @property
    def is_exclusive(self) -> bool:
        """See `Objects`. The same name is created twice: a server that knows no conditions takes both."""
        with self._lock:
            if self._exclusive is None:
                name = f"{PROBES}{uuid4().hex}"
                try:
                    first, second = (self._create(name, said) for said in (b"1", b"2"))
                except NotSupported:
                    first = second = False
                finally:
                    self._connection.ask("DELETE", self._key(name), also=(404,))
                self._exclusive = first and not second
            return self._exclusive

    def list(self, prefix: str, *, report: Report = ignore) -> Iterator[ObjectInfo]:
        """See `Objects`."""
        query = {"list-type": "2", "prefix": self._key(prefix), "encoding-type": "url"}
        cut, listed = len(self._address.prefix), 0
        while True:
            said = self._connection.xml(self._connection.ask("GET", query=query), "ListBucketResult")
            for one in said.objects():
                listed += 1
                if one.key.startswith(query["prefix"]) and not one.key.endswith("/"):
                    yield ObjectInfo(one.key[cut:], one.size, one.modified)
            report(Progress("Listing", listed, unit="objects"))
            following = said.following("NextContinuationToken")
            if not following:
                return
            if following == query.get("continuation-token"):
                raise BadReply(f"{self._connection.host} gives the same part of a list again and again.")
            query = query | {"continuation-token": following}

    def info(self, name: str) -> ObjectInfo | None:
        """See `Objects`."""
        answer = self._connection.ask("HEAD", self._key(name), also=(404,))
        if answer.status == 404:
            self._require_bucket()
            return None
        size = answer.headers.get("Content-Length", "")
        if not size.isdecimal():
            raise BadReply(f"{self._connection.host} does not say how large {name} is.")
        return ObjectInfo(name, int(size), time_in(answer.headers, "Last-Modified"))

    def read(self, name: str) -> bytes:
        """See `Objects`."""
        return self._connection.ask("GET", self._key(name)).body

    def open(self, name: str, *, start: int = 0, stop: int | None = None) -> Stream:
        """See `Objects`."""
        headers = {}
        if start or stop is not None:
            headers["Range"] = f"bytes={start}-{'' if stop is None else stop - 1}"
        content = self._connection.open(self._key(name), headers)
        content.etag = ""  # an MD5, which names no content elsewhere
        return content

    def create(self, name: str, content: bytes) -> bool:
        """See `Objects`."""
        if self.is_exclusive:
            return self._create(name, content)
        # A server that ignores the condition would write over what is there.
        if self.info(name) is not None:
            return False
        self.put(name, content)
        return True

    def put(self, name: str, content: bytes) -> None:
        """See `Objects`."""
        self._connection.ask("PUT", self._key(name), body=content)

    def upload(self, name: str, content: Content) -> None:
        """See `Objects`. Two who upload the same at once may both send it, or share the parts; both end well."""
        with self._lock:
            if self._hands is None:
                self._hands = uploading.Hands()
        uploading.upload(self._connection, self._key(name), content, self._hands)

    def refresh(self, name: str) -> bool:
        """See `Objects`: it is copied onto itself."""
        return renew(self._connection, self._key(name))

    def remove(self, names: Iterable[str]) -> None:
        """See `Objects`."""
        keys = (self._key(name) for name in names)
        while some := tuple(islice(keys, _AT_ONCE)):
            self._remove(some)

    def clear_unfinished(self, older_than: float, *, dry_run: bool = False) -> int:
        """See `Objects`. An upload is as old as its newest part."""
        now, found = self._now(), 0
        for one in list(uploading.open_uploads(self._connection, self._address.prefix)):
            if now - one.begun < older_than:
                continue
            try:
                touched = max(
                    (part.modified for part in uploading.sent_parts(self._connection, one)), default=0.0
                )
            except UploadGone:
                continue
            if now - touched < older_than:
                continue
            found += 1
            if not dry_run:
                uploading.abort(self._connection, one.key, one.id)
        return found

    def close(self) -> None:
        """Let go of the connections. Uploads that are going on end."""
        self._connection.close()
        with self._lock:
            if self._hands is not None:
                self._hands.close()
                self._hands = None

    # ---- within

    def _key(self, name: str) -> str:
        return self._address.prefix + name

    def _create(self, name: str, content: bytes) -> bool:
        condition = {"If-None-Match": "*"}
        answer = self._connection.ask("PUT", self._key(name), headers=condition, body=content, also=(412,))
        if answer.status == 412:
            # What was asked again, since no answer came, may have been done the first time.
            return answer.tries > 1 and self.read(name) == content
        return True

    def _remove(self, keys: Sequence[str]) -> None:
        body = deletion_of(keys)
        md5 = base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()
        try:
            answer = self._connection.ask(
                "POST",
                query={"delete": ""},
                headers={"Content-MD5": md5, "Content-Type": "application/xml"},
                body=body,
            )
            said = self._connection.xml(answer, "DeleteResult")
        except NotSupported:
            for key in keys:
                self._connection.ask("DELETE", key, also=(404,))
            return
        for key, fault in said.errors():
            if fault.code != "NoSuchKey":
                raise self._connection.refusal(answer._replace(asked=key, status=200), fault)

    def _require_bucket(self) -> None:
        """A missing bucket is an error where a missing object is none; the answer to HEAD tells them not apart."""
        if not self._has_bucket:
            query = {"list-type": "2", "max-keys": "1", "prefix": self._address.prefix}
            self._connection.xml(self._connection.ask("GET", query=query), "ListBucketResult")
            self._has_bucket = True

    def _now(self) -> float:
        """The time by the server's clock, which says how old everything is."""
        return time_in(self._connection.ask("HEAD").headers, "Date") or time.time()
