"""PLACE on the command line: the name of a remote, the path of a cache, or “here”."""

from __future__ import annotations

import click

from modelkeep.settings import load_settings

__all__ = ["PLACE", "REMOTE"]


class PlaceType(click.ParamType):  # type: ignore[type-arg] # generic only in new versions of click
    """A place as it is, completed with those that are known."""

    def __init__(self, name: str, *, caches: bool) -> None:
        self.name = name
        self._caches = caches

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return value

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[click.shell_completion.CompletionItem]:
        from click.shell_completion import CompletionItem

        settings = load_settings().settings
        names = [remote.name for remote in settings.remotes]
        if self._caches:
            names += ["here", *settings.roots]
        return [CompletionItem(name) for name in names if name.startswith(incomplete)]


PLACE = PlaceType("place", caches=True)
REMOTE = PlaceType("remote", caches=False)
