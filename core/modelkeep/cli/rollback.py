"""`modelkeep rollback`: lets a ref lead to another revision that is in the cache, as to undo a bad update."""

from __future__ import annotations

from collections.abc import Iterator

import click

from modelkeep.cache.refs import RefPlan, plan_ref
from modelkeep.cli import push_shapes as shapes
from modelkeep.cli.consent import ask
from modelkeep.cli.keys import KEY
from modelkeep.cli.looking import choose
from modelkeep.cli.output import can_ask, print_json, readable, say, tell, warn
from modelkeep.cli.session import Session, common_options, dry_run_option, pass_session, yes_option
from modelkeep.errors import ModelNotFound
from modelkeep.keys import ModelKey
from modelkeep.text import size_text

__all__ = ["rollback"]

_SIGNS = {"added": "+", "changed": "~", "removed": "-"}
_MOST_FILES = 12


@click.command("rollback")
@click.argument("key", type=KEY, metavar="KEY")
@click.option("--to", default="", metavar="COMMIT", help="The revision; by default the one before.")
@click.option("--ref", default="main", metavar="NAME", help="The branch or tag that is to lead there.")
@dry_run_option
@yes_option
@common_options
@pass_session
def rollback(session: Session, key: ModelKey, to: str, ref: str, dry_run: bool, yes: bool) -> None:
    """Let main lead to another revision that is here.

    Loading by name then uses that one, by default the one before. Nothing is fetched and nothing is removed; the same
    command leads back. The next download moves main again.
    """
    with session.library() as library:
        found = choose(session, library, [key.at(None)])
        if len(found) > 1:
            caches = ", ".join(selection.root for selection in found)
            raise ModelNotFound(
                f"{key} is in {len(found)} caches: {caches}.", hint="Name one with --root DIR."
            )
        [selection] = found
        model = library.inventory(selection.root).by_key[key.at(None)]
        plan = plan_ref(model, ref, to or key.revision or "")
        if not dry_run and not plan.is_nothing:
            if not yes and can_ask():
                for line in _lines(plan):
                    tell(line)
            ask(f"Let {ref} of {model.repo_id} lead to {plan.new[:12]}?", yes=yes, default=True)
            library.hubs.set_ref(plan.root, str(plan.key), plan.ref, plan.new)
    if session.json:
        print_json(shapes.rollback(plan, executed=not dry_run and not plan.is_nothing))
    elif plan.is_nothing:
        say(f"{plan.ref} leads to {plan.new[:12]} already.")
    elif dry_run:
        for line in _lines(plan):
            say(line)
    else:
        say(f"{plan.ref} of {plan.key} leads to {plan.new[:12]} now.")
        if plan.old:
            tell(
                click.style(
                    f"Undo: modelkeep rollback {plan.key} --to {plan.old[:12]} --ref {plan.ref}", dim=True
                )
            )
        for note in plan.notes:
            warn(note)


def _lines(plan: RefPlan) -> Iterator[str]:
    old = plan.old[:12] or "nowhere"
    yield f"{click.style(readable(str(plan.key)), bold=True)}  {plan.ref}: {old} → {plan.new[:12]}"
    for change in plan.changes[:_MOST_FILES]:
        size = change.new_size if change.new_size is not None else change.old_size
        yield f"  {_SIGNS[change.kind]} {size_text(size or 0):>9}  {readable(change.path)}"
    if len(plan.changes) > _MOST_FILES:
        yield f"    and {len(plan.changes) - _MOST_FILES} more"
    for note in plan.notes:
        yield click.style(f"  {readable(note)}", fg="yellow")
