"""Transfers as values, and a service for the work process whose downloads go as files in a folder say."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from modelkeep.errors import NotOnRemote
from modelkeep.hub.transfer import DownloadResult, FileState, Transfer, TransferFile, TransferState
from modelkeep.keys import ModelKey
from modelkeep.progress import Progress, Report

FOLDER = "MODELKEEP_TEST_TRANSFERS"
"""The variable that names the folder: `<name>.go` lets a download end, `<name>.fail` makes it fail."""


def transfer(name: str, *, state: TransferState = TransferState.QUEUED, done: int = 0) -> Transfer:
    """A transfer of two files, one of which is here when anything is."""
    small = TransferFile(
        "config.json", 1_000, min(done, 1_000), FileState.DONE if done else FileState.WAITING
    )
    large = TransferFile("model.safetensors", 9_000, max(0, done - 1_000), FileState.FETCHING)
    return Transfer(
        id=name,
        root="/models",
        key=ModelKey(f"org/{name}"),
        commit="c" * 40,
        profile="default",
        endpoint="http://hub.example",
        state=state,
        bytes_done=done,
        bytes_total=10_000,
        files=(small, large),
        added=1.7e9,
        position=0.0,
    )


class Hubs:
    def __init__(self) -> None:
        names = (Path(os.environ[FOLDER]) / "queue").read_text().split()
        self._queue = {name: transfer(name) for name in names}

    def transfers(self) -> tuple[Transfer, ...]:
        return tuple(self._queue.values())

    def add_transfer(self, plan: str) -> Transfer:
        self._queue[plan] = transfer(plan)
        return self._queue[plan]

    def run_transfer(
        self, root: str, id: str, *, report: Report, emit: Callable[[object], None]
    ) -> DownloadResult:
        folder = Path(os.environ[FOLDER])
        with open(folder / "begun", "a") as file:
            file.write(f"{id}\n")
        emit(replace(transfer(id, state=TransferState.RUNNING, done=4_000), rate=1_000.0))
        while not (folder / f"{id}.go").exists():
            if (folder / f"{id}.fail").exists():
                (folder / f"{id}.fail").unlink()
                self._set(id, TransferState.FAILED)
                raise NotOnRemote("The hub has no such model.", hint="See its name.")
            report(Progress("Downloading", 4_000, 10_000))
            time.sleep(0.002)
        done = self._queue.pop(id)
        return DownloadResult(done.key, root, done.commit, "/models/snapshot", 10_000, 0, 1.0)

    def pause_transfer(self, root: str, id: str) -> Transfer:
        return self._set(id, TransferState.PAUSED)

    def resume_transfer(self, root: str, id: str) -> Transfer:
        return self._set(id, TransferState.QUEUED)

    def cancel_transfer(self, root: str, id: str) -> int:
        return self._queue.pop(id).bytes_done

    def move_transfer(self, root: str, id: str, by: int) -> tuple[Transfer, ...]:
        order = list(self._queue)
        place = order.index(id)
        order.insert(max(0, place + by), order.pop(place))
        self._queue = {name: self._queue[name] for name in order}
        return self.transfers()

    def _set(self, id: str, state: TransferState) -> Transfer:
        self._queue[id] = replace(self._queue[id], state=state)
        return self._queue[id]


class Service:
    def __init__(self) -> None:
        self.hubs = Hubs()
