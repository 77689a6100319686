"""What a dialog that frees space shows."""

from __future__ import annotations

from modelkeep_gui.dialogs.space_dialog import SpaceDialog


def listed(dialog: SpaceDialog) -> list[str]:
    """The names in the table, those without a tick in brackets."""
    rows = dialog.table.rows
    going = {one.key for one in dialog.chosen}
    found = (rows.candidate(row).key for row in range(rows.rowCount()))
    return [key.repo_id if key in going else f"({key.repo_id})" for key in found]
