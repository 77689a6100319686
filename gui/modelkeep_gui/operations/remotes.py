"""The list of a remote: it is asked for what it holds, and for more about what is chosen there."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, QTimer
from PySide6.QtWidgets import QWidget

from modelkeep.remote.values import Where
from modelkeep_gui.jobs.job import Job
from modelkeep_gui.library.view import Selected
from modelkeep_gui.remotes.listings import name_of, root_of
from modelkeep_gui.session import Session

if TYPE_CHECKING:
    from modelkeep.errors import ModelKeepError
    from modelkeep.remotes import RemoteDetails
    from modelkeep.rows import ModelRow
    from modelkeep_gui.remotes.page import RemotePage

__all__ = ["make_page"]

_PAUSE = 40  # milliseconds; a person who holds the arrow key is not asking about each row


def make_page(session: Session, parent: QWidget) -> RemotePage:
    """The page that shows a remote of a session."""
    from modelkeep_gui.remotes.page import RemotePage

    page = RemotePage(parent)
    session.remotes.listed.connect(partial(_show, session, page))
    page.retry_requested.connect(lambda: _look(session, page))
    page.online_requested.connect(lambda: _go_online(session, page))
    _Looking(session, page)
    return page


def _show(session: Session, page: RemotePage, name: str) -> None:
    view = session.remotes.view(name)
    if view is not None and page.view_of is not None and page.view_of.name == name:
        page.show_remote(view, session.remotes.listing(name))


def _look(session: Session, page: RemotePage) -> None:
    if page.view_of is not None:
        session.remotes.look(page.view_of.name, again=True)


def _go_online(session: Session, page: RemotePage) -> None:
    def tell(reason: str) -> None:
        session.offline_changed.emit(reason)
        if reason:
            session.tell(reason, tone="warn")
        _look(session, page)

    session.runner.run(_tr("Work online"), "hubs.set_offline", False, visible=False, on_done=tell)


class _Looking(QObject):
    """Asks what a remote says of what is chosen: the latest choice alone."""

    def __init__(self, session: Session, page: RemotePage) -> None:
        super().__init__(page)
        self._session = session
        self._page = page
        self._wanted: Selected | None = None
        self._job: Job | None = None
        self._soon = QTimer(self, singleShot=True, interval=_PAUSE)
        self._soon.timeout.connect(self._ask)
        page.view.selection_changed.connect(self._choose)
        page.pane.revision_chosen.connect(self._choose_revision)
        page.pane.relative_chosen.connect(self._go_to)
        session.remotes.listed.connect(self._look_again)

    def _choose(self, selected: list[Selected]) -> None:
        row = self._row(selected[0]) if len(selected) == 1 else None
        before, self._wanted = self._wanted, None
        if row is None:
            many = _tr("{} are selected.").format(f"{len(selected):,}") if len(selected) > 1 else ""
            self._page.pane.show_nothing(many)
        elif row.where == Where.HERE:
            self._page.pane.show_only_here(row)
        else:
            # A revision that was chosen in the pane is looked at as long as its model is chosen.
            is_same = before is not None and before[:2] == selected[0][:2] and selected[0].commit is None
            self._wanted = before if is_same else selected[0]
            self._page.pane.show_waiting(row)
            self._soon.start()

    def _choose_revision(self, commit: str) -> None:
        if self._wanted is not None:
            self._wanted = self._wanted._replace(commit=commit)
            self._soon.start()

    def _look_again(self, name: str) -> None:
        shown = self._page.view_of
        if shown and shown.name == name and not self._session.remotes.listing(name).is_loading:
            self._choose(self._page.view.selected)

    def _ask(self) -> None:
        if self._wanted is None or (row := self._row(self._wanted)) is None:
            return
        if self._job is not None:
            self._job.cancel()
        wanted = self._wanted
        key = f"{wanted.key}@{wanted.commit}" if wanted.commit else wanted.key
        self._job = self._session.runner.run(
            _tr("Look at {}").format(key),
            "remotes.look",
            name_of(wanted.root),
            key,
            lane="remote details",
            visible=False,
            on_done=partial(self._take, wanted, row),
            on_failed=partial(self._fail, wanted, row),
        )

    def _take(self, asked: Selected, row: ModelRow, details: RemoteDetails) -> None:
        if asked == self._wanted:
            self._page.pane.show_details(row, details, partial(self._is_known, asked.root))

    def _fail(self, asked: Selected, row: ModelRow, error: ModelKeepError) -> None:
        if asked == self._wanted:
            self._page.pane.show_failure(row, str(error), error.hint)

    def _row(self, one: Selected) -> ModelRow | None:
        table = self._page.table
        return table.row_at(table.index_of(one.root, one.key))

    def _is_known(self, root: str, key: str) -> bool:
        name, _, _ = key.partition("@")[2].partition("@")
        return any(row.root == root and row.repo_id == name for row in self._page.table.rows)

    def _go_to(self, key: str) -> None:
        if self._page.view_of is None:
            return
        scheme, _, rest = key.partition("@")
        name, _, commit = rest.partition("@")
        root = root_of(self._page.view_of.name)
        model = Selected(root, f"{scheme}@{name}", None)
        revision = model._replace(commit=commit or None)
        index = self._page.table.index_of(*revision)
        if index.isValid() and commit:
            self._page.view.expand(self._page.table.index_of(*model))
        self._page.view.select([revision if index.isValid() else model])


def _tr(text: str) -> str:
    return QCoreApplication.translate("operations", text)
