"""The real window while a model is tried in it, and how long its event loop is held up: for `inference.py`.

    python live_try.py FOLDER REPO TOKENS TEXT ROUNDS

`FOLDER` has the cache `hub` with the model REPO, which makes text. Each round does nothing for a second, then asks
the model in its window when it is not loaded, asks it once more, and unloads it: once while the table is scrolled at
60 frames a second, and once while it is still. What is printed is as that of `live_window.py`.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QWidget

from live_window import LiveWindow
from modelkeep.inference.values import Task
from modelkeep.rows import Selection
from modelkeep_gui.app import App, build, make_application
from modelkeep_gui.operations.trying import try_it
from modelkeep_gui.tryout.prompt_form import PromptForm
from modelkeep_gui.tryout.window import TryWindow


class LiveTry(LiveWindow):
    """The library's window, and that of a try before it."""

    def __init__(self, app: App, folder: Path, repo_id: str, tokens: int, text: str) -> None:
        super().__init__(app, folder)
        self._runner = app.session.runner
        parent: QWidget = app.window
        self._try: TryWindow = try_it(
            app.session, parent, Selection(os.fspath(folder / "hub"), f"hf@{repo_id}")
        )
        while not self._try.plans:
            self.live(50)
        form = self._try.form
        assert isinstance(form, PromptForm)
        assert self._try.plans[0].task is Task.TEXT_GENERATION
        form.text.setPlainText(text)
        form.how.tokens.setValue(tokens)
        self.wait_until_idle()

    def round(self, number: int, *, scrolled: bool) -> dict[str, float]:
        found: dict[str, float] = {}
        for name in ("none", "load", "generate"):
            self.live(500)
            self.wait_until_idle()
            self._try.exchange.answer = None
            found[f"{name} gap"], found[name] = self._during(
                None if name == "none" else self._try.exchange.run, scrolled
            )
            assert name == "none" or self._try.exchange.answer is not None, "It was not answered."
        self._runner.run("Unload", "tryouts.end", visible=False)
        self.wait_until_idle()
        return found


def main(folder: Path, repo_id: str, tokens: int, text: str, rounds: int) -> None:
    application = make_application(["modelkeep"])
    store = QSettings(os.fspath(folder / "window.ini"), QSettings.Format.IniFormat)
    app = build(application, store=store, theme="light")
    app.window.resize(1200, 800)
    app.show()
    window = LiveTry(app, folder, repo_id, tokens, text)
    found = [
        {"scrolled": window.round(number, scrolled=True), "still": window.round(number, scrolled=False)}
        for number in range(rounds)
    ]
    app.close()
    print(json.dumps(found), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4], int(sys.argv[5]))
