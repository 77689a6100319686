"""`modelkeep demo` does everything for real, and touches nothing of the user's."""

from __future__ import annotations

from pathlib import Path

from support.cli import check_shape, run_process, tree
from support.json_shapes import DEMO


def test_every_step_of_the_core_works(tmp_path: Path, own_places: Path) -> None:
    before = tree(own_places)
    result = run_process("demo", "--json", "--to", tmp_path / "pictures")
    check_shape(result.json, [DEMO])
    statuses = {outcome["step"]: outcome["status"] for outcome in result.json}
    window, loaded = statuses.pop("window"), {statuses.pop("load"), statuses.pop("try")}
    assert set(statuses.values()) == {"done"}, result.json
    assert loaded in ({"done"}, {"left out"}), result.json
    assert result.status == (window == "failed")
    assert tree(own_places) == before
