"""Making an object as new as if it were written now: it is copied onto itself, by the server."""

from __future__ import annotations

from urllib.parse import quote

from modelkeep.errors import BadReply, NotOnRemote
from modelkeep.remote.s3.connecting import Connection
from modelkeep.remote.s3.refusals import NoBucket, NotSupported
from modelkeep.remote.s3.uploading import abort, begin, complete

__all__ = ["renew", "renew_in_parts"]

_AT_ONCE = 5 << 30  # bytes that S3 copies in one call
_PART = 1 << 30
_TO_COPY = 600.0  # seconds


def renew(connection: Connection, key: str) -> bool:
    """Copy an object onto itself; False when it is not there."""
    # Only with other metadata is this no mistake; ours have none.
    headers = _source(connection, key) | {"x-amz-metadata-directive": "REPLACE"}
    try:
        answer = connection.ask("PUT", key, headers=headers, patience=_TO_COPY)
    except NoBucket:
        raise
    except NotOnRemote:
        return False
    except NotSupported:
        raise
    except BadReply:
        # What is too large to be copied at once has no code of its own.
        size = int(connection.ask("HEAD", key).headers.get("Content-Length", "0"))
        if size <= _AT_ONCE:
            raise
        renew_in_parts(connection, key, size, _PART)
        return True
    connection.xml(answer, "CopyObjectResult")
    return True


def renew_in_parts(connection: Connection, key: str, size: int, part: int) -> None:
    """Copy an object of `size` bytes onto itself, `part` bytes at a time."""
    upload_id = begin(connection, key)
    try:
        etags: list[str] = []
        for start in range(0, size, part):
            last = min(start + part, size) - 1
            answer = connection.ask(
                "PUT",
                key,
                query={"partNumber": str(len(etags) + 1), "uploadId": upload_id},
                headers=_source(connection, key) | {"x-amz-copy-source-range": f"bytes={start}-{last}"},
                patience=_TO_COPY,
            )
            etags.append(connection.xml(answer, "CopyPartResult").text("ETag").strip('"'))
        complete(connection, key, upload_id, etags)
    except BaseException:
        abort(connection, key, upload_id)
        raise


def _source(connection: Connection, key: str) -> dict[str, str]:
    return {"x-amz-copy-source": quote(f"/{connection.address.bucket}/{key}", safe="/~")}
