"""Following a remote: which models are kept here, and what is said when some came."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from modelkeep.errors import ModelKeepError
from modelkeep.text import size_text
from modelkeep_gui.session import Session

if TYPE_CHECKING:
    from modelkeep.remote.plans import Followed
    from modelkeep.remotes import RemoteView
    from modelkeep_gui.dialogs.follow_dialog import FollowAnswer, FollowDialog

__all__ = ["choose", "tell"]


def choose(session: Session, parent: QWidget, remote: str, keys: Sequence[str]) -> FollowDialog | None:
    """Ask what of a remote is to be kept here; `keys` are what is selected there."""
    from modelkeep_gui.dialogs.follow_dialog import FollowDialog

    view = session.remotes.view(remote)
    if view is None:
        return None
    minutes = session.following.minutes(remote)
    dialog = FollowDialog(remote, view.follows, keys, session.feed.views, minutes, parent)
    dialog.accepted.connect(lambda: _follow(session, view, dialog.answer))
    dialog.open()
    return dialog


def tell(session: Session) -> None:
    """Say from now on what following brought, and why it could not."""
    session.following.followed.connect(lambda done: _tell_followed(session, done))
    session.following.failed.connect(lambda failed: _tell_failed(session, *failed))


def _follow(session: Session, view: RemoteView, answer: FollowAnswer) -> None:
    session.following.set_minutes(view.name, answer.minutes)
    lane = f"follow {view.name}"
    if view.follows:
        # All of it, then what is ticked: so that another cache counts for all.
        session.runner.run(_tr("Follow no more"), "remotes.unfollow", view.name, lane=lane, visible=False)
    job = None
    for keys, tag in ((answer.keys, ""), ((), answer.tag)):
        if keys or tag:
            job = session.runner.run(
                _tr("Follow {}").format(view.name),
                "remotes.follow",
                view.name,
                list(keys),
                tag=tag,
                root=answer.root,
                lane=lane,
                visible=False,
                on_failed=lambda error: session.tell(f"{error} {error.hint}".strip(), tone="bad"),
            )
    if job is None:
        session.tell(_tr("Nothing of {} is followed any more.").format(view.name))
    else:
        session.tell(_tr("Looking for what is new on {}…").format(view.name))
        job.succeeded.connect(lambda _: session.following.look(view.name))
    # In the same lane, so after all of that.
    last = session.runner.run("", "remotes.all", lane=lane, visible=False)
    last.succeeded.connect(lambda _: session.remotes.refresh())


def _tell_followed(session: Session, done: Followed) -> None:
    name = done.plan.remote
    session.feed.refresh()
    session.remotes.look(name, again=True)
    if done.failures:
        session.tell(_tr("Not all of {} could be brought: {}").format(name, done.failures[0]), tone="bad")
    elif done.fetched:
        count = len(done.fetched)
        what = _tr("1 model") if count == 1 else _tr("{} models").format(f"{count:,}")
        text = _tr("Brought {} from {}, {}.")
        session.tell(text.format(what, name, size_text(done.bytes)), tone="good")


def _tell_failed(session: Session, name: str, error: ModelKeepError) -> None:
    text = _tr("What is followed of {} could not be looked for: {}").format(name, error)
    session.tell(" ".join(filter(None, (text, error.hint))), tone="warn")


def _tr(text: str) -> str:
    return QCoreApplication.translate("operations", text)
