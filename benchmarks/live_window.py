"""The real window on a cache, used as a person does, and how long its event loop is held up: for `stalls.py`.

    python live_window.py FOLDER ROUNDS

`FOLDER` has the caches `hub` and `second` and the archive `model.zip`, and HF_ENDPOINT names a hub with the models of
`DOWNLOADS`. Each round does nothing for a second, then scans `hub`, exports from it, imports into `second` and
downloads four models into it at the same time: once while the table is scrolled at 60 frames a second, and
once while it is still. What is printed is JSON: a list of rounds, each with the longest gap and the time of each job.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEventLoop, QObject, QSettings, Qt, QTimer

from modelkeep.rows import Selection
from modelkeep_gui.app import App, build, make_application
from modelkeep_gui.transfers import queue

_TICK = 5  # milliseconds
_FRAME = 16
_STEP = 37  # pixels in a frame: a quick scroll
_IDLE = 1000  # milliseconds of doing nothing

DOWNLOADS = tuple(f"org/download-{number}" for number in range(4))


class Gaps(QObject):
    """Measures how late a timer of 5 ms comes; `longest` is in milliseconds, from tick to tick."""

    def __init__(self) -> None:
        super().__init__()
        self.longest = 0.0
        self._last = 0.0
        self._timer = QTimer(self, interval=_TICK, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        self.longest = 0.0
        self._last = time.perf_counter()
        self._timer.start()

    def stop(self) -> None:
        self._tick()
        self._timer.stop()

    def _tick(self) -> None:
        now = time.perf_counter()
        self.longest = max(self.longest, 1000 * (now - self._last))
        self._last = now


class LiveWindow:
    """The window, with a hand on its scroll bar."""

    def __init__(self, app: App, folder: Path) -> None:
        self._app = app
        self._folder = folder
        self._root = os.fspath(folder / "hub")
        self._gaps = Gaps()
        self._hand = QTimer(interval=_FRAME, timerType=Qt.TimerType.PreciseTimer)
        self._hand.timeout.connect(self._scroll)
        self._down = True

    def round(self, number: int, *, scrolled: bool) -> dict[str, float]:
        """Everything once; for each job its "gap" in milliseconds, and its time in seconds."""
        found: dict[str, float] = {}
        steps = {
            "none": None,
            "scan": self._scan,
            "export": self._export,
            "import": self._import,
            "download": self._download,
        }
        for name, begin in steps.items():
            self._prepare(number + scrolled / 2)
            found[f"{name} gap"], found[name] = self._during(begin, scrolled)
        return found

    def wait_until_idle(self) -> None:
        while self._is_busy():
            loop = QEventLoop()
            self._app.session.runner.idle.connect(loop.quit)
            QTimer.singleShot(50, loop.quit)
            loop.exec()

    def live(self, milliseconds: int) -> None:
        loop = QEventLoop()
        QTimer.singleShot(milliseconds, loop.quit)
        loop.exec()

    def _is_busy(self) -> bool:
        session = self._app.session
        return bool(session.runner.running() or session.runner.waiting() or session.transfers.transfers)

    def _prepare(self, age: float) -> None:
        """Undo what the last round did, let the window come to rest, and have every model look changed."""
        (self._folder / "out.zip").unlink(missing_ok=True)
        for model in ("org/model", *DOWNLOADS):
            folder = f"models--{model.replace('/', '--')}"
            shutil.rmtree(self._folder / "second" / folder, ignore_errors=True)
        self.live(500)
        self._app.session.feed.stop()
        self.wait_until_idle()
        when = 1.7e9 + 1000 * age
        for repository in (self._folder / "hub").glob("models--*"):
            for path in (repository / "blobs", *repository.glob("snapshots/*/model.safetensors")):
                os.utime(path, (when, when))

    def _during(self, begin: Callable[[], object] | None, scrolled: bool) -> tuple[float, float]:
        if scrolled:
            self._hand.start()
            self.live(200)
        self._gaps.start()
        start = time.perf_counter()
        if begin is None:
            self.live(_IDLE)
        else:
            begin()
            self.wait_until_idle()
        took = time.perf_counter() - start
        self._gaps.stop()
        self._hand.stop()
        return self._gaps.longest, took

    def _scroll(self) -> None:
        bar = self._app.window.view.verticalScrollBar()
        if bar.value() in (bar.minimum(), bar.maximum()):
            self._down = bar.value() == bar.minimum()
        bar.setValue(bar.value() + (_STEP if self._down else -_STEP))

    # ---- the jobs, as the window's own commands run them

    def _scan(self) -> None:
        self._app.session.feed.refresh()

    def _export(self) -> None:
        chosen, target = [Selection(self._root, "org/model")], os.fspath(self._folder / "out.zip")
        self._plan_and_run("archives.plan_export", "archives.export", chosen, target)

    def _import(self) -> None:
        archive, second = os.fspath(self._folder / "model.zip"), os.fspath(self._folder / "second")
        self._plan_and_run("archives.plan_import", "archives.run_import", [archive], second)

    def _download(self) -> None:
        session, second = self._app.session, os.fspath(self._folder / "second")
        for name in DOWNLOADS:
            session.runner.run(
                name,
                "hubs.plan_download",
                name,
                root=second,
                everything=True,
                lane=name,
                visible=False,
                on_done=session.transfers.add,
            )

    def _plan_and_run(self, plan: str, work: str, *arguments: object) -> None:
        runner = self._app.session.runner
        runner.run(plan, plan, *arguments, visible=False, on_done=lambda made: runner.run(work, work, made))


def main(folder: Path, rounds: int) -> None:
    queue.AT_ONCE = len(DOWNLOADS)
    application = make_application(["modelkeep"])
    store = QSettings(os.fspath(folder / "window.ini"), QSettings.Format.IniFormat)
    app = build(application, store=store, theme="light")
    app.window.resize(1200, 800)
    app.show()
    window = LiveWindow(app, folder)
    window.live(1000)
    window.wait_until_idle()
    found = [
        {"scrolled": window.round(number, scrolled=True), "still": window.round(number, scrolled=False)}
        for number in range(rounds + 1)
    ]
    app.close()
    print(json.dumps(found[1:]), flush=True)  # the first one warms up
    os._exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
