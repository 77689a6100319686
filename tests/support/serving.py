"""Our own server, started in a thread or as a process, on a port that the system chooses."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from modelkeep.serve.access import Access
from modelkeep.serve.app import make_app
from modelkeep.serve.journal import Journal
from modelkeep.serve.options import ServeOptions
from modelkeep.serve.server import HubServer, listen, server_url
from modelkeep.serve.shelf import Shelf
from modelkeep.serve.tokens import Tokens

COMMAND = [sys.executable, "-m", "modelkeep"]


@dataclass
class Served:
    """A running server: its URL, what it wrote down, and its events."""

    url: str
    server: HubServer
    shelf: Shelf
    tokens: Tokens
    journal: Journal
    log: io.StringIO
    events: list[dict[str, Any]]
    session: requests.Session = field(default_factory=requests.Session)

    def get(self, path: str, **named: Any) -> requests.Response:
        return self.session.get(f"{self.url}{path}", timeout=20, **named)

    def head(self, path: str, **named: Any) -> requests.Response:
        return self.session.head(f"{self.url}{path}", timeout=20, **named)

    def post(self, path: str, **named: Any) -> requests.Response:
        return self.session.post(f"{self.url}{path}", timeout=20, **named)

    @property
    def address(self) -> tuple[str, int]:
        host, _, port = self.url.rpartition("/")[2].rpartition(":")
        return host, int(port)


@contextmanager
def serving(
    *roots: Path, ready: Callable[[Tokens], object] = lambda tokens: None, **options: Any
) -> Iterator[Served]:
    """A server of `roots` in a thread; `ready` gets the tokens before it starts, `options` are `ServeOptions`."""
    chosen = ServeOptions(**{"port": 0, "grace": 5.0} | options)
    tokens = Tokens()
    ready(tokens)
    log, events = io.StringIO(), list[dict[str, Any]]()
    journal = Journal(log, emit=events.append)
    shelf = Shelf(roots)
    server = HubServer(make_app(shelf, chosen, Access(tokens, chosen), journal), chosen, journal)
    bound = listen(chosen)
    listening = threading.Event()
    thread = threading.Thread(target=server.serve_at, args=(bound, listening.set))
    thread.start()
    assert listening.wait(20)
    served = Served(server_url(chosen, bound), server, shelf, tokens, journal, log, events)
    try:
        yield served
    finally:
        served.session.close()
        server.stop(at_once=True)
        thread.join(20)
        assert not thread.is_alive()


def clean_environment(home: Path, variables: Mapping[str, str]) -> dict[str, str]:
    """An environment with nothing of the Hub's but `variables`, and a home of its own."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("HF_", "HUGGING", "TRANSFORMERS_", "XDG_"))
        and not name.lower().endswith("_proxy")
    }
    return kept | {
        "HOME": str(home),
        "HF_HOME": str(home / "hf"),
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        **variables,
    }


def client_environment(home: Path, url: str, **more: str) -> dict[str, str]:
    """What a client has to set, and no more."""
    from modelkeep.serve.environment import environment

    return clean_environment(home, environment(url, ServeOptions()) | more)


def run_client(code: str, environment: Mapping[str, str]) -> Any:
    """What Python code prints as JSON, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=dict(environment),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@contextmanager
def serve_process(*arguments: str, **popen: Any) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """`modelkeep serve --json` as a process, and its first event."""
    with subprocess.Popen(
        [*COMMAND, "serve", "--port", "0", "--json", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **popen,
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stderr is not None
            line = process.stdout.readline()
            assert line, process.stderr.read()
            yield process, json.loads(line)
        finally:
            if process.poll() is None:
                process.kill()
