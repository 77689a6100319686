"""`python -m modelkeep` is the command `modelkeep`."""

from __future__ import annotations

from modelkeep.cli import main

if __name__ == "__main__":
    main()
