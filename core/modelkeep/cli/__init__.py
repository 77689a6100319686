"""The command `modelkeep`: all that the window does, for a terminal and for scripts.

A command is loaded when it is used (`cli.commands`), so that `--help`, completion and a script's hundredth call stay
quick. Results go to standard output, everything else to standard error; `docs/json.md` describes the JSON.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from io import TextIOWrapper

__all__ = ["main"]

STOPPED = 130
"""The exit status after Ctrl-C, as shells have it."""


def main() -> None:
    """Run the command with the arguments of this process, and end the process with its status."""
    try:
        from modelkeep.cli.commands import modelkeep

        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, TextIOWrapper):
                # A name that is no text comes out as the bytes it is; a sign that a console lacks becomes "?".
                utf8 = stream.encoding.lower().replace("-", "") == "utf8"
                stream.reconfigure(errors="surrogateescape" if utf8 else "replace")
        modelkeep(prog_name="modelkeep")
    except KeyboardInterrupt:  # while the first modules were loading
        sys.exit(STOPPED)
    except OSError as error:  # of texts that click itself prints, as those of --help
        from modelkeep.cli.output import unwritten

        with suppress(OSError):
            unwritten(error).show()
        sys.exit(1)
