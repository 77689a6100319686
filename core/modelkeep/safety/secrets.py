"""Finds what should not leave this machine: keys, tokens and files that hold them, by name and by content.

A pattern asks for what the issuer's own tokens all have: a prefix, a length, an alphabet; and for what random text
and examples do not have. Vocabularies, merges, hashes and base64 come through untouched.
Sources: the formats that GitHub, GitLab, Slack, AWS, Google and OpenAI document for secret scanning; for Hugging Face
the tokens of its own client.
"""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from fnmatch import translate
from functools import cache
from typing import IO, NamedTuple

from modelkeep.disk import disk_errors, keeping_atime

__all__ = ["SCANNED_UP_TO", "SecretFound", "find_secrets", "find_secrets_in"]

SCANNED_UP_TO = 64 << 20
"""Bytes; a text file that is larger is not looked into."""

_BLOCK = 1 << 20
_OVERLAP = 4096  # more than any pattern is long
_TEXT_SAMPLE = 8192  # by which git tells binary from text

_BY_NAME = {
    "environment file": (".env", ".env.*", "*.env"),
    "SSH private key": ("id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "id_ecdsa_sk", "id_ed25519_sk"),
    "passwords of .netrc": (".netrc", "_netrc"),
    "passwords of git": (".git-credentials",),
    "tokens of the Hub's client": ("stored_tokens",),
    "key store": ("*.p12", "*.pfx", "*.jks", "*.keystore", "*.kdbx"),
}
_HARMLESS = ("*.example", "*.sample", "*.template", "*.dist")  # how a project shows what its .env has to have


class SecretFound(NamedTuple):
    """Something that should not leave this machine: which file, what it looks like, on which line (0: all of it)."""

    path: str
    kind: str
    line: int = 0


class _Kind(NamedTuple):
    """What one looks like. `needle` is in every one, so that most text needs no pattern. `names`: only such files.

    The patterns are compiled when they are first needed, which for most is never.
    """

    kind: str
    needle: bytes
    pattern: bytes
    is_real: Callable[[bytes], bool] = lambda found: True
    names: tuple[str, ...] = ()


def _is_random(found: bytes) -> bool:
    """Whether it may be a real one: those in examples repeat a letter, or have one case only."""
    body = found.rpartition(b"_")[2]
    return len(set(body)) >= 10 and body.lower() != body and body.upper() != body


def _is_varied(found: bytes) -> bool:
    return len(set(found)) >= 12


def _is_no_example(found: bytes) -> bool:
    return b"EXAMPLE" not in found.upper()


# Before a token: no character that could be a part of it, or the end of an escape of JSON, as in a notebook's lines.
_START = rb"(?:(?<![A-Za-z0-9_-])|(?<=\\[nrt]))"
_STRICT = rb"(?:(?<![A-Za-z0-9_+/=-])|(?<=[A-Za-z]=)|(?<=\\[nrt]))"
_END = rb"(?![A-Za-z0-9_-])"
_STRICT_END = rb"(?![A-Za-z0-9_+/=-])"


def _token(kind: str, needle: str, pattern: str, real: Callable[[bytes], bool] = _is_varied) -> _Kind:
    return _Kind(kind, needle.encode(), _START + pattern.encode() + _END, real)


_AWS_SECRET = (
    rb"(?i:aws_?secret_?(?:access_?)?key)[\"'\\ ]{0,4}[=:][\"'\\ ]{0,4}[A-Za-z0-9/+]{40}" + _STRICT_END
)
_KINDS = (
    _Kind(
        "private key",
        b"PRIVATE KEY",
        rb"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----",
    ),
    _Kind("private key", b"PuTTY-User-Key-File-", rb"PuTTY-User-Key-File-\d: "),
    _token("Hugging Face token", "hf_", r"hf_[A-Za-z0-9]{34,40}", _is_random),
    _token("Hugging Face token", "api_org_", r"api_org_[A-Za-z0-9]{34,40}", _is_random),
    _token("Modelkeep token", "mk_", r"mk_[A-Za-z0-9_-]{43}"),
    *(
        _token("GitHub token", start, start + r"[A-Za-z0-9]{36,251}", _is_random)
        for start in ("ghp_", "gho_", "ghu_", "ghs_", "ghr_")
    ),
    _token("GitHub token", "github_pat_", r"github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}", _is_random),
    _token("GitLab token", "glpat-", r"glpat-[A-Za-z0-9_-]{20,}(?:\.[0-9a-z.]{9,})?"),
    _token("Slack token", "xox", r"xox[abeoprs]-(?:[0-9]+-)+[0-9A-Za-z-]{10,}"),
    _token("Slack token", "xapp-", r"xapp-[0-9]-[A-Z0-9]+-[0-9]+-[0-9a-f]{30,}"),
    _token(
        "Slack webhook",
        "hooks.slack.com",
        r"hooks\.slack\.com/services/T[A-Z0-9]+/B[A-Z0-9]+/[A-Za-z0-9]{20,}",
    ),
    _token("OpenAI key", "T3BlbkFJ", r"sk-[A-Za-z0-9_-]{20,}T3BlbkFJ[A-Za-z0-9_-]{20,}"),
    _token("OpenAI key", "sk-", r"sk-(?:proj|svcacct|admin)-[A-Za-z0-9_-]{40,}"),
    _token("Anthropic key", "sk-ant-", r"sk-ant-[a-z]+[0-9]{2}-[A-Za-z0-9_-]{60,}"),
    _token("Google token", "GOCSPX-", r"GOCSPX-[A-Za-z0-9_-]{28}"),
    _token("Google token", "ya29.", r"ya29\.[A-Za-z0-9_-]{50,}"),
    _token("PyPI token", "pypi-AgE", r"pypi-AgE[A-Za-z0-9_-]{50,}"),
    _Kind("Google key", b"AIza", _STRICT + rb"AIza[0-9A-Za-z_-]{35}" + _STRICT_END, _is_varied),
    *(
        _Kind("AWS key", start, _STRICT + start + rb"[A-Z2-7]{16}" + _STRICT_END, _is_no_example)
        for start in (b"AKIA", b"ASIA")
    ),
    *(
        _Kind("AWS secret key", named, _AWS_SECRET, _is_no_example)
        for named in (
            b"ecret_access_key",
            b"ECRET_ACCESS_KEY",
            b"ecretAccessKey",
            b"ws_secret_key",
            b"WS_SECRET_KEY",
        )
    ),
    _Kind(
        "password of a registry",
        b"=",
        rb"(?m):?_(?:authToken|auth|password)[ \t]*=[ \t]*(?!\$\{)[^\s$]{4,}",
        names=(".npmrc",),
    ),
    _Kind(
        "password of a registry",
        b"password",
        rb"(?m)^[ \t]*password[ \t]*[=:][ \t]*(?!\$\{)\S+",
        names=(".pypirc",),
    ),
)


def find_secrets(path: str, source: str | os.PathLike[str]) -> tuple[SecretFound, ...]:
    """What in the file `source`, to be pushed as `path`, should not leave this machine; each kind once a line.

    Raises `CacheError` when it cannot be read.
    """
    with disk_errors(source), open(source, "rb", opener=keeping_atime) as file:
        status = os.fstat(file.fileno())
        if kind := _kind_of_place(status):
            return (SecretFound(path, kind),) if status.st_size else ()
        return find_secrets_in(file, path)


def find_secrets_in(file: IO[bytes], path: str) -> tuple[SecretFound, ...]:
    """The same in an open file that can be sought in, wherever it lies."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    name = path.rpartition("/")[2].lower()
    if size and (kind := _kind_of_name(name)):
        return (SecretFound(path, kind),)
    if size > SCANNED_UP_TO:
        return ()
    found = dict.fromkeys(SecretFound(path, kind, line) for kind, line in _in_content(file, name))
    return tuple(sorted(found, key=lambda secret: (secret.line, secret.kind)))


def _kind_of_name(name: str) -> str:
    found = _name_patterns().match(name)
    return list(_BY_NAME)[int(str(found.lastgroup)[1:])] if found and found.lastgroup else ""


@cache
def _name_patterns() -> re.Pattern[str]:
    """All names in one pattern, with a group for each kind; none for what is harmless."""

    def any_of(patterns: Iterable[str]) -> str:
        return "|".join(map(translate, patterns))

    kinds = (f"(?P<k{number}>{any_of(names)})" for number, names in enumerate(_BY_NAME.values()))
    return re.compile("|".join((f"(?:{any_of(_HARMLESS)})", *kinds)))


def _kind_of_place(status: os.stat_result) -> str:
    """Whether it is where the Hub's own client keeps its tokens, by whatever name."""
    home = os.environ.get("HF_HOME") or os.path.expanduser("~/.cache/huggingface")
    for place in (f"{home}/token", f"{home}/stored_tokens", os.environ.get("HF_TOKEN_PATH") or ""):
        with suppress(OSError, ValueError):
            if os.path.samestat(status, os.stat(place)):
                return "token of the Hub's client"
    return ""


def _in_content(file: IO[bytes], name: str) -> Iterator[tuple[str, int]]:
    kinds = [kind for kind in _KINDS if not kind.names or name in kind.names]
    before, line = b"", 1
    for block in _text(file):
        text = before + block
        for kind in kinds:
            if kind.needle not in text:
                continue
            for match in re.finditer(kind.pattern, text):
                if kind.is_real(match[0]):
                    yield kind.kind, line + text.count(b"\n", 0, match.start())
        # What spans two blocks is found in the second; what is found twice is the same line and kind.
        keep = text[-_OVERLAP:]
        line += text.count(b"\n", 0, len(text) - len(keep))
        before = keep


def _text(file: IO[bytes]) -> Iterator[bytes]:
    """The content in blocks, where it is text; UTF-16, as PowerShell writes it, as UTF-8."""
    first = file.read(_BLOCK)
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        decoder = codecs.getincrementaldecoder("utf-16")("replace")
        while first:
            yield decoder.decode(first).encode("utf-8", "replace")
            first = file.read(_BLOCK)
        return
    if b"\0" in first[:_TEXT_SAMPLE]:
        return
    while first:
        yield first
        first = file.read(_BLOCK)
