"""What a deletion is about, in words and figures. No widget in here."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from modelkeep.cache.deletion import DeletionItem
from modelkeep.text import size_text

__all__ = ["button_text", "counted", "file_names", "item_text", "question", "refusals"]


def counted(items: Sequence[DeletionItem]) -> str:
    """How much it is, by what it is: "3 models", "1 revision", "12 files", or "5 items" of several kinds."""
    kinds = {item.key.repo_type if item.what == "model" else item.what for item in items}
    kind = kinds.pop() if len(kinds) == 1 else "items"
    count = sum(item.files for item in items) if kind == "files" else len(items)
    one, many = _nouns()[kind]
    return one if count == 1 else many.format(f"{count:,}")


def question(items: Sequence[DeletionItem]) -> str:
    """The question that a dialog asks."""
    if len(items) > 1:
        return _tr("Delete {}?").format(counted(items))
    (item,) = items
    if item.what == "model":
        return _tr("Delete {}?").format(item.key.repo_id)
    return _tr("Delete {} of {}?").format(counted(items), item.key.repo_id)


def button_text(items: Sequence[DeletionItem], frees: int, permanently: bool) -> str:
    """What the button does, with the figure."""
    if permanently:
        return _tr("&Delete {} for good, free {}").format(counted(items), size_text(frees))
    return _tr("&Move {} to trash (frees {} when emptied)").format(counted(items), size_text(frees))


def item_text(item: DeletionItem) -> str:
    """What goes of a model: "revision main · a1b2c3d", "2 files"; of a whole one the number of its files."""
    if item.what == "revision":
        refs = [ref.removeprefix("refs/") for ref in item.refs]
        return _tr("revision {}").format(" · ".join((*refs, (item.key.revision or "")[:7])))
    return _nouns()["files"][0] if item.files == 1 else _nouns()["files"][1].format(f"{item.files:,}")


def file_names(item: DeletionItem) -> list[str]:
    """The files that go when it is only some: their paths in the repository."""
    links = (
        move.partition("/snapshots/")[2] for move in item.moves if move.startswith(f"{item.path}/snapshots/")
    )
    return sorted(link.partition("/")[2] for link in links)


def refusals(item: DeletionItem) -> list[str]:
    """All reasons why it does not go unless one insists, a sentence each."""
    name, found = item.key.repo_id, []
    if item.in_use:
        users = sorted({(file.process, file.pid) for file in item.in_use})
        told = ", ".join(f"{process} ({pid})" if pid else process for process, pid in users)
        found.append(_tr("{} is in use by {}.").format(name, told))
    if item.downloading:
        found.append(_tr("{} is being downloaded just now.").format(name))
    if item.pinned:
        found.append(_tr("{} is pinned.").format(name))
    return found


def _nouns() -> dict[str, tuple[str, str]]:
    return {
        "model": (_tr("1 model"), _tr("{} models")),
        "dataset": (_tr("1 dataset"), _tr("{} datasets")),
        "space": (_tr("1 space"), _tr("{} spaces")),
        "kernel": (_tr("1 kernel"), _tr("{} kernels")),
        "revision": (_tr("1 revision"), _tr("{} revisions")),
        "files": (_tr("1 file"), _tr("{} files")),
        "items": (_tr("1 item"), _tr("{} items")),
    }


def _tr(text: str) -> str:
    return QCoreApplication.translate("Deletion", text)
