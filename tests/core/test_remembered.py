"""What the last scan saw comes back whole, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelkeep.remembered import load_rows, save_rows
from modelkeep.rows import ModelRow, RevisionRow

REVISION = RevisionRow("a" * 40, ("main", "v1"), 1, 2, 3, 4, 0, "whole", 5.5)
ROW = ModelRow(
    "hf@org/x", "/hub", "org/x", "model", 1, 2, 3, 4.5, "atime", 6.5, "whole", True, "ä", "transformers", "fill-mask",
    "mit", ("en",), ("a", "b"), ("safetensors",), 7, False, 0, 1, (REVISION,),
)  # fmt: skip


def test_rows_come_back_as_they_were(tmp_path: Path) -> None:
    save_rows({"/hub": [ROW], "/empty": []}, tmp_path / "new" / "rows.json")
    assert load_rows(tmp_path / "new" / "rows.json") == {"/hub": [ROW], "/empty": []}


@pytest.mark.parametrize(
    "content", [b"", b"\x00\xff", b"[]", b"[[], {}]", b"[" * 100_000, b'["x", {"/hub": [[1]]}]']
)
def test_garbage_is_no_memory(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "rows.json"
    path.write_bytes(content)
    assert load_rows(path) == {}


def test_where_nothing_can_be_written_nobody_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    save_rows({}, tmp_path / "file" / "rows.json")
    assert load_rows(tmp_path / "file" / "rows.json") == {}
