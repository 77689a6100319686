"""Which repositories a search means, in which order, and a page of them at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from starlette.datastructures import QueryParams

from modelkeep.metadata.describe import Description
from modelkeep.serve.infos import Descriptions, repo_info, tags
from modelkeep.serve.shelf import ServedRepo

__all__ = ["Found", "Question", "page", "search"]

Json = dict[str, object]

_PAGE = 1000  # the Hub's own largest

_SORTS: dict[str, Callable[[Json], object]] = {
    "lastModified": lambda info: info["lastModified"],
    "last_modified": lambda info: info["lastModified"],
    "createdAt": lambda info: info["createdAt"],
    "created_at": lambda info: info["createdAt"],
}
"""All other orders are by numbers that a cache does not have: they leave the names in their order."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is searched for; "" and () where it does not matter."""

    words: tuple[str, ...] = ()
    author: str = ""
    task: str = ""
    tags: tuple[str, ...] = ()
    sort: str = ""
    ascending: bool = False

    @classmethod
    def of(cls, query: QueryParams) -> Question:
        return cls(
            words=tuple(dict.fromkeys(query.get("search", "").casefold().split())),
            author=query.get("author", ""),
            task=query.get("pipeline_tag", ""),
            tags=tuple(
                dict.fromkeys(tag for value in query.getlist("filter") for tag in value.split(",") if tag)
            ),
            sort=query.get("sort", ""),
            ascending=query.get("direction", "") == "1",
        )


@dataclass(frozen=True, slots=True)
class Found:
    """A repository that a search found, and what is said of it."""

    repo: ServedRepo
    commit: str
    info: Json


def search(repos: Sequence[ServedRepo], question: Question, descriptions: Descriptions) -> list[Found]:
    """All that the question means, in its order."""
    named = [
        (repo, repo.main)
        for repo in repos
        if repo.main
        and all(word in repo.repo_id.casefold() for word in question.words)
        and (not question.author or repo.repo_id.startswith(f"{question.author}/"))
    ]
    found = [
        Found(repo, commit, repo_info(repo, commit, description))
        for (repo, commit), description in zip(named, descriptions.of_all(named))
        if _is_meant(description, question)
    ]
    key = _SORTS.get(question.sort)
    if key is not None:
        found.sort(key=lambda one: str(key(one.info)), reverse=not question.ascending)
    return found


def _is_meant(description: Description | None, question: Question) -> bool:
    if not question.task and not question.tags:
        return True
    if description is None or question.task not in ("", description.task):
        return False
    known = {tag.casefold() for tag in tags(description)}
    return all(tag.casefold() in known for tag in question.tags)


def page(query: QueryParams, count: int) -> tuple[slice, str]:
    """Which of `count` items are asked for, and the cursor of the next page ("" at the end)."""
    limit = min(max(1, _number(query.get("limit"), _PAGE)), _PAGE)
    start = max(0, _number(query.get("cursor"), 0))
    end = start + limit
    return slice(start, end), str(end) if end < count else ""


def _number(text: str | None, usual: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else usual
