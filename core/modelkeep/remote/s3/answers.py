"""What an S3 server says in XML, read into plain values.

Source: the API reference of Amazon S3, 2006-03-01. Names are read without their namespace, which some servers leave
out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import unquote
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from modelkeep.errors import BadReply

__all__ = ["Fault", "Listed", "OpenUpload", "SentPart", "Xml", "completion_of", "deletion_of", "fault_in"]


class Listed(NamedTuple):
    """An object in a list. `modified` is seconds since the epoch."""

    key: str
    size: int
    modified: float


class OpenUpload(NamedTuple):
    """An upload in parts that was begun and neither completed nor aborted."""

    key: str
    id: str
    begun: float


class SentPart(NamedTuple):
    """A part that the server has. `etag` is mostly its MD5."""

    number: int
    size: int
    etag: str
    modified: float


class Fault(NamedTuple):
    """What a server says is wrong. `code` is "" where it does not speak S3."""

    code: str = ""
    message: str = ""
    region: str = ""


class Xml:
    """An answer in XML whose outermost element is one of `roots`. Raises `BadReply` for any other."""

    def __init__(self, body: bytes, host: str, *roots: str) -> None:
        root = _parsed(body)
        if root is None or _plain(root.tag) not in roots:
            raise BadReply(
                f"{host} answers, but not as an S3 server does.",
                hint="See that the endpoint in the address is that of the store, and not of its web page.",
            )
        self._root = root
        self._host = host

    def text(self, name: str) -> str:
        return _text(self._root, name)

    def objects(self) -> Iterator[Listed]:
        """The objects of a list that was asked for with `encoding-type=url`."""
        is_quoted = self.text("EncodingType") == "url"
        for one in self._all("Contents"):
            key = _text(one, "Key")
            yield Listed(
                unquote(key.replace("+", " ")) if is_quoted else key,
                self._count(one, "Size"),
                self._time(one, "LastModified"),
            )

    def uploads(self) -> Iterator[OpenUpload]:
        for one in self._all("Upload"):
            yield OpenUpload(_text(one, "Key"), _text(one, "UploadId"), self._time(one, "Initiated"))

    def parts(self) -> Iterator[SentPart]:
        for one in self._all("Part"):
            yield SentPart(
                self._count(one, "PartNumber"),
                self._count(one, "Size"),
                _text(one, "ETag").strip('"'),
                self._time(one, "LastModified"),
            )

    def errors(self) -> Iterator[tuple[str, Fault]]:
        """The keys that could not be deleted, and why."""
        for one in self._all("Error"):
            yield _text(one, "Key"), Fault(_text(one, "Code"), _text(one, "Message"))

    def following(self, name: str) -> str:
        """Where the list goes on, by the name of the element that says so; "" at its end."""
        if self.text("IsTruncated") != "true":
            return ""
        if not (said := self.text(name)):
            raise BadReply(f"{self._host} has more to list and does not say where it goes on.")
        return said

    def _all(self, name: str) -> Iterator[ElementTree.Element]:
        return (one for one in self._root if _plain(one.tag) == name)

    def _count(self, one: ElementTree.Element, name: str) -> int:
        said = _text(one, name)
        if not said.isdecimal() or len(said) > 18:
            raise BadReply(f"{self._host} lists something whose {name.lower()} is no number.")
        return int(said)

    def _time(self, one: ElementTree.Element, name: str) -> float:
        try:
            when = datetime.fromisoformat(_text(one, name))
        except ValueError:
            return 0.0
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()


def fault_in(body: bytes) -> Fault:
    """What an answer says is wrong, also one with status 200."""
    root = _parsed(body) if b"Error" in body else None
    if root is None or _plain(root.tag) != "Error":
        return Fault()
    return Fault(_text(root, "Code"), _text(root, "Message"), _text(root, "Region"))


def completion_of(etags: Sequence[str]) -> bytes:
    """What puts the parts of an upload together; their ETags in the order of their numbers."""
    parts = "".join(
        f"<Part><PartNumber>{number}</PartNumber><ETag>&quot;{escape(etag)}&quot;</ETag></Part>"
        for number, etag in enumerate(etags, 1)
    )
    return _document("CompleteMultipartUpload", parts)


def deletion_of(keys: Sequence[str]) -> bytes:
    """What deletes objects; only of those that fail the answer speaks."""
    objects = "".join(f"<Object><Key>{escape(key)}</Key></Object>" for key in keys)
    return _document("Delete", f"{objects}<Quiet>true</Quiet>")


def _document(name: str, content: str) -> bytes:
    return f'<{name} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{content}</{name}>'.encode()


def _parsed(body: bytes) -> ElementTree.Element | None:
    try:
        return ElementTree.fromstring(body)
    except (ElementTree.ParseError, ValueError):
        return None


def _plain(tag: object) -> str:
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _text(element: ElementTree.Element, name: str) -> str:
    return next((one.text or "" for one in element if _plain(one.tag) == name), "")
