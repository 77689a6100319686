"""`modelkeep import`: what is in archives, what the cache makes of it, then bringing it in."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from modelkeep.cli.allowing import allow_unsafe_import, hint_of
from modelkeep.cli.consent import ask
from modelkeep.cli.import_shapes import import_plan
from modelkeep.cli.keys import KEY
from modelkeep.cli.output import Failure, can_ask, print_json, readable, say, tell
from modelkeep.cli.progress import progress
from modelkeep.cli.safety_lines import file_lines, tell_findings
from modelkeep.cli.session import Session, common_options, dry_run_option, pass_session, yes_option
from modelkeep.cli.signing import trusted_keys, verify_option
from modelkeep.errors import CacheNotFound, Cancelled, ModelKeepError, ReadOnlyCache
from modelkeep.keys import ModelKey
from modelkeep.text import size_text

if TYPE_CHECKING:
    from modelkeep.archive.import_plan import ImportItem, ImportPlan
    from modelkeep.archive.unpack import ImportResult
    from modelkeep.library import Library
    from modelkeep.safety import ModelVerdict

__all__ = ["import_models"]

_WHAT = {
    "new": "new",
    "add-revision": "a revision more",
    "complete": "completes what is here",
    "present": "is here already",
    "replace": "replaces files that are here",
    "conflict": "differs from what is here",
    "needs-name": "has no name",
    "refused": "refused",
}
_MOST_FILES = 10  # of which a plan says what was found in them


@click.command("import")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path), metavar="FILE..."
)
@click.option(
    "--as", "name", type=KEY, metavar="ORG/NAME", help="What to call a model that does not say its name."
)
@click.option(
    "--replace", is_flag=True, help="Where the same commit is here with other content, take the archive's."
)
@verify_option
@allow_unsafe_import
@dry_run_option
@yes_option
@common_options
@pass_session
def import_models(
    session: Session,
    files: tuple[Path, ...],
    name: ModelKey | None,
    replace: bool,
    verify_with: tuple[Path, ...],
    allow_unsafe: tuple[ModelKey, ...],
    dry_run: bool,
    yes: bool,
) -> None:
    """Bring models from archives into a cache.

    FILE is an archive (zip, tar, or the first of its volumes), a folder with a model, a git clone, or a bundle. They
    go into your default cache, or into the one that --root names. Another commit of a model that is here becomes a
    revision more. What a bundle leaves out is taken from this cache, or another of yours. On a terminal you see the
    plan, with what is found in the files at a glance, and are asked. What runs when a model is loaded is looked for
    before it gets into the cache: a model with something dangerous in it is not imported unless --allow-unsafe names
    it.
    """
    if len(session.roots) > 1:
        raise click.UsageError("An import goes into one cache: name one --root.")
    trusted = trusted_keys(verify_with)
    # What an archive leaves out may also be in another of the user's caches.
    with session.library(all_roots=True) as library:
        _check_root(library.roots[0])
        with progress(session) as report:
            plan = library.archives.plan_import(
                files, name=str(name) if name else None, replace=replace, trusted=trusted, report=report
            )
        if dry_run or not plan.fits:
            _show_plan(session, plan)
            _fail(plan, None)
            return
        # As people name models, so that the log can tell which of them were allowed.
        allowed = [str(key).removeprefix("hf@") for key in allow_unsafe]
        doable = [item for item in plan.items if not item.error and item.action != "present"]
        if doable and not yes and can_ask():
            for line in _plan_lines(plan):
                tell(line)
            needs_thought = any(item.replaces or _is_stopped(item, allowed) for item in doable)
            ask(_question(plan, len(doable)), yes=yes, default=not needs_thought)
        result = _carry_out(session, library, plan, allowed)
    _print_result(session, plan, result)
    _fail(plan, result)


def _check_root(root: str) -> None:
    """A cache is made when it does not exist, but not where a disk is away or nothing may be written."""
    from modelkeep.cache.inventory import RootState
    from modelkeep.cache.roots import root_state

    state, message = root_state(root)
    if state is RootState.READ_ONLY:
        raise ReadOnlyCache(f"{root} is read-only.", hint="Name another cache with --root DIR.")
    if not state.is_here and state is not RootState.MISSING:
        raise CacheNotFound(message, hint="Name another cache with --root DIR.")


def _carry_out(
    session: Session, library: Library, plan: ImportPlan, allow_unsafe: Sequence[str]
) -> ImportResult:
    try:
        with progress(session) as report:
            return library.archives.run_import(plan, allow_unsafe=allow_unsafe, report=report)
    except Cancelled:
        tell("What was whole by then was imported, and nothing of the rest.")
        raise
    except ModelKeepError:
        if session.json:
            print_json(import_plan(plan, None))
        raise


# ---- the plan


def _show_plan(session: Session, plan: ImportPlan) -> None:
    if session.json:
        print_json(import_plan(plan, None))
        return
    for line in _plan_lines(plan):
        say(line)


def _plan_lines(plan: ImportPlan) -> Iterator[str]:
    title = click.style(f"Into {readable(plan.root)}:", bold=True)
    yield f"{title} needs {size_text(plan.bytes_needed)}, has {size_text(plan.free)} free"
    for item in plan.items:
        yield from _item_lines(item)


def _item_lines(item: ImportItem) -> Iterator[str]:
    what = _WHAT[item.action]
    source = os.path.basename(item.source)
    if item.key is None:
        yield f"  {click.style('✗', fg='red')} {click.style(readable(source), bold=True)}  {what}"
    else:
        sign = click.style("✗", fg="red") if item.error else "=" if item.action == "present" else "+"
        name = click.style(readable(str(item.key)), bold=True)
        files = f"{len(item.files):,} {'file' if len(item.files) == 1 else 'files'}"
        yield f"  {sign} {name}  {what}: {files}, {size_text(item.size)}, from {readable(source)}"
    if not item.error:
        commit = f"commit {item.commit[:12]}" if item.commit else "commit known when it is read"
        proof = "has checksums" if item.checksums == "listed" else "has no checksums"
        yield click.style(f"      {commit}, {proof}, writes {size_text(item.bytes_needed)}", dim=True)
        yield _signature_line(item)
    if joins := item.joins:
        count = "1 file" if len(joins) == 1 else f"{len(joins):,} files"
        size = size_text(sum(file.size for file in joins))
        yield click.style(f"      takes {count}, {size}, from what is here", dim=True)
    if item.moves_ref:
        old, new = item.moves_ref.old[:12], (item.moves_ref.new or "the new commit")[:12]
        yield click.style(f"      {readable(item.moves_ref.name)} moves from {old} to {new}", fg="yellow")
    if item.replaces and not item.error:
        yield click.style(f"      replaces {readable(', '.join(item.replaces))}", fg="yellow")
    for sentence in (item.problem, *item.notes):
        if sentence:
            yield click.style(f"      {readable(sentence)}", fg="yellow")
    if item.safety:
        yield from _safety_lines(item, item.safety)


def _signature_line(item: ImportItem) -> str:
    """Who vouches for it. What an unknown key says of itself is not repeated: anybody can have written it."""
    signature = item.signature
    if signature is None:
        return click.style("      not signed", dim=True)
    if signature.is_verified:
        said = f"      signed by {signature.key_id}, verified: {readable(signature.comment)}"
        return click.style(said, fg="green")
    if signature.standing == "unknown-key":
        return click.style(f"      signed by an unknown key {signature.key_id}", fg="yellow")
    return click.style("      its signature is not true", fg="red")


def _safety_lines(item: ImportItem, found: ModelVerdict) -> Iterator[str]:
    """What was found in the files that were looked at, the worst first, and how many were not."""
    told = sorted((file for file in found.files if file.findings), key=lambda file: -file.verdict)
    for file in told[:_MOST_FILES]:
        for line in file_lines(file):
            yield f"    {line}"
    if len(told) > _MOST_FILES:
        yield f"      and {len(told) - _MOST_FILES:,} files more"
    if item.key and _is_stopped(item, ()):
        option = f"--allow-unsafe {item.key.repo_id}"
        yield click.style(f"      It is not imported unless you allow it by its name: {option}", fg="red")
    if count := len(item.unscanned):
        what = "1 file is" if count == 1 else f"{count:,} files are"
        yield click.style(f"      {what} scanned when it is imported", dim=True)


def _is_stopped(item: ImportItem, allowed: Collection[str]) -> bool:
    """Whether something dangerous was seen in it, and nobody allowed it by its name."""
    from modelkeep.safety import Verdict

    is_dangerous = item.safety is not None and item.safety.verdict is Verdict.DANGEROUS
    return is_dangerous and item.key is not None and item.key.repo_id not in allowed


def _question(plan: ImportPlan, count: int) -> str:
    what = "1 model" if count == 1 else f"{count} models"
    return f"Import {what} into {plan.root}?"


# ---- the result


def _print_result(session: Session, plan: ImportPlan, result: ImportResult) -> None:
    if session.json:
        print_json(import_plan(plan, result))
        return
    for done in result.items:
        if done.safety:
            tell_findings(done.safety)
        if done.error:
            continue
        if done.action == "present":
            say(f"{done.key} is in {readable(plan.root)} already.")
        else:
            linked = f", {size_text(done.bytes_linked)} were here" if done.bytes_linked else ""
            say(
                f"Imported {done.key} into {readable(plan.root)}: {size_text(done.bytes_written)} written{linked}."
            )


def _fail(plan: ImportPlan, result: ImportResult | None) -> None:
    """End with every error of the plan, or of the result when there is one."""
    errors = [done.error for done in result.items] if result else [item.error for item in plan.items]
    pairs = [(item, error) for item, error in zip(plan.items, errors, strict=True) if error]
    problems = [(str(error), _option_for(item) or hint_of(error, item.key)) for item, error in pairs]
    if not plan.fits:
        sentence = f"{size_text(plan.bytes_missing)} more are needed on the disk of {plan.root}."
        problems.append((sentence, "Free some space, or name another cache with --root DIR."))
    if problems:
        raise Failure(*problems)


def _option_for(item: ImportItem) -> str:
    """Where an option of the command helps, which one."""
    if item.action == "needs-name":
        return f"Give it a name: --as {item.proposal.repo_id if item.proposal else 'ORG/NAME'}"
    if item.action == "conflict":
        return "Verify both. With --replace the archive's files replace those in the cache."
    return ""
