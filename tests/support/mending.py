"""Real caches with every ill that can be mended, and the steps of mending them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from modelkeep.cache.staging import find_staging
from modelkeep.checking.outcome import Verdict, Verification
from modelkeep.library import Library
from modelkeep.mending.mend import MendResult
from modelkeep.mending.plan import MendItem, MendPlan
from modelkeep.progress import Report, ignore
from modelkeep.rows import Selection
from support.caches import CacheMaker, etag, sha256
from support.imports import loaded
from support.models import safetensors_file

SIZE = 400_000
WEIGHTS = safetensors_file({"w": {"dtype": "U8", "shape": [SIZE], "data_offsets": [0, SIZE]}}, b"w" * SIZE)
FILES = {"config.json": b'{"model_type": "bert"}', "model.safetensors": WEIGHTS, "sub/vocab.txt": b"a b c"}
NAME, REPO = "model.safetensors", "org/name"


def verify(library: Library, root: Path, *, deep: bool = False) -> Verification:
    library.refresh()
    keys = [str(model.key) for model in library.inventory(root).models]
    return library.trust.check([Selection(str(root), key) for key in keys], deep=deep)


def plan(library: Library, root: Path, **options: object) -> MendPlan:
    return library.trust.plan_mending(verify(library, root), **options)  # type: ignore[arg-type]


def mend(library: Library, root: Path, report: Report = ignore, **options: object) -> MendResult:
    return library.trust.mend(plan(library, root, **options), report=report)


def mended(library: Library, root: Path, **options: object) -> MendResult:
    """Mend, and see that it worked, left nothing behind, and that all is as it was published."""
    result = mend(library, root, **options)  # type: ignore[arg-type]
    assert not result.failures
    is_good(library, root)
    return result


def is_good(library: Library, root: Path) -> None:
    assert {check.verdict for check in verify(library, root, deep=True).revisions} == {Verdict.GOOD}
    assert not find_staging(root)
    assert loaded(root) == FILES


def blob(cache: CacheMaker, name: str = NAME, repo_id: str = REPO) -> Path:
    return cache.folder(repo_id) / "blobs" / etag(name, FILES[name])


def flipped(content: bytes) -> bytes:
    return content[:-1] + bytes([content[-1] ^ 1])


def damage(path: Path) -> bytes:
    """Turn a bit in place; returns what is there then."""
    bad = flipped(path.read_bytes())
    with path.open("r+b") as file:
        file.write(bad)
    return bad


def only(made: MendPlan) -> MendItem:
    [item] = made.items
    return item


def trashed(root: Path) -> list[bytes]:
    """The contents in the trash."""
    return [path.read_bytes() for path in (root / ".modelkeep/trash").glob("*/content/**/*.damaged")]


def shared_link(cache: CacheMaker) -> None:
    cache.add(REPO, FILES)
    cache.add("org/sharing", {NAME: WEIGHTS})
    cache.share("org/sharing", WEIGHTS)
    payload = cache.share(REPO, WEIGHTS)
    payload.chmod(0o644)
    damage(payload)


def copies(cache: CacheMaker) -> None:
    commit = cache.add(REPO, FILES, linked=False)
    damage(cache.folder(REPO) / "snapshots" / commit / NAME)
    damage(cache.folder(REPO) / "snapshots" / commit / "sub/vocab.txt")


def missing_link(cache: CacheMaker) -> None:
    commit = cache.add(REPO, FILES)
    (cache.folder(REPO) / "snapshots" / commit / NAME).unlink()
    shutil.rmtree(cache.folder(REPO) / "snapshots" / commit / "sub")


def missing_blob(cache: CacheMaker) -> None:
    cache.add(REPO, FILES)
    blob(cache).unlink()
    blob(cache, "sub/vocab.txt").unlink()


def missing_both(cache: CacheMaker) -> None:
    missing_link(cache)
    blob(cache).unlink()


def truncated(cache: CacheMaker) -> None:
    cache.add(REPO, FILES)
    os.truncate(blob(cache), 1000)


def truncated_without_listing(cache: CacheMaker) -> None:
    cache.add(REPO, FILES, tree=False)
    os.truncate(blob(cache), 1000)
    os.truncate(blob(cache, "config.json"), 1)


def linked_to_another(cache: CacheMaker) -> None:
    commit = cache.add(REPO, FILES)
    cache.add(REPO, {"weights.bin": b"old"}, refs=("old",))
    link = cache.folder(REPO) / "snapshots" / commit / NAME
    link.unlink()
    link.symlink_to(f"../../blobs/{sha256(b'old')}")


def no_file(cache: CacheMaker) -> None:
    cache.add(REPO, FILES, tree=False)
    blob(cache).unlink()
    os.mkfifo(blob(cache))


def a_folder(cache: CacheMaker) -> None:
    cache.add(REPO, FILES)
    blob(cache).unlink()
    blob(cache).mkdir()
    (blob(cache) / "inside").write_bytes(b"")


def several(cache: CacheMaker) -> None:
    commit = cache.add(REPO, FILES)
    (cache.folder(REPO) / "snapshots" / commit / NAME).unlink()
    blob(cache).unlink()
    damage(blob(cache, "config.json"))


ILLS: dict[str, Callable[[CacheMaker], None]] = {
    one.__name__: one
    for one in (
        shared_link,
        copies,
        missing_link,
        missing_blob,
        missing_both,
        truncated,
        truncated_without_listing,
        linked_to_another,
        no_file,
        a_folder,
        several,
    )
}
