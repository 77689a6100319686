"""Which Python runs models, and what it has for that."""

from __future__ import annotations

import sys

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from modelkeep.errors import ModelKeepError
from modelkeep.inference.outcome import Device, Interpreter
from modelkeep.text import size_text
from modelkeep_gui.dialogs.toned_notice import TonedNotice
from modelkeep_gui.jobs.job import Job
from modelkeep_gui.jobs.runner import JobRunner
from modelkeep_gui.theme import GRID

__all__ = ["InterpreterChoice"]

_FIRST = ("torch", "transformers", "accelerate", "onnxruntime", "llama-cpp-python", "peft")


class InterpreterChoice(QWidget):
    """A path, and what was found there when one asked."""

    def __init__(self, runner: JobRunner | None) -> None:
        super().__init__()
        self._runner = runner
        self._job: Job | None = None
        self.field = QLineEdit()
        self.field.setPlaceholderText(self.tr("the one that runs Modelkeep"))
        self.field.setClearButtonEnabled(True)
        self.field.setAccessibleName(self.tr("Python"))
        self.browse = QPushButton(self.tr("&Browse…"))
        self.look = QPushButton(self.tr("Look &what it has"))
        self.said = TonedNotice()
        self.said.hide()
        self.setFocusProxy(self.field)
        for button in (self.browse, self.look):
            button.setAutoDefault(False)
        self.look.setEnabled(runner is not None)
        line = QHBoxLayout()
        line.setSpacing(2 * GRID)
        line.addWidget(self.field, 1)
        line.addWidget(self.browse)
        line.addWidget(self.look)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addLayout(line)
        layout.addWidget(self.said)
        self.browse.clicked.connect(lambda _: self._browse())
        self.look.clicked.connect(lambda _: self._look())
        self.field.textChanged.connect(lambda _: self._forget())

    @property
    def path(self) -> str:
        """What is chosen, "" for our own."""
        return self.field.text().strip()

    def set_path(self, path: str) -> None:
        """Show this."""
        self.field.setText(path)

    def _browse(self) -> None:
        dialog = QFileDialog(self, self.tr("Choose a Python"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        # In an environment it is a link, which is to stay one: only its own path leads to its packages.
        dialog.setOption(QFileDialog.Option.DontResolveSymlinks)
        dialog.fileSelected.connect(self._take_path)
        dialog.open()

    def _take_path(self, path: str) -> None:
        self.set_path(path)
        self._look()

    def _look(self) -> None:
        if self._runner is None:
            return
        self._forget()
        self.look.setEnabled(False)
        self.said.say(self.tr("Looking…"), "info", "muted")
        self.said.show()
        job = self._job = self._runner.run(
            self.tr("Look what a Python has"),
            "tryouts.interpreter",
            self.path or _own_python(),
            again=True,
            lane="interpreter",
            visible=False,
            on_failed=lambda error: None,
        )
        job.succeeded.connect(self._show)
        job.failed.connect(self._show_error)

    def _forget(self) -> None:
        if self._job is not None:
            self._job.succeeded.disconnect(self._show)
            self._job.failed.disconnect(self._show_error)
            self._job = None
        self.look.setEnabled(self._runner is not None)
        self.said.hide()

    def _show(self, found: Interpreter) -> None:
        self._job = None
        self.look.setEnabled(True)
        if found.problem:
            self.said.say(" ".join(filter(None, (found.problem, found.hint))), "damaged", "bad")
        else:
            self.said.say(self._told(found), "whole", "good")

    def _show_error(self, error: ModelKeepError) -> None:
        self._job = None
        self.look.setEnabled(True)
        self.said.say(" ".join(filter(None, (str(error), error.hint))), "damaged", "bad")

    def _told(self, found: Interpreter) -> str:
        names = [name for name in _FIRST if name in found.packages]
        names += [name for name in found.packages if name not in _FIRST]
        has = ", ".join(f"{name} {found.packages[name]}" for name in names) or self.tr(
            "nothing to run models"
        )
        lines = [self.tr("Python {version}: {packages}").format(version=found.version, packages=has)]
        if found.devices:
            devices = ", ".join(map(_device, found.devices))
            lines.append(self.tr("Devices: {}").format(devices))
        return "\n".join(lines)


def _own_python() -> str:
    """The Python that runs Modelkeep: "" would be that of the settings, which may be another one until this is
    applied. An application that was built into one file has none that could be named."""
    return "" if getattr(sys, "frozen", False) else sys.executable


def _device(device: Device) -> str:
    title = device.title or device.name
    return f"{title} ({size_text(device.memory)})" if device.memory else title
