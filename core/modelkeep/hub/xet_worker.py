"""The child that fetches one file through huggingface_hub: a request on its input, JSON lines on its output.

The one module of the core that imports huggingface_hub, and nothing imports it: it runs as
``python -m modelkeep.hub.xet_worker``. Lines: ``{"bytes": n}`` for what came since the last one, at least once a
second; at the end ``{"path": …}`` or ``{"error": …}``. It ends when its input closes: whoever asked is gone.
"""

from __future__ import annotations

import io
import json
import os
import sys
import threading
from typing import Any

from huggingface_hub import hf_hub_download
from tqdm import tqdm

__all__ = ["main"]

_INTERVAL = 0.2  # seconds between two lines


class _Counted:
    """What came since the last line, counted by the client's progress bars."""

    def __init__(self) -> None:
        self.bytes = 0
        self._lock = threading.Lock()

    def add(self, size: float) -> None:
        with self._lock:
            self.bytes += int(size)

    def take(self) -> int:
        with self._lock:
            taken, self.bytes = self.bytes, 0
            return taken


def _bars(counted: _Counted) -> Any:
    class Bar(tqdm):  # type: ignore[misc] # tqdm says nothing of its types
        def __init__(self, *arguments: Any, **options: Any) -> None:
            options.pop("name", None)
            super().__init__(*arguments, **options | {"disable": False, "file": io.StringIO()})

        def update(self, n: float | None = 1) -> Any:
            counted.add(n or 0)
            return super().update(n)

    return Bar


def main() -> None:
    """Do what the first line of the input asks."""
    request = json.loads(sys.stdin.readline())
    counted = _Counted()
    ended = threading.Event()

    def say(**line: object) -> None:
        print(json.dumps(line), flush=True)  # noqa: T201 - the protocol

    def tell() -> None:
        while not ended.wait(_INTERVAL):
            say(bytes=counted.take())

    def watch() -> None:
        sys.stdin.read()
        os._exit(1)

    for work in (tell, watch):
        threading.Thread(target=work, daemon=True).start()
    try:
        path = hf_hub_download(
            request["repo_id"],
            request["filename"],
            repo_type=request["repo_type"],
            revision=request["revision"],
            local_dir=request["folder"],
            endpoint=request["endpoint"],
            token=request["token"] or False,
            tqdm_class=_bars(counted),
        )
    except Exception as error:  # noqa: BLE001 - the border: whatever it is, the parent has to hear of it
        ended.set()
        say(error=f"{type(error).__name__}: {error}".splitlines()[0][:300])
    else:
        ended.set()
        say(bytes=counted.take())
        say(path=path)
    os._exit(0)  # the client's threads would keep it for seconds


if __name__ == "__main__":
    main()
