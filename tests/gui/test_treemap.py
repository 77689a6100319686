from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QMimeData, QObject, QPoint, QPointF, QRect, QSettings, Qt, QUrl
from PySide6.QtGui import QColor, QContextMenuEvent, QDropEvent, QHelpEvent, QImage, QPaintEvent
from PySide6.QtWidgets import QApplication, QMenu, QToolTip
from pytestqt.qtbot import QtBot

from modelkeep.filter import parse_filter
from modelkeep.rows import ModelRow
from modelkeep_gui.app import App, build
from modelkeep_gui.library.table_model import LibraryTableModel
from modelkeep_gui.library.view import LibraryView, Selected
from modelkeep_gui.theme import DARK, LIGHT, Colours, palette_of, text_upon
from modelkeep_gui.usage.disk_bar import DiskBar
from modelkeep_gui.usage.map_link import MapLink
from modelkeep_gui.usage.map_picture import panel_colour, tile_colour
from modelkeep_gui.usage.shares import Grouping, Share, by_share, disk_usage
from modelkeep_gui.usage.squarify import Frame
from modelkeep_gui.usage.tiles import Direction, Panel, Tile, Tiles, lay_out
from modelkeep_gui.usage.treemap import Treemap
from support.contrast import contrast
from support.rows import model_row, revision_row

GB = 10**9
ROOT = "/cache/hub"
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
NO_KEYS = Qt.KeyboardModifier.NoModifier
DIRECTIONS: tuple[Direction, ...] = ("left", "right", "up", "down")
FRAME = Frame(4, 22, 70, 66)

ROWS = [
    model_row("google/a", on_disk=200 * GB, frees=10 * GB),
    model_row("google/b", on_disk=100 * GB, frees=100 * GB),
    model_row("meta/c", on_disk=50 * GB, frees=50 * GB, state="damaged", revisions=(revision_row("c" * 40),)),
    model_row("meta/d", on_disk=120 * GB, frees=120 * GB, library="timm", state="incomplete"),
    model_row("gpt2", on_disk=60 * GB, frees=0, library="gguf"),
]


def line(repo_id: str, commit: str | None = None) -> Selected:
    return Selected(ROOT, f"hf@{repo_id}", commit)


def tile_of(map: Treemap, repo_id: str) -> Tile:
    return map.tiles.tiles[map.tiles.numbers[ROOT, f"hf@{repo_id}"]]


def place_of(map: Treemap, repo_id: str) -> QPoint:
    return tile_of(map, repo_id).rect.center()


def names(tiles: Tiles) -> set[str]:
    return {row.repo_id for tile in tiles.tiles for row in tile.rows}


def picture_of(map: Treemap, rect: QRect) -> QImage:
    return map.grab(rect).toImage()


@pytest.fixture
def map(qtbot: QtBot) -> Treemap:
    map = Treemap()
    qtbot.addWidget(map)
    map.setPalette(palette_of(LIGHT))
    map.resize(900, 600)
    map.set_rows(ROWS)
    map.show()
    qtbot.waitExposed(map)
    return map


# What is where --------------------------------------------------------------------------------------------------


def test_areas_are_what_models_hold_on_the_disk(map: Treemap) -> None:
    for one, other in (("google/a", "google/b"), ("google/a", "meta/d"), ("meta/d", "gpt2")):
        areas = [tile_of(map, name).rect for name in (one, other)]
        sizes = [tile_of(map, name).rows[0].on_disk for name in (one, other)]
        # Gaps and whole pixels take a little of each.
        ratio = areas[0].width() * areas[0].height() / (areas[1].width() * areas[1].height())
        assert ratio == pytest.approx(sizes[0] / sizes[1], rel=0.06)


def test_areas_can_be_what_deleting_frees_and_what_frees_nothing_is_counted(map: Treemap) -> None:
    assert map._foot_text == ""
    map.set_area("frees")
    assert names(map.tiles) == {"google/a", "google/b", "meta/c", "meta/d"}
    assert map._foot_text == "1 model would free too little to be drawn."
    assert tile_of(map, "meta/d").size == 120 * GB
    foot = map._foot()
    assert all(tile.rect.bottom() < foot.top() for tile in map.tiles.tiles)


@given(
    st.lists(st.integers(0, 10**13), min_size=1, max_size=60),
    st.integers(60, 1600),
    st.integers(60, 1200),
)
def test_no_model_is_lost_and_no_tile_is_on_another(sizes: list[int], width: int, height: int) -> None:
    rows = [model_row(f"o{n % 4}/m{n}", on_disk=size) for n, size in enumerate(sizes)]
    shares = disk_usage(rows, "owner", total=0, free=0).models
    tiles = lay_out(by_share(rows, "owner", shares), "on_disk", QRect(0, 0, width, height), FRAME)
    drawn = [row.key for tile in tiles.tiles for row in tile.rows]
    assert len(drawn) == len(set(drawn)) == len(rows) - tiles.left_out(rows)
    assert [number for panel in tiles.panels for number in panel.tiles] == list(range(len(tiles.tiles)))
    large = [tile.rect for tile in tiles.tiles if min(tile.rect.width(), tile.rect.height()) > 2]
    assert not any(one.intersects(other) for place, one in enumerate(large) for other in large[:place])


@given(st.lists(st.integers(1, 10**12), min_size=1, max_size=60), st.integers(200, 1600))
def test_every_tile_can_be_walked_to(sizes: list[int], width: int) -> None:
    rows = [model_row(f"o{n % 5}/m{n}", on_disk=size) for n, size in enumerate(sizes)]
    shares = disk_usage(rows, "owner", total=0, free=0).models
    tiles = lay_out(by_share(rows, "owner", shares), "on_disk", QRect(0, 0, width, 500), FRAME)
    reached, to_do = {0}, [0]
    while to_do:
        number = to_do.pop()
        new = {tiles.next_to(number, direction) for direction in DIRECTIONS} - reached
        reached |= new
        to_do += new
    assert reached == set(range(len(tiles.tiles)))


def test_models_too_small_to_be_seen_share_a_tile(map: Treemap, qtbot: QtBot) -> None:
    small = [model_row(f"tiny/m{n}", on_disk=10**7, library="timm") for n in range(300)]
    map.set_rows([*ROWS, *small])
    tile = tile_of(map, "tiny/m7")
    assert set(tile.rows) == set(small)
    assert tile.size == 300 * 10**7
    with qtbot.waitSignal(map.selection_changed) as told:
        qtbot.mouseClick(map, LEFT, pos=tile.rect.center())
    assert set(told.args[0]) == {line(row.repo_id) for row in small}
    assert map.accessibleDescription() == "300 small models, On disk: 3.0 GB (3,000,000,000 bytes), selected"


def test_nothing_to_show_says_why(map: Treemap) -> None:
    map.set_placeholder("No model is shown.")
    map.set_rows([])
    empty = map.grab().toImage()
    map.set_placeholder("")
    assert empty != map.grab().toImage()
    assert map.current is None
    assert map.accessibleDescription() == ""


def test_a_map_without_room_is_painted(map: Treemap) -> None:
    for size in ((1, 1), (9, 300), (300, 9), (30, 30)):
        map.resize(*size)
        map.grab()


# Colours --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("grouping", ["library", "cache", "owner"])
def test_groups_have_the_colours_of_the_disk_bar_whatever_the_filter(
    map: Treemap, qtbot: QtBot, grouping: Grouping
) -> None:
    rows = [*ROWS, model_row("other/e", "/data", on_disk=40 * GB, library="timm")]
    usage = disk_usage(rows, grouping, total=999 * GB, free=9 * GB)
    bar = DiskBar()
    qtbot.addWidget(bar)
    bar.setPalette(palette_of(LIGHT))
    bar.resize(900, bar.sizeHint().height())
    bar.set_usage(usage, grouping)
    pictured = bar.grab().toImage()
    in_bar = {segment.share: pictured.pixelColor(segment.bar.center()) for segment in bar._segments}
    for shown in (rows, rows[2:], rows[-1:]):
        map.set_rows(shown, grouping, usage.models)
        image = map.grab().toImage()
        assert map.tiles.panels
        for panel in map.tiles.panels:
            for number in panel.tiles:
                corner = map.tiles.tiles[number].rect.bottomRight() - QPoint(8, 8)
                assert image.pixelColor(corner) == in_bar[panel.share]


def test_rows_are_in_the_groups_of_the_disk_bar() -> None:
    shares = (Share("library", "timm", 9), Share("library", "transformers", 8), Share("more", "", 7))
    parts = by_share(ROWS, "library", shares)
    assert [(share, [row.repo_id for row in rows]) for share, rows in parts] == [
        (shares[0], ["meta/d"]),
        (shares[1], ["google/a", "google/b", "meta/c"]),
        (shares[2], ["gpt2"]),
    ]
    # A library that came after the bar was last worked out is not lost.
    assert [share.kind for share, _ in by_share(ROWS, "library", shares[:2])] == [
        "library",
        "library",
        "more",
    ]


@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_a_name_can_be_read_upon_any_colour(parts: tuple[int, int, int]) -> None:
    ground = QColor(*parts).name()
    assert contrast(text_upon(ground), ground) >= 4.5


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("number", range(8))
def test_names_and_captions_can_be_read_upon_the_segment_colours(colours: Colours, number: int) -> None:
    panel = Panel(Share("library", "x", 1), number, 1, QRect(), QRect(), range(0))
    assert tile_colour(panel, colours) == colours.segments[number]
    assert contrast(text_upon(tile_colour(panel, colours)), tile_colour(panel, colours)) >= 4.5
    assert contrast(colours.text, panel_colour(panel, colours)) >= 4.5


def test_it_wears_the_palette_it_is_given(map: Treemap) -> None:
    light = map.grab().toImage()
    map.setPalette(palette_of(DARK))
    dark = map.grab().toImage()
    assert light.pixelColor(1, 1).name() == LIGHT.base
    assert dark.pixelColor(1, 1).name() == DARK.base


def test_trouble_has_a_shape_and_a_colour_of_its_own(map: Treemap) -> None:
    def corner(state: str) -> QImage:
        map.set_rows([model_row("o/m", state=state)])
        tile = tile_of(map, "o/m")
        return picture_of(
            map, QRect(tile.rect.topRight() - QPoint(24, 0), tile.rect.topRight() + QPoint(0, 24))
        )

    def colours(image: QImage) -> set[str]:
        return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}

    whole, damaged, incomplete = corner("whole"), corner("damaged"), corner("incomplete")
    assert LIGHT.bad in colours(damaged) - colours(incomplete)
    assert LIGHT.warn in colours(incomplete) - colours(damaged)
    assert not {LIGHT.bad, LIGHT.warn} & colours(whole)
    grey = [image.convertToFormat(QImage.Format.Format_Mono) for image in (whole, damaged, incomplete)]
    assert grey[0] != grey[1] != grey[2] != grey[0]


# Mouse ----------------------------------------------------------------------------------------------------------


def test_a_click_selects_and_ctrl_and_shift_add(map: Treemap, qtbot: QtBot) -> None:
    said: list[list[Selected]] = []
    map.selection_changed.connect(said.append)
    for repo_id, keys in (
        ("google/a", NO_KEYS),
        ("google/b", CONTROL),
        ("gpt2", SHIFT),
        ("gpt2", SHIFT),
        ("google/a", CONTROL),
        ("meta/d", NO_KEYS),
    ):
        qtbot.mouseClick(map, LEFT, keys, place_of(map, repo_id))
    assert said == [
        [line("google/a")],
        [line("google/a"), line("google/b")],
        [line("google/a"), line("google/b"), line("gpt2")],
        [line("google/b"), line("gpt2")],
        [line("meta/d")],
    ]


def test_a_click_beside_the_tiles_changes_nothing(map: Treemap, qtbot: QtBot) -> None:
    map.select([line("gpt2")])
    with qtbot.assertNotEmitted(map.selection_changed):
        qtbot.mouseClick(map, LEFT, pos=map.tiles.panels[0].caption.center())
    assert map.selected == [line("gpt2")]


def test_a_double_click_opens(map: Treemap, qtbot: QtBot) -> None:
    with qtbot.waitSignal(map.opened) as told:
        qtbot.mouseDClick(map, LEFT, pos=place_of(map, "meta/c"))
    assert told.args == [line("meta/c")]


def test_the_right_button_selects_what_it_is_about_to_ask_for(map: Treemap, qtbot: QtBot) -> None:
    map.select([line("google/a"), line("google/b")])
    with qtbot.assertNotEmitted(map.selection_changed):
        qtbot.mouseClick(map, RIGHT, pos=place_of(map, "google/b"))
    with qtbot.waitSignal(map.selection_changed) as told:
        qtbot.mouseClick(map, RIGHT, pos=place_of(map, "gpt2"))
    assert told.args == [[line("gpt2")]]
    place = place_of(map, "gpt2")
    with qtbot.waitSignal(map.menu_requested) as asked:
        map.contextMenuEvent(
            QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, map.mapToGlobal(place), NO_KEYS)
        )
    assert asked.args == [map.mapToGlobal(place)]


def test_its_menu_chooses_what_the_areas_show(map: Treemap, qtbot: QtBot) -> None:
    menu = QMenu(map)
    map.fill(menu)
    assert [action.isChecked() for action in menu.actions()] == [True, False]
    with qtbot.waitSignal(map.area_chosen) as told:
        menu.actions()[1].trigger()
    assert told.args == ["frees"]
    assert "gpt2" not in names(map.tiles)


def test_hovering_tells_name_sizes_and_use(map: Treemap) -> None:
    place = place_of(map, "meta/c")
    QApplication.sendEvent(map, QHelpEvent(QEvent.Type.ToolTip, place, map.mapToGlobal(place)))
    lines = QToolTip.text().split("\n")
    assert lines[:4] == [
        "meta/c",
        "State: damaged",
        "On disk: 50 GB (50,000,000,000 bytes)",
        "Frees: 50 GB (50,000,000,000 bytes)",
    ]
    assert lines[4].startswith("Used: 20")
    assert lines[4].endswith("(seen by Modelkeep)")
    QToolTip.hideText()


@dataclass
class Repainted(QObject):
    """Notes what of a widget is painted again."""

    regions: list[QRect] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QPaintEvent):
            self.regions.append(event.rect())
        return False


def test_only_what_changed_is_painted_again(map: Treemap, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: map._pixmap is not None)
    repainted = Repainted()
    map.installEventFilter(repainted)
    place = place_of(map, "gpt2")
    with qtbot.assertNotEmitted(map.laid_out):
        qtbot.mouseMove(map, place)
        qtbot.waitUntil(lambda: len(repainted.regions) == 1)
        qtbot.mouseClick(map, LEFT, pos=place)
        qtbot.waitUntil(lambda: len(repainted.regions) >= 2)
    assert map.rect() not in repainted.regions


def test_dropped_files_are_handed_on(map: Treemap, qtbot: QtBot, tmp_path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "a.zip"))])
    with qtbot.waitSignal(map.files_dropped) as dropped:
        map.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, LEFT, NO_KEYS))
    assert dropped.args == [[str(tmp_path / "a.zip")]]


# Keyboard -------------------------------------------------------------------------------------------------------


def test_arrows_go_to_the_neighbour_on_that_side(map: Treemap, qtbot: QtBot) -> None:
    qtbot.keyClick(map, Qt.Key.Key_Home)
    start = map.current
    assert start is not None
    qtbot.keyClick(map, Qt.Key.Key_Left)
    assert map.current == start
    qtbot.keyClick(map, Qt.Key.Key_Right)
    right = map.current
    assert right is not None
    assert right.rect.left() > start.rect.right()
    assert right.rect.left() - start.rect.right() < 20
    qtbot.keyClick(map, Qt.Key.Key_End)
    assert map.current == map.tiles.tiles[-1]


def test_space_selects_and_enter_opens_too(map: Treemap, qtbot: QtBot) -> None:
    qtbot.keyClick(map, Qt.Key.Key_Home)
    first = map.current
    assert first is not None
    with qtbot.waitSignal(map.selection_changed), qtbot.assertNotEmitted(map.opened):
        qtbot.keyClick(map, Qt.Key.Key_Space)
    qtbot.keyClick(map, Qt.Key.Key_Right)
    assert map.selected == [line(first.rows[0].repo_id)]
    second = map.current
    assert second is not None
    qtbot.keyClick(map, Qt.Key.Key_Space, CONTROL)
    assert set(map.selected) == {line(tile.rows[0].repo_id) for tile in (first, second)}
    with qtbot.waitSignals([map.selection_changed, map.opened]):
        qtbot.keyClick(map, Qt.Key.Key_Return)
    assert map.selected == [line(second.rows[0].repo_id)]
    qtbot.keyClick(map, Qt.Key.Key_A, CONTROL)
    assert len(map.selected) == len(ROWS)


def test_the_current_tile_is_said_and_seen(map: Treemap, qtbot: QtBot) -> None:
    assert map.accessibleName()
    assert map.focusPolicy() & Qt.FocusPolicy.TabFocus
    map.select([line("gpt2")])
    assert map.accessibleDescription().startswith("gpt2, On disk: 60 GB (60,000,000,000 bytes), Frees: 0 B")
    assert map.accessibleDescription().endswith(", selected")
    around = tile_of(map, "gpt2").rect.adjusted(-4, -4, 4, 4)
    map.clearFocus()
    without = picture_of(map, around)
    map.setFocus()
    qtbot.waitUntil(map.hasFocus)
    assert picture_of(map, around) != without
    map.select([line("meta/d")])
    assert map.accessibleDescription().startswith("meta/d, State: ")


def test_what_one_is_at_stays_when_the_rows_change(map: Treemap) -> None:
    map.select([line("gpt2")])
    map.set_rows(ROWS[2:])
    assert map.current is not None
    assert map.current.rows == (ROWS[4],)
    map.set_rows(ROWS[:2])
    assert map.current == map.tiles.tiles[0]


# With the table -------------------------------------------------------------------------------------------------


@dataclass
class Linked:
    map: Treemap
    view: LibraryView
    table: LibraryTableModel
    link: MapLink
    said: list[list[Selected]]

    def shown(self) -> set[str]:
        return names(self.map.tiles)


@pytest.fixture
def linked(map: Treemap, qtbot: QtBot) -> Linked:
    """A map that is linked with a real table; `said` is what both emit."""
    table, bar = LibraryTableModel(map), DiskBar(map)
    table.replace_rows(ROOT, ROWS)
    bar.set_usage(disk_usage(ROWS, total=999 * GB, free=GB))
    view = LibraryView(table)
    qtbot.addWidget(view)
    link = MapLink(map, view, table, bar)
    said: list[list[Selected]] = []
    view.selection_changed.connect(said.append)
    map.selection_changed.connect(said.append)
    return Linked(map, view, table, link, said)


def test_what_is_selected_in_the_table_is_outlined_on_the_map(linked: Linked) -> None:
    linked.map.clearFocus()
    around = tile_of(linked.map, "gpt2").rect.adjusted(-3, -3, 3, 3)
    before = picture_of(linked.map, around)
    linked.view.select([line("gpt2"), line("meta/d")])
    assert set(linked.map.selected) == {line("gpt2"), line("meta/d")}
    assert picture_of(linked.map, around) != before
    assert len(linked.said) == 1
    linked.view.clearSelection()
    assert linked.map.selected == []
    assert picture_of(linked.map, around) == before


def test_what_is_selected_on_the_map_is_selected_in_the_table(linked: Linked, qtbot: QtBot) -> None:
    qtbot.mouseClick(linked.map, LEFT, pos=place_of(linked.map, "meta/c"))
    assert linked.view.selected == [line("meta/c")]
    qtbot.mouseClick(linked.map, LEFT, CONTROL, place_of(linked.map, "google/a"))
    assert linked.view.selected == [line("google/a"), line("meta/c")]
    # One click, one signal of each, and no more.
    assert len(linked.said) == 4
    assert set(linked.map.selected) == set(linked.view.selected)


def test_a_revision_stays_selected_and_its_model_is_outlined(linked: Linked, qtbot: QtBot) -> None:
    revision = line("meta/c", "c" * 40)
    linked.view.select([revision])
    assert linked.view.selected == [revision]
    assert linked.map.current is not None
    assert linked.map.current.rows[0].repo_id == "meta/c"
    qtbot.mouseClick(linked.map, LEFT, CONTROL, place_of(linked.map, "gpt2"))
    assert set(linked.view.selected) == {revision, line("gpt2")}


def test_filter_and_scope_act_on_the_map_too(linked: Linked, qtbot: QtBot) -> None:
    linked.view.select([line("google/a"), line("meta/d")])
    linked.table.set_filter(parse_filter("meta"))
    qtbot.waitUntil(lambda: linked.shown() == {"meta/c", "meta/d"})
    assert linked.map.selected == [line("meta/d")]
    linked.table.set_scope(lambda row: row.state == "damaged")
    qtbot.waitUntil(lambda: linked.shown() == {"meta/c"})
    linked.table.set_filter(parse_filter(""))
    linked.table.set_scope(None)
    qtbot.waitUntil(lambda: linked.shown() == {row.repo_id for row in ROWS})


def test_a_changed_row_has_a_changed_area(linked: Linked, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not linked.link._soon.isActive())
    linked.table.add_rows(ROOT, [ROWS[4]._replace(on_disk=400 * GB)])
    qtbot.waitUntil(lambda: tile_of(linked.map, "gpt2").size == 400 * GB)


def test_another_order_is_the_same_map(linked: Linked, qtbot: QtBot) -> None:
    linked.link.refresh()
    qtbot.waitUntil(lambda: not linked.link._soon.isActive())
    linked.table.sort(6, Qt.SortOrder.DescendingOrder)
    assert not linked.link._soon.isActive()


def test_the_choice_of_areas_is_remembered(linked: Linked, qtbot: QtBot, tmp_path: Path) -> None:
    store = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    linked.link.restore(store)
    menu = QMenu(linked.map)
    linked.map.fill(menu)
    menu.actions()[1].trigger()
    other = Treemap()
    qtbot.addWidget(other)
    MapLink(other, linked.view, linked.table, DiskBar(other)).restore(store)
    assert other._area == "frees"


# In the window --------------------------------------------------------------------------------------------------


@pytest.fixture
def app(qapp: QApplication, qtbot: QtBot, tmp_path: Path) -> Iterator[App]:
    """The real window with rows, without a work process; the application is undressed again afterwards."""
    palette, style = qapp.palette(), qapp.style().name()
    app = build(qapp, store=store_in(tmp_path), theme="light")
    app.window.show()
    app.session.table.replace_rows(ROOT, ROWS)
    yield app
    app.close()
    app.window.deleteLater()
    qapp.setStyleSheet("")
    qapp.setStyle(style)
    qapp.setPalette(palette)


def store_in(folder: Path) -> QSettings:
    return QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat)


def test_the_map_takes_the_place_of_the_table_and_shows_its_selection(app: App, qtbot: QtBot) -> None:
    window = app.window
    assert window.view.isVisible()
    window.view.select([line("gpt2")])
    window.actions_.show_map.trigger()
    assert window.map.isVisible()
    assert not window.view.isVisible()
    assert window.details.isVisible()
    assert window.map.selected == [line("gpt2")]
    qtbot.waitUntil(lambda: names(window.map.tiles) == {row.repo_id for row in ROWS})
    qtbot.mouseClick(window.map, LEFT, pos=place_of(window.map, "meta/d"))
    assert window.selection()[0].key == "hf@meta/d"
    assert window.actions_.delete.isEnabled()
    window.actions_.show_map.trigger()
    assert window.view.isVisible()
    assert window.view.selected == [line("meta/d")]


def test_the_map_is_shown_again_at_the_next_start(app: App, tmp_path: Path) -> None:
    app.window.actions_.show_map.trigger()
    other = build(app.application, store=store_in(tmp_path), theme="light")
    assert other.window.actions_.show_map.isChecked()
    assert other.window.center.currentWidget() is other.window.map
    other.close()
    other.window.deleteLater()


# Many -----------------------------------------------------------------------------------------------------------


def equal_rows(count: int) -> Sequence[ModelRow]:
    libraries = ("transformers", "timm", "gguf", "diffusers", "spacy", "flair")
    return [model_row(f"o/m{n}", on_disk=GB, library=libraries[n % 6]) for n in range(count)]


@pytest.mark.parametrize("size", [(900, 600), (1600, 1000)])
def test_each_of_5000_models_has_its_area(map: Treemap, size: tuple[int, int]) -> None:
    map.resize(*size)
    map.set_rows(equal_rows(5000))
    assert len(map.tiles.tiles) == 5000
    assert not map.grab().isNull()


def test_a_selection_of_thousands_is_passed_on(linked: Linked, qtbot: QtBot) -> None:
    linked.table.replace_rows(ROOT, equal_rows(5000))
    qtbot.waitUntil(lambda: len(linked.map.tiles.tiles) == 5000)
    qtbot.keyClick(linked.map, Qt.Key.Key_A, CONTROL)
    assert len(linked.view.selected) == 5000
    assert linked.said == [linked.view.selected, linked.map.selected]
