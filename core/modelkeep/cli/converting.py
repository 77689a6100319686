"""`modelkeep convert`: makes safetensors of pickled weights, as a revision beside the old one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from modelkeep.cli import converting_shapes as shapes
from modelkeep.cli.allowing import hint_of
from modelkeep.cli.amounts import Size
from modelkeep.cli.consent import ask
from modelkeep.cli.keys import KEY
from modelkeep.cli.looking import choose
from modelkeep.cli.output import Failure, can_ask, print_json, readable, say, tell
from modelkeep.cli.progress import progress
from modelkeep.cli.session import Session, common_options, dry_run_option, pass_session, yes_option
from modelkeep.errors import Cancelled, ModelNotFound, UnsafeModel
from modelkeep.keys import ModelKey
from modelkeep.text import size_text

if TYPE_CHECKING:
    from modelkeep.convert.plan import Conversion, ConversionPlan
    from modelkeep.library import Library
    from modelkeep.rows import Selection

__all__ = ["convert"]

_MOST_FILES = 12


@click.command("convert")
@click.argument("key", type=KEY, metavar="KEY")
@click.option("--main", "move_main", is_flag=True, help="Let main lead to the new revision.")
@click.option(
    "--allow-unsafe",
    multiple=True,
    metavar="NAME",
    help="Go on although the scan finds the model NAME dangerous; nothing that is in it is run even then.",
)
@click.option(
    "--memory",
    type=Size(),
    default=0,
    metavar="SIZE",
    help="The most that converting may take; by default what the machine can give.",
)
@dry_run_option
@yes_option
@common_options
@pass_session
def convert(
    session: Session,
    key: ModelKey,
    move_main: bool,
    allow_unsafe: tuple[str, ...],
    memory: int,
    dry_run: bool,
    yes: bool,
) -> None:
    """Make safetensors of pickled weights; the old revision stays.

    The pickles are read as numbers only, in a process without a network, and every tensor is compared, bit for bit. A
    branch, safetensors-COMMIT, leads to the new revision, which shares all other files with the old one.
    """
    with session.library() as library:
        selected = _selected(session, library, key)
        plan = library.trust.plan_conversion(selected, move_main=move_main)
        if dry_run or plan.problem or not plan.fits:
            _show(session, plan)
            _refuse(plan)
            return
        if not yes and can_ask():
            for line in _lines(plan):
                tell(line)
        ask(f"Convert {plan.key}?", yes=yes, default=True)
        try:
            with progress(session) as report:
                done = library.trust.convert(
                    replace(plan, memory=memory), allow_unsafe=allow_unsafe, report=report
                )
        except Cancelled:
            tell("Nothing was changed.")
            raise
        except UnsafeModel as error:
            raise Failure((str(error), hint_of(error, plan.key))) from error
    if session.json:
        print_json(shapes.conversion(plan, done))
    else:
        for line in _said(plan, done):
            say(line)


def _selected(session: Session, library: Library, key: ModelKey) -> Selection:
    found = choose(session, library, [key])
    if len(found) > 1:
        caches = ", ".join(selection.root for selection in found)
        raise ModelNotFound(f"{key} is in {len(found)} caches: {caches}.", hint="Name one with --root DIR.")
    return found[0]


def _refuse(plan: ConversionPlan) -> None:
    if plan.problem:
        raise Failure((plan.problem, plan.hint))
    if not plan.fits:
        missing = plan.bytes_needed + plan.reserve - plan.free
        sentence = f"{size_text(missing)} more are needed on the disk of {plan.root}."
        raise Failure((sentence, "Free some space, then do it again."))


def _show(session: Session, plan: ConversionPlan) -> None:
    if session.json:
        print_json(shapes.conversion(plan, None))
    elif not plan.problem:
        for line in _lines(plan):
            say(line)


def _lines(plan: ConversionPlan) -> Iterator[str]:
    name = click.style(readable(str(plan.key)), bold=True)
    if plan.present:
        yield f"{name}  {plan.commit[:12]}: was converted to {plan.present[:12]} already"
    else:
        size = size_text(plan.bytes_needed)
        yield f"{name}  {plan.commit[:12]}: needs {size}, has {size_text(plan.free)} free"
    signed = [
        *(f"+ {file.target}, of {file.source}, {size_text(file.size)}" for file in plan.files),
        *(f"+ {index.path}" for index in plan.indices),
        *(f"- {name}" for name in plan.dropped),
    ]
    yield from (f"  {readable(line)}" for line in signed[:_MOST_FILES])
    if len(signed) > _MOST_FILES:
        yield f"    and {len(signed) - _MOST_FILES:,} more"
    kept = "1 file is" if len(plan.kept) == 1 else f"{len(plan.kept):,} files are"
    yield click.style(f"  {kept} shared with the old revision, which stays", dim=True)
    if plan.moves_main:
        yield click.style("  main will lead to the new revision", fg="yellow")
    for note in plan.notes:
        yield click.style(f"  {readable(note)}", fg="yellow")


def _said(plan: ConversionPlan, done: Conversion) -> Iterator[str]:
    name = f"{plan.key.repo_id}@{done.ref}"
    if done.tensors:
        tensors = "1 tensor" if done.tensors == 1 else f"{done.tensors:,} tensors"
        yield f"Converted to {name}: {tensors} compared, {size_text(done.written)} written."
    else:
        yield f"It is here already: {name}."
    for note in done.notes if done.tensors else ():
        yield click.style(f"  {readable(note)}", dim=True)
    if plan.moves_main:
        yield "main leads to it now."
        yield click.style(f"Undo: modelkeep rollback {plan.key.repo_id} --to {plan.commit[:12]}", dim=True)
