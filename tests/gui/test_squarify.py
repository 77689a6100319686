from __future__ import annotations

import random
from itertools import combinations
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelkeep_gui.usage.squarify import Frame, Rect, nested, squarify

GB = 10**9
AREA = Rect(10.0, 20.0, 900.0, 600.0)
FRAME = Frame(margin=4, caption=22, least_width=70, least_height=66)
BARE = Frame(0, 0, 0, 0)

sizes = st.lists(st.integers(0, 100 * GB), max_size=40)
areas = st.builds(Rect, st.floats(-500, 500), st.floats(-500, 500), st.floats(1, 3000), st.floats(1, 3000))


def numbered(sizes: list[int]) -> list[tuple[int, float]]:
    return list(enumerate(map(float, sizes)))


def overlap(one: Rect, other: Rect) -> float:
    width = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    height = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    return max(0.0, width) * max(0.0, height)


def is_within(inner: Rect, outer: Rect) -> bool:
    slack = 1e-6
    return (
        inner.width >= 0
        and inner.height >= 0
        and inner.x >= outer.x - slack
        and inner.y >= outer.y - slack
        and inner.x + inner.width <= outer.x + outer.width + slack
        and inner.y + inner.height <= outer.y + outer.height + slack
    )


def slimness(rect: Rect) -> float:
    return max(rect.width / rect.height, rect.height / rect.width)


@given(sizes, areas)
def test_every_item_with_a_size_has_a_place_in_its_order_and_no_other(sizes: list[int], area: Rect) -> None:
    assert [item for item, _ in squarify(numbered(sizes), area)] == [
        n for n, size in enumerate(sizes) if size
    ]


@given(sizes, areas)
def test_areas_are_in_proportion(sizes: list[int], area: Rect) -> None:
    for number, rect in squarify(numbered(sizes), area):
        assert rect.area == pytest.approx(sizes[number] / sum(sizes) * area.area, rel=1e-6, abs=1e-6)


@given(sizes, areas)
def test_nothing_overlaps_and_all_is_inside(sizes: list[int], area: Rect) -> None:
    places = [rect for _, rect in squarify(numbered(sizes), area)]
    assert all(is_within(rect, area) for rect in places)
    # Edges are sums of floats; a sliver along the longest edge is no overlap.
    slack = 1e-9 * (abs(area.x) + abs(area.y) + area.width + area.height) ** 2
    assert all(overlap(one, other) <= slack for one, other in combinations(places, 2))


def test_the_example_of_the_paper_comes_out_as_printed_there() -> None:
    placed = squarify(numbered([6, 6, 4, 3, 2, 2, 1]), Rect(0, 0, 6, 4))
    expected = [
        (0, 0, 3, 2),
        (0, 2, 3, 2),
        (3, 0, 12 / 7, 7 / 3),
        (3 + 12 / 7, 0, 9 / 7, 7 / 3),
        (3, 7 / 3, 1.2, 5 / 3),
        (4.2, 7 / 3, 1.2, 5 / 3),
        (5.4, 7 / 3, 0.6, 5 / 3),
    ]
    for (_, rect), wanted in zip(placed, expected, strict=True):
        assert rect == pytest.approx(wanted)


def test_most_items_are_nearly_squares() -> None:
    sizes = [int(GB / rank**1.5) for rank in range(1, 200)]
    slimnesses = [slimness(rect) for _, rect in squarify(numbered(sizes), AREA)]
    assert median(slimnesses) < 1.3
    assert max(slimnesses) < 4


def test_the_smallest_beside_the_largest_still_has_a_place() -> None:
    assert [item for item, _ in squarify(numbered([1, 1, 10**30, 1, 1]), AREA)] == [0, 1, 2, 3, 4]


def test_nothing_to_show_is_no_rectangle() -> None:
    assert squarify([], AREA) == []
    assert squarify(numbered([0, 0]), AREA) == []
    assert nested([], AREA, FRAME) == []
    assert nested([[], numbered([0])], AREA, FRAME) == []


@given(sizes, st.sampled_from([(0.0, 0.0), (900.0, 0.0), (0.0, 600.0)]))
def test_a_widget_without_room_is_no_error(sizes: list[int], room: tuple[float, float]) -> None:
    squarify(numbered(sizes), Rect(0, 0, *room))
    nested([numbered(sizes), numbered(sizes)], Rect(0, 0, *room), FRAME)


# In groups ------------------------------------------------------------------------------------------------------


@given(st.lists(sizes, max_size=8), st.sampled_from([BARE, FRAME]))
def test_groups_hold_their_items_and_nothing_of_another(groups: list[list[int]], frame: Frame) -> None:
    placed = nested([numbered(group) for group in groups], AREA, frame)
    assert [group.number for group in placed] == [number for number, group in enumerate(groups) if any(group)]
    for group in placed:
        kept = [number for number, size in enumerate(groups[group.number]) if size]
        assert [item for item, _ in group.items] == kept
        assert is_within(group.box, AREA)
        assert is_within(group.inner, group.box)
        assert all(is_within(rect, group.inner) for _, rect in group.items)
    assert all(overlap(one.box, other.box) < 1e-3 for one, other in combinations(placed, 2))


@given(st.lists(sizes, max_size=8), st.sampled_from([BARE, FRAME]))
def test_within_a_group_areas_are_in_proportion(groups: list[list[int]], frame: Frame) -> None:
    for group in nested([numbered(group) for group in groups], AREA, frame):
        whole = sum(groups[group.number])
        for number, rect in group.items:
            wanted = groups[group.number][number] / whole * group.inner.area
            assert rect.area == pytest.approx(wanted, rel=1e-6, abs=1e-6)


@given(st.lists(sizes, min_size=1, max_size=8))
def test_without_frames_all_areas_are_in_proportion(groups: list[list[int]]) -> None:
    total = sum(map(sum, groups))
    for group in nested([numbered(group) for group in groups], AREA, BARE):
        for number, rect in group.items:
            wanted = groups[group.number][number] / total * AREA.area
            assert rect.area == pytest.approx(wanted, rel=1e-6, abs=1e-6)


def test_a_size_has_the_same_area_in_a_large_group_and_in_a_small_one() -> None:
    groups = [[50, 30, 20, 20], [20, 10, 5], [9, 2], [4]]
    placed = nested([numbered(group) for group in groups], AREA, FRAME)
    areas = [rect.area / groups[group.number][number] for group in placed for number, rect in group.items]
    assert max(areas) / min(areas) < 1.01


def test_a_caption_is_only_where_there_is_room_for_one() -> None:
    large, small = nested([numbered([1000]), numbered([1])], AREA, FRAME)
    assert (large.has_caption, small.has_caption) == (True, False)
    assert large.inner.y - large.box.y == FRAME.caption
    assert small.inner.y - small.box.y <= FRAME.margin
    assert small.inner.area > 0


def test_5000_items_all_have_their_place() -> None:
    dice = random.Random(1)
    groups = [numbered([int(dice.lognormvariate(20, 1.5)) for _ in range(625)]) for _ in range(8)]

    placed = nested(groups, AREA, FRAME)
    assert sum(len(group.items) for group in placed) == 5000
