"""The way back from a deletion, and the end of the way: restoring and emptying."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QCoreApplication, QObject, Signal
from PySide6.QtWidgets import QWidget

from modelkeep.cache.trash import Emptied, Restored, TrashEntry
from modelkeep.keys import ModelKey
from modelkeep.text import size_text
from modelkeep_gui.dialogs.confirm_dialog import ConfirmDialog
from modelkeep_gui.session import Session

__all__ = ["Undo", "UndoStack", "bring_back", "remove_for_good", "restore"]


class Undo(NamedTuple):
    """What was deleted together: (root, id) of each entry in the trash, or the keys of models of a `remote`."""

    entries: tuple[tuple[str, str], ...] = ()
    remote: str = ""
    keys: tuple[str, ...] = ()


class UndoStack(QObject):
    """The deletions of this window that can be undone, the last one first.

    Signals:
        changed: there is one more, or one fewer.
    """

    changed = Signal()

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._undos: list[Undo] = []
        session.deleted.connect(self._remember)

    def last(self, remote: str = "") -> Undo | None:
        """What was deleted last from the caches, or from a remote: what one sees is what is put back."""
        return next((one for one in reversed(self._undos) if one.remote == remote), None)

    def undo(self, undone: Undo) -> None:
        """Put back what was deleted then."""
        if undone in self._undos:
            self._undos.remove(undone)
        if undone.remote:
            bring_back(self._session, undone.remote, undone.keys)
        else:
            restore(self._session, undone.entries)
        self.changed.emit()

    def _remember(self, undone: Undo) -> None:
        self._undos.append(undone)
        self.changed.emit()


def restore(session: Session, entries: Sequence[tuple[str, str]]) -> None:
    """Put entries of the trash back where they were."""
    if not entries:
        return
    job = session.runner.run(
        _tr("Restore from the trash"), "restore", list(entries), lane=entries[0][0], retry=False
    )
    job.succeeded.connect(lambda restored: _tell_restored(session, restored))
    job.ended.connect(lambda _: session.feed.refresh())


def bring_back(session: Session, remote: str, keys: Sequence[str]) -> None:
    """Let a remote have again what was deleted from it."""
    for key in keys:
        name = ModelKey.known(key).repo_id
        job = session.runner.run(
            _tr("Bring back {}").format(name), "remotes.restore", remote, key, lane=f"change {remote}"
        )
        text = _tr("{} is on {} again.").format(name, remote)
        job.succeeded.connect(lambda _, text=text: session.tell(text, tone="good"))
        job.ended.connect(lambda _: session.remotes.look(remote, again=True))


def remove_for_good(session: Session, parent: QWidget, entries: Sequence[TrashEntry]) -> None:
    """Ask, then remove entries from the trash for good."""
    if not entries:
        return
    freed = size_text(sum(entry.frees for entry in entries))
    count = _tr("1 item") if len(entries) == 1 else _tr("{} items").format(len(entries))
    dialog = ConfirmDialog(
        _tr("Remove for good?"),
        _tr("{} in the trash will be gone. This cannot be undone.").format(count),
        _tr("Remove {}, free {}").format(count, freed),
        parent,
    )
    dialog.accepted.connect(lambda: _remove(session, entries))
    dialog.open()


def _remove(session: Session, entries: Sequence[TrashEntry]) -> None:
    job = session.runner.run(
        _tr("Empty the trash"),
        "empty_trash",
        [(entry.root, entry.id) for entry in entries],
        lane=entries[0].root,
        retry=False,
    )
    job.succeeded.connect(lambda emptied: _tell_emptied(session, emptied))
    job.ended.connect(lambda _: session.feed.refresh())


def _tell_restored(session: Session, restored: Sequence[Restored]) -> None:
    errors = [entry.error for entry in restored if entry.error]
    kept = [path for entry in restored for path in entry.kept]
    if errors:
        session.tell(_tr("Not all was restored: {}").format(errors[0]), tone="bad")
    elif kept:
        session.tell(
            _tr("Restored; {} newer files in the cache were left as they are.").format(len(kept)), tone="warn"
        )
    else:
        names = {entry.key.repo_id for entry in restored if entry.key}
        what = names.pop() if len(names) == 1 else _tr("{} models").format(len(names))
        session.tell(_tr("Restored {}.").format(what), tone="good")


def _tell_emptied(session: Session, emptied: Sequence[Emptied]) -> None:
    errors = [entry.error for entry in emptied if entry.error]
    freed = size_text(sum(entry.freed for entry in emptied))
    if errors:
        session.tell(_tr("{} freed; not all could be removed: {}").format(freed, errors[0]), tone="bad")
    else:
        session.tell(_tr("{} freed.").format(freed), tone="good")


def _tr(text: str) -> str:
    return QCoreApplication.translate("operations", text)
