"""`modelkeep-gui`, also as `python -m modelkeep_gui`: opens the window."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Open the window and return when it is closed; the exit status is 0 unless it could not be opened."""
    parser = argparse.ArgumentParser(prog="modelkeep-gui", description="Keep the models of this machine.")
    parser.add_argument(
        "--root", action="append", metavar="DIR", help="show this cache instead of the usual ones"
    )
    parser.add_argument("--theme", choices=["system", "light", "dark"], help="overrule the preferences")
    parser.add_argument("files", nargs="*", metavar="FILE", help="archives or folders to import")
    chosen = parser.parse_args(arguments)
    if chosen.root:
        # By the environment, because the work process has to know it too, each time it is started.
        os.environ["MODELKEEP_ROOTS"] = os.pathsep.join(map(os.path.abspath, chosen.root))
    from modelkeep_gui.app import build, make_application

    application = make_application(sys.argv[:1])
    app = build(application, theme=chosen.theme)
    # Qt's loop runs in C++: without this Ctrl-C in the terminal would be heard only when the window is touched.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    app.show()
    if chosen.files:
        from modelkeep_gui.operations import import_

        import_.import_files(app.session, app.window, chosen.files)
    try:
        return application.exec()
    finally:
        app.close()


if __name__ == "__main__":
    sys.exit(main())
