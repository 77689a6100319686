"""The list of a remote as a part of the window: what its commands begin, and which of them can be used."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSettings, QTimer
from PySide6.QtGui import QAction

from modelkeep.remote.values import Where
from modelkeep.rows import ModelRow, Selection
from modelkeep_gui.library.scopes import ALL
from modelkeep_gui.library.view import Selected
from modelkeep_gui.menus import show_remote_menu
from modelkeep_gui.operations import fetch, follow, places, push, stored
from modelkeep_gui.remotes import keeping
from modelkeep_gui.remotes.actions import Situation

if TYPE_CHECKING:
    from modelkeep_gui.main_window import MainWindow
    from modelkeep_gui.remotes.page import RemotePage

__all__ = ["RemoteScope"]

_QUIET = 1000  # milliseconds after a change of the caches, for the rest of it to come


class RemoteScope(QObject):
    """Knows what is chosen of the remote that is shown. Rows of a remote are never among those of the caches."""

    def __init__(self, window: MainWindow, store: QSettings) -> None:
        super().__init__(window)
        self._store = store
        self._window = window
        self._session = window.session
        self._page: RemotePage | None = None
        self._connect_commands()
        session = self._session
        window.sidebar.remote_wanted.connect(window.actions_.remote.add.trigger)
        window.search.filter_changed.connect(lambda _: self._filter())
        session.remotes.views_changed.connect(lambda _: self._take_views())
        self._soon = QTimer(self, singleShot=True, interval=_QUIET)
        self._soon.timeout.connect(self._look_again)
        session.feed.rows_changed.connect(lambda _: self._follow_caches())
        session.transfers.arrived.connect(lambda _: self._look_again())
        session.offline_changed.connect(lambda _: self._look_again())
        follow.tell(session)

    @property
    def name(self) -> str:
        """The remote that is shown, "" for none."""
        return self._window.sidebar.scope.remote

    @property
    def selected(self) -> list[Selected]:
        """The lines that are chosen of the remote that is shown."""
        return self._page.view.selected if self.name and self._page else []

    @property
    def rows(self) -> list[ModelRow]:
        """The models of those lines."""
        return self._page.chosen if self.name and self._page else []

    def selection(self) -> list[Selection]:
        """What is chosen, without revisions of models that are chosen as a whole."""
        whole = {one.key for one in self.selected if one.commit is None}
        return [
            Selection(one.root, f"{one.key}@{one.commit}" if one.commit else one.key)
            for one in self.selected
            if one.commit is None or one.key not in whole
        ]

    def situation(self, local: int) -> Situation:
        """What there is to be done with, when so many models of the caches are chosen."""
        view = self._session.remotes.view(self.name) if self.name else None
        kind = view.kind if view else ""
        return Situation(len(self._session.remotes.views), kind, tuple(self.rows), local)

    def show(self) -> None:
        """Show the remote that is chosen in the sidebar."""
        view = self._session.remotes.view(self.name)
        if view is None:
            return
        page = self._made_page()
        page.set_details_shown(self._window.actions_.show_details.isChecked())
        page.show_remote(view, self._session.remotes.listing(view.name))
        self._session.remotes.look(view.name)

    def refresh(self) -> None:
        """Ask the remote that is shown once more what it holds."""
        self._session.remotes.look(self.name, again=True)

    def here(self) -> list[Selection]:
        """Where the chosen models are in the caches, as far as they are."""
        keys = {row.key for row in self.rows}
        found: dict[str, Selection] = {}
        for row in self._session.table.rows:
            if row.key in keys and row.key not in found:
                found[row.key] = Selection(row.root, row.key)
        return list(found.values())

    def keep_layout(self) -> None:
        """Write down how the page is laid out."""
        if self._page is not None:
            self._page.save_layout(self._store)

    # ---- within

    def _made_page(self) -> RemotePage:
        if self._page is None:
            page = self._page = self._window.center.remote
            page.restore_layout(self._store)
            actions = self._window.actions_
            page.view.selection_changed.connect(lambda _: self._window.enable())
            page.shown.connect(self._window.enable)
            page.view.opened.connect(lambda _: actions.show_details.setChecked(True))
            page.view.delete_pressed.connect(lambda _: actions.remote.delete.trigger())
            page.view.menu_requested.connect(lambda place: show_remote_menu(self._window, actions, place))
            page.push_requested.connect(self._push_anything)
            page.test_requested.connect(actions.remote.test.trigger)
            self._filter()
        return self._page

    def _connect_commands(self) -> None:
        actions, window, session = self._window.actions_.remote, self._window, self._session
        begins: list[tuple[QAction, Callable[[], object]]] = [
            (actions.fetch, lambda: fetch.fetch(session, window, self.name, self._keys())),
            (actions.copy_to, lambda: self._copy(move=False)),
            (actions.move_to, lambda: self._copy(move=True)),
            (actions.tag, lambda: stored.tag(session, window, self.name, self.rows[0], self._commit())),
            (actions.delete, lambda: stored.delete(session, window, self.name, self._keys()[0])),
            (actions.restore, lambda: stored.bring_back(session, window, self.name)),
            (actions.verify, lambda: stored.verify(session, window, self.name)),
            (actions.verify_deep, lambda: stored.verify(session, window, self.name, deep=True)),
            (actions.collect, lambda: stored.collect(session, window, self.name)),
            (actions.sync, lambda: places.sync(session, window, self.name)),
            (actions.follow, lambda: follow.choose(session, window, self.name, self._followable())),
            (actions.add, lambda: keeping.add(window)),
            (actions.edit, lambda: keeping.edit(window, self.name)),
            (actions.test, lambda: keeping.test(window, self.name)),
            (actions.remove, lambda: keeping.remove(window, self.name)),
        ]
        for action, begin in begins:
            action.triggered.connect(lambda _=False, begin=begin: begin())

    def _keys(self) -> list[str]:
        return [one.key for one in self.selection()]

    def _commit(self) -> str:
        return self.selected[0].commit or ""

    def _followable(self) -> list[str]:
        return [row.key for row in self.rows if row.where != Where.HERE]

    def _copy(self, *, move: bool) -> None:
        session, window = self._session, self._window
        if chosen := self.selection():
            is_only_here = self.rows[0].where == Where.HERE
            if is_only_here:
                chosen = self.here()
            for one in chosen[:1]:
                origin = one.root if is_only_here else self.name
                places.copy(session, window, one.key, origin, move=move)
        else:
            for one in window.selection()[:1]:
                places.copy(session, window, one.key, one.root, move=move)

    def _push_anything(self) -> None:
        push.push(self._session, self._window, self._window.chosen_of_caches(), remote=self.name)

    def _filter(self) -> None:
        if self._page is not None:
            self._page.set_filter(self._window.search.filter, self._window.search.text())

    def _take_views(self) -> None:
        if self.name and self._session.remotes.view(self.name) is None:
            self._window.sidebar.choose(ALL)
        elif self.name:
            self.show()
        self._window.enable()

    def _follow_caches(self) -> None:
        """What is here has changed, and with it where models are."""
        self._session.remotes.make_old()
        if self.name:
            self._soon.start()

    def _look_again(self) -> None:
        self._session.remotes.make_old()
        if self.name:
            self.refresh()
