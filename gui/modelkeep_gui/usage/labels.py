"""What a share of the disk is called, in the disk bar and on the map."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication

from modelkeep_gui.usage.shares import Share

__all__ = ["share_label"]

translate = QCoreApplication.translate


def share_label(share: Share, root_names: Mapping[str, str]) -> str:
    """The name of a share; `root_names` says what caches are called, by their paths."""
    match share.kind:
        case "trash":
            return translate("usage", "Trash")
        case "other":
            return translate("usage", "Other files")
        case "free":
            return translate("usage", "Free")
        case "more":
            return translate("usage", "More models")
        case "cache":
            return root_names.get(share.name, share.name)
        case "owner":
            return share.name or translate("usage", "No owner")
    return share.name or translate("usage", "Unknown library")
