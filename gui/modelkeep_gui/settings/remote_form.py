"""The fields of a remote: what it is called, where it is, its key, and the cache that fetching fills."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from modelkeep.named_remotes import Credentials
from modelkeep.rows import RootView
from modelkeep_gui.dialogs.noted_field import FieldForm, NotedField
from modelkeep_gui.icons import icon
from modelkeep_gui.library.sidebar import KIND_ICONS
from modelkeep_gui.settings.profile_text import host_of
from modelkeep_gui.settings.remote_address import (
    Address,
    Kind,
    bucket_problem,
    endpoint_problem,
    folder_problem,
    name_problem,
    parsed,
    url_problem,
)
from modelkeep_gui.settings.remote_key import KeyField
from modelkeep_gui.widgets.elided_label import ElidedLabel

if TYPE_CHECKING:
    from modelkeep.hub.profile import ProfileView
    from modelkeep.remotes import RemoteView

__all__ = ["RemoteChoice", "RemoteForm"]

_KINDS: tuple[Kind, ...] = ("folder", "s3", "hub", "other")


@dataclass(frozen=True)
class RemoteChoice:
    """What was filled in. `credentials` are None to keep those that are there."""

    name: str
    url: str
    cache: str = ""
    credentials: Credentials | None = None
    in_file: bool = False


class RemoteForm(QWidget):
    """The fields, of which only those of the chosen kind are seen. What is wrong is said when `check` is called.

    Signals:
        changed: something was typed or chosen.
        kind_changed: other fields are seen.
    """

    changed = Signal()
    kind_changed = Signal()

    def __init__(self, view: RemoteView | None, taken: Collection[str], roots: Sequence[RootView]) -> None:
        super().__init__()
        self._taken = frozenset(taken)
        self._address = parsed(view.url) if view else Address()
        address = self._address
        self.name = QLineEdit(view.name if view else "")
        self.kind = QComboBox()
        self.folder = QLineEdit(address.folder)
        self.browse = QPushButton(icon("folder"), self.tr("&Browse…"))
        self.bucket = QLineEdit(address.bucket)
        self.prefix = QLineEdit(address.prefix)
        self.endpoint = QLineEdit(address.endpoint)
        self.region = QLineEdit(address.region)
        self.aws = QLineEdit(address.profile)
        self.key = KeyField(view.credentials if view else "")
        self.hub = QComboBox()
        self.owner = QLineEdit(address.owner)
        self.other = QLineEdit(address.other)
        self.cache = QComboBox()
        self.name_field = NotedField(self.name)
        self.folder_field = NotedField(self.folder, self.browse)
        self.bucket_field = NotedField(self.bucket)
        self.endpoint_field = NotedField(self.endpoint)
        self.key_field = NotedField(self.key)
        self.other_field = NotedField(self.other)
        self._form = FieldForm()
        self._fields: dict[Kind, list[QWidget]] = {kind: [] for kind in _KINDS}
        self._offer(roots, view.cache if view else "")
        self._lay_out(is_new=view is None)
        self._connect()
        self._show_kind()

    @property
    def address(self) -> Address:
        """Where it is, as it is filled in now."""
        return replace(
            self._address,
            kind=self._kind,
            folder=self.folder.text().strip(),
            bucket=self.bucket.text().strip(),
            prefix=self.prefix.text().strip(),
            endpoint=self.endpoint.text().strip().rstrip("/"),
            region=self.region.text().strip(),
            profile=self.aws.text().strip(),
            hub=self.hub.currentData() or "",
            owner=self.owner.text().strip(),
            other=self.other.text().strip(),
        )

    @property
    def choice(self) -> RemoteChoice:
        """What is filled in; only when `check` found nothing wrong."""
        credentials = self.key.credentials if self._kind == "s3" else None
        return RemoteChoice(
            self.name.text().strip(),
            self.address.url,
            self.cache.currentData() or "",
            credentials,
            self.key.in_file.isChecked(),
        )

    def check(self) -> bool:
        """Say at each field what is wrong with it, and go to the first that is; returns whether none is."""
        problems = self._problems()
        for field, problem in problems.items():
            field.say(problem)
        for field, problem in problems.items():
            if problem:
                field.main.setFocus()
                return False
        return True

    def set_profiles(self, views: Sequence[ProfileView]) -> None:
        """Offer the hubs that have profiles."""
        self.hub.blockSignals(True)
        self.hub.clear()
        for view in views:
            self.hub.addItem(f"{view.profile.name} · {host_of(view.profile.endpoint)}", view.profile.name)
        chosen = self._address.hub or next((v.profile.name for v in views if v.is_default), "")
        self.hub.setCurrentIndex(max(0, self.hub.findData(chosen)))
        self.hub.blockSignals(False)

    # ---- what follows

    @property
    def _kind(self) -> Kind:
        return _KINDS[max(0, self.kind.currentIndex())]

    def _problems(self) -> dict[NotedField, str]:
        kind = self._kind
        return {
            self.name_field: name_problem(self.name.text(), self._taken),
            self.folder_field: folder_problem(self.folder.text()) if kind == "folder" else "",
            self.bucket_field: bucket_problem(self.bucket.text()) if kind == "s3" else "",
            self.endpoint_field: endpoint_problem(self.endpoint.text()) if kind == "s3" else "",
            self.key_field: self.key.problem if kind == "s3" else "",
            self.other_field: url_problem(self.other.text()) if kind == "other" else "",
        }

    def _typed(self) -> None:
        problems = self._problems()
        for field, problem in problems.items():
            if field.problem:  # it may be right now
                field.say(problem)
        self.changed.emit()

    def _show_kind(self) -> None:
        for kind, fields in self._fields.items():
            for field in fields:
                self._form.setRowVisible(field, kind == self._kind)
        self.changed.emit()
        self.kind_changed.emit()

    def _choose_folder(self) -> None:
        dialog = QFileDialog(self, self.tr("Choose a folder"), self.folder.text())
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(self.folder.setText)
        dialog.open()

    # ---- where things are

    def _offer(self, roots: Sequence[RootView], chosen: str) -> None:
        self.cache.addItem(self.tr("The first one"), "")
        for root in roots:
            self.cache.addItem(icon("cache"), root.name, root.path)
        if chosen and self.cache.findData(chosen) < 0:
            self.cache.addItem(icon("cache"), chosen, chosen)
        self.cache.setCurrentIndex(max(0, self.cache.findData(chosen)))

    def _lay_out(self, *, is_new: bool) -> None:
        titles = {
            "folder": self.tr("A folder: a share, a stick, a synced directory"),
            "s3": self.tr("An S3 store: AWS, Ceph, MinIO and others"),
            "hub": self.tr("A hub, by its profile"),
            "other": self.tr("Another kind, by its URL"),
        }
        for kind in _KINDS:
            self.kind.addItem(icon(KIND_ICONS.get(kind, "cloud")), titles[kind])
        self.kind.setCurrentIndex(_KINDS.index(self._address.kind))
        for field, name, hint in (
            (self.name, self.tr("Name"), self.tr("team")),
            (self.folder, self.tr("Folder"), self.tr("/srv/models")),
            (self.bucket, self.tr("Bucket"), self.tr("models")),
            (self.prefix, self.tr("Prefix"), self.tr("None: all of the bucket")),
            (self.endpoint, self.tr("Endpoint"), self.tr("None: AWS itself")),
            (self.region, self.tr("Region"), self.tr("The usual one")),
            (self.aws, self.tr("AWS profile"), self.tr("None")),
            (self.owner, self.tr("Owner"), self.tr("Everyone’s models")),
            (self.other, self.tr("URL"), "scheme://…"),
        ):
            field.setAccessibleName(name)
            field.setPlaceholderText(hint)
        for box, name in (
            (self.kind, self.tr("Kind")),
            (self.hub, self.tr("Hub")),
            (self.cache, self.tr("Fetch into")),
        ):
            box.setAccessibleName(name)
        if not is_new:
            self.name.setReadOnly(True)
            self.name.setToolTip(self.tr("Its key and what is followed go by this name, so it stays."))
        self.browse.setAutoDefault(False)
        form = self._form
        form.add(self.tr("&Name"), self.name_field)
        form.add(self.tr("&Kind"), self.kind)
        about_hubs = ElidedLabel(
            self.tr("Its address and token are those of the profile, under Hubs."), muted=True
        )
        rows: tuple[tuple[Kind, str, QWidget], ...] = (
            ("folder", self.tr("F&older"), self.folder_field),
            ("s3", self.tr("&Bucket"), self.bucket_field),
            ("s3", self.tr("&Prefix"), NotedField(self.prefix)),
            ("s3", self.tr("En&dpoint"), self.endpoint_field),
            ("s3", self.tr("&Region"), NotedField(self.region)),
            ("s3", self.tr("&AWS profile"), NotedField(self.aws)),
            ("s3", self.tr("K&ey"), self.key_field),
            ("hub", self.tr("&Hub"), NotedField(self.hub)),
            ("hub", self.tr("Owne&r"), NotedField(self.owner)),
            ("hub", "", about_hubs),
            ("other", self.tr("&URL"), self.other_field),
        )
        for kind, text, part in rows:
            if text:
                form.add(text, part)
            else:
                form.addRow("", part)
            self._fields[kind].append(part)
        form.add(self.tr("Fetch &into"), self.cache)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(form)

    def _connect(self) -> None:
        self.kind.currentIndexChanged.connect(lambda _: self._show_kind())
        self.browse.clicked.connect(lambda _: self._choose_folder())
        for field in (
            *(self.name, self.folder, self.bucket, self.prefix, self.endpoint, self.region, self.aws),
            *(self.owner, self.other),
        ):
            field.textChanged.connect(lambda _: self._typed())
        self.key.changed.connect(self._typed)
