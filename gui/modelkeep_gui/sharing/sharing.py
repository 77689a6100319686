"""The serving process as the window holds it: started, listened to, and ended with the window."""

from __future__ import annotations

import time
from collections import deque
from enum import StrEnum
from typing import NamedTuple

from PySide6.QtCore import QCoreApplication, QObject, QProcess, Signal

from modelkeep.own_modules import module_command
from modelkeep_gui.sharing.events import (
    Client,
    Listening,
    Stopped,
    Transferred,
    read_event,
    read_problem,
    read_warning,
)
from modelkeep_gui.sharing.options import ShareOptions

__all__ = ["Guest", "ShareState", "Sharing"]

_LOG = 100  # transfers that are kept to be read
_LINES = 40  # of standard error
_PATIENCE = 1500  # milliseconds that the process has to end in when the window goes
_OLD = 2.5  # seconds after which a rate says nothing any more


class ShareState(StrEnum):
    """OFF, then STARTING, then ON; STOPPING while transfers end; FAILED when it ended by itself."""

    OFF = "off"
    STARTING = "starting"
    ON = "on"
    STOPPING = "stopping"
    FAILED = "failed"


class Guest(NamedTuple):
    """A client, and the bytes a second it got since it was last told of."""

    client: Client
    rate: float


class Sharing(QObject):
    """Starts and stops `modelkeep serve`, of which there is one for a window.

    The process ends when its standard input does, and so with the window, however that ends.

    Signals:
        changed: the state, the options or what is said of them; this object.
        guests_changed: who is connected; this object.
        logged: a `Transferred`.
    """

    changed = Signal(object)
    guests_changed = Signal(object)
    logged = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.state = ShareState.OFF
        self.options = ShareOptions()
        self.listening = Listening("")
        self.problem = ""
        """Why it ended by itself."""
        self.hint = ""
        self.warnings: list[str] = []
        self.guests: tuple[Guest, ...] = ()
        self.log: deque[Transferred] = deque(maxlen=_LOG)
        self._process: QProcess | None = None
        self._next: ShareOptions | None = None
        self._lines: deque[str] = deque(maxlen=_LINES)
        self._seen: dict[tuple[str, str], tuple[int, float]] = {}
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.shutdown)

    @property
    def is_on(self) -> bool:
        """Whether others can or will be able to fetch."""
        return self.state in (ShareState.STARTING, ShareState.ON)

    @property
    def fetching(self) -> int:
        """How many clients are fetching something now."""
        return sum(bool(guest.client.now) for guest in self.guests)

    def start(self, options: ShareOptions) -> None:
        """Share in this way. What is shared in another way now ends first."""
        if self._process is not None:
            self._next = options
            self._end()
            return
        self.options = options
        self.problem = self.hint = ""
        self.warnings = []
        self.listening = Listening("")
        self._lines.clear()
        self._seen.clear()
        self._process = process = QProcess(self)
        process.readyReadStandardOutput.connect(self._read)
        process.readyReadStandardError.connect(self._read_problems)
        process.finished.connect(self._ended)
        process.errorOccurred.connect(self._not_started)
        self._turn(ShareState.STARTING)
        program, *words = module_command("modelkeep")
        process.start(program, [*words, "serve", "--json", "--until-stdin-closes", *options.arguments()])

    def stop(self) -> None:
        """Let what is on its way end, and stop; asked again, stop at once."""
        self._next = None
        if self.state is ShareState.STOPPING and self._process is not None:
            self._process.kill()
        else:
            self._end()

    def shutdown(self) -> None:
        """Stop for good, now: the window goes."""
        self._next = None
        process, self._process = self._process, None
        if process is None:
            return
        process.blockSignals(True)
        process.closeWriteChannel()
        process.terminate()
        if not process.waitForFinished(_PATIENCE):
            process.kill()
            process.waitForFinished(_PATIENCE)
        process.deleteLater()
        self.state = ShareState.OFF

    # ---- the process

    def _end(self) -> None:
        if self._process is not None and self.state is not ShareState.STOPPING:
            self._process.closeWriteChannel()
            self._turn(ShareState.STOPPING)

    def _read(self) -> None:
        while self._process is not None and self._process.canReadLine():
            match read_event(bytes(self._process.readLine().data())):
                case Listening() as listening:
                    self.listening = listening
                    if self.state is ShareState.STARTING:
                        self._turn(ShareState.ON)
                case Transferred() as transferred:
                    self.log.append(transferred)
                    self.logged.emit(transferred)
                case Stopped():
                    self._welcome(())
                case tuple() as clients:
                    self._welcome(clients)

    def _read_problems(self) -> None:
        if self._process is None:
            return
        text = bytes(self._process.readAllStandardError().data()).decode("utf-8", "replace")
        for line in text.splitlines():
            self._lines.append(line)
            if warning := read_warning(line):
                self.warnings.append(warning)
                self.changed.emit(self)

    def _not_started(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart and self._process is not None:
            self._lines.append(self._process.errorString())
            self._ended(1, QProcess.ExitStatus.NormalExit)

    def _ended(self, code: int, status: QProcess.ExitStatus) -> None:
        self._read()
        self._read_problems()
        process, self._process = self._process, None
        if process is None:
            return
        process.deleteLater()
        was, self.listening = self.state, Listening("")
        self._welcome(())
        if self._next is not None:
            options, self._next = self._next, None
            self.start(options)
        elif was is ShareState.STOPPING:
            self._turn(ShareState.OFF)
        else:
            self.problem, self.hint = read_problem(list(self._lines))
            self.problem = self.problem or self.tr("The server ended by itself.")
            self._turn(ShareState.FAILED)

    def _turn(self, state: ShareState) -> None:
        self.state = state
        self.changed.emit(self)

    # ---- who is there

    def _welcome(self, clients: tuple[Client, ...]) -> None:
        now = time.monotonic()
        guests = []
        seen = {}
        for client in clients:
            key = client.address, client.name
            before, when = self._seen.get(key, (client.size, now))
            passed = now - when
            rate = (client.size - before) / passed if 0 < passed < _OLD and client.now else 0.0
            guests.append(Guest(client, max(0.0, rate)))
            seen[key] = client.size, now
        self._seen = seen
        if guests or self.guests:
            self.guests = tuple(guests)
            self.guests_changed.emit(self)
