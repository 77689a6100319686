"""The commands about remotes, each as one `QAction`; `enable_for` alone says which can be used now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAction

from modelkeep.remote.values import Where
from modelkeep.rows import ModelRow

__all__ = ["RemoteActions", "Situation"]


@dataclass(frozen=True)
class Situation:
    """What is shown and chosen. `kind` is that of the remote that is shown, "" while there is none.

    `rows` are the models that are chosen of that remote, `local` how many are chosen of the caches.
    """

    remotes: int = 0
    kind: str = ""
    rows: Sequence[ModelRow] = ()
    local: int = 0


class RemoteActions:
    """The commands. Who carries one out connects to its `triggered`."""

    def __init__(self, make: Callable[..., QAction]) -> None:
        self.fetch = make(_tr("&Fetch…"), "download", "Ctrl+G", _tr("Bring the selected model into a cache"))
        self.copy_to = make(
            _tr("Cop&y to…"), "copy", "", _tr("Copy the selected model to a remote or a cache")
        )
        self.move_to = make(
            _tr("&Move to…"), "push", "", _tr("Copy it, verify the copy, then delete it on this remote")
        )
        self.tag = make(_tr("&Tag as…"), "tag", "", _tr("Let a name such as production lead to a revision"))
        self.delete = make(
            _tr("&Delete on the remote…"), "delete", "", _tr("See what that takes away, then delete it there")
        )
        self.delete.setIconText(_tr("Delete"))
        self.restore = make(
            _tr("Bring back de&leted…"), "undo", "", _tr("Restore what was deleted from the remote")
        )
        # The keys of verifying what is here: of the two only the one that is about what is shown can be used.
        self.verify = make(
            _tr("&Verify the remote"), "verify", "Ctrl+R", _tr("See whether all is there that should be")
        )
        self.verify.setIconText(_tr("Verify"))
        self.verify_deep = make(
            _tr("Verify, readi&ng everything"),
            "verify",
            "Ctrl+Shift+R",
            _tr("Read and hash every content of the remote"),
        )
        self.collect = make(
            _tr("Collect &garbage…"), "trash", "", _tr("Remove contents that nothing needs any more")
        )
        self.sync = make(
            _tr("&Sync…"), "sync", "Ctrl+Shift+Y", _tr("Make one place have what another place has")
        )
        self.follow = make(_tr("F&ollow…"), "update", "", _tr("Keep models of the remote here, up to date"))
        self.add = make(_tr("&Add a remote…"), "plus", "", _tr("A folder, an S3 store or a hub"))
        self.edit = make(_tr("&Edit the remote…"), "settings", "", _tr("Change where it is and its key"))
        self.test = make(_tr("Test the &connection"), "try", "", _tr("See what of the remote works"))
        self.remove = make(
            _tr("&Remove the remote…"), "cancel", "", _tr("Forget the remote; what it holds stays")
        )

    def enable_for(self, now: Situation) -> None:
        """Allow what can be done in this situation."""
        there = [row for row in now.rows if row.where != Where.HERE]
        is_store = now.kind not in ("", "hub")
        self.fetch.setEnabled(len(there) == len(now.rows) > 0)
        self.copy_to.setEnabled(len(now.rows) + now.local == 1)
        for action in (self.move_to, self.delete):
            action.setEnabled(len(now.rows) == 1 and bool(there))
        self.tag.setEnabled(is_store and len(now.rows) == 1 and bool(there))
        for action in (self.restore, self.collect):
            action.setEnabled(is_store)
        for action in (self.verify, self.verify_deep, self.edit, self.test, self.remove):
            action.setEnabled(bool(now.kind))
        self.follow.setEnabled(bool(now.kind))
        self.sync.setEnabled(bool(now.remotes))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Actions", text)
