"""What the catalog and the list of jobs have in common, and their own tests do not say."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from modelkeep.cache.catalog_file import CatalogFile
from modelkeep.errors import CacheError
from modelkeep.jobs.file import JobsFile
from support.users import as_nobody

NOBODY = 65534


def test_of_several_statements_all_are_kept_or_none(tmp_path: Path) -> None:
    file = CatalogFile(tmp_path / "words.sqlite", [["CREATE TABLE words (word UNIQUE)"]])
    insert, delete = "INSERT INTO words VALUES (?)", "DELETE FROM words WHERE word = ?"
    file.write_all((insert, [("one",), ("two",)]), (delete, [("one",)]))
    with pytest.raises(CacheError, match="UNIQUE"):
        file.write_all((delete, [("two",)]), (insert, [("three",), ("three",)]))
    assert file.read("SELECT word FROM words") == [("two",)]
    file.close()


@pytest.mark.skipif(os.getuid() != 0, reason="only the superuser leaves files of another user")
def test_a_lock_that_the_superuser_left_keeps_nobody_from_their_jobs(tmp_path: Path) -> None:
    folder = tmp_path / "jobs"
    folder.mkdir()
    os.chown(folder, NOBODY, NOBODY)
    lock = folder / "jobs.sqlite.lock"
    lock.touch(0o600)

    def count() -> int:
        file = JobsFile(folder / "jobs.sqlite")
        rows = file.read("SELECT * FROM jobs")
        file.close()
        return len(rows)

    assert as_nobody(count, tmp_path) == 0
