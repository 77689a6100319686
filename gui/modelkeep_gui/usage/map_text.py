"""What the map says of a tile, and of what it cannot show."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from modelkeep.text import exact_size_text, size_text
from modelkeep_gui.library.columns import columns, state_sign
from modelkeep_gui.usage.tiles import Area, Tile

__all__ = ["describe", "left_out_text", "tile_name"]

translate = QCoreApplication.translate


def tile_name(tile: Tile) -> str:
    """What a tile stands for: a model, or how many small ones."""
    if len(tile.rows) == 1:
        return tile.rows[0].repo_id
    return translate("map", "{} small models").format(len(tile.rows))


def describe(tile: Tile, area: Area) -> str:
    """A tile in full, line by line, in the words of the table."""
    by_id = {column.id: column for column in columns()}
    lines = [tile_name(tile)]
    if len(tile.rows) > 1:
        return "\n".join([*lines, f"{by_id[area].title}: {_exact(tile.size)}"])
    row = tile.rows[0]
    if state_sign(row).is_trouble:
        lines.append(f"{by_id['state'].title}: {by_id['state'].text(row)}")
    lines.append(f"{by_id['on_disk'].title}: {_exact(row.on_disk)}")
    lines.append(f"{by_id['frees'].title}: {_exact(row.frees)}")
    lines.append(f"{by_id['used'].title}: {by_id['used'].tooltip(row)}")
    return "\n".join(lines)


def left_out_text(count: int, area: Area) -> str:
    """That `count` models have no tile; "" when all have one."""
    match area, count:
        case _, 0:
            return ""
        case "on_disk", 1:
            return translate("map", "1 model takes too little to be drawn.")
        case "on_disk", _:
            return translate("map", "{} models take too little to be drawn.").format(count)
        case _, 1:
            return translate("map", "1 model would free too little to be drawn.")
    return translate("map", "{} models would free too little to be drawn.").format(count)


def _exact(size: int) -> str:
    return f"{size_text(size)} ({exact_size_text(size)})"
