from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from modelkeep.filter import parse_filter
from modelkeep.rows import ModelRow
from modelkeep_gui.library.table_model import LibraryTableModel
from support.rows import model_row, revision_row

ROOT, OTHER = "/cache/hub", "/data/hub"
UP, DOWN = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder


@pytest.fixture
def model(qapp: object) -> LibraryTableModel:
    return LibraryTableModel()


def rows(*names: str, root: str = ROOT) -> list[ModelRow]:
    return [model_row(f"org/{name}", root, size=1000 * place) for place, name in enumerate(names, 1)]


def names(model: LibraryTableModel) -> list[str]:
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def column(model: LibraryTableModel, id: str) -> int:
    return next(number for number, column in enumerate(model.columns) if column.id == id)


def test_models_are_sorted_by_name_in_any_case(model: LibraryTableModel) -> None:
    model.replace_rows(ROOT, rows("b", "A", "c"))
    assert names(model) == ["org/A", "org/b", "org/c"]


def test_revisions_lie_beneath_their_model(model: LibraryTableModel) -> None:
    both = (revision_row("a" * 40), revision_row("b" * 40, refs=("pr/4",), state="incomplete", missing=2))
    model.replace_rows(ROOT, [model_row(revisions=both)])
    above = model.index(0, 0)
    assert model.rowCount(above) == 2
    second = model.index(1, 0, above)
    assert second.data() == "pr/4 bbbbbbb"
    assert model.index(1, 1, above).data() == "2 files missing"
    assert second.parent() == above
    assert model.revision_at(second) == both[1]
    assert model.row_at(second) == model.row_at(above)
    assert model.revision_at(above) is None


def test_figures_are_short_and_the_tooltip_is_exact(model: LibraryTableModel) -> None:
    model.replace_rows(ROOT, [model_row(size=1_234_567_890)])
    index = model.index(0, column(model, "size"))
    assert index.data() == "1.2 GB"
    assert index.data(Qt.ItemDataRole.ToolTipRole) == "1,234,567,890 bytes"
    assert index.data(Qt.ItemDataRole.TextAlignmentRole) & Qt.AlignmentFlag.AlignRight.value


def test_sizes_beyond_two_gibibytes_sort_by_their_bytes(model: LibraryTableModel) -> None:
    sizes = {"small": 5, "huge": 7 << 40, "big": 3 << 30}
    model.replace_rows(ROOT, [model_row(f"org/{name}", size=size) for name, size in sizes.items()])
    model.sort(column(model, "size"), DOWN)
    assert names(model) == ["org/huge", "org/big", "org/small"]


def test_equal_rows_stay_by_name_in_both_directions(model: LibraryTableModel) -> None:
    model.replace_rows(ROOT, [model_row(f"org/{name}", library="x") for name in "cab"])
    for order in (UP, DOWN):
        model.sort(column(model, "library"), order)
        assert names(model) == ["org/a", "org/b", "org/c"]


def test_states_sort_from_whole_to_damaged(model: LibraryTableModel) -> None:
    states = ("damaged", "whole", "incomplete", "unproven")
    model.replace_rows(ROOT, [model_row(f"org/{state}", state=state) for state in states])
    model.sort(column(model, "state"), UP)
    assert names(model) == ["org/whole", "org/unproven", "org/incomplete", "org/damaged"]


def test_sizes_are_first_sorted_from_the_largest(model: LibraryTableModel) -> None:
    role = Qt.ItemDataRole.InitialSortOrderRole
    assert model.headerData(column(model, "size"), Qt.Orientation.Horizontal, role) == DOWN.value
    assert model.headerData(0, Qt.Orientation.Horizontal, role) is None


def test_a_heading_says_what_its_figures_mean(model: LibraryTableModel) -> None:
    role = Qt.ItemDataRole.ToolTipRole
    said = model.headerData(column(model, "frees"), Qt.Orientation.Horizontal, role)
    assert said.startswith("What the disk gains")


def test_a_filter_and_a_scope_narrow_together(model: LibraryTableModel) -> None:
    model.replace_rows(ROOT, rows("bert", "gpt"))
    model.replace_rows(OTHER, rows("bert-large", "gpt-large", root=OTHER))
    model.set_filter(parse_filter("bert"))
    assert names(model) == ["org/bert", "org/bert-large"]
    model.set_scope(lambda row: row.root == OTHER)
    assert names(model) == ["org/bert-large"]
    model.set_filter(parse_filter(""))
    model.set_scope(None)
    assert len(names(model)) == 4


def test_a_new_row_obeys_the_filter_and_the_order(model: LibraryTableModel) -> None:
    model.replace_rows(ROOT, rows("a", "z"))
    model.set_filter(parse_filter("-hidden"))
    model.add_rows(ROOT, rows("m", "hidden"))
    assert names(model) == ["org/a", "org/m", "org/z"]
    assert len(model.rows) == 4
    assert len(model.shown_rows) == 3


def test_the_same_model_in_two_caches_is_two_rows(model: LibraryTableModel) -> None:
    model.replace_rows(ROOT, rows("a"))
    model.replace_rows(OTHER, rows("a", root=OTHER))
    assert len(names(model)) == 2
    model.remove_root(ROOT)
    assert [row.root for row in model.rows] == [OTHER]


def test_rows_that_did_not_change_say_nothing(model: LibraryTableModel, qtbot: QtBot) -> None:
    model.replace_rows(ROOT, rows("a", "b"))
    with qtbot.assertNotEmitted(model.layoutChanged), qtbot.assertNotEmitted(model.dataChanged):
        model.replace_rows(ROOT, rows("a", "b"))


def test_a_change_that_moves_nothing_is_told_for_its_row_alone(
    model: LibraryTableModel, qtbot: QtBot
) -> None:
    model.replace_rows(ROOT, rows("a", "b", "c"))
    changed = [row._replace(pinned=row.repo_id == "org/b") for row in rows("a", "b", "c")]
    with qtbot.assertNotEmitted(model.layoutChanged), qtbot.waitSignal(model.dataChanged) as told:
        model.replace_rows(ROOT, changed)
    top_left, bottom_right, _ = told.args
    assert (top_left.row(), bottom_right.row()) == (1, 1)
    assert model.rows[1].pinned


def test_an_index_follows_its_model_through_every_change(model: LibraryTableModel) -> None:
    model.replace_rows(ROOT, rows("a", "b", "c"))
    kept = QPersistentModelIndex(model.index_of(ROOT, "hf@org/b"))
    model.sort(column(model, "size"), DOWN)
    model.add_rows(ROOT, rows("aa", "bb"))
    model.replace_rows(ROOT, [*rows("x", "b"), model_row("org/y")])
    model.set_filter(parse_filter("b"))
    assert kept.isValid()
    assert kept.data() == "org/b"


def test_an_index_of_a_revision_follows_it_too(model: LibraryTableModel) -> None:
    old, new = revision_row("a" * 40), revision_row("b" * 40)
    model.replace_rows(ROOT, [model_row("org/m", revisions=(old,))])
    kept = QPersistentModelIndex(model.index_of(ROOT, "hf@org/m", old.commit))
    model.replace_rows(ROOT, [model_row("org/m", revisions=(new, old)), *rows("a")])
    assert (kept.row(), kept.parent().row()) == (1, 1)
    assert model.revision_at(kept) == old
    model.replace_rows(ROOT, [model_row("org/m", revisions=(new,))])
    assert not kept.isValid()


def test_an_index_of_a_row_that_goes_becomes_invalid(model: LibraryTableModel) -> None:
    model.replace_rows(ROOT, rows("a", "b"))
    gone, hidden = (QPersistentModelIndex(model.index_of(ROOT, f"hf@org/{name}")) for name in "ab")
    model.replace_rows(ROOT, rows("b"))
    assert not gone.isValid()
    model.set_filter(parse_filter("nothing"))
    assert not hidden.isValid()
    assert not model.index_of(ROOT, "hf@org/b").isValid()


def test_the_tree_is_one_that_qt_accepts(model: LibraryTableModel, qtmodeltester: ModelTester) -> None:
    model.replace_rows(ROOT, [*rows("a", "b"), model_row("org/bare", revisions=())])
    qtmodeltester.check(model)
    model.sort(column(model, "size"), DOWN)
    model.replace_rows(OTHER, rows("c", "d", root=OTHER))
    model.set_filter(parse_filter("-b"))
    model.remove_root(ROOT)
    model.set_filter(parse_filter(""))


commits = st.lists(st.sampled_from("abcd"), unique=True, max_size=3).map(
    lambda letters: tuple(revision_row(letter * 40) for letter in letters)
)
some_rows = st.lists(
    st.builds(
        lambda name, size, revisions: model_row(f"org/{name}", size=size, revisions=revisions),
        st.sampled_from("uvwxyz"),
        st.integers(0, 3),
        commits,
    ),
    unique_by=lambda row: row.key,
)
steps = st.one_of(
    st.tuples(st.just("replace_rows"), st.just(ROOT), some_rows),
    st.tuples(st.just("add_rows"), st.just(ROOT), some_rows),
    st.tuples(st.just("sort"), st.integers(0, 13), st.sampled_from([UP, DOWN])),
    st.tuples(st.just("set_filter"), st.sampled_from(["", "u", "-v", "size>1B"]).map(parse_filter)),
)


def everywhere(model: LibraryTableModel) -> Iterator[QModelIndex]:
    for row in range(model.rowCount()):
        above = model.index(row, 0)
        yield above
        for below in range(model.rowCount(above)):
            yield model.index(below, 0, above)


@settings(max_examples=60, deadline=None)
@given(st.lists(steps, min_size=2, max_size=8))
def test_after_any_changes_every_index_means_what_it_meant(changes: list[tuple[object, ...]]) -> None:
    model = LibraryTableModel()
    tester = ModelTester(None)
    tester.check(model, force_py=True)

    def meaning(index: QModelIndex | QPersistentModelIndex) -> tuple[str, str | None]:
        row, revision = model.row_at(index), model.revision_at(index)
        assert row is not None
        return row.key, revision.commit if revision else None

    for name, *arguments in changes:
        before = [(QPersistentModelIndex(index), meaning(index)) for index in everywhere(model)]
        getattr(model, str(name))(*arguments)
        for index, meant in before:
            found = model.index_of(ROOT, *meant)
            assert index.isValid() == found.isValid()
            if index.isValid():
                assert meaning(index) == meant
    assert [row for row in model.shown_rows if row not in model.rows] == []
