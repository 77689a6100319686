"""`modelkeep serve`: be a hub for other machines, and the tokens for that."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import click

from modelkeep.cli import serve_shapes
from modelkeep.cli.output import Failure, on_terminal, print_json, print_plain, readable, say, tell, warn
from modelkeep.cli.session import Session, common_options, pass_session
from modelkeep.errors import SettingsError
from modelkeep.text import parse_size, time_text

if TYPE_CHECKING:
    from modelkeep.library import Library
    from modelkeep.serve.options import ServeOptions
    from modelkeep.serve.outlet import Outlet
    from modelkeep.serve.tokens import Token, Tokens

__all__ = ["serve"]

Command = TypeVar("Command", bound=Callable[..., Any])

_FILE = click.Path(dir_okay=False, path_type=Path)
_COUNT = click.IntRange(min=0)
_SECONDS = click.FloatRange(min=0)


def _size(context: click.Context, parameter: click.Parameter, value: str) -> int:
    if value == "0":
        return 0
    try:
        return parse_size(f"{value}B" if value.isdigit() else value)
    except ValueError as error:
        raise click.BadParameter(f"“{value}” is no size; write 50GB.", context, parameter) from error


def _serve_options(command: Command) -> Command:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


_OPTIONS = (
    click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at."),
    click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0 for any."),
    click.option("--allow-push", is_flag=True, help="Let tokens that may write push models."),
    click.option(
        "--into",
        type=click.Path(file_okay=False, path_type=Path),
        metavar="DIR",
        help="The cache that takes what is pushed; the first one, if not said.",
    ),
    click.option("--public/--private", default=True, help="Whether reading needs no token (it does not)."),
    click.option("--token-required", is_flag=True, help="The same as --private."),
    click.option("--certfile", type=_FILE, metavar="FILE", help="A certificate (PEM), to speak TLS."),
    click.option("--keyfile", type=_FILE, metavar="FILE", help="Its key, if that is in another file."),
    click.option("--log", type=_FILE, metavar="FILE", help="Add to this file who fetched and pushed what."),
    click.option(
        "--max-upload", default="0", callback=_size, metavar="SIZE", help="The largest file to take: 50GB."
    ),
    click.option("--rate", default=0, type=_COUNT, metavar="N", help="Requests a minute that a client has."),
    click.option("--max-connections", default=512, show_default=True, type=click.IntRange(min=1)),
    click.option(
        "--grace",
        default=30.0,
        show_default=True,
        type=_SECONDS,
        help="Seconds that transfers have to end in when the server stops.",
    ),
    click.option(
        "--stall",
        default=60.0,
        show_default=True,
        type=click.FloatRange(min=0, min_open=True),
        help="Seconds without a byte after which a client is given up.",
    ),
    click.option("--print-env", is_flag=True, help="Print what clients have to set, and do not serve."),
    click.option(
        "--shell",
        type=click.Choice(["sh", "powershell", "cmd"]),
        default="sh",
        help="The language of what clients have to set.",
    ),
    click.option("--until-stdin-closes", is_flag=True, help="Stop when standard input ends."),
)


@click.group("serve", invoke_without_command=True)
@_serve_options
@common_options
@click.pass_context
@pass_session
def serve(session: Session, context: click.Context, /, **chosen: Any) -> None:
    """Be a hub for other machines.

    The tools of Hugging Face fetch from this one, once HF_ENDPOINT names it.
    Only this machine is served, and only for reading, unless you say otherwise. Ctrl-C stops when the transfers under
    way have ended, a second one at once.
    """
    if context.invoked_subcommand is None:
        with _needing_the_extra():
            _serve(session, **chosen)


def _serve(session: Session, *, shell: Any, print_env: bool, until_stdin_closes: bool, **chosen: Any) -> None:
    from modelkeep.serve.access import Access
    from modelkeep.serve.app import make_app
    from modelkeep.serve.environment import environment, environment_block
    from modelkeep.serve.journal import Journal
    from modelkeep.serve.options import ServeOptions
    from modelkeep.serve.server import HubServer, listen, server_url, stop_when_closed
    from modelkeep.serve.shelf import Shelf
    from modelkeep.serve.tokens import Tokens

    public, token_required = chosen.pop("public"), chosen.pop("token_required")
    options = ServeOptions(**chosen, token_required=token_required or not public)
    if options.keyfile and not options.certfile:
        raise click.UsageError("--keyfile needs --certfile.")
    if print_env:
        variables = environment(server_url(options), options)
        print_json(variables) if session.json else say(environment_block(variables, shell))
        return
    with session.library() as library:
        options, roots = _with_root(options, library)
        tokens = Tokens()
        _refuse_unsafe(options, tokens)
        for root in roots:
            if not root.is_dir():
                warn(f"{root} is not there; what is in it is served as soon as it is.")
        with ExitStack() as stack:
            bound = stack.enter_context(listen(options))
            url = server_url(options, bound)
            variables = environment(url, options)
            log = _outlet(stack, _log(options, stack))
            events = _outlet(stack, sys.stdout, lambda: server.stop()) if session.json else None
            journal = Journal(log, emit=_emit(events) if events else None, catalog=library.catalog)
            shelf = Shelf(roots, catalog=library.catalog)
            app = make_app(shelf, options, Access(tokens, options), journal, catalog=library.catalog)
            server = HubServer(app, options, journal)
            if until_stdin_closes:
                stop_when_closed(sys.stdin.fileno(), server)

            def listening() -> None:
                count = len(shelf.repos())
                journal.event(serve_shapes.listening(url, variables, options, shelf.roots, count))
                if not session.json:
                    _announce(url, environment_block(variables, shell), options, count)

            # A client waits ten seconds for the name of a file, which may be less than reading it takes.
            threading.Thread(target=shelf.name_files, name="naming files", daemon=True).start()
            server.serve_at(bound, listening)
            if events and events.dropped:
                journal.note(f"{events.dropped:,} events were not read in time, and were dropped")
            journal.event({"event": "stopped"})
    if not session.json:
        tell("Stopped.")


def _log(options: ServeOptions, stack: ExitStack) -> TextIO:
    if options.log is None:
        return sys.stderr
    try:
        return stack.enter_context(open(options.log, "a", encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{options.log} cannot be written ({error.strerror}).") from error


def _with_root(options: ServeOptions, library: Library) -> tuple[ServeOptions, list[Path]]:
    """The options with the root that takes what is pushed, and all roots, that one among them."""
    roots = [Path(os.path.realpath(root)) for root in library.roots]
    if not options.allow_push:
        if options.into:
            raise click.UsageError("--into needs --allow-push.")
        return options, roots
    into = Path(os.path.realpath(options.into.expanduser())) if options.into else roots[0]
    return replace(options, into=into), roots if into in roots else [*roots, into]


def _refuse_unsafe(options: ServeOptions, tokens: Tokens) -> None:
    """Stop where a server would be open to everybody, or closed to all; warn of what is only unwise."""
    from modelkeep.serve.options import is_loopback

    valid = [token for token in tokens.all() if token.is_valid(time.time())]
    writes = any(token.can_write for token in valid)
    hint = "Make one first: `modelkeep serve token add NAME --write`."
    if options.allow_push and not writes:
        if not is_loopback(options.host):
            raise SettingsError("Other machines may not push to a server without a token for it.", hint=hint)
        warn("Nobody can push: there is no token that may write. `modelkeep serve token add NAME --write`")
    if options.token_required and not valid:
        raise SettingsError(
            "Nobody could read: a token is needed and there is none.",
            hint="Make one first: `modelkeep serve token add NAME`.",
        )
    if valid and not options.certfile and not is_loopback(options.host):
        warn("Tokens travel unprotected, as there is no TLS: use --certfile, or a proxy that speaks it.")


def _outlet(stack: ExitStack, out: TextIO, gone: Callable[[], None] = lambda: None) -> Outlet:
    """Lines that the server does not wait for; `gone`: what to do when nobody can read them any more."""
    from modelkeep.serve.outlet import Outlet

    outlet = Outlet(out, gone=gone)
    stack.callback(outlet.close)
    return outlet


def _emit(events: Outlet) -> Callable[[dict[str, object]], None]:
    return lambda event: events.write(f"{json.dumps(event)}\n")


def _announce(url: str, block: str, options: ServeOptions, count: int) -> None:
    what = "one repository" if count == 1 else f"{count:,} repositories"
    say(f"Serving {what} at {url}, for {'reading and pushing' if options.allow_push else 'reading'}.")
    say("Set this before Python starts:")
    say()
    say(block)
    say()
    say("Ctrl-C stops it.")


@contextmanager
def _needing_the_extra() -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("modelkeep"):
            raise
        sentence = f"Serving needs {error.name}, which is not installed."
        raise Failure((sentence, "Install it with: pip install 'modelkeep[serve]'")) from error


# ---- tokens


@serve.group("token")
@common_options
def token() -> None:
    """The tokens that clients of your servers use: add, list or remove. A running server sees every change."""


@token.command("add")
@click.argument("name")
@click.option("--write", is_flag=True, help="It may push, where the server takes pushes.")
@click.option(
    "--expires", type=click.FloatRange(min=0, min_open=True), metavar="DAYS", help="Not valid after."
)
@common_options
@pass_session
def add(session: Session, name: str, write: bool, expires: float | None) -> None:
    """Make a token for NAME, a person or a machine, and print it: it is shown this once and kept nowhere."""
    from modelkeep.serve.tokens import Tokens

    secret = Tokens().add(name, can_write=write, days=expires or 0.0)
    if session.json:
        print_json({"name": name, "token": secret, "write": write})
        return
    say(secret)
    if on_terminal():
        tell("It is shown this once. Its user sets it as HF_TOKEN.")


@token.command("list")
@common_options
@pass_session
def list_tokens(session: Session) -> None:
    """List the tokens: not themselves, but whose they are and what they may do.

    In a pipe there is a line for each, with tabs between: name, “read” or “write”, the time it expires or nothing.
    """
    from modelkeep.serve.tokens import Tokens

    tokens = Tokens().all()
    if session.json:
        print_json([serve_shapes.token(kept) for kept in tokens])
    elif on_terminal():
        for kept in tokens:
            say(f"{readable(kept.name)}: {_rights(kept)}{_until(kept)}")
    else:
        print_plain((kept.name, _rights(kept), serve_shapes.token(kept)["expires"] or "") for kept in tokens)


@token.command("remove")
@click.argument("name")
@common_options
@pass_session
def remove(session: Session, name: str) -> None:
    """Forget the token of NAME; who has it is refused from now on."""
    from modelkeep.serve.tokens import Tokens

    Tokens().remove(name)
    if session.json:
        print_json({"removed": name})
    else:
        say(f"Removed {readable(name)}.")


def _rights(kept: Token) -> str:
    return "write" if kept.can_write else "read"


def _until(kept: Token) -> str:
    if not kept.expires:
        return ""
    if not kept.is_valid(time.time()):
        return ", expired"
    return f", until {time_text(kept.expires)}"
