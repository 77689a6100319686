"""`modelkeep delete`: what goes, what stays and who uses it is shown first; then it goes to the trash."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from modelkeep.cli import shapes
from modelkeep.cli.consent import Unasked, ask
from modelkeep.cli.keys import KEY
from modelkeep.cli.looking import choose
from modelkeep.cli.output import Failure, can_ask, print_json, readable, say, tell
from modelkeep.cli.progress import progress
from modelkeep.cli.session import Session, common_options, dry_run_option, pass_session, yes_option
from modelkeep.errors import ModelKeepError
from modelkeep.keys import ModelKey
from modelkeep.text import size_text

if TYPE_CHECKING:
    from modelkeep.cache.deletion import Deleted, DeletionItem, DeletionPlan, DeletionResult
    from modelkeep.library import Library

__all__ = ["delete"]


@click.command("delete")
@click.argument("keys", type=KEY, nargs=-1, required=True, metavar="KEY...")
@click.option("--permanently", is_flag=True, help="Not into the trash: free the space now, with no undo.")
@click.option("--force", is_flag=True, help="Also what is in use or pinned.")
@click.option(
    "--file", "files", multiple=True, metavar="NAME", help="Only this file of the one KEY (repeatable)."
)
@dry_run_option
@yes_option
@common_options
@pass_session
def delete(
    session: Session,
    keys: tuple[ModelKey, ...],
    permanently: bool,
    force: bool,
    files: tuple[str, ...],
    dry_run: bool,
    yes: bool,
) -> None:
    """Delete models, revisions or files, into the trash.

    KEY is org/name for a whole model, org/name@revision for one of its revisions. What other revisions or models
    share stays. A model that several caches have is deleted from all of them only after you were asked, or from
    those that you name with --root.
    """
    if files and len(keys) > 1:
        raise click.UsageError("--file goes with one KEY.")
    with session.library() as library:
        selected = choose(session, library, keys, files)
        plans = library.plan_deletion(selected, permanently=permanently)
        if dry_run:
            _show(session, plans, [], files, force=force)
            for line in () if session.json else _plan_lines(plans, files, force):
                say(line)
            refused = [item.refusal for plan in plans for item in plan.items if item.refusal and not force]
            if refused:
                raise Failure(*((sentence, "It goes only with --force.") for sentence in refused))
            return
        if yes and not session.roots:
            _check_caches(plans)
        if any(force or not item.refusal for plan in plans for item in plan.items):
            if not yes and can_ask():
                for line in _plan_lines(plans, files, force):
                    tell(line)
            ask(_question(plans, files, force), yes=yes)
        results = [_carry_out(session, library, plan, force) for plan in plans]
    _show(session, plans, results, files, force=force)
    if failed := [(item.error, item.hint) for result in results for item in result.items if item.error]:
        raise Failure(*failed)


def _check_caches(plans: Sequence[DeletionPlan]) -> None:
    """Without a question, what several caches have goes only from those that were named."""
    places: dict[ModelKey, list[str]] = {}
    for plan in plans:
        for item in plan.items:
            places.setdefault(item.key, []).append(plan.root)
    for key, roots in places.items():
        if len(roots) > 1:
            sentence = f"{key} is in {len(roots)} caches: {', '.join(roots)}."
            raise Unasked((sentence, "Say from which it goes with --root DIR, once for each."))


def _carry_out(session: Session, library: Library, plan: DeletionPlan, force: bool) -> DeletionResult:
    """Delete what is in one root. When nothing can be done there at all, every item has failed."""
    from modelkeep.cache.deletion import Deleted, DeletionResult

    try:
        with progress(session) as report:
            [result] = library.delete([plan], force=force, report=report)
            return result
    except ModelKeepError as error:
        failed = [
            Deleted(item.key, item.what, item.frees, 0, "", str(error), error.hint) for item in plan.items
        ]
        return DeletionResult(plan.root, tuple(failed), 0, 0, plan.permanently)


# ---- the plan


def _plan_lines(plans: Sequence[DeletionPlan], names: Sequence[str], force: bool) -> Iterator[str]:
    for plan in plans:
        yield click.style(f"From {readable(plan.root)}:", bold=True)
        for item in plan.items:
            yield from _item_lines(item, names, force)
        if unseen := plan.unseen_processes:
            others = f"{unseen} {'process' if unseen == 1 else 'processes'} of other users"
            yield click.style(f"  Whether {others} use it could not be seen.", dim=True)


def _item_lines(item: DeletionItem, names: Sequence[str], force: bool) -> Iterator[str]:
    refused = item.refusal and not force
    sign = click.style("✗", fg="red") if refused else "-"
    name = click.style(readable(str(item.key)), bold=True)
    files = f"{item.files:,} {'file' if item.files == 1 else 'files'}"
    what = {"model": "whole", "files": readable(", ".join(names))}.get(item.what, item.what)
    yield f"  {sign} {name}  {what}, {files}, {size_text(item.size)}; frees {size_text(item.frees)}"
    if item.refs and item.what != "model":
        yield f"      refs that go: {readable(', '.join(item.refs))}"
    kept: dict[str, list[int]] = {}
    for one in item.kept:
        kept.setdefault(one.reason, []).append(one.size)
    for reason, sizes in kept.items():
        stays = f"{len(sizes)} {'file stays' if len(sizes) == 1 else 'files stay'}"
        yield f"      {stays}: {reason} ({size_text(sum(sizes))})"
    if item.refusal:
        ending = "" if force else " It stays unless you say --force."
        yield click.style(f"      {readable(item.refusal)}{ending}", fg="yellow")


def _question(plans: Sequence[DeletionPlan], names: Sequence[str], force: bool) -> str:
    going = [item for plan in plans for item in plan.items if force or not item.refusal]
    # Together they free more than each alone, as long as all go.
    everything = all(force or not item.refusal for plan in plans for item in plan.items)
    frees = sum(plan.frees for plan in plans) if everything else sum(item.frees for item in going)
    what = f"{len(going)} items" if len(going) > 1 else _name(going[0], names)
    places = f" from {len(plans)} caches" if len(plans) > 1 else ""
    if plans[0].permanently:
        return f"Delete {what}{places} for good and free {size_text(frees)}? There is no undo."
    return f"Move {what}{places} to the trash? Emptying it will free {size_text(frees)}."


def _name(item: DeletionItem, names: Sequence[str]) -> str:
    """What goes, in a sentence; `names` are those of `--file`."""
    if item.what != "files":
        return str(item.key)
    more = f" and {len(names) - 3} more files" if len(names) > 3 else ""
    return readable(f"{', '.join(names[:3])}{more} of {item.key}")


# ---- the result


def _show(
    session: Session,
    plans: Sequence[DeletionPlan],
    results: Sequence[DeletionResult],
    names: Sequence[str],
    *,
    force: bool,
) -> None:
    pairs = list(_pairs(plans, results))
    if session.json:
        print_json(
            {
                "executed": bool(results),
                "permanently": plans[0].permanently,
                "frees": sum(plan.frees for plan in plans),
                "freed": sum(result.freed for result in results),
                "unseen_processes": max(plan.unseen_processes for plan in plans),
                "items": [shapes.deletion_item(plan, item, done, force) for plan, item, done in pairs],
            }
        )
        return
    for plan, item, done in pairs:
        if done is None or done.error:
            continue
        if plan.permanently:
            say(f"Deleted {_name(item, names)}: {size_text(done.freed)} freed.")
        else:
            say(f"Moved {_name(item, names)} to the trash; emptying it frees {size_text(done.freed)}.")
    if entries := [entry for result in results for entry in result.entries]:
        tell(click.style(f"Undo: modelkeep trash restore {' '.join(entries)}", dim=True))


def _pairs(
    plans: Sequence[DeletionPlan], results: Sequence[DeletionResult]
) -> Iterator[tuple[DeletionPlan, DeletionItem, Deleted | None]]:
    """Each item with what became of it, None before anything was done."""
    for number, plan in enumerate(plans):
        done = results[number].items if results else [None] * len(plan.items)
        for item, outcome in zip(plan.items, done, strict=True):
            yield plan, item, outcome
