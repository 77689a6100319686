from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from modelkeep.filter import parse_filter
from modelkeep_gui.theme import LIGHT, palette_of
from modelkeep_gui.usage.disk_bar import DiskBar, _widths
from modelkeep_gui.usage.shares import DiskUsage, Share, disk_usage, filter_for
from support.rows import NOW, model_row

GB = 10**9
ROWS = [
    model_row("google/a", on_disk=200 * GB, library="transformers"),
    model_row("google/b", on_disk=50 * GB, library="sentence-transformers", root="/data"),
    model_row("gpt2", on_disk=50 * GB, library=""),
]
USAGE = disk_usage(ROWS, total=500 * GB, free=96 * GB, trash=8 * GB)


@pytest.fixture
def bar(qtbot: QtBot) -> DiskBar:
    bar = DiskBar()
    qtbot.addWidget(bar)
    bar.setPalette(palette_of(LIGHT))
    bar.set_usage(USAGE)
    bar.resize(1000, bar.sizeHint().height())
    bar.show()
    return bar


def test_the_shares_are_all_of_the_disk_the_largest_model_first() -> None:
    assert [(share.kind, share.name, share.size // GB) for share in USAGE.shares] == [
        ("library", "transformers", 200),
        ("library", "", 50),
        ("library", "sentence-transformers", 50),
        ("trash", "", 8),
        ("other", "", 96),
        ("free", "", 96),
    ]
    assert sum(share.size for share in USAGE.shares) == USAGE.total


def test_shares_go_by_cache_or_by_owner_too() -> None:
    def named(grouping: str) -> dict[str, int]:
        usage = disk_usage(ROWS, grouping, total=0, free=0)  # type: ignore[arg-type]
        return {share.name: share.size // GB for share in usage.models}

    assert named("owner") == {"google": 250, "": 50}
    assert named("cache") == {"/cache/hub": 250, "/data": 50}


def test_many_small_groups_are_one() -> None:
    rows = [model_row(f"org{number}/m", on_disk=100 + number) for number in range(12)]
    models = disk_usage(rows, "owner", total=9999, free=0).models
    assert [share.kind for share in models] == ["owner"] * 7 + ["more"]
    assert sum(share.size for share in models) == sum(row.on_disk for row in rows)


def test_what_is_hardly_seen_is_with_the_rest() -> None:
    rows = [model_row("big/m", on_disk=10_000), model_row("x/m", on_disk=9), model_row("y/m", on_disk=8)]
    assert disk_usage(rows, "owner", total=0, free=0).models == (
        Share("owner", "big", 10_000),
        Share("more", "", 17),
    )


@given(st.lists(st.integers(0, 10**15), max_size=10), st.integers(0, 3000))
def test_widths_fill_the_bar_and_leave_nothing_invisible(sizes: list[int], width: int) -> None:
    widths = _widths(sizes, width)
    if sum(sizes) and width >= 4 * len(sizes) * 2:
        assert sum(widths) == width
        assert min(widths) >= 4


@pytest.mark.parametrize("share", USAGE.models)
def test_the_filter_of_a_share_finds_its_models(share: Share) -> None:
    text = filter_for(share)
    assert text is not None
    found = parse_filter(text)
    assert sum(row.on_disk for row in ROWS if found.matches(row, NOW)) == share.size


def test_the_filter_of_an_owner_finds_its_models() -> None:
    assert filter_for(Share("owner", "google", 1)) == 'org="google"'
    assert filter_for(Share("owner", "", 1)) == "org=none"
    assert filter_for(Share("free", "", 1)) is None


def test_a_click_on_the_bar_or_its_legend_chooses_the_share(bar: DiskBar, qtbot: QtBot) -> None:
    for place in (bar._segments[0].bar.center(), bar._segments[0].legend.center()):
        with qtbot.waitSignal(bar.segment_chosen) as chosen:
            qtbot.mouseClick(bar, Qt.MouseButton.LeftButton, pos=place)
        assert chosen.args == [Share("library", "transformers", 200 * GB)]


def test_the_keyboard_goes_from_share_to_share_and_says_which(bar: DiskBar, qtbot: QtBot) -> None:
    said = "transformers: 200 GB (200,000,000,000 bytes), 40.0 % of the disk"
    assert bar.accessibleDescription() == said
    qtbot.keyClick(bar, Qt.Key.Key_Left)
    assert bar.accessibleDescription() == said
    qtbot.keyClick(bar, Qt.Key.Key_Right)
    assert bar.accessibleDescription().startswith("Unknown library: 50 GB")
    qtbot.keyClick(bar, Qt.Key.Key_End)
    with qtbot.waitSignal(bar.segment_chosen) as chosen:
        qtbot.keyClick(bar, Qt.Key.Key_Return)
    assert chosen.args == [Share("free", "", 96 * GB)]


def test_its_menu_chooses_the_grouping(bar: DiskBar, qtbot: QtBot) -> None:
    menu = QMenu(bar)
    bar.fill(menu)
    assert [action.isChecked() for action in menu.actions()] == [True, False, False]
    with qtbot.waitSignal(bar.grouping_chosen) as chosen:
        menu.actions()[2].trigger()
    assert chosen.args == ["owner"]


def test_caches_go_by_their_names(bar: DiskBar) -> None:
    bar.set_usage(disk_usage(ROWS, "cache", total=500 * GB, free=GB), "cache", {"/data": "Shared"})
    assert bar.describe(Share("cache", "/data", GB)).startswith("Shared: 1.0 GB")


def test_a_segment_has_the_colour_of_its_place(bar: DiskBar) -> None:
    image = bar.grab().toImage()
    for number, segment in enumerate(bar._segments[:3]):
        assert image.pixelColor(segment.bar.center()).name() == LIGHT.segments[number]


def test_an_empty_disk_and_a_narrow_bar_are_painted(bar: DiskBar) -> None:
    bar.resize(60, 20)
    bar.grab()
    bar.set_usage(DiskUsage())
    bar.grab()
    assert bar.current is None
