"""KEY on the command line: read, completed, and found in the caches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from modelkeep.errors import InvalidKey
from modelkeep.keys import ModelKey

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

__all__ = ["KEY", "complete_profile", "complete_source", "short_name"]


class KeyType(click.ParamType):  # type: ignore[type-arg] # generic only in new versions of click
    """A key as a person writes it, completed with the names that the last scan saw."""

    name = "key"

    def convert(
        self, value: str | ModelKey, param: click.Parameter | None, ctx: click.Context | None
    ) -> ModelKey:
        if isinstance(value, ModelKey):
            return value
        try:
            return ModelKey.known(value) if value.startswith("hf@") else ModelKey.parse(value)
        except InvalidKey as error:
            self.fail(f"{error} {error.hint}", param, ctx)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        from modelkeep.remembered import load_rows

        names: dict[str, str] = {}
        scheme = "hf@" if incomplete.startswith("hf@") else ""
        for rows in load_rows().values():
            for row in rows:
                name = scheme + short_name(row.repo_id, row.repo_type)
                names[name] = row.task
                if "@" in incomplete.removeprefix("hf@"):
                    names |= {f"{name}@{ref}": row.task for rev in row.revisions for ref in rev.refs}
        return [
            CompletionItem(name, help=task or None)
            for name, task in sorted(names.items())
            if name.startswith(incomplete)
        ]


KEY = KeyType()


def complete_source(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """A model of the caches, else a folder."""
    from click.shell_completion import CompletionItem

    return KEY.shell_complete(context, parameter, incomplete) or [CompletionItem(incomplete, type="dir")]


def complete_profile(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """The names of profiles."""
    from modelkeep.hub.profiles import list_profiles

    return [profile.name for profile in list_profiles() if profile.name.startswith(incomplete)]


def short_name(repo_id: str, repo_type: str) -> str:
    """The shortest name by which `ModelKey.parse` knows a repository: that of a model goes without `hf@`."""
    if repo_type == "model":
        return repo_id
    return f"{repo_type}s/{repo_id}" if "/" in repo_id else f"hf-{repo_type}@{repo_id}"
