"""How a model is named: `org/name`, `org/name@revision`, `hf@org/name@revision`.

`hf@` is Dataiku DSS's prefix for a model of the Hugging Face Hub. Datasets, spaces and kernels, which lie
in the same caches, are `hf-dataset@org/name` and so on; `datasets/org/name`, as other tools print it, is read too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal, cast, get_args

from modelkeep.errors import InvalidKey

__all__ = ["ModelKey", "RepoType", "is_valid_repo_id"]

RepoType = Literal["model", "dataset", "space", "kernel"]
_TYPES: tuple[str, ...] = get_args(RepoType)

# The rules of huggingface_hub's validator: ASCII, at most 96 characters a part, no edge "-" or ".".
_PART = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.\-]{0,94}[A-Za-z0-9_])?")
# What git forbids in a ref name, less the exotic; "refs/pr/4" is a revision on the Hub.
_BAD_REVISION = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|^/|/$|^\.|\.lock$|\.$|/\.")


def is_valid_repo_id(text: str) -> bool:
    """Whether `text` can be the name of a repository on the Hub, by the Hub client's own rules."""
    parts = text.split("/")
    return (
        1 <= len(parts) <= 2
        and all(_PART.fullmatch(part) for part in parts)
        and "--" not in text
        and ".." not in text
        and not text.endswith(".git")
    )


@dataclass(frozen=True, slots=True, order=True)
class ModelKey:
    """The name of a cached repository, with a revision (a ref or a commit) when one is meant."""

    repo_id: str
    revision: str | None = None
    repo_type: RepoType = "model"

    @classmethod
    def parse(cls, text: str) -> ModelKey:
        """Read a key as a person or an archive writes it.

        Raises `InvalidKey` when no repository can have that name.
        """
        scheme, rest = _split_scheme(text.strip())
        repo_id, at, revision = rest.partition("@")
        parts = repo_id.split("/")
        if scheme == "hf" and len(parts) == 3 and (plural := parts[0].removesuffix("s")) in _TYPES:
            scheme, repo_id = f"hf-{plural}", "/".join(parts[1:])
        repo_type = "model" if scheme == "hf" else scheme.removeprefix("hf-")
        if not is_valid_repo_id(repo_id):
            raise InvalidKey(
                f"“{text}” is not the name of a model.",
                hint="A name looks like org/name, org/name@revision or hf@org/name@revision.",
            )
        if at and (not revision or _BAD_REVISION.search(revision)):
            raise InvalidKey(
                f"“{revision}” is not the name of a revision.",
                hint="A revision is a branch, a tag or a commit, as in org/name@main.",
            )
        return cls(repo_id, revision or None, cast(RepoType, repo_type))

    @classmethod
    def known(cls, text: str) -> ModelKey:
        """Read a key that `str` of one gave, also of a folder whose name no repository on the Hub could have."""
        scheme, rest = _split_scheme(text)
        repo_id, _, revision = rest.partition("@")
        repo_type = "model" if scheme == "hf" else scheme.removeprefix("hf-")
        return cls(repo_id, revision or None, cast(RepoType, repo_type))

    def at(self, revision: str | None) -> ModelKey:
        """The same repository at another revision."""
        return replace(self, revision=revision)

    @property
    def name(self) -> str:
        """The repository alone, as in `hf@org/name`: what a note or a pin belongs to."""
        scheme = "hf" if self.repo_type == "model" else f"hf-{self.repo_type}"
        return f"{scheme}@{self.repo_id}"

    def __str__(self) -> str:
        return f"{self.name}@{self.revision}" if self.revision else self.name


def _split_scheme(text: str) -> tuple[str, str]:
    scheme, at, rest = text.partition("@")
    if at and (scheme == "hf" or scheme.removeprefix("hf-") in _TYPES):
        if scheme == "hf-model":
            scheme = "hf"
        return scheme, rest
    return "hf", text
