"""Small work beside the window: to open a key or to read an inventory takes a second or two, and no work process."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot
from shiboken6 import isValid

from modelkeep.errors import ModelKeepError
from modelkeep_gui.jobs.protocol import UnexpectedError

__all__ = ["aside"]


def aside(
    owner: QObject,
    work: Callable[[], Any],
    on_done: Callable[[Any], object],
    on_failed: Callable[[ModelKeepError], object],
) -> None:
    """Do `work` in a thread and hear what becomes of it in this one, unless `owner` is gone by then."""
    _errands.add(_Errand(owner, work, on_done, on_failed))


class _Errand(QObject):
    _ended = Signal(object)

    def __init__(
        self,
        owner: QObject,
        work: Callable[[], Any],
        on_done: Callable[[Any], object],
        on_failed: Callable[[ModelKeepError], object],
    ) -> None:
        super().__init__()
        self._owner = owner
        self._work = work
        self._on_done = on_done
        self._on_failed = on_failed
        self._ended.connect(self._tell, Qt.ConnectionType.QueuedConnection)
        self._thread = threading.Thread(target=self._run, name="aside", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            ending = partial(self._on_done, self._work())
        except ModelKeepError as error:
            ending = partial(self._on_failed, error)
        except Exception as error:  # noqa: BLE001 - the border: whatever it is, the window has to hear of it
            name = type(error).__name__
            text = f"Something went wrong that Modelkeep did not expect: {str(error) or name} ({name})."
            ending = partial(self._on_failed, UnexpectedError(text, hint="Try it again."))
        self._ended.emit(ending)

    @Slot(object)
    def _tell(self, ending: Callable[[], object]) -> None:
        self._thread.join()  # it has nothing left to do; so that the last who lets go of this is here
        _errands.discard(self)
        if isValid(self._owner):
            ending()


_errands: set[_Errand] = set()
"""Those that are under way: nobody else holds them."""
