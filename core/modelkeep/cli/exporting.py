"""`modelkeep export`: models into archives that import anywhere, also on many small media."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from modelkeep.cli.amounts import VolumeSize
from modelkeep.cli.carrying_shapes import signed_export
from modelkeep.cli.consent import ask
from modelkeep.cli.keys import KEY
from modelkeep.cli.looking import choose
from modelkeep.cli.output import Failure, can_ask, print_json, readable, say, tell
from modelkeep.cli.progress import progress
from modelkeep.cli.session import Session, common_options, dry_run_option, pass_session, yes_option
from modelkeep.cli.signing import sign_option, signer_of
from modelkeep.errors import Cancelled, ModelKeepError
from modelkeep.keys import ModelKey
from modelkeep.text import size_text

if TYPE_CHECKING:
    from modelkeep.archive.pack import ExportItem, ExportPlan, ExportResult
    from modelkeep.library import Library
    from modelkeep.rows import Selection

__all__ = ["export_models", "fail", "first_of_each", "item_lines"]


@click.command("export")
@click.argument("keys", type=KEY, nargs=-1, required=True, metavar="KEY...")
@click.option(
    "--to", "target", type=click.Path(path_type=Path), required=True, metavar="DIR", help="Where to."
)
@click.option("--plain", is_flag=True, help="As DSS writes it: without SHA256SUMS in the archives.")
@click.option("--bundle", is_flag=True, help="Also write the folder's checksums and index, for a medium.")
@click.option(
    "--split",
    type=VolumeSize(),
    help="Split archives into volumes of this size (4GB, 700MiB; fat32 for its limit).",
)
@sign_option
@dry_run_option
@yes_option
@common_options
@pass_session
def export_models(
    session: Session,
    keys: tuple[ModelKey, ...],
    target: Path,
    plain: bool,
    bundle: bool,
    split: int | None,
    sign_with: Path | None,
    dry_run: bool,
    yes: bool,
) -> None:
    """Write models to archives, for another machine.

    There is an archive for each KEY (org/name, or org/name@revision) in the folder DIR; a DIR that ends in .zip is
    the one archive itself. Of a model that several caches have, the first one's is exported; --root chooses another.
    """
    if sign_with and plain:
        raise click.UsageError("What --plain leaves out is what --sign would sign: name one of them.")
    from modelkeep.archive.pack import ArchiveOptions

    signer = signer_of(sign_with)
    with session.library() as library:
        selected = first_of_each(choose(session, library, keys))
        options = ArchiveOptions(checksums=not plain, split=split, signer=signer)
        plan = library.archives.plan_export(selected, target, options=options)
        if dry_run or not plan.fits:
            _show(session, plan, None, bundle)
            fail(plan, None)
            return
        if any(item.replaces for item in plan.items) and not yes:
            if can_ask():
                for line in _plan_lines(plan):
                    tell(line)
            ask("Replace what is there?", yes=yes)
        result = _carry_out(session, library, plan, bundle)
    _show(session, plan, result, bundle)
    fail(plan, result)


def first_of_each(selected: list[Selection]) -> list[Selection]:
    """Of a model that several caches have, the first; the others are told of."""
    chosen: dict[str, Selection] = {}
    for one in selected:
        if one.key in chosen:
            tell(f"{one.root} has {one.key} too: --root {one.root} exports that one.")
        chosen.setdefault(one.key, one)
    return list(chosen.values())


def _carry_out(session: Session, library: Library, plan: ExportPlan, bundle: bool) -> ExportResult:
    try:
        with progress(session) as report:
            return library.archives.export(plan, bundle=bundle, report=report)
    except Cancelled:
        tell("Archives that were whole by then stay, and nothing of the others.")
        raise
    except ModelKeepError:
        if session.json:
            _show(session, plan, None, bundle)
        raise


def fail(plan: ExportPlan, result: ExportResult | None) -> None:
    """End with every refusal of the plan, or with what failed when it was carried out."""
    if result:
        problems = [(done.error, done.hint) for done in result.items if done.error]
    else:
        problems = [(item.refusal, item.hint) for item in plan.items if item.refusal]
    if not plan.fits:
        sentence = (
            f"The export needs {size_text(plan.needs)}, and {plan.folder} has {size_text(plan.free)} free."
        )
        problems.append((sentence, "Free some space, or choose another disk with --to."))
    if problems:
        raise Failure(*problems)


def _show(session: Session, plan: ExportPlan, result: ExportResult | None, bundle: bool) -> None:
    if session.json:
        print_json(signed_export(plan, result, bundle=bundle))
    elif result is None:
        for line in _plan_lines(plan):
            say(line)
    else:
        for archive in result.archives:
            volumes = f" in {len(archive.paths)} volumes" if len(archive.paths) > 1 else ""
            place = readable(str(archive.paths[0]))
            say(f"Exported {archive.key} to {place}: {size_text(archive.size)}{volumes}.")


def _plan_lines(plan: ExportPlan) -> Iterator[str]:
    title = click.style(f"To {readable(str(plan.folder))}:", bold=True)
    yield f"{title} needs {size_text(plan.needs)}, has {size_text(plan.free)} free"
    for item in plan.items:
        yield from item_lines(item)


def item_lines(item: ExportItem) -> Iterator[str]:
    """What a plan says of one archive."""
    name = click.style(readable(str(item.key)), bold=True)
    if item.refusal:
        yield f"  {click.style('✗', fg='red')} {name}"
        yield click.style(f"      {readable(item.refusal)}", fg="yellow")
        return
    volumes = f", {len(item.paths)} volumes" if len(item.paths) > 1 else ""
    files = f"{item.files:,} {'file' if item.files == 1 else 'files'}"
    yield f"  + {name}  {files}, {size_text(item.size)}{volumes}: {readable(item.target.name)}"
    if item.replaces:
        names = ", ".join(path.name for path in item.replaces)
        yield click.style(f"      replaces {readable(names)}", fg="yellow")
