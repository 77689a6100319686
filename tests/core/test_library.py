"""The library: all roots together, with what is known about their models."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from modelkeep import Library, open_library
from modelkeep.errors import ModelNotFound
from modelkeep.progress import Progress
from modelkeep.rows import ModelRow, RootRows, Selection
from support.caches import CacheMaker
from support.models import tiny_bert_files


@pytest.fixture
def library(cache: CacheMaker) -> Iterator[Library]:
    cache.add("org/bert", tiny_bert_files())
    with open_library([cache.root]) as opened:
        yield opened


def test_rows_come_at_once_and_complete_later(library: Library) -> None:
    got: list[object] = []
    [view] = library.refresh(emit=got.append)
    assert (view.models, view.state) == (1, "ready")
    assert all(isinstance(batch, RootRows) for batch in got)
    [batch] = got
    assert isinstance(batch, RootRows)
    assert (batch.first, batch.last, batch.rows[0].repo_id, batch.rows[0].task) == (
        True,
        True,
        "org/bert",
        "",
    )
    library.describe_new(emit=got.append)
    described = got[-1]
    assert isinstance(described, RootRows)
    assert described.rows == tuple(library.rows())
    assert described.rows[0].formats == ("safetensors",)
    got.clear()
    library.refresh(emit=got.append)
    assert got == []  # nothing changed, so there is nothing to say


def test_details_tell_all_that_is_known(library: Library, cache: CacheMaker) -> None:
    details = library.details(str(cache.root), "org/bert")
    assert details.row.key == "hf@org/bert"
    assert {line.name: line.kind for line in details.files}["model.safetensors"] == "safetensors"
    assert "from_pretrained" in details.snippet
    assert "org/bert" in details.snippet
    assert details.card


def test_a_pin_and_a_note_stay(library: Library, cache: CacheMaker) -> None:
    chosen = library.choose(["org/bert"])
    [row] = library.set_pinned(chosen, True)
    assert row.pinned
    library.set_note(chosen, "for the ward")
    with open_library([cache.root]) as again:
        [row] = again.rows()
        assert (row.pinned, row.note) == (True, "for the ward")
        [plan] = again.plan_deletion(chosen)
        assert again.delete([plan])[0].failures == ("hf@org/bert is pinned.",)


def test_delete_and_undo_through_the_library(library: Library, cache: CacheMaker) -> None:
    before = library.rows()
    [result] = library.delete(library.plan_deletion(library.choose(["org/bert"])))
    assert library.rows() == []
    [entry] = library.trash()
    assert (entry.id,) == result.entries
    [restored] = library.restore([(entry.root, entry.id)])
    assert restored.error == ""
    assert [without_use(row) for row in library.rows()] == [without_use(row) for row in before]
    assert [event.verb for event in library.catalog.events()] == ["restore", "delete"]
    assert cache.folder("org/bert").is_dir()


def without_use(row: ModelRow) -> ModelRow:
    return row._replace(last_used=0.0)


def test_a_name_that_is_not_there_is_answered_with_the_nearest(library: Library) -> None:
    with pytest.raises(ModelNotFound) as caught:
        library.choose(["org/brt"])
    assert "org/bert" in caught.value.hint
    with pytest.raises(ModelNotFound) as caught:
        library.choose(["org/bert@v9"])
    assert "main" in caught.value.hint


def test_roots_in_every_state_are_shown(library: Library, cache: CacheMaker, tmp_path: Path) -> None:
    library.set_roots([cache.root, tmp_path / "nowhere", "/media/nobody/stick/hub"])
    here, missing, away = library.refresh()
    assert (here.state, missing.state, away.state) == ("ready", "missing", "not-mounted")
    assert missing.message
    assert [row.repo_id for row in library.rows()] == ["org/bert"]


def test_five_thousand_models_come_in_small_batches(cache: CacheMaker) -> None:
    for number in range(600):
        cache.add(f"org/m{number}", {}, tree=False)
    with open_library([cache.root]) as library:
        batches: list[object] = []
        library.refresh(emit=batches.append)
        assert [isinstance(batch, RootRows) and len(batch.rows) <= 500 for batch in batches] == [True] * len(
            batches
        )
        assert sum(len(batch.rows) for batch in batches if isinstance(batch, RootRows)) == 600


def test_selections_from_two_roots_make_two_plans(
    library: Library, tmp_path: Path, cache: CacheMaker
) -> None:
    other = CacheMaker(tmp_path / "other")
    other.add("org/bert")
    library.set_roots([cache.root, other.root])
    chosen = library.choose(["org/bert"])
    assert chosen == [Selection(str(cache.root), "hf@org/bert"), Selection(str(other.root), "hf@org/bert")]
    assert [plan.root for plan in library.plan_deletion(chosen)] == [str(cache.root), str(other.root)]


@pytest.mark.parametrize(("missing", "state"), [(False, "whole"), (True, "incomplete")])
def test_a_model_is_as_whole_on_the_other_side_as_it_was_here(
    cache: CacheMaker, tmp_path: Path, missing: bool, state: str
) -> None:
    files = {"config.json": b"{}", ".gitattributes": b"*.bin filter=lfs\n", "model.bin": b"w"}
    commit = cache.add("org/model", files)
    if missing:
        cache.write_tree("org/model", commit, files | {"onnx/model.onnx": b"o"})
    with open_library([cache.root, tmp_path / "other"]) as library:
        here = library.rows([str(cache.root)])[0]
        assert here.state == state
        chosen = library.choose(["org/model"])
        plan = library.archives.plan_export(chosen, tmp_path / "out", allow_incomplete=True)
        [archive] = library.archives.export(plan).archives
        library.archives.run_import(library.archives.plan_import([archive.paths[0]], str(tmp_path / "other")))
        [there] = library.rows([str(tmp_path / "other")])
        # What is missing is not known there any more; that something is, must not be forgotten.
        assert there.state == ("unproven" if missing else "whole")


def test_details_say_what_a_card_names_as_its_base(cache: CacheMaker) -> None:
    cache.add("org/tuned", {"README.md": b"---\nbase_model: org/base\n---\n"})
    with open_library([cache.root]) as library:
        assert library.details(library.roots[0], "hf@org/tuned").lineage == ("hf@org/base", "hf@org/base")


def test_what_somebody_else_described_is_passed_on_as_well(cache: CacheMaker) -> None:
    cache.add("org/name", {"README.md": b"---\nlicense: mit\n---\n"})
    with open_library([cache.root]) as library:
        passed_on: list[RootRows] = []
        library.refresh(emit=passed_on.append)  # type: ignore[arg-type]
        library.rows()  # as the list of a remote does, to compare what is here with what is there
        library.describe_new(emit=passed_on.append)  # type: ignore[arg-type]
        assert passed_on[-1].rows[0].licence == "mit"
        assert not passed_on[-1].first
        library.refresh(emit=passed_on.append)  # type: ignore[arg-type]
        assert len(passed_on) == 2, "nothing more has changed"


def test_what_went_unseen_is_told_by_the_next_look(cache: CacheMaker) -> None:
    cache.add("org/stays", {"config.json": b"{}"})
    cache.add("org/goes", {"config.json": b"{}", "README.md": b"# A card"})
    with open_library([cache.root]) as library:
        passed_on: list[RootRows] = []
        library.refresh(emit=passed_on.append)  # type: ignore[arg-type]
        library.delete(library.plan_deletion(library.choose(["org/goes"])))
        library.refresh()
        library.describe_new(emit=passed_on.append)  # type: ignore[arg-type]
        library.refresh(emit=passed_on.append)  # type: ignore[arg-type]
        assert (passed_on[-1].first, [row.repo_id for row in passed_on[-1].rows]) == (True, ["org/stays"])


def test_what_is_read_late_does_not_bring_back_rows_of_an_older_look(cache: CacheMaker) -> None:
    cache.add("org/name", {"README.md": b"---\nlicense: mit\n---\n"})
    with open_library([cache.root]) as library:
        passed_on: list[RootRows] = []
        library.refresh(emit=passed_on.append)  # type: ignore[arg-type]

        def look_again(progress: Progress) -> None:
            if progress.step == "Reading model cards":
                cache.add("org/name", {"README.md": b"# Other"})
                library.refresh(emit=passed_on.append)  # type: ignore[arg-type]

        library.describe_new(report=look_again, emit=passed_on.append)  # type: ignore[arg-type]
        [row] = passed_on[-1].rows
        assert len(row.revisions) == 2, "the rows of the first look came last"
        library.describe_new(emit=passed_on.append)  # type: ignore[arg-type]
        assert len(passed_on[-1].rows[0].revisions) == 2
