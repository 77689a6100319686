"""What the programs of a frozen build are: the command line, or the window by the program's name."""

from __future__ import annotations

import sys
from pathlib import Path

from modelkeep.own_modules import become_module

if __name__ == "__main__" and not become_module():
    if Path(sys.executable).stem.endswith("-gui"):
        from modelkeep_gui.__main__ import main as open_window

        sys.exit(open_window())
    from modelkeep.cli import main

    main()
