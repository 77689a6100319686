"""What people paste when they mean a model: its name, the address of its page, of a file, `hf://…`."""

from __future__ import annotations

from typing import NamedTuple, cast
from urllib.parse import unquote, urlsplit

from modelkeep.errors import InvalidKey
from modelkeep.keys import ModelKey, RepoType

__all__ = ["NamedModel", "read_name"]

_PREFIXES = {"models": "model", "datasets": "dataset", "spaces": "space", "kernels": "kernel"}
_VERBS = ("tree", "blob", "resolve", "raw", "commit", "commits", "blame", "discussions")
# What follows a name and is no verb of git: a page of the same repository.
_PAGES = ("settings", "edit", "upload", "community", "viewer")


class NamedModel(NamedTuple):
    """A model, and the file of it that was named ("" for none)."""

    key: ModelKey
    path: str = ""


def read_name(text: str) -> NamedModel:
    """Read `org/name`, `org/name@revision`, `hf://…`, or the address of a model's page or file on any hub.

    The hub's address itself is not looked at: which hub is asked is the profile's matter. Raises `InvalidKey`.
    """
    text = text.strip()
    scheme = text.partition("://")[0].lower() if "://" in text else ""
    if scheme in ("http", "https"):
        return _of_page(text)
    if scheme == "hf":
        return _of_hf(text)
    host, _, rest = text.partition("/")
    if host.lower() in ("huggingface.co", "www.huggingface.co", "hf.co") and rest:
        return _of_page(f"https://{text}")
    return NamedModel(ModelKey.parse(text))


def _of_page(text: str) -> NamedModel:
    """`https://hub/org/name/blob/main/config.json?download=true#L3`."""
    try:
        parts = [unquote(part) for part in urlsplit(text).path.split("/") if part]
    except ValueError:
        parts = []
    if parts[:1] == ["api"]:
        parts = parts[1:]
    repo_type, parts = _typed(parts)
    size = next(
        (place for place in (1, 2) if parts[place : place + 1] and parts[place] in _VERBS + _PAGES), 2
    )
    name, rest = parts[:size], parts[size:]
    if name and name[-1].endswith(".git"):
        name[-1] = name[-1].removesuffix(".git")
    verb, after = (rest[0], rest[1:]) if rest else ("", [])
    revision, path = "", ""
    if verb in ("tree", "blob", "resolve", "raw", "blame", "commits", "revision"):
        revision, path = _revision_and_path(after)
    elif verb == "commit":
        revision = after[0] if after else ""
    if verb in ("tree", "commits"):
        path = ""  # a folder of it is no file
    return _named(text, "/".join(name), repo_type, revision, path)


def _of_hf(text: str) -> NamedModel:
    """`hf://org/name@revision/path`, as the Hub's file system for Python names files."""
    place = text.partition("://")[2]
    repo_type, parts = _typed([part for part in place.split("/") if part])
    name, rest = "/".join(parts[:2]), parts[2:]
    repo_id, at, revision = name.partition("@")
    if at and revision == "refs" and len(rest) >= 2:
        revision, rest = "/".join(("refs", *rest[:2])), rest[2:]
    return _named(text, repo_id, repo_type, unquote(revision), "/".join(rest))


def _typed(parts: list[str]) -> tuple[str, list[str]]:
    if parts and parts[0] in _PREFIXES:
        return _PREFIXES[parts[0]], parts[1:]
    return "model", parts


def _revision_and_path(parts: list[str]) -> tuple[str, str]:
    """`refs/pr/4/config.json` has its revision in three parts, `refs%2Fpr%2F4/config.json` in one."""
    size = 3 if parts[:1] == ["refs"] and len(parts) > 2 else 1
    return "/".join(parts[:size]), "/".join(parts[size:])


def _named(text: str, repo_id: str, repo_type: str, revision: str, path: str) -> NamedModel:
    try:
        key = ModelKey.parse(f"{repo_id}@{revision}" if revision else repo_id)
    except InvalidKey:
        raise InvalidKey(
            f"“{text}” is not the address of a model.",
            hint="It looks like https://huggingface.co/org/name, or just org/name.",
        ) from None
    return NamedModel(ModelKey(key.repo_id, key.revision, cast(RepoType, repo_type)), path)
