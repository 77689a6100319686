"""`modelkeep follow` and `unfollow`: which models of a remote are kept here."""

from __future__ import annotations

import click

from modelkeep.cli import between_shapes as shapes
from modelkeep.cli.output import on_terminal, print_json, print_plain, readable, say
from modelkeep.cli.places import REMOTE
from modelkeep.cli.session import Session, common_options, pass_session
from modelkeep.named_remotes import Follow

__all__ = ["follow", "unfollow"]

_tag = click.option(
    "--tag", default="", metavar="NAME", help="All models of it that have this tag, as “production”."
)


@click.command("follow")
@click.argument("remote", required=False, type=REMOTE, metavar="[REMOTE]")
@click.argument("keys", nargs=-1, metavar="[KEY]...")
@_tag
@click.option("--into", default="", metavar="DIR", help="The cache; by default that of the remote.")
@common_options
@pass_session
def follow(session: Session, remote: str | None, keys: tuple[str, ...], tag: str, into: str) -> None:
    """Keep models of a remote here; alone, list what is kept.

    Without KEY and --tag it lists what is kept. They are brought, and brought up to date, by `modelkeep sync`, by
    `modelkeep sync --watch`, and while the window is open. org/name@TAG follows one tag of one model.
    """
    with session.library() as library:
        if remote and (keys or tag):
            listed = library.remotes.follow(remote, keys, tag=tag, root=into)
        else:
            if into:
                raise click.UsageError("--into goes with the models that are to be kept there.")
            listed = tuple(
                one for view in library.remotes.all() if remote in (None, view.name) for one in view.follows
            )
    _show(session, listed)


@click.command("unfollow")
@click.argument("remote", type=REMOTE)
@click.argument("keys", nargs=-1, metavar="[KEY]...")
@_tag
@common_options
@pass_session
def unfollow(session: Session, remote: str, keys: tuple[str, ...], tag: str) -> None:
    """Follow models of a remote no more; what is here stays.

    Without KEY and --tag nothing of the remote is followed any more.
    """
    with session.library() as library:
        _show(session, library.remotes.unfollow(remote, keys, tag=tag))


def _show(session: Session, listed: tuple[Follow, ...]) -> None:
    if session.json:
        print_json(shapes.follows(listed))
        return
    if not listed:
        say("Nothing is followed.")
        return
    if not on_terminal():
        print_plain((one.remote, one.tag, one.root, *one.keys) for one in listed)
        return
    for one in listed:
        what = ", ".join(one.keys) if one.keys else f"all with the tag {one.tag}"
        tag = f" at {one.tag}" if one.keys and one.tag else ""
        place = f", in {one.root}" if one.root else ""
        say(f"{click.style(readable(one.remote), bold=True)}: {readable(what + tag + place)}")
