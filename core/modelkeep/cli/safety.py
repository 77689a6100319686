"""`modelkeep safety`: what is in the files of a model before anything loads them. Changes nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from modelkeep.cli import safety_shapes as shapes
from modelkeep.cli.keys import KEY, complete_source
from modelkeep.cli.looking import choose
from modelkeep.cli.output import Failure, on_terminal, print_json, print_plain, readable, say
from modelkeep.cli.progress import progress
from modelkeep.cli.safety_lines import coloured, file_lines
from modelkeep.cli.session import Session, common_options, pass_session
from modelkeep.keys import ModelKey

if TYPE_CHECKING:
    from modelkeep.cache.inventory import CachedRevision
    from modelkeep.library import Library
    from modelkeep.progress import Report
    from modelkeep.safety import ModelVerdict

__all__ = ["safety"]


class _Scanned(NamedTuple):
    """What was scanned, named as the user knows it, and what was found."""

    what: str
    root: str
    commit: str
    verdict: ModelVerdict


@click.command("safety")
@click.argument("sources", nargs=-1, required=True, metavar="KEY...", shell_complete=complete_source)
@common_options
@pass_session
def safety(session: Session, sources: tuple[str, ...]) -> None:
    """Look for what would run when a model is loaded.

    Code may be in pickles, templates, layers and the like. Each KEY is a model with all its revisions, one revision,
    or a FILE or FOLDER; what is here as a path is taken for one. Nothing is loaded and nothing is changed. A scan is
    a filter and no proof. In a pipe there is a line for each finding, with tabs between: what was scanned, commit,
    path, verdict, kind, where in the file, sentence. The status is 1 when anything is suspicious or worse.
    """
    paths = [source for source in sources if _is_path(source)]
    keys = [KEY.convert(source, None, None) for source in sources if source not in paths]
    with session.library() as library:
        revisions = list(_revisions(session, library, keys))
        with progress(session) as report, library.catalog.batch():
            found = [*_scan_paths(library, paths, report), *_scan_revisions(library, revisions, report)]
    if session.json:
        print_json([shapes.scanned(*one) for one in found])
    elif on_terminal():
        _print(found)
    else:
        print_plain(
            (
                one.what,
                one.commit,
                file.path,
                finding.verdict.text,
                finding.kind,
                finding.where,
                finding.sentence,
            )
            for one in found
            for file in one.verdict.files
            for finding in file.findings
        )
    _fail_for(found)


def _is_path(source: str) -> bool:
    return source.startswith((".", "/", "~")) or os.path.exists(source)


def _revisions(
    session: Session, library: Library, keys: Sequence[ModelKey]
) -> Iterator[tuple[str, str, CachedRevision]]:
    """The revisions that keys mean, each with its model's key and its root."""
    for selected in choose(session, library, keys) if keys else ():
        key = ModelKey.known(selected.key)
        model = library.inventory(selected.root).by_key[key.at(None)]
        chosen = [model.revision(key.revision)] if key.revision else model.revisions
        yield from ((str(model.key), model.root, revision) for revision in chosen if revision)


def _scan_paths(library: Library, paths: Sequence[str], report: Report) -> Iterator[_Scanned]:
    from modelkeep.safety import scan_folder

    for path in paths:
        place = Path(path).expanduser()
        if not place.exists():
            raise Failure((f"There is no {path}.", "A model is named org/name, without “./” before it."))
        yield _Scanned(path, "", "", scan_folder(place, report, memory=library.catalog))


def _scan_revisions(
    library: Library, revisions: Sequence[tuple[str, str, CachedRevision]], report: Report
) -> Iterator[_Scanned]:
    from modelkeep.safety import scan_revision

    for key, root, revision in revisions:
        verdict = scan_revision(revision, report, memory=library.catalog)
        yield _Scanned(key, root, revision.commit, verdict)


def _print(found: Sequence[_Scanned]) -> None:
    from modelkeep.safety import FILTER_NOT_PROOF

    for one in found:
        name = click.style(readable(one.what), bold=True)
        say(f"{name}  {one.commit[:8]}".rstrip() + f"  {coloured(one.verdict.verdict.text)}")
        for file in sorted(one.verdict.files, key=lambda file: -file.verdict):
            if file.findings:
                for line in file_lines(file):
                    say(line)
    say(click.style(f"\n{FILTER_NOT_PROOF}", dim=True))


def _fail_for(found: Sequence[_Scanned]) -> None:
    from modelkeep.safety import Verdict

    said = {
        Verdict.SUSPICIOUS: "has something suspicious in it.",
        Verdict.COULD_NOT_SCAN: "could not be scanned in full, so it may hold anything.",
        Verdict.DANGEROUS: "has something dangerous in it.",
    }
    hint = "Do not load it before you know what it is; safetensors files hold only numbers."
    if bad := [
        (f"{one.what} {said[one.verdict.verdict]}", hint) for one in found if one.verdict.verdict in said
    ]:
        raise Failure(*bad)
