"""What a hub's “no” means: an answer with an error's status becomes one of our errors.

Source: huggingface_hub 2.4.0, `utils/_http.py`, for `X-Error-Code` and `X-Error-Message`.
"""

from __future__ import annotations

import re
import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from modelkeep.errors import (
    AccessDenied,
    AlreadyOnRemote,
    BadReply,
    NotOnRemote,
    RemoteBusy,
    RemoteConflict,
    RemoteError,
    RemoteUnreachable,
)
from modelkeep.keys import ModelKey
from modelkeep.text import age_text

if TYPE_CHECKING:
    from requests import Response

__all__ = ["Asked", "is_page", "refusal", "retry_after"]

_SHOWN = 300  # characters of a hub's own words
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_WRONG_TOKEN = "Invalid credentials in Authorization header"
_DISABLED = "Access to this resource is disabled."


class Asked(NamedTuple):
    """What a request was about, to name it in an error."""

    key: ModelKey | None = None
    revision: str = ""
    path: str = ""


def refusal(response: Response, asked: Asked, *, has_token: bool) -> RemoteError:
    """The error that an answer stands for. `has_token`: the hub was told who asks."""
    host = urlsplit(response.url).netloc.rpartition("@")[2]
    code = response.headers.get("X-Error-Code", "")
    said = _said(response)
    words = f" It says: {said}" if said else ""
    match response.status_code:
        case 407:
            return RemoteUnreachable(
                "The proxy wants a user name and a password.",
                hint="Give them in the proxy's address: http://user:password@proxy:port.",
            )
        case 429:
            wait = retry_after(response)
            return RemoteBusy(
                f"{host} asks to be left alone for a while (too many requests).",
                hint=f"Try again in {age_text(wait) if wait >= 60 else 'a minute'}."
                + ("" if has_token else " It allows more requests to those who show a token."),
                retry_after=wait,
            )
        case status if status >= 500:
            return RemoteBusy(
                f"{host} has trouble of its own (status {status}).{_unless_page(response, words)}",
                hint="Try again later.",
                retry_after=retry_after(response),
            )
        case 409:
            name = asked.key.repo_id if asked.key else "Something of that name"
            return AlreadyOnRemote(f"{name} is on {host} already.{words}")
        case 412:
            return RemoteConflict(
                f"Somebody else changed {_name(asked)} on {host} meanwhile.{words}",
                hint="Look at what is new there, then try again.",
            )
        case 401 | 403 if is_page(response):
            return _page(response, host)
        case 401 | 403 | 404 | 410 if _is_of_a_store(response):
            return BadReply(
                f"{host}, which has the hub's large files, answers with status {response.status_code} for "
                f"{asked.path or 'one of them'}.",
                hint="The hub makes a new link each time: try again.",
            )
        case 401 | 403 if code == "GatedRepo":
            return _gated(response, asked, host, has_token=has_token)
        case 401:
            return _unknown_user(asked, host, said, has_token=has_token)
        case 403 if said == _DISABLED:
            return AccessDenied(f"{host} has disabled access to {_name(asked)}.")
        case 403:
            return AccessDenied(
                f"{host} does not allow this for {_name(asked)}.{words}",
                hint="See what your token may do, in your settings on the hub."
                if has_token
                else "Add a token to the profile, by “modelkeep profile” or in the settings.",
            )
        case 404 | 410:
            return _missing(response, asked, host, code, has_token=has_token)
        case status:
            return BadReply(f"{host} answers with status {status} where a hub does not.{words}")


def _is_of_a_store(response: Response) -> bool:
    """Whether a “no” is not the hub's: of a link that has ended, or a content that is not where it leads."""
    return (
        bool(response.history)
        and urlsplit(response.history[0].url).netloc != urlsplit(response.url).netloc
        and "X-Error-Code" not in response.headers
        and not is_page(response)
    )


def _gated(response: Response, asked: Asked, host: str, *, has_token: bool) -> AccessDenied:
    parts = urlsplit(response.url)
    page = f"{parts.scheme}://{host}/{_folder(asked.key)}" if asked.key else f"{parts.scheme}://{host}"
    if not has_token:
        return AccessDenied(
            f"{_name(asked)} is gated, and {host} does not know who asks.",
            hint=f"Accept its terms on {page}, then add a token of yours to the profile.",
        )
    return AccessDenied(
        f"{_name(asked)} is gated, and its terms were not accepted by the owner of this token.",
        hint=f"Accept them on {page}; for some models the owner then has to agree. "
        "A fine-grained token must also be allowed to read gated models.",
    )


def _unknown_user(asked: Asked, host: str, said: str, *, has_token: bool) -> RemoteError:
    if has_token and (said == _WRONG_TOKEN or asked.key is None):
        return AccessDenied(
            f"{host} does not know this token.",
            hint="It may be mistyped, expired or revoked. Make a new one in your settings on the hub.",
        )
    if asked.key is None:
        return AccessDenied(
            f"{host} wants a token.",
            hint="Add one in the preferences, with “modelkeep profile add … --token”, or as HF_TOKEN.",
        )
    return AccessDenied(
        f"{host} does not show {_name(asked)}: it is private, or does not exist.",
        hint="See that its name is right, and that the token may read it."
        if has_token
        else "See that its name is right. If it is private, add a token to the profile.",
    )


def _missing(response: Response, asked: Asked, host: str, code: str, *, has_token: bool) -> RemoteError:
    if asked.key is None or is_page(response):
        return BadReply(
            f"{host} has nothing at {urlsplit(response.url).path}, as a hub would.",
            hint="See that the address of the profile is that of a hub.",
        )
    name = asked.key.repo_id
    if code == "RevisionNotFound" and asked.revision:
        return NotOnRemote(
            f"{name} has no revision “{asked.revision}” on {host}.",
            hint="A revision is a branch, a tag or a whole commit id.",
        )
    if code == "EntryNotFound" and asked.path:
        return NotOnRemote(f"{name} has no file {asked.path} on {host} at “{asked.revision or 'main'}”.")
    if code in ("", "RepoNotFound"):
        return NotOnRemote(
            f"{host} has no {asked.key.repo_type} {name}.",
            hint="See that its name is right."
            + ("" if has_token else " If it is private, add a token to the profile."),
        )
    return NotOnRemote(f"{host} does not have that of {name} ({code}).")


def _page(response: Response, host: str) -> BadReply:
    return BadReply(
        f"{host} answers with a web page (status {response.status_code}) instead of as a hub.",
        hint="Does this network want you to sign in first? Open any page in a browser.",
    )


def is_page(response: Response) -> bool:
    """Whether the answer is meant for a browser."""
    return response.headers.get("Content-Type", "").lower().startswith("text/html")


def retry_after(response: Response) -> float:
    """Seconds that the hub wants to be left alone, 0.0 where it does not say; `Retry-After` may be a date."""
    said = response.headers.get("Retry-After", "").strip()
    if not said:
        return 0.0
    try:
        return max(0.0, float(said)) if said.replace(".", "", 1).isdigit() else _until(said)
    except (ValueError, OverflowError):
        return 0.0


def _until(date: str) -> float:
    return max(0.0, parsedate_to_datetime(date).timestamp() - time.time())


def _said(response: Response) -> str:
    """The hub's own words, on one line and not too many."""
    said = response.headers.get("X-Error-Message", "")
    if not said and response.headers.get("Content-Type", "").startswith("application/json"):
        try:
            body = response.json()
        except ValueError:
            body = None
        if isinstance(body, dict):
            said = body.get("error") or body.get("message") or ""
    said = _CONTROL.sub(" ", said if isinstance(said, str) else "").strip()
    if token := response.request.headers.get("Authorization", "").removeprefix("Bearer "):
        said = said.replace(token, "…")  # a hub that repeats what it was told
    return said if len(said) <= _SHOWN else f"{said[: _SHOWN - 1]}…"


def _unless_page(response: Response, words: str) -> str:
    return "" if is_page(response) else words


def _name(asked: Asked) -> str:
    return asked.key.repo_id if asked.key else "this"


def _folder(key: ModelKey) -> str:
    return key.repo_id if key.repo_type == "model" else f"{key.repo_type}s/{key.repo_id}"
