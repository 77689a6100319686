"""The downloads of the queue: what the user does with them, and what is said when one is here or has stopped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from modelkeep.hub.transfer import DownloadResult, Transfer
from modelkeep.safety.verdict import Verdict
from modelkeep.text import size_text
from modelkeep_gui.dialogs.safety_text import arrival_warning
from modelkeep_gui.library.view import Selected
from modelkeep_gui.operations.reveal import Reveal, reveal
from modelkeep_gui.session import Session

if TYPE_CHECKING:
    from modelkeep.errors import ModelKeepError
    from modelkeep_gui.transfers.view import TransfersView

__all__ = ["follow", "make_page"]


def _nothing() -> None:
    pass


def follow(session: Session, show_safety: Callable[[], object] = _nothing) -> None:
    """Say from now on which downloads are here, and which have stopped.

    `show_safety` turns the details to what was found in a model, once it is revealed.
    """
    session.transfers.arrived.connect(lambda result: _tell_arrived(session, result, show_safety))
    session.transfers.failed.connect(lambda failed: _tell_failed(session, *failed))


def make_page(session: Session, parent: QWidget) -> TransfersView:
    """The page that shows the queue of a session and changes it."""
    from modelkeep_gui.transfers.view import TransfersView

    queue = session.transfers
    page = TransfersView(lambda: queue.rate, parent)
    queue.changed.connect(page.set_transfers)
    queue.advanced.connect(page.advance)
    page.pause_requested.connect(queue.pause)
    page.resume_requested.connect(queue.resume)
    page.move_requested.connect(lambda moved: queue.move(*moved))
    page.limit_chosen.connect(queue.limit_rate)
    page.cancel_requested.connect(lambda chosen: _ask_to_cancel(session, parent, chosen))
    page.set_transfers(queue.transfers)
    return page


def _ask_to_cancel(session: Session, parent: QWidget, chosen: Sequence[Transfer]) -> None:
    from modelkeep_gui.dialogs.confirm_dialog import ConfirmDialog

    came = sum(one.bytes_done for one in chosen)
    if not came:
        session.transfers.cancel(chosen)
        return
    names = ", ".join(one.key.repo_id for one in chosen)
    dialog = ConfirmDialog(
        _tr("Cancel the download?"),
        _tr("{} of {} came already and will be removed. Files that are whole stay in the cache.").format(
            size_text(came), names
        ),
        _tr("Cancel the download"),
        parent,
    )
    dialog.cancel.setText(_tr("Keep it"))  # beside the other, “Cancel” could mean either
    dialog.accepted.connect(lambda: session.transfers.cancel(chosen))
    dialog.open()


def _tell_arrived(session: Session, result: DownloadResult, show_safety: Callable[[], object]) -> None:
    shown = Reveal(session)
    models = [Selected(result.root, result.key.name, None)]
    session.table.set_newer(set(), {(result.root, result.key.name)})
    shown.when_listed(models)
    session.feed.refresh()
    text = _tr("Downloaded {}.").format(result.key.repo_id)
    warning = arrival_warning(result.safety)

    def show() -> None:
        if warning:
            models[:] = [Selected(result.root, result.key.name, result.commit)]
            show_safety()
        reveal(session, models)

    session.tell(
        " ".join(filter(None, (text, warning, result.ref_kept, *result.notes))),
        action=_tr("Show"),
        about=show,
        tone=_tone(result),
    )


def _tone(result: DownloadResult) -> str:
    if result.safety and result.safety.verdict is Verdict.DANGEROUS:
        return "bad"
    return "warn" if result.ref_kept or arrival_warning(result.safety) else "good"


def _tell_failed(session: Session, one: Transfer, error: ModelKeepError) -> None:
    text = _tr("{} stopped: {} {}").format(one.key.repo_id, error, error.hint)
    show = partial(session.transfer_revealed.emit, one)
    session.tell(text.strip(), action=_tr("Show"), about=show, tone="bad")


def _tr(text: str) -> str:
    return QCoreApplication.translate("operations", text)
