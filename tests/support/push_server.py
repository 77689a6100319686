"""A server that takes pushes, as a process of its own: it can be killed, and real clients run beside it.

`python push_server.py ROOT` prints its URL and a token that may write, and serves until it is told to stop.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Server:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.process = subprocess.Popen(
            [sys.executable, __file__, str(root)], stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.url, self.token = self.process.stdout.readline().split()

    def environment(self, home: Path) -> dict[str, str]:
        """What a client needs to push here, and a home of its own."""
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "SYSTEMROOT") if name in os.environ}
        hub = {"HF_ENDPOINT": self.url, "HF_TOKEN": self.token, "HF_HUB_DISABLE_XET": "1"}
        return kept | hub | {"HOME": str(home), "USERPROFILE": str(home)}

    def kill(self) -> None:
        """As the system does when memory is short: nothing can be tidied."""
        self.process.kill()
        self._gone()

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
        self._gone()

    def _gone(self) -> None:
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()


@contextmanager
def serving(root: Path) -> Iterator[Server]:
    server = Server(root)
    try:
        yield server
    finally:
        server.stop()


def main(root: Path) -> None:
    from modelkeep.serve.access import Access
    from modelkeep.serve.app import make_app
    from modelkeep.serve.journal import Journal
    from modelkeep.serve.options import ServeOptions
    from modelkeep.serve.server import HubServer, listen
    from modelkeep.serve.shelf import Shelf
    from modelkeep.serve.tokens import Tokens

    options = ServeOptions(port=0, allow_push=True, into=root)
    tokens = Tokens(root.parent / f"tokens-{os.getpid()}.json")
    secret = tokens.add("alice", can_write=True)
    journal = Journal(sys.stderr)
    app = make_app(Shelf([root]), options, Access(tokens, options), journal)
    bound = listen(options)
    server = HubServer(app, options, journal)
    url = f"http://127.0.0.1:{bound.getsockname()[1]}"
    server.serve_at(bound, lambda: print(url, secret, flush=True))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
