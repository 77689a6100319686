"""Models by names of their own: showing them, registering and unregistering, downloading what is not here."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QWidget

from modelkeep.keys import ModelKey
from modelkeep.rows import Selection
from modelkeep_gui.library.view import Selected
from modelkeep_gui.operations import download, roots, trying
from modelkeep_gui.operations.reveal import reveal
from modelkeep_gui.session import Session

if TYPE_CHECKING:
    from modelkeep.errors import ModelKeepError
    from modelkeep.registered import RegisteredModel, RegisteredView
    from modelkeep.registrations.values import FileProblem, Registration
    from modelkeep_gui.registry.page import RegistryPage
    from modelkeep_gui.registry.register_dialog import RegisterDialog
    from modelkeep_gui.registry.register_form import ToRegister

__all__ = ["download_missing", "make_page", "register"]

_LANE = "registry"


def make_page(session: Session, parent: QWidget) -> RegistryPage:
    """The page, which looks whenever it is shown, and when there is something else in the caches while it is."""
    from modelkeep_gui.registry.page import RegistryPage

    page = RegistryPage(parent)
    page.look_requested.connect(partial(_look, session, page))
    page.download_requested.connect(partial(download_missing, session, parent))
    page.show_requested.connect(partial(_show, session, parent))
    page.try_requested.connect(partial(_try, session, parent))
    page.register_requested.connect(lambda: register(session, parent))
    page.unregister_requested.connect(partial(_unregister, session, parent))
    page.check_requested.connect(partial(_choose_file, session, parent))
    page.folder_requested.connect(_open_folder)

    def look_again(_: object = None) -> None:
        if page.isVisible():
            _look(session, page)

    def follow(name: str) -> None:
        if name:
            page.select(name)
        look_again()

    session.feed.views_changed.connect(look_again)
    session.registry_changed.connect(follow)
    return page


def register(session: Session, parent: QWidget, chosen: Selection | None = None) -> None:
    """Ask what to register by which name; `chosen` is a model of a cache, or a revision."""
    if chosen and ModelKey.known(chosen.key).repo_type != "model":
        session.tell(_tr("Only models can be registered, and this is none."), tone="warn")
        return
    # What is taken, and which types there are, is asked for each time: files are changed by others too.
    session.runner.run(
        _tr("Look at what is registered"),
        "registered.look",
        lane=_LANE,
        visible=False,
        on_done=partial(_ask, session, parent, _model_of(chosen)),
        on_failed=partial(_show_error, parent),
    )


def download_missing(session: Session, parent: QWidget, models: Sequence[RegisteredModel]) -> None:
    """Open the dialog of downloads for each of these, one after another, until one is cancelled."""
    keys = [one.registration.keys[0] for one in models if one.registration.keys]
    # Several names may stand for one model.
    names = dict.fromkeys(f"{key.repo_id}@{key.revision}" if key.revision else key.repo_id for key in keys)
    _download_next(session, parent, list(names), len(names))


def _download_next(session: Session, parent: QWidget, names: list[str], count: int) -> None:
    if not names:
        return
    dialog = download.choose(session, parent, names[0])
    if count > 1:
        number = count - len(names) + 1
        dialog.heading.setText(_tr("Download a model ({} of {})").format(number, count))
    dialog.accepted.connect(
        lambda: QTimer.singleShot(
            0, session, partial(_download_next, session, parent, names[1:], count)
        )  # after this one is gone
    )


# ---- the page


def _look(session: Session, page: RegistryPage) -> None:
    session.runner.run(
        _tr("Look at what is registered"),
        "registered.look",
        lane=_LANE,
        visible=False,
        on_done=page.set_view,
        on_failed=page.show_error,
    )


def _show(session: Session, parent: QWidget, one: RegisteredModel) -> None:
    if _is_listed(session, parent, one):
        reveal(session, [Selected(one.root, one.key, None)])


def _try(session: Session, parent: QWidget, one: RegisteredModel) -> None:
    if _is_listed(session, parent, one):
        trying.try_it(session, parent, Selection(one.root, f"{one.key}@{one.commit}"))


def _is_listed(session: Session, parent: QWidget, one: RegisteredModel) -> bool:
    """Whether the window shows the cache that it is in, which may be one that a variable names; says so if not."""
    if session.table.index_of(one.root, one.key).isValid():
        return True
    text = _tr("The cache in {} is not in the list of this window.").format(one.root)
    session.tell(text, action=_tr("Add it"), about=partial(roots.add_root, session, parent, one.root))
    return False


def _open_folder(path: str) -> None:
    folder = path
    while folder and not os.path.isdir(folder):
        folder = os.path.dirname(folder)
    QDesktopServices.openUrl(QUrl.fromLocalFile(folder))


def _choose_file(session: Session, parent: QWidget) -> None:
    dialog = QFileDialog(parent, _tr("Check a file that registers models"))
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.setNameFilters([_tr("YAML files (*.yaml *.yml)"), _tr("All files (*)")])
    dialog.fileSelected.connect(partial(check_file, session, parent))
    dialog.open()


def check_file(session: Session, parent: QWidget, path: str) -> None:
    """Say what is wrong in a file."""
    session.runner.run(
        _tr("Check {}").format(os.path.basename(path)),
        "registered.check",
        path,
        lane=_LANE,
        visible=False,
        on_done=partial(_show_check, parent, path),
        on_failed=partial(_show_error, parent),
    )


def _show_check(parent: QWidget, path: str, problems: Sequence[FileProblem]) -> None:
    from modelkeep_gui.registry.check_dialog import CheckDialog

    dialog = CheckDialog(path, problems, parent)
    dialog.folder_requested.connect(_open_folder)
    dialog.open()


# ---- registering


def _ask(session: Session, parent: QWidget, model: str, view: RegisteredView) -> RegisterDialog:
    from modelkeep_gui.registry.register_dialog import RegisterDialog

    cached = [row.repo_id for row in session.table.rows if row.repo_type == "model"]
    dialog = RegisterDialog(view, cached, model, parent)
    dialog.save_requested.connect(partial(_save, session, parent, dialog, view))
    dialog.open()
    return dialog


def _save(
    session: Session, parent: QWidget, dialog: RegisterDialog, view: RegisteredView, said: ToRegister
) -> None:
    ours = (one.registration for one in view.models if one.registration.file == view.own_file)
    before = next((one for one in ours if one.name == said.name), None)

    def saved(one: RegisteredModel) -> None:
        dialog.accept()
        name = one.registration.name
        session.registry_changed.emit(name)
        session.tell(
            _tr("{} is registered as {}.").format(one.registration.model, name),
            action=_tr("Undo"),
            about=partial(_take_back, session, parent, name, before),
            tone="good",
        )

    session.runner.run(
        _tr("Register {}").format(said.name),
        "registered.register",
        said.name,
        said.model,
        model_type=said.model_type,
        tags=said.tags,
        description=said.description,
        loader=said.loader,
        model_class=said.model_class,
        parameters=said.parameters,
        force=said.force,
        new_type=said.new_type,
        lane=_LANE,
        visible=False,
        on_done=saved,
        on_failed=dialog.show_failure,
    )


def _unregister(session: Session, parent: QWidget, one: RegisteredModel) -> None:
    def forgotten(said: Registration) -> None:
        session.registry_changed.emit("")
        session.tell(
            _tr("{} is not registered any more. The files of its model stay.").format(said.name),
            action=_tr("Undo"),
            about=partial(_bring_back, session, parent, said),
            tone="good",
        )

    session.runner.run(
        _tr("Unregister {}").format(one.registration.name),
        "registered.unregister",
        one.registration.name,
        lane=_LANE,
        visible=False,
        on_done=forgotten,
        on_failed=partial(_show_error, parent),
    )


def _bring_back(session: Session, parent: QWidget, said: Registration) -> None:
    session.runner.run(
        _tr("Register {}").format(said.name),
        "registered.bring_back",
        said,
        lane=_LANE,
        visible=False,
        on_done=lambda _: session.registry_changed.emit(said.name),
        on_failed=partial(_show_error, parent),
    )


def _take_back(session: Session, parent: QWidget, name: str, before: Registration | None) -> None:
    """Undo a registration; `before` is the one of the user's whose place it took."""

    def forgotten(_: object) -> None:
        if before is not None:
            _bring_back(session, parent, before)
        else:
            session.registry_changed.emit("")

    session.runner.run(
        _tr("Unregister {}").format(name),
        "registered.unregister",
        name,
        lane=_LANE,
        visible=False,
        on_done=forgotten,
        on_failed=partial(_show_error, parent),
    )


def _model_of(chosen: Selection | None) -> str:
    if chosen is None:
        return ""
    key = ModelKey.known(chosen.key)
    return f"{key.repo_id}@{key.revision}" if key.revision else key.repo_id


def _show_error(parent: QWidget, error: ModelKeepError) -> None:
    from modelkeep_gui.dialogs.error_dialog import show_error

    show_error(parent, error)


def _tr(text: str) -> str:
    return QCoreApplication.translate("operations", text)
