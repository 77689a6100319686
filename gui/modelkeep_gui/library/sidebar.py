"""The sidebar: which cache, remote or smart list the table shows, and what is in each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent, QPainter, QPalette, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from modelkeep.filter import UNUSED_DAYS
from modelkeep.text import exact_size_text, size_text
from modelkeep_gui.icons import paint_icon
from modelkeep_gui.library.scopes import (
    ACTIVITY,
    ALL,
    DOCTOR,
    DOWNLOADS,
    NOTHING,
    REGISTERED,
    SMART_LISTS,
    TRAININGS,
    TRASH,
    Counts,
    Scope,
    SmartList,
    remote_scope,
)
from modelkeep_gui.theme import GRID, colours_of

__all__ = ["KIND_ICONS", "RemoteEntry", "RootEntry", "Sidebar", "SidebarData"]


@dataclass(frozen=True)
class RootEntry:
    """A cache in the list. `is_here` is false for one that is not mounted."""

    path: str
    name: str
    size: int = 0
    is_here: bool = True


@dataclass(frozen=True)
class RemoteEntry:
    """A remote in the list. `models` is None as long as nobody listed it; `problem` is why it cannot be reached."""

    name: str
    kind: str
    url: str
    models: int | None = None
    follows: int = 0
    problem: str = ""


@dataclass(frozen=True)
class SidebarData:
    """All that the sidebar says. `trash` is bytes, `downloads` how many are in the queue, `stopped` how many of them
    stopped by themselves, `problems` what the doctor found when it looked last, `trainings` how many wait or run.
    """

    roots: tuple[RootEntry, ...] = ()
    counts: Counts = NOTHING
    trash: int = 0
    downloads: int = 0
    stopped: int = 0
    problems: int = 0
    remotes: tuple[RemoteEntry, ...] = ()
    trainings: int = 0


@dataclass(frozen=True)
class _Entry:
    """A line as it is painted. Without a scope it is a caption, or a command."""

    text: str
    scope: Scope | None = None
    icon: str = ""
    figure: str = ""
    tooltip: str = ""
    tone: str = "muted"
    is_quiet: bool = False
    is_command: bool = False


_ENTRY = int(Qt.ItemDataRole.UserRole)
_AND = " · "  # between the figures of a line

KIND_ICONS = {"folder": "folder", "s3": "cloud", "hub": "hub"}
"""The icon of each kind of remote; any other is a cloud."""


class Sidebar(QListView):
    """Shows `SidebarData`; the chosen line stays chosen when the data changes, as long as it is there.

    Signals:
        scope_chosen: the `Scope` that the user chose.
        remote_wanted: a remote is to be added.
    """

    scope_chosen = Signal(object)
    remote_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries: list[_Entry] = []
        self._scope = ALL
        self._is_ours = False
        self._items = QStandardItemModel(self)
        self.setAccessibleName(self.tr("Caches and lists"))
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        # It lies on the window's ground, not on a sheet of paper as the table does.
        self.viewport().setAutoFillBackground(False)
        self.setItemDelegate(_EntryDelegate(self))
        self.setModel(self._items)
        self.clicked.connect(self._begin)
        self.set_data(SidebarData())

    @property
    def scope(self) -> Scope:
        """What is chosen."""
        return self._scope

    def set_data(self, data: SidebarData) -> None:
        """Say what there is now."""
        entries = [
            *self._caches(data),
            *self._lists(data.counts),
            *self._remotes(data.remotes),
            *self._places(data),
        ]
        if entries == self._entries:
            return
        lines_changed = list(map(_line, entries)) != list(map(_line, self._entries))
        self._entries = entries
        if lines_changed:
            # Qt makes another line the current one while lines go; that is not the user's choice.
            self._is_ours = True
            self._items.clear()
            self._items.setRowCount(len(entries))
            self._is_ours = False
        for number, entry in enumerate(entries):
            self._write(number, entry)
        if lines_changed:
            self._mark(self._scope if any(entry.scope == self._scope for entry in entries) else ALL)

    def choose(self, scope: Scope) -> None:
        """Choose a line as a click does; one that is not there changes nothing."""
        if any(entry.scope == scope for entry in self._entries):
            self._mark(scope)

    def sizeHint(self) -> QSize:
        return QSize(30 * self.fontMetrics().averageCharWidth() + 8 * GRID, 400)

    def currentChanged(
        self, current: QModelIndex | QPersistentModelIndex, previous: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().currentChanged(current, previous)
        entry = current.data(_ENTRY)
        if self._is_ours or entry is None:
            return
        if entry.scope is not None and entry.scope != self._scope:
            self._scope = entry.scope
            self.scope_chosen.emit(entry.scope)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._begin(self.currentIndex())
        super().keyPressEvent(event)

    def _begin(self, index: QModelIndex) -> None:
        entry = index.data(_ENTRY)
        if entry is not None and entry.is_command:
            self.remote_wanted.emit()

    def _write(self, number: int, entry: _Entry) -> None:
        item = self._items.item(number) or QStandardItem()
        item.setText(entry.text)
        item.setData(entry, _ENTRY)
        item.setToolTip(entry.tooltip)
        item.setAccessibleText(" ".join(filter(None, (entry.text, entry.figure))))
        usable = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if entry.is_command:
            item.setFlags(Qt.ItemFlag.ItemIsEnabled)
        else:
            item.setFlags(usable if entry.scope else Qt.ItemFlag.NoItemFlags)
        self._items.setItem(number, item)

    def _mark(self, scope: Scope) -> None:
        for number, entry in enumerate(self._entries):
            if entry.scope == scope:
                self.setCurrentIndex(self._items.index(number, 0))

    def _caches(self, data: SidebarData) -> list[_Entry]:
        total = sum(root.size for root in data.roots)
        entries = [
            _Entry(self.tr("Caches")),
            _Entry(
                self.tr("All"),
                ALL,
                "library",
                size_text(total),
                self.tr("Every cache: {}").format(exact_size_text(total)),
            ),
        ]
        return entries + [self._cache(root) for root in data.roots]

    def _cache(self, root: RootEntry) -> _Entry:
        if root.is_here:
            tooltip = f"{root.path}\n{exact_size_text(root.size)}"
            return _Entry(root.name, Scope(root=root.path), "cache", size_text(root.size), tooltip)
        tooltip = self.tr("{}\nThis folder is not there now, as when a disk is not connected.").format(
            root.path
        )
        return _Entry(root.name, Scope(root=root.path), "away", self.tr("away"), tooltip, is_quiet=True)

    def _remotes(self, remotes: Sequence[RemoteEntry]) -> list[_Entry]:
        add = _Entry(
            self.tr("Add a remote…"),
            icon="plus",
            tooltip=self.tr("A folder, an S3 store or a hub that models are pushed to and fetched from"),
            is_quiet=True,
            is_command=True,
        )
        return [_Entry(self.tr("Remotes")), *map(self._remote, remotes), add]

    def _remote(self, remote: RemoteEntry) -> _Entry:
        follows = self.tr("Follows {}").format(f"{remote.follows:,}") if remote.follows else ""
        tooltip = "\n".join(filter(None, (remote.url, remote.problem, follows)))
        scope, mark = remote_scope(remote.name), KIND_ICONS.get(remote.kind, "cloud")
        if remote.problem:
            return _Entry(remote.name, scope, mark, self.tr("away"), tooltip, is_quiet=True)
        count = "" if remote.models is None else f"{remote.models:,}"
        if remote.follows:
            follows = self.tr("follows {}").format(f"{remote.follows:,}")
        figure = _AND.join(filter(None, (follows, count)))
        return _Entry(remote.name, scope, mark, figure, tooltip)

    def _lists(self, counts: Counts) -> list[_Entry]:
        names: dict[SmartList, tuple[str, str, str]] = {
            "damaged": (self.tr("Damaged"), "damaged", "bad"),
            "dangerous": (self.tr("Dangerous"), "shield", "bad"),
            "incomplete": (self.tr("Incomplete"), "incomplete", "warn"),
            "pinned": (self.tr("Pinned"), "pin", "muted"),
            "unused": (self.tr("Unused {} days").format(UNUSED_DAYS), "unused", "muted"),
            "pickles": (self.tr("Pickles"), "pickle", "muted"),
            "custom-code": (self.tr("Custom code"), "code", "muted"),
            "others": (self.tr("Datasets and others"), "dataset", "muted"),
        }
        entries = [_Entry(self.tr("Show"))]
        for name, filter_text in SMART_LISTS.items():
            title, icon, tone = names[name]
            count = counts.by_list.get(name, 0)
            entries.append(
                _Entry(
                    title,
                    Scope(smart_list=name),
                    icon,
                    f"{count:,}" if count else "",
                    self.tr("As the filter {}").format(filter_text),
                    tone if count else "muted",
                    is_quiet=not count,
                )
            )
        return entries

    def _places(self, data: SidebarData) -> list[_Entry]:
        downloads = _Entry(
            self.tr("Downloads"),
            DOWNLOADS,
            "download",
            f"{data.downloads:,}" if data.downloads else "",
            self.tr("%n stopped", "", data.stopped) if data.stopped else "",
            "bad" if data.stopped else "accent" if data.downloads else "muted",
            is_quiet=not data.downloads,
        )
        trainings = _Entry(
            self.tr("Trainings"),
            TRAININGS,
            "train",
            f"{data.trainings:,}" if data.trainings else "",
            self.tr("What is being fine-tuned, and how it goes"),
            "accent" if data.trainings else "muted",
            is_quiet=not data.trainings,
        )
        size = data.trash
        figure = size_text(size) if size else self.tr("empty")
        trash = _Entry(self.tr("Trash"), TRASH, "trash", figure, exact_size_text(size), is_quiet=not size)
        doctor = _Entry(
            self.tr("Doctor"),
            DOCTOR,
            "doctor",
            f"{data.problems:,}" if data.problems else "",
            self.tr("What is wrong with the caches, and what mends it"),
            "warn" if data.problems else "muted",
        )
        activity = _Entry(
            self.tr("Activity"), ACTIVITY, "activity", tooltip=self.tr("What was done, by whom and when")
        )
        registered = _Entry(
            self.tr("Registered models"),
            REGISTERED,
            "tag",
            tooltip=self.tr("Models by names of their own, and whether they are here"),
        )
        return [_Entry(""), downloads, trainings, registered, doctor, activity, trash]


class _EntryDelegate(QStyledItemDelegate):
    """Paints a caption small and quiet; a line with its icon, its text and at the right its figure."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        entry: _Entry = index.data(_ENTRY)
        high = option.fontMetrics.height()
        if entry.scope is None and not entry.is_command:
            return QSize(0, high + 5 * GRID if entry.text else 3 * GRID)
        return QSize(0, high + 3 * GRID)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        entry: _Entry = index.data(_ENTRY)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if entry.scope is None and not entry.is_command:
            self._paint_caption(painter, option, entry)
        else:
            self._paint_line(painter, option, entry)
        painter.restore()

    def _paint_caption(self, painter: QPainter, option: QStyleOptionViewItem, entry: _Entry) -> None:
        font = QFont(option.font)
        font.setPointSizeF(font.pointSizeF() * 0.85)
        font.setBold(True)
        font.setCapitalization(QFont.Capitalization.AllUppercase)
        font.setLetterSpacing(QFont.SpacingType.PercentageSpacing, 106)
        painter.setFont(font)
        painter.setPen(QColor(colours_of(option.palette).muted))
        area = option.rect.adjusted(4 * GRID, 0, -4 * GRID, -GRID)
        painter.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, entry.text)

    def _paint_line(self, painter: QPainter, option: QStyleOptionViewItem, entry: _Entry) -> None:
        colours = colours_of(option.palette)
        area = option.rect.adjusted(2 * GRID, 1, -2 * GRID, -1)
        state = option.state
        if state & QStyle.StateFlag.State_Selected:
            ground = option.palette.color(QPalette.ColorRole.Highlight)
        elif state & QStyle.StateFlag.State_MouseOver:
            ground = QColor(colours.hovered)
        else:
            ground = QColor(Qt.GlobalColor.transparent)
        has_focus = bool(state & QStyle.StateFlag.State_HasFocus)
        painter.setPen(QColor(colours.accent) if has_focus else Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(area, 6, 6)
        tone = getattr(colours, entry.tone)
        paint_icon(painter, QRect(area.left() + 2 * GRID, area.top(), 16, area.height()), entry.icon, tone)
        middle = Qt.AlignmentFlag.AlignVCenter
        area = area.adjusted(8 * GRID, 0, -2 * GRID, 0)
        wide, figure = option.fontMetrics.horizontalAdvance, entry.figure
        # The name is worth more than all but the last of the figures.
        while _AND in figure and wide(entry.text) + wide(figure) + 2 * GRID > area.width():
            figure = figure.partition(_AND)[2]
        painter.setPen(QColor(tone))
        painter.drawText(area, Qt.AlignmentFlag.AlignRight | middle, figure)
        area.setRight(area.right() - wide(figure) - 2 * GRID)
        painter.setPen(QColor(colours.muted if entry.is_quiet else colours.text))
        text = option.fontMetrics.elidedText(entry.text, Qt.TextElideMode.ElideMiddle, area.width())
        painter.drawText(area, Qt.AlignmentFlag.AlignLeft | middle, text)


def _line(entry: _Entry) -> tuple[Scope | None, bool]:
    """What makes a line the same line, whatever it says."""
    return entry.scope, entry.is_command
