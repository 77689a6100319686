"""What an S3 server's “no” means: an answer with an error's status becomes one of our errors.

Source: “Error responses” in the API reference of Amazon S3; Ceph's, MinIO's and rclone's servers use the same codes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from modelkeep.errors import (
    AccessDenied,
    BadReply,
    NotAllowed,
    NotOnRemote,
    RemoteBusy,
    RemoteConflict,
    RemoteError,
    RemoteUnreachable,
)
from modelkeep.hub.failures import ConnectionDropped
from modelkeep.remote.s3.answers import Fault
from modelkeep.text import age_text

__all__ = ["Answer", "NoBucket", "NotSupported", "UploadGone", "refusal", "time_in"]

_SHOWN = 200  # characters of a server's own words
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_BUSY = {
    "SlowDown", "ServiceUnavailable", "InternalError", "RequestTimeout", "OperationAborted", "Throttling",
    "ConditionalRequestConflict", "TooManyRequests", "RequestLimitExceeded", "BandwidthLimitExceeded",
}  # fmt: skip
_DAMAGED = {"BadDigest", "XAmzContentSHA256Mismatch", "IncompleteBody", "InvalidDigest"}
_EXPIRED = {"ExpiredToken", "InvalidToken", "TokenRefreshRequired", "ExpiredTokenException"}
_FULL = {"QuotaExceeded", "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded", "StorageFull"}
_READS = ("GET", "HEAD")


class NotSupported(BadReply):
    """The server does not know this call."""


class NoBucket(NotOnRemote):
    """There is no such bucket, which is more than that an object is missing."""


class UploadGone(NotOnRemote):
    """An upload in parts was completed, aborted or changed meanwhile."""


class Answer(NamedTuple):
    """An answer, all of it. `asked` is the name of the object that the request was about, "" for the bucket;
    `of_upload`: it was about an upload to it in parts.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    method: str
    asked: str
    of_upload: bool = False
    tries: int = 1


def refusal(answer: Answer, fault: Fault, *, host: str, bucket: str, signed_at: str) -> RemoteError:
    """The error that an answer stands for. `signed_at` is the time the request bore (`x-amz-date`)."""
    words = _words(fault)
    named = f"{answer.asked} in the bucket “{bucket}”" if answer.asked else f"the bucket “{bucket}”"
    if error := _of_user(fault.code, answer, host, signed_at):
        return error
    match fault.code, answer.status:
        case ("NoSuchBucket", _):
            return NoBucket(
                f"There is no bucket “{bucket}” on {host}.",
                hint="See that its name is right, or make it first.",
            )
        # Ceph's server has no such key, where an upload is gone.
        case (code, _) if code == "NoSuchUpload" or (code == "NoSuchKey" and answer.of_upload):
            return UploadGone(f"An upload to {named} was ended by somebody else.", hint="Try again.")
        # Another process that shares the upload was sending one of its parts again.
        case ("InvalidPart", _) if answer.of_upload:
            return UploadGone(f"The parts of an upload to {named} changed meanwhile.", hint="Try again.")
        case ("NoSuchKey", _):
            return NotOnRemote(f"{host} has no {named}.")
        case (code, status) if code in _BUSY or status in (429, 500, 502, 503, 504):
            return RemoteBusy(
                f"{host} asks to be left alone for a while (status {status}{f', {code}' if code else ''}).",
                hint="Try again later.",
                retry_after=_seconds(answer.headers.get("Retry-After", "")),
            )
        case (code, status) if code in _FULL or status == 507:
            return NotAllowed(
                f"{host} takes no more: the bucket “{bucket}” is full.{words}", hint="Free some space there."
            )
        case (code, _) if code in _DAMAGED:
            return ConnectionDropped(f"{named} arrived damaged at {host}.", hint="Try again.")
        case (_, 407):
            return RemoteUnreachable(
                "The proxy wants a user name and a password.",
                hint="Give them to the environment: HTTPS_PROXY=http://user:password@proxy:port.",
            )
        case ("InvalidObjectState", _):
            return AccessDenied(
                f"{named} lies in an archive of {host}, and cannot be read at once.",
                hint="Have it restored there first.",
            )
        case ("PreconditionFailed", _) | (_, 412):
            return RemoteConflict(f"Somebody else changed {named} on {host} meanwhile.", hint="Try again.")
        case ("NotImplemented" | "MethodNotAllowed", _) | (_, 405 | 501):
            return NotSupported(f"{host} does not know how to do this with {named}.{words}")
        case (code, status) if status in (301, 302, 303, 307, 308):
            return _elsewhere(answer, fault, host, bucket)
        case ("AccessDenied", _) | (_, 401 | 403) if fault.code or answer.method == "HEAD":
            return _denied(answer.method, named, host, words)
        case (code, status) if not code and answer.method != "HEAD":
            return BadReply(
                f"{host} answers, but not as an S3 server does (status {status}).",
                hint="See that the endpoint in the address is that of the store, and not of its web page.",
            )
        case (code, status):
            return BadReply(
                f"{host} answers with status {status}{f' ({code})' if code else ''} for {named}.{words}"
            )


def time_in(headers: Mapping[str, str], name: str) -> float:
    """A time in a header, in seconds since the epoch; 0.0 where there is none."""
    try:
        return parsedate_to_datetime(headers.get(name, "")).timestamp()
    except (TypeError, ValueError):
        return 0.0


def _seconds(said: str) -> float:
    """How long a server asks to be left alone, 0.0 when it does not say."""
    return float(said) if said.isdecimal() and len(said) < 6 else 0.0


def _of_user(code: str, answer: Answer, host: str, signed_at: str) -> AccessDenied | None:
    """What is wrong with who asks."""
    if code == "InvalidAccessKeyId":
        return AccessDenied(
            f"{host} does not know this key.",
            hint="It may be mistyped or revoked, or belong to another store. Give the remote its keys again.",
        )
    if code == "SignatureDoesNotMatch":
        return AccessDenied(
            f"The secret does not belong to the key, says {host}.",
            hint="Give the remote its keys again; a proxy that changes requests does this, too.",
        )
    if code == "RequestTimeTooSkewed":
        return AccessDenied(
            f"{host} does not believe {_skew(answer, signed_at)}.", hint="Set the clock of this machine."
        )
    if code in _EXPIRED:
        return AccessDenied(
            "The session of these keys is over.", hint="Sign in again, or give the remote new keys."
        )
    return None


def _skew(answer: Answer, signed_at: str) -> str:
    theirs = time_in(answer.headers, "Date")
    try:
        ours = datetime.strptime(signed_at, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError:
        ours = 0.0
    if not theirs or not ours:
        return "the clock of this machine"
    ahead = ours - theirs
    return f"the clock of this machine, which is {age_text(abs(ahead))} {'ahead' if ahead > 0 else 'behind'}"


def _denied(method: str, named: str, host: str, words: str) -> AccessDenied:
    if method in _READS:
        return AccessDenied(
            f"These keys may not read {named} on {host}.{words}",
            hint="Ask its owner to allow s3:GetObject and s3:ListBucket.",
        )
    return AccessDenied(
        f"These keys may not write {named} on {host}.{words}",
        hint="They may be meant for reading only. Ask its owner to allow s3:PutObject and s3:DeleteObject.",
    )


def _elsewhere(answer: Answer, fault: Fault, host: str, bucket: str) -> BadReply:
    region = answer.headers.get("x-amz-bucket-region", "") or fault.region
    where = f", in the region {region}" if region else ""
    return BadReply(
        f"The bucket “{bucket}” is elsewhere{where}, says {host}.",
        hint=f"Put region={region} into the address."
        if region
        else "See that the endpoint in the address is right.",
    )


def _words(fault: Fault) -> str:
    said = _CONTROL.sub(" ", fault.message).strip()[:_SHOWN]
    return f" It says: {said.rstrip('.')}." if said else ""
