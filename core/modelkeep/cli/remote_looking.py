"""`modelkeep remote models`, `show`, `history` and `verify`: what a remote holds, and whether it is all there."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from modelkeep.cli import remote_shapes as shapes
from modelkeep.cli.keys import KEY, short_name
from modelkeep.cli.listing import row_filter
from modelkeep.cli.output import Failure, on_terminal, print_json, print_plain, readable, say
from modelkeep.cli.places import REMOTE
from modelkeep.cli.progress import progress
from modelkeep.cli.session import Session, common_options, pass_session
from modelkeep.cli.shapes import iso_time
from modelkeep.keys import ModelKey
from modelkeep.text import age_text, count_text, exact_size_text, size_text, time_text

if TYPE_CHECKING:
    from rich.text import Text

    from modelkeep.remote.values import RefEntry, RemoteCheck
    from modelkeep.remotes import RemoteDetails
    from modelkeep.rows import ModelRow

__all__ = ["history", "models", "show", "verify"]

_WHERE_STYLES = {"there": "cyan", "both": "green", "newer": "yellow", "here": "dim"}
_MOST_FILES = 12  # of a model that a person sees


@click.command("models")
@click.argument("name", type=REMOTE)
@click.argument("text", default="", metavar="[FILTER]")
@click.option("--all", "everything", is_flag=True, help="Also list what only your caches have.")
@common_options
@pass_session
def models(session: Session, name: str, text: str, everything: bool) -> None:
    """List the models of a remote, and which of them are here.

    “Where” is “there” for what only the remote has, “both” for what is here too, “newer” where its main is another
    revision than the one that is here, and “here” for what only your caches have. FILTER is as for `modelkeep list`.
    In a pipe there is a line for each model, with tabs between: key, where, size, commit, time of the push, task,
    library.
    """
    passes = row_filter(text, "FILTER")
    with session.library() as library, progress(session) as report:
        found = library.remotes.rows(name, report=report)
    listed = [row for row in found if everything or row.where != "here"]
    rows = [row for row in listed if passes(row)]
    if session.json:
        print_json([shapes.model(row, name) for row in rows])
    elif not on_terminal():
        print_plain(map(_line, rows))
    elif rows:
        _print_table(rows, len(listed))
    else:
        say("Nothing passes the filter." if listed else f"There is no model on {readable(name)} yet.")


def _line(row: ModelRow) -> tuple[object, ...]:
    pushed = (iso_time(row.modified) or "") if row.where != "here" else ""
    return row.key, row.where, row.size, _main(row), pushed, row.task, row.library


def _main(row: ModelRow) -> str:
    led = [revision.commit for revision in row.revisions if "main" in revision.refs]
    return (led or [revision.commit for revision in row.revisions] or [""])[0]


def _print_table(rows: Sequence[ModelRow], total: int) -> None:
    from rich.text import Text

    from modelkeep.cli.tables import Column, print_table

    now = time.time()
    columns = [
        Column("Name"),
        Column("Task", rank=2),
        Column("Library", rank=3),
        Column("Params", right=True, rank=4),
        Column("Size", right=True),
        Column("Pushed", right=True, rank=1),
        Column("Where"),
    ]
    print_table(
        columns,
        [
            [
                Text(readable(short_name(row.repo_id, row.repo_type)), style="bold"),
                row.task,
                row.library,
                count_text(row.parameters) if row.parameters else "",
                size_text(row.size),
                age_text(max(0.0, now - row.modified)) if row.modified and row.where != "here" else "",
                _where(row),
            ]
            for row in rows
        ],
    )
    count = f"{len(rows):,} of {total:,}" if len(rows) < total else f"{total:,}"
    size = size_text(sum(row.size for row in rows))
    say(click.style(f"\n{count} {'model' if count == '1' else 'models'}, {size}.", dim=True))


def _where(row: ModelRow) -> Text:
    from rich.text import Text

    said = Text(row.where, style=_WHERE_STYLES.get(row.where, ""))
    if row.where in ("here", "both") and row.state in ("incomplete", "damaged"):
        said.append(f", {row.state} here", style="yellow")
    return said


# ---- one model


@click.command("show")
@click.argument("name", type=REMOTE)
@click.argument("key", type=KEY, metavar="KEY")
@common_options
@pass_session
def show(session: Session, name: str, key: ModelKey) -> None:
    """Show all that a remote says of a model. KEY@REVISION is one of its revisions."""
    with session.library() as library, progress(session) as report:
        found = library.remotes.look(name, str(key), report=report)
    if session.json:
        print_json(shapes.details(found, name))
        return
    for line in _detail_lines(found, name):
        say(line)


def _detail_lines(found: RemoteDetails, name: str) -> Iterator[str]:
    manifest, said = found.manifest, found.manifest.summary
    yield f"{click.style(readable(str(found.model.key)), bold=True)} on {readable(name)}"
    files = "1 file" if len(manifest.files) == 1 else f"{len(manifest.files):,} files"
    facts = [
        ("commit", manifest.commit),
        ("size", f"{size_text(manifest.size)} ({exact_size_text(manifest.size)}) in {files}"),
        ("", "" if manifest.is_complete else "not known to be all files of the commit"),
        ("description", manifest.description),
        ("task", said.task),
        ("library", said.library),
        ("licence", said.licence),
        ("made from", manifest.lineage.parent),
        ("first of all", manifest.lineage.root if manifest.lineage.root != manifest.lineage.parent else ""),
        ("made from it", ", ".join(found.children)),
        ("origin", manifest.origin),
        ("pushed", " by ".join(filter(None, (time_text(manifest.created_at), manifest.created_by)))),
    ]
    for label, text in facts:
        if text:
            yield f"  {click.style(label.ljust(12), dim=True)}  {readable(text)}"
    shown = manifest.files if len(manifest.files) <= _MOST_FILES else manifest.files[: _MOST_FILES - 1]
    for file in shown:
        yield f"    {size_text(file.size):>9}  {readable(file.path)}"
    if len(shown) < len(manifest.files):
        yield f"    and {len(manifest.files) - len(shown):,} more files (--json has all)"
    yield click.style("Revisions:", bold=True)
    for one in found.model.revisions:
        refs = f"  {', '.join(one.refs)}" if one.refs else ""
        who = " by ".join(filter(None, (time_text(one.pushed_at), one.pushed_by)))
        message = f"  “{one.message}”" if one.message else ""
        yield readable(f"  {one.commit[:12]}{refs}  {size_text(one.size)}  {who}{message}")


@click.command("history")
@click.argument("name", type=REMOTE)
@click.argument("key", type=KEY, metavar="KEY")
@click.option("--ref", default="", metavar="NAME", help="The branch or tag, as in KEY@NAME; main by default.")
@common_options
@pass_session
def history(session: Session, name: str, key: ModelKey, ref: str) -> None:
    """Show how a branch or tag of a model came to lead where it does.

    In a pipe there is a line for each step, the newest first, with tabs between: number, time, commit (empty where
    it was removed), the commit before, by whom, message.
    """
    with session.library() as library:
        steps = library.remotes.history(name, str(key.at(None)), ref=ref or key.revision or "main")
    if session.json:
        print_json([shapes.entry(one) for one in steps])
    elif not on_terminal():
        print_plain(
            (one.number, iso_time(one.at) or "", one.commit, one.was, one.by, one.message) for one in steps
        )
    elif steps:
        for one in steps:
            say(_step(one))
    else:
        say(f"{readable(ref or key.revision or 'main')} of {readable(key.repo_id)} has no history.")


def _step(one: RefEntry) -> str:
    leads = one.commit[:12] or "removed     "
    who = " by ".join(filter(None, (time_text(one.at), one.by)))
    return readable(f"{one.number:>4}  {leads}  {who}{f'  “{one.message}”' if one.message else ''}")


# ---- whether it is all there


@click.command("verify")
@click.argument("name", type=REMOTE)
@click.argument("key", type=KEY, required=False, metavar="[KEY]")
@click.option("--deep", is_flag=True, help="Read and hash every content, not only names and sizes.")
@common_options
@pass_session
def verify(session: Session, name: str, key: ModelKey | None, deep: bool) -> None:
    """Tell whether what a remote holds is all there. Without a KEY all of it is looked at."""
    with session.library() as library, progress(session) as report:
        found = library.remotes.verify(name, str(key) if key else "", deep=deep, report=report)
    if session.json:
        print_json(shapes.verification(found))
    elif found.is_good:
        say(_good(found))
    if not found.is_good:
        raise Failure(*_bad(found))


def _good(found: RemoteCheck) -> str:
    revisions = "1 revision" if found.revisions == 1 else f"{found.revisions:,} revisions"
    files = "1 file" if found.files == 1 else f"{found.files:,} files"
    how = f"{size_text(found.read)} read and right" if found.read else "by names and sizes"
    return f"{revisions} with {files}: all is there ({how})."


def _bad(found: RemoteCheck) -> Iterator[tuple[str, str]]:
    words = {"missing": "is missing", "wrong-size": "has another size", "wrong-content": "has other content"}
    for one in found.problems:
        more = f" and {len(one.files) - 1} more files" if len(one.files) > 1 else ""
        what = f"{one.files[0]}{more}" if one.files else f"The content {one.sha256[:12]}"
        yield (
            f"{what}: {words.get(one.problem, one.problem)} there.",
            "Push the model again from where it is whole.",
        )
    for sentence in found.left_out:
        yield sentence, ""
