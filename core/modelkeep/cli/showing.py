"""`modelkeep show`: all that is known of one model."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from modelkeep.cli import shapes
from modelkeep.cli.keys import KEY, short_name
from modelkeep.cli.looking import cached, choose
from modelkeep.cli.output import on_terminal, print_json, print_plain, readable, say, tell
from modelkeep.cli.session import Session, common_options, pass_session
from modelkeep.keys import ModelKey
from modelkeep.text import age_text, count_text, exact_size_text, size_text, time_text

if TYPE_CHECKING:
    from modelkeep.details import ModelDetails

__all__ = ["show"]

_HOW_WE_KNOW = {
    "journal": "",
    "atime": "or later: only the access times of its files say so",
    "atime-unreliable": "or later: this disk does not keep access times",
}


@click.command("show")
@click.argument("key", type=KEY)
@click.option("--card", is_flag=True, help="Print the model card, as Markdown, and nothing else.")
@common_options
@pass_session
def show(session: Session, key: ModelKey, card: bool) -> None:
    """Show all that is known of a model.

    KEY is org/name, org/name@revision or hf@org/name@revision. Of a model that several caches have, the first one's
    is shown; --root chooses another.
    """
    with session.library() as library:
        selected = choose(session, library, [key])
        first, *others = selected
        for other in others:
            tell(f"{other.root} has it too: add --root {other.root} to see that one.")
        details = library.details(first.root, str(key.at(None)), key.revision)
        if session.json:
            print_json(shapes.details(details, cached(library, details.row)))
        elif card:
            say(details.card)
        elif on_terminal():
            _print_details(details)
        else:
            print_plain((label, value) for label, value in _facts(details) if value)
            print_plain(("file", file.name, file.kind, file.size, file.blob) for file in details.files)
            print_plain(("missing", name) for name in details.missing)
            print_plain(("problem", kind, path, message) for kind, path, message in details.problems)


def _facts(details: ModelDetails) -> Iterator[tuple[str, str]]:
    """Everything that fits a line, by its name; "" for what is not known."""
    row, said, origin = details.row, details.description, details.provenance
    yield "key", row.key
    yield "state", row.state
    yield "size", f"{size_text(row.size)} ({exact_size_text(row.size)}), {size_text(row.on_disk)} on disk"
    yield "frees", size_text(row.frees)
    yield "last used", _last_used(details)
    yield "pinned", "yes, nothing removes it" if row.pinned else ""
    yield "note", row.note
    yield "task", said.task
    yield "library", said.library
    yield "licence", said.licence
    yield "languages", ", ".join(said.languages)
    yield "tags", ", ".join(said.tags)
    yield "architecture", said.architecture
    yield "parameters", _parameters(details)
    yield "quantisation", said.quantisation
    yield "context", f"{said.context:,} tokens" if said.context else ""
    yield "weights", ", ".join(said.formats)
    yield "based on", ", ".join(said.base_models)
    yield "trained on", ", ".join(said.datasets)
    yield "own code", "yes: loading it may run code of the repository" if said.custom_code else ""
    yield "pickles", "yes: loading one can run anything" if said.has_pickles else ""
    yield "from", origin.url or origin.archive
    yield "imported from", origin.archive if origin.url else ""
    yield "came", " by ".join(filter(None, (time_text(origin.at), origin.by)))
    yield "verified", _verified(details)
    yield "commit", f"{details.commit} {_refs(details)}".strip()
    yield "folder", details.snapshot


def _last_used(details: ModelDetails) -> str:
    row = details.row
    if not row.last_used:
        return ""
    age = age_text(max(0.0, time.time() - row.last_used))
    text = f"{time_text(row.last_used)}, {'just now' if age == 'now' else f'{age} ago'}"
    if details.used_by:
        text += f", by {details.used_by}"
    how = _HOW_WE_KNOW.get(row.last_used_source, "")
    return f"{text} ({how})" if how else text


def _verified(details: ModelDetails) -> str:
    known = details.trusted.verified
    if known is None:
        return ""
    age = age_text(max(0.0, time.time() - known.at))
    how = "all files read" if known.deep else "what had not changed was not read again"
    return f"{known.verdict}, {'just now' if age == 'now' else f'{age} ago'}, {how}"


def _parameters(details: ModelDetails) -> str:
    said = details.description
    if not said.parameters:
        return ""
    by_dtype = ", ".join(f"{count:,} {dtype}" for dtype, count in said.parameters_by_dtype)
    return f"{count_text(said.parameters)} ({by_dtype})"


def _refs(details: ModelDetails) -> str:
    refs = [ref for ref, commit in details.refs if commit == details.commit]
    return f"({', '.join(refs)})" if refs else ""


# ---- on a terminal


def _print_details(details: ModelDetails) -> None:
    from modelkeep.cli.tables import Column, print_table

    row = details.row
    say(click.style(readable(short_name(row.repo_id, row.repo_type)), bold=True))
    facts = [(label, value) for label, value in _facts(details) if value]
    width = max(len(label) for label, _ in facts)
    for label, value in facts:
        say(f"  {click.style(label.ljust(width), dim=True)}  {readable(value)}")
    _section("Files")
    columns = [Column("Name"), Column("Kind", rank=1), Column("Size", right=True), Column("Blob", rank=2)]
    print_table(
        columns,
        [
            (file.name, file.kind, size_text(file.size) if file.is_here else "not here", file.blob[:12])
            for file in details.files
        ],
    )
    for name in details.missing:
        say(f"{click.style('missing', fg='yellow')}  {readable(name)}")
    if len(row.revisions) > 1:
        _section("Revisions")
        columns = [
            Column("Revision"),
            Column("Commit"),
            Column("Size", right=True),
            Column("Frees", right=True),
        ]
        print_table(
            [*columns, Column("State")],
            [
                (
                    ", ".join(one.refs),
                    one.commit[:12],
                    size_text(one.size),
                    size_text(one.frees),
                    one.state,
                )
                for one in row.revisions
            ],
        )
    remarks = [*details.description.notes, *(message for _, _, message in details.problems)]
    if remarks:
        _section("Remarks")
        for remark in remarks:
            say(f"  {click.style('!', fg='yellow')} {readable(remark)}")
    if details.files:
        _section("Use it")
        for line in details.snippet.splitlines():
            say(f"  {line}".rstrip())


def _section(title: str) -> None:
    say(f"\n{click.style(title, bold=True)}")
