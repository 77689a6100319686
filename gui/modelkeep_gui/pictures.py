"""The real window, driven and photographed: for `modelkeep demo` and for the pictures of the documentation.

    python -m modelkeep_gui.pictures docs/pictures

makes the documentation's pictures on a sample cache. It needs no display.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QEventLoop, QSettings, QTimer
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QPushButton, QWidget

from modelkeep.settings import load_settings, save_settings
from modelkeep_gui.app import App, build, make_application
from modelkeep_gui.library.scopes import DOCTOR, DOWNLOADS, TRASH, Scope
from modelkeep_gui.library.view import Selected
from modelkeep_gui.theme import Choice

if TYPE_CHECKING:
    from modelkeep_gui.doctor.page import DoctorPage

__all__ = ["Photographer", "open_window", "run_demo"]

_PATIENCE = 30.0  # seconds until what was waited for counts as broken


class Photographer:
    """Works a window as a person does, and takes pictures of it."""

    def __init__(self, app: App, folder: Path) -> None:
        self.app = app
        self.window = app.window
        self.folder = folder
        self.taken: list[Path] = []

    def wait(self, condition: Callable[[], object], what: str) -> None:
        """Let the window live until `condition` holds; raises `TimeoutError` naming `what` after 30 seconds."""
        deadline = time.monotonic() + _PATIENCE
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError(f"The window never came to this: {what}.")
            self.live(20)

    def live(self, milliseconds: int) -> None:
        """Let the window live for a while."""
        loop = QEventLoop()
        QTimer.singleShot(milliseconds, loop.quit)
        loop.exec()

    def wait_for_rows(self, count: int = 1) -> None:
        """Wait until the table has rows and every one was described."""
        table = self.app.session.table
        self.wait(lambda: self.app.session.feed.views and len(table.rows) >= count, f"{count} rows")
        self.wait(lambda: all(row.task or row.problems for row in table.rows), "rows that say their task")
        self.live(150)

    def select(self, *repo_ids: str) -> None:
        """Select models by name, and wait until the details of a single one are there."""
        chosen = [r for r in self.app.session.table.rows if r.repo_id in repo_ids]
        self.window.view.select([Selected(row.root, row.key, None) for row in chosen])
        self.live(400)

    def show_scope(self, scope: Scope) -> None:
        self.window.sidebar.choose(scope)
        self.live(200)

    def dialog(self) -> QDialog:
        """The dialog that is open, once one is."""

        def found() -> QDialog | None:
            dialogs = [w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog) and w.isVisible()]
            return dialogs[-1] if dialogs else None

        self.wait(found, "an open dialog")
        dialog = found()
        assert dialog is not None
        self.live(200)
        return dialog

    def default_text(self) -> str:
        """What the button says that Enter presses now, "" when there is none that can be pressed."""
        button = _default_button(self.dialog())
        return button.text() if button else ""

    def press_default(self) -> None:
        """Press that button."""
        _accept(self.dialog())

    def take(self, name: str, widget: QWidget | None = None) -> Path:
        """A picture of the window, or of a dialog upon it."""
        self.live(50)
        path = self.folder / f"{name}.png"
        self.folder.mkdir(parents=True, exist_ok=True)
        picture = self.window.grab()
        if widget is not None:
            above = widget.grab()
            painter = QPainter(picture)
            painter.fillRect(picture.rect(), QColor(0, 0, 0, 90))
            painter.drawPixmap(picture.rect().center() - above.rect().center(), above)
            painter.end()
        if not picture.save(str(path)):
            raise OSError(f"The picture {path} could not be written.")
        self.taken.append(path)
        return path


@contextmanager
def open_window(
    folder: Path, roots: Sequence[Path], *, theme: Choice = "light", home: Path | None = None
) -> Iterator[Photographer]:
    """The real window on `roots`, with settings and a catalog of its own in `home`; closed afterwards."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    before = {name: os.environ.get(name) for name in ("MODELKEEP_ROOTS", "MODELKEEP_HOME")}
    os.environ["MODELKEEP_ROOTS"] = os.pathsep.join(map(str, roots))
    with tempfile.TemporaryDirectory(prefix="modelkeep-") as temporary:
        place = home or Path(temporary)
        os.environ["MODELKEEP_HOME"] = str(place)
        # The pictures are the same wherever they are made.
        save_settings(replace(load_settings().settings, language="en"))
        application = make_application(["modelkeep"])
        store = QSettings(str(place / "window.ini"), QSettings.Format.IniFormat)
        app = build(application, store=store, theme=theme)
        app.window.resize(1360, 820)
        app.show()
        try:
            yield Photographer(app, folder)
        finally:
            app.close()
            app.window.deleteLater()
            application.processEvents()
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value


def run_demo(folder: Path, root: Path, archive: Path) -> list[Path]:
    """Import `archive` into the cache `root` in the window, look at it, delete it and undo; the pictures taken.

    Raises when a step does not come to its end.
    """
    with open_window(folder, [root]) as camera:
        window = camera.window
        camera.wait(lambda: camera.app.session.feed.views, "a first look at the cache")
        camera.live(200)
        camera.take("1-empty")
        from modelkeep_gui.operations import import_

        import_.import_files(camera.app.session, window, [str(archive)])
        dialog = camera.dialog()
        camera.wait(lambda: _default_button(dialog), "an import that can begin")
        camera.take("2-import", dialog)
        _accept(dialog)
        camera.wait_for_rows()
        [row] = camera.app.session.table.rows
        camera.select(row.repo_id)
        camera.take("3-model")
        window.actions_.delete.trigger()
        dialog = camera.dialog()
        camera.take("4-delete", dialog)
        _accept(dialog)
        camera.wait(lambda: not camera.app.session.table.rows, "the model gone")
        camera.wait(lambda: camera.app.session.feed.trash, "the model in the trash")
        camera.show_scope(TRASH)
        camera.take("5-trash")
        window.actions_.undo.trigger()
        camera.wait(lambda: camera.app.session.table.rows, "the model back")
        camera.show_scope(Scope())
        camera.app.session.theme.choose("dark")
        camera.select(row.repo_id)
        camera.take("6-dark")
        return camera.taken


def _default_button(dialog: QDialog) -> QPushButton | None:
    return next((b for b in dialog.findChildren(QPushButton) if b.isDefault() and b.isEnabled()), None)


def _accept(dialog: QDialog) -> None:
    button = _default_button(dialog)
    assert button is not None
    button.click()


_THEMES: tuple[Choice, ...] = ("light", "dark")


def _make_documentation(folder: Path) -> None:
    from modelkeep_gui.remote_pictures import photograph_remotes
    from modelkeep_gui.trust_pictures import photograph_trust
    from modelkeep_gui.tryout_pictures import photograph_tryout
    from modelkeep_resources.samples.cache import make_sample_cache

    with tempfile.TemporaryDirectory(prefix="modelkeep-") as temporary:
        root = Path(temporary, "hub")
        make_sample_cache(root)
        _leave_behind(root)
        for theme in _THEMES:
            os.environ["HF_HUB_CACHE"] = str(
                root
            )  # so that it is shown as what it is for most: their own cache
            _photograph_sample(folder, root, theme)
            photograph_trust(folder, Path(temporary, f"trust-{theme}"), theme)
            photograph_remotes(folder, Path(temporary, f"remotes-{theme}"), theme)
            photograph_tryout(folder, Path(temporary, f"try-{theme}"), theme)
        _add_large_models(root)
        with _serving(root) as endpoint:
            os.environ["HF_ENDPOINT"] = endpoint
            for theme in _THEMES:
                _photograph_hub(folder, Path(temporary, theme, "hub"), theme)


def _leave_behind(root: Path) -> None:
    """Something for the doctor to find, so old that no download can be under way."""
    orphan = root / "models--openai--whisper-tiny" / "blobs" / ("5f3a9c21" * 8)
    orphan.write_bytes(bytes(12_000_000))
    when = time.time() - 2 * 86_400
    for folder, _, files in os.walk(root, topdown=False):
        for name in files:
            path = Path(folder, name)
            if path.parent.name != "blobs" or path == orphan or path.suffix == ".incomplete":
                os.utime(path, (when, when), follow_symlinks=False)
        os.utime(folder, (when, when))


def _photograph_sample(folder: Path, root: Path, theme: Choice) -> None:
    with open_window(folder, [root], theme=theme) as camera:
        camera.wait_for_rows(20)
        camera.select("sentence-transformers/all-MiniLM-L6-v2")
        index = camera.app.session.table.index_of(str(root), "hf@sentence-transformers/all-MiniLM-L6-v2")
        camera.window.view.expand(index)
        camera.take(f"library-{theme}")
        camera.select("openai-community/gpt2", "microsoft/deberta-v3-base", "ProsusAI/finbert")
        camera.window.actions_.delete.trigger()
        dialog = camera.dialog()
        camera.take(f"delete-{theme}", dialog)
        dialog.reject()
        camera.select("openai-community/gpt2", "microsoft/deberta-v3-base", "dmis-lab/biobert-v1.1")
        camera.window.actions_.export.trigger()
        dialog = camera.dialog()
        camera.live(300)
        dialog.findChildren(QLineEdit)[0].setText("/media/stick")
        camera.take(f"export-{theme}", dialog)
        dialog.reject()
        camera.show_scope(Scope(smart_list="damaged"))
        camera.select("ProsusAI/finbert")
        camera.take(f"damaged-{theme}")
        camera.show_scope(DOCTOR)
        page = cast("DoctorPage", camera.window.center.page("doctor"))
        camera.wait(page.findings.rowCount, "what the doctor found")
        page.tree.setCurrentIndex(page.findings.index(0, 0))
        camera.live(400)
        camera.take(f"doctor-{theme}")


# Models whose bytes are really there, so that fetching them takes a while.
_LARGE = {"my-company/ner-large": 160_000_000, "my-company/ner-small": 60_000_000}
_SLOWLY = 10_000_000  # bytes a second


def _add_large_models(root: Path) -> None:
    from modelkeep.library import open_library

    with tempfile.TemporaryDirectory() as temporary, open_library([root]) as library:
        for name, size in _LARGE.items():
            model = Path(temporary, name.replace("/", "-"))
            model.mkdir()
            (model / "config.json").write_text('{"model_type": "bert"}')
            (model / "model.safetensors").write_bytes(os.urandom(size))
            library.archives.run_import(library.archives.plan_import([model], name=name))


@contextmanager
def _serving(root: Path) -> Iterator[str]:
    words = [sys.executable, "-P", "-m", "modelkeep", "--root", str(root), "serve", "--json", "--port", "0"]
    with subprocess.Popen(
        [*words, "--until-stdin-closes"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        yield str(json.loads(server.stdout.readline())["url"])
        server.terminate()
        server.stdout.read()


def _photograph_hub(folder: Path, root: Path, theme: Choice) -> None:
    from modelkeep_gui.operations import download, share

    root.mkdir(parents=True)
    with open_window(folder, [root], theme=theme) as camera:
        session, window = camera.app.session, camera.window
        camera.wait(lambda: session.feed.views, "a first look at the cache")
        dialog = download.choose(session, window, "dmis-lab/biobert-v1.1")
        camera.wait(dialog.download.isEnabled, "a plan")
        camera.live(500)
        camera.take(f"download-{theme}", dialog)
        dialog.reject()
        box = window.center.downloads.limit
        box.setCurrentIndex(box.findData(_SLOWLY))
        window.center.downloads.limit_chosen.emit(_SLOWLY)
        for name in _LARGE:
            dialog = download.choose(session, window, name)
            camera.wait(dialog.download.isEnabled, "a plan")
            dialog.download.click()
        window.sidebar.choose(DOWNLOADS)
        camera.live(5000)
        window.center.downloads.tree.expandAll()
        camera.take(f"downloads-{theme}")
        share.show(session, window)
        panel = camera.dialog()
        _accept(panel)
        camera.live(4000)
        camera.take(f"share-{theme}", panel)
        panel.reject()
        share.sharing_of(session).shutdown()


if __name__ == "__main__":
    _make_documentation(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/pictures"))
