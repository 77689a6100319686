"""The hub of a torture, in a process of its own: it prints its endpoint and answers until it is told to stop."""

from __future__ import annotations

import sys

from support.hub import HubServer
from support.torture.world import FETCHED


def main() -> None:
    with HubServer() as server:
        server.add("org/fetched", FETCHED)
        print(server.endpoint, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
