"""Shows a window, says when it was painted for the first time, and ends: what `window_start.py` measures.

    python first_paint.py window|empty

It imports nothing that is not needed until then. What it prints is JSON: the time by the system's monotonic clock,
the seconds of processor time until then, and how many modules were imported that no window needs.
"""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication, QWidget

_HEAVY = {"huggingface_hub", "torch", "transformers", "numpy", "asyncio"}


def show_window() -> None:
    from modelkeep_gui import __main__  # noqa: F401  what the command itself imports
    from modelkeep_gui.app import build, make_application

    application = make_application(["modelkeep"])
    app = build(application, theme="light")
    end_when_painted(application, app.window)
    app.show()
    application.exec()


def show_empty() -> None:
    from PySide6.QtWidgets import QApplication, QMainWindow

    application = QApplication([])
    window = QMainWindow()
    window.resize(1000, 700)
    end_when_painted(application, window)
    window.show()
    application.exec()


def end_when_painted(application: QApplication, window: QWidget) -> None:
    from PySide6.QtCore import QEvent, QObject, QTimer

    class FirstPaint(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint and watched is window:
                application.removeEventFilter(self)
                # All parts are painted in the same go as the window: what is posted now comes after them.
                QTimer.singleShot(0, end)
            return False

    application.installEventFilter(FirstPaint(window))


def end() -> None:
    now, used = time.monotonic(), os.times()
    heavy = sorted(_HEAVY & sys.modules.keys())
    print(f'{{"painted": {now}, "cpu": {used.user + used.system}, "heavy": {len(heavy)}}}', flush=True)
    print(*heavy, file=sys.stderr, flush=True)
    os._exit(0)


if __name__ == "__main__":
    show_window() if sys.argv[1] == "window" else show_empty()
