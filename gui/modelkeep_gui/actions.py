"""Every command of the window as one `QAction`, made once: menus, toolbar, shortcuts and buttons share it.

`Actions.enable_for` is the one place that says which of them can be used now.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence

from modelkeep_gui.icons import icon
from modelkeep_gui.library.view import Selected
from modelkeep_gui.remotes.actions import RemoteActions, Situation
from modelkeep_gui.translations import plain_text

__all__ = ["Actions"]


class Actions(QObject):
    """The commands. Who carries one out connects to its `triggered`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        tr = self.tr
        self.import_ = self._make(tr("&Import…"), "import", "Ctrl+I", tr("Import archives or folders"))
        self.export = self._make(
            tr("&Export…"), "export", "Ctrl+E", tr("Export the selected models as archives")
        )
        self.download = self._make(tr("D&ownload…"), "download", "Ctrl+D", tr("Download a model from a hub"))
        self.push = self._make(tr("Pus&h…"), "push", "Ctrl+U", tr("Send the selected model to a hub"))
        self.check_updates = self._make(
            tr("Chec&k for updates"), "update", "Ctrl+Shift+U", tr("Ask whether hubs have something newer")
        )
        self.verify = self._make(
            tr("&Verify"),
            "verify",
            "Ctrl+R",
            tr("See whether the selected models, or all, are what they should be"),
        )
        self.verify_deep = self._make(
            tr("Ver&ify, reading everything"),
            "verify",
            "Ctrl+Shift+R",
            tr("Read every file again, also what has not changed since it was read"),
        )
        self.mend = self._make(
            tr("&Mend…"),
            "mend",
            "Ctrl+Shift+M",
            tr("Find good copies of files that are not what they should be, and put them in place"),
        )
        self.try_it = self._make(
            tr("Try &it…"), "tryout", "Ctrl+T", tr("Ask the selected model something, on this machine")
        )
        self.train = self._make(
            tr("Fine-tune on e&xamples…"),
            "train",
            "Ctrl+Shift+T",
            tr("Teach the selected model from examples of yours, as a model of its own"),
        )
        self.try_loading = self._make(
            tr("Try &loading offline…"), "try", "Ctrl+L", tr("Prove that the model loads without a network")
        )
        self.scan_safety = self._make(
            tr("&Scan for unsafe content"),
            "shield",
            "Ctrl+Shift+S",
            tr("See what would run when models are loaded"),
        )
        self.convert = self._make(
            tr("Convert to s&afetensors…"),
            "convert",
            "",
            tr("Make weights that hold only numbers, as a new revision"),
        )
        self.show_doctor = self._make(
            tr("D&octor"), "doctor", "Ctrl+Shift+H", tr("What is wrong with the caches, and what mends it")
        )
        self.show_activity = self._make(
            tr("&Activity"), "activity", "Ctrl+H", tr("What was done, by whom and when")
        )
        self.show_registered = self._make(
            tr("Re&gistered models"),
            "tag",
            "Ctrl+Shift+G",
            tr("Models by names of their own, and whether they are here"),
        )
        self.register = self._make(
            tr("Re&gister this model…"),
            "tag",
            "",
            tr("Give the selected model a name that programs load it by"),
        )
        self.show_trainings = self._make(
            tr("&Trainings"), "train", "Ctrl+Shift+J", tr("What is being fine-tuned, and how it goes")
        )
        self.share = self._make(
            tr("S&hare this cache…"), "share", "", tr("Be a hub for other machines of this network")
        )
        self.carry = self._make(
            tr("Carr&y to an isolated site…"),
            "stick",
            "",
            tr("Pack models for a site that no network reaches, without what it has"),
        )
        self.say_here = self._make(
            tr("Say &what this site has…"),
            "here",
            "",
            tr("Write down what is here for a connected site, and import what it packs"),
        )
        self.offline = self._make(
            tr("Work o&ffline"), "", "", tr("Nothing leaves this machine"), checkable=True
        )
        self.delete = self._make(tr("&Delete…"), "delete", "Del", tr("Delete what is selected, with undo"))
        self.free_up_space = self._make(
            tr("&Free up space…"),
            "disk",
            "Ctrl+Shift+F",
            tr("See what was not used for longest, and let it go"),
        )
        self.undo = self._make(tr("&Undo delete"), "undo", "Ctrl+Z", tr("Put back what was deleted last"))
        self.pin = self._make(tr("&Pin"), "pin", "Ctrl+P", tr("Keep the selected models from being removed"))
        self.unpin = self._make(
            tr("U&npin"), "unpin", "Ctrl+Shift+P", tr("Let the selected models be removed")
        )
        self.copy_name = self._make(
            tr("&Copy name"), "copy", "Ctrl+C", tr("Copy the names of what is selected")
        )
        self.copy_path = self._make(
            tr("Copy pa&th"), "copy", "Ctrl+Shift+C", tr("Copy the paths of what is selected")
        )
        self.open_folder = self._make(tr("&Open folder"), "folder", "Ctrl+O", tr("Show the model's folder"))
        self.refresh = self._make(tr("&Scan again"), "refresh", "F5", tr("Look at all caches again"))
        self.add_cache = self._make(tr("Add a &cache…"), "plus", "", tr("Show another cache folder too"))
        self.find = self._make(tr("&Filter"), "search", "Ctrl+F", tr("Filter the models as you type"))
        self.empty_trash = self._make(
            tr("Empty t&rash…"), "trash", "", tr("Remove what is in the trash for good")
        )
        self.show_map = self._make(
            tr("&Map"),
            "",
            "Ctrl+M",
            tr("Show the models as areas, as large as what they take"),
            checkable=True,
        )
        self.show_details = self._make(tr("&Details"), "", "Ctrl+Shift+D", "", checkable=True)
        self.show_jobs = self._make(tr("&Jobs"), "", "Ctrl+J", "", checkable=True)
        self.show_sidebar = self._make(tr("Side&bar"), "", "Ctrl+B", "", checkable=True)
        self.preferences = self._make(tr("&Preferences…"), "settings", "Ctrl+,", "")
        self.preferences.setMenuRole(QAction.MenuRole.PreferencesRole)
        self.quit = self._make(tr("&Quit"), "", "Ctrl+Q", "")
        self.quit.setMenuRole(QAction.MenuRole.QuitRole)
        self.shortcuts = self._make(tr("&Keyboard shortcuts"), "", "F1", "")
        self.about = self._make(tr("&About Modelkeep"), "app", "", "")
        self.about.setMenuRole(QAction.MenuRole.AboutRole)
        self.remote = RemoteActions(self._make)
        self.remote.enable_for(Situation())
        self.enable_for((), can_undo=False, has_trash=False)

    def enable_for(
        self,
        selected: Iterable[Selected],
        *,
        pinned: Collection[bool] = (),
        has_pickles: bool = False,
        can_undo: bool,
        has_trash: bool,
        is_remote: bool = False,
    ) -> None:
        """Allow what can be done with this selection and this trash.

        `pinned`: whether each model of it is; `has_pickles`: whether there is anything to convert. `is_remote`: the
        list of a remote is shown, whose models are no files of this machine.
        """
        chosen = list(selected)
        for action in (self.export, self.delete, self.copy_name, self.copy_path):
            action.setEnabled(bool(chosen))
        self.pin.setEnabled(not all(pinned))
        self.unpin.setEnabled(any(pinned))
        self.open_folder.setEnabled(len(chosen) == 1)
        for action in (self.push, self.try_it, self.train, self.try_loading, self.register):
            action.setEnabled(len(chosen) == 1)
        self.convert.setEnabled(len(chosen) == 1 and has_pickles)
        # With nothing selected these are about all models of the caches, which is not what one sees then.
        for action in (self.verify, self.verify_deep, self.mend, self.scan_safety, self.check_updates):
            action.setEnabled(not is_remote)
        self.undo.setEnabled(can_undo)
        self.empty_trash.setEnabled(has_trash)

    def all(self) -> list[QAction]:
        """Every action that has a text, in the order in which they were made."""
        return [action for action in self.children() if isinstance(action, QAction)]

    def _make(
        self, text: str, icon_name: str, shortcut: str, help: str, *, checkable: bool = False
    ) -> QAction:
        action = QAction(text, self)
        if icon_name:
            action.setIcon(icon(icon_name))
        if shortcut:
            action.setShortcut(QKeySequence(shortcut))
        plain = plain_text(text)
        action.setIconText(plain)
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        action.setToolTip(f"{help or plain} ({keys})" if keys else help or plain)
        action.setStatusTip(help)
        action.setCheckable(checkable)
        return action
