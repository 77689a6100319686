"""`modelkeep inventory` and `modelkeep bundle`: the two sides of an air gap."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from modelkeep.cli.amounts import VolumeSize
from modelkeep.cli.carrying_shapes import bundle_plan, new_key
from modelkeep.cli.consent import ask
from modelkeep.cli.exporting import fail, first_of_each, item_lines
from modelkeep.cli.keys import KEY
from modelkeep.cli.looking import choose, require_roots, scan_roots
from modelkeep.cli.output import Failure, can_ask, on_terminal, print_json, readable, say, tell, warn
from modelkeep.cli.progress import progress
from modelkeep.cli.session import Session, common_options, dry_run_option, pass_session, yes_option
from modelkeep.cli.signing import new_password, sign_option, signer_of
from modelkeep.disk import disk_errors, write_atomically
from modelkeep.errors import Cancelled, ModelKeepError
from modelkeep.keys import ModelKey
from modelkeep.text import size_text

if TYPE_CHECKING:
    from modelkeep.archive.holdings import Holdings
    from modelkeep.archive.pack import ExportResult
    from modelkeep.carrying import BundlePlan
    from modelkeep.library import Library

__all__ = ["bundle", "inventory"]

_FOLDER_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_. -]{0,99}")


@click.command("inventory")
@click.option("--name", default="", metavar="NAME", help="What to call this site; otherwise it has no name.")
@click.option(
    "--to",
    "target",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write it to this file, packed where the name ends in .gz.",
)
@yes_option
@common_options
@pass_session
def inventory(session: Session, name: str, target: Path | None, yes: bool) -> None:
    """Write down what this site has, for the other side of an air gap.

    By it `modelkeep bundle --for` packs only what is missing here. It is JSON with a line for each content and each
    model: names of models, their commits, the sizes and checksums of their files. It has no paths, no notes, and no
    name of this machine or its users.
    """
    if target is None and on_terminal():
        raise click.UsageError("Send it to a file: modelkeep inventory > here.json, or --to here.json.")
    if len(name) > 100 or not name.isprintable():
        raise click.UsageError("The name of a site is one line of 100 characters at most.")
    require_roots(session)
    with session.library() as library:
        for view in scan_roots(session, library):
            warn(view.message if view.state != "missing" else "")
        holdings = library.archives.holdings(name=name)
    data = holdings.to_json()
    if target is None:
        say(data.decode().rstrip())
        return
    if target.exists():
        ask(f"Replace {readable(str(target))}?", yes=yes)
    if not target.parent.is_dir():
        raise Failure((f"There is no folder {target.parent}.", "Make it first, or choose another."))
    with disk_errors(target):
        packed = gzip.compress(data, mtime=0) if target.suffix == ".gz" else data
        write_atomically(target, packed)
    tell(_summary(holdings, len(packed)))


def _summary(holdings: Holdings, size: int) -> str:
    models = "1 model" if len(holdings.models) == 1 else f"{len(holdings.models):,} models"
    return f"{models}, {len(holdings.contents):,} contents, {size_text(size)}. Its id is {holdings.id}."


@click.command("bundle")
@click.argument("keys", type=KEY, nargs=-1, metavar="KEY...")
@click.option(
    "--for",
    "inventory_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The inventory of the other side: what it has is left out.",
)
@click.option("--to", "target", type=click.Path(path_type=Path), metavar="DIR", help="Where to.")
@click.option("--name", default="", metavar="NAME", help="Make it a folder of this name in DIR.")
@click.option(
    "--split",
    type=VolumeSize(),
    help="Split archives into volumes of this size (4GB, 700MiB; fat32 for its limit).",
)
@sign_option
@click.option(
    "--make-key",
    "key_stem",
    type=click.Path(path_type=Path),
    metavar="NAME",
    help="Make a key to sign with, NAME.key and NAME.pub, and nothing else.",
)
@click.option("--no-password", is_flag=True, help="With --make-key: keep the secret key without a password.")
@dry_run_option
@yes_option
@common_options
@pass_session
def bundle(
    session: Session,
    keys: tuple[ModelKey, ...],
    inventory_file: Path | None,
    target: Path | None,
    name: str,
    split: int | None,
    sign_with: Path | None,
    key_stem: Path | None,
    no_password: bool,
    dry_run: bool,
    yes: bool,
) -> None:
    """Pack models for the other side of an air gap, less what it has.

    DIR gets an archive for each KEY, their checksums and an index; `modelkeep import DIR` on the other side puts the
    models together with what is there. With --for, the inventory that `modelkeep inventory` wrote there, only files
    that are missing there are packed; without it all are.
    """
    if key_stem is not None:
        _make_key(session, key_stem, no_password)
        return
    if not keys or target is None:
        raise click.UsageError("Name the models, and with --to where they go.")
    if name and not _FOLDER_NAME.fullmatch(name):
        raise click.UsageError("A bundle's name is the name of a folder.")
    from modelkeep.archive.holdings import read_holdings
    from modelkeep.archive.pack import ArchiveOptions

    holdings = read_holdings(inventory_file) if inventory_file else None
    options = ArchiveOptions(split=split, signer=signer_of(sign_with))
    with session.library() as library:
        selected = first_of_each(choose(session, library, keys))
        with progress(session) as report:
            plan = library.archives.plan_bundle(
                selected, target / name, holdings, options=options, report=report
            )
        if dry_run or not plan.export.fits or not plan.export.items:
            _show(session, plan, None)
            fail(plan.export, None)
            return
        if any(item.replaces for item in plan.export.items) and not yes:
            if can_ask():
                for line in _plan_lines(plan):
                    tell(line)
            ask("Replace what is there?", yes=yes)
        result = _carry_out(session, library, plan)
    _show(session, plan, result)
    fail(plan.export, result)


def _make_key(session: Session, stem: Path, no_password: bool) -> None:
    from modelkeep.archive.minisign import make_key, write_key

    secret = make_key()
    key, pub = write_key(secret, stem, None if no_password else new_password())
    if session.json:
        print_json(new_key(secret.public, key, pub))
        return
    say(f"The key {secret.public.name} is in {readable(str(key))}: keep it secret.")
    say(f"Whoever imports needs {readable(str(pub))}; carry it by another way than the bundles.")


def _carry_out(session: Session, library: Library, plan: BundlePlan) -> ExportResult:
    try:
        with progress(session) as report:
            return library.archives.bundle(plan, report=report)
    except Cancelled:
        tell("Archives that were whole by then stay, without an index, and nothing of the others.")
        raise
    except ModelKeepError:
        if session.json:
            _show(session, plan, None)
        raise


def _show(session: Session, plan: BundlePlan, result: ExportResult | None) -> None:
    if session.json:
        print_json(bundle_plan(plan, result))
        return
    if result is None:
        for line in _plan_lines(plan):
            say(line)
        return
    for archive in result.archives:
        volumes = f" in {len(archive.paths)} volumes" if len(archive.paths) > 1 else ""
        say(f"Packed {archive.key}: {size_text(archive.size)}{volumes}.")
    if result.archives:
        say(f"The bundle is {readable(str(plan.export.folder))}.")
    for held in plan.held:
        say(f"{held.key} is not packed: the other side has it.")


def _plan_lines(plan: BundlePlan) -> Iterator[str]:
    export = plan.export
    title = click.style(f"To {readable(str(export.folder))}:", bold=True)
    yield f"{title} needs {size_text(export.needs)}, has {size_text(export.free)} free"
    for item in export.items:
        yield from item_lines(item)
        if item.absent:
            count = "1 file" if len(item.absent) == 1 else f"{len(item.absent):,} files"
            yield click.style(f"      the other side has {count}, {size_text(item.saved)}", dim=True)
    for held in plan.held:
        yield f"  = {click.style(readable(str(held.key)), bold=True)}  the other side has it: {size_text(held.size)}"
    if not export.items:
        yield "Nothing has to be packed."
        return
    volumes = "1 file" if plan.volumes == 1 else f"{plan.volumes:,} files"
    saved = f", {size_text(plan.saved)} need not be carried" if plan.holdings else ""
    yield f"{size_text(export.total)} in {volumes}{saved}"
    if plan.holdings:
        site = f"“{readable(plan.holdings.name)}”" if plan.holdings.name else "a site"
        yield click.style(
            f"Packed for {site}, by its inventory {plan.holdings.id} of {plan.holdings.made_at}", dim=True
        )
    if export.options.signer:
        yield click.style(f"Signed by the key {export.options.signer.public.name}", dim=True)
