"""Looking at a store of many models: listing it, the rows that a window shows of it, and comparing two stores.

R3 is `modelkeep remote models` of an S3 store, the first time and with what is remembered of it, against the list
that other clients make of the same keys, by whole processes; and the same of a store in a folder, against `find`. R4
is what a plan to sync 1,000 models from one store to another takes, when all is there and when 100 are missing.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from figures import Row, main, ratio, value
from modelkeep.keys import ModelKey
from modelkeep.library import Library, open_library
from modelkeep.progress import ignore
from modelkeep.remote.manifests import checksum_lines, manifest_id, write_manifest
from modelkeep.remote.names import MARKER, blob_name, checksums_name, entry_name, revision_name
from modelkeep.remote.refs import write_entry
from modelkeep.remote.s3.objects import S3Objects
from modelkeep.remote.shelves import in_parallel
from modelkeep.remote.values import Manifest, ManifestFile, RefEntry, Summary
from pairs import Reading, command, in_turn, run
from s3 import Bucket, a_bucket, clients
from samples import disk_folder

_MODELKEEP = Path(sys.executable).with_name("modelkeep")
_FILES = 12
_SYNCED, _MISSING = 1_000, 100
_WRITERS = 8
_STORE = b'{"format": "modelkeep-store", "version": 1}'


def measure(sizes: Sequence[int], rounds: int) -> Iterator[Row | str]:
    for size in sizes:
        with disk_folder() as folder:
            yield from _in_folder(folder, size, rounds)
            yield from _compared(folder, rounds)
            with a_bucket(folder) as bucket:
                if bucket is None:
                    yield "Lists of S3: skipped, for there is no S3 server here (radosgw or rclone)."
                    continue
                yield f"S3 server: {bucket.server.kind}"
                yield from _in_bucket(bucket, size, rounds)


def _in_bucket(bucket: Bucket, size: int, rounds: int) -> Iterator[Row]:
    os.environ.update(bucket.environment)
    _fill_bucket(bucket.url("store"), size)

    def first() -> Reading:
        shutil.rmtree(bucket.folder / "home", ignore_errors=True)
        return again()

    def again() -> Reading:
        return bucket.run(_MODELKEEP, "remote", "models", bucket.url("store"))

    others = {one.name: partial(one.list, bucket, "store") for one in clients()}
    once, then, *theirs = in_turn(rounds, first, again, *others.values())
    for name, readings in zip(others, theirs, strict=True):
        yield ratio("", f"first list of {size:,} models against {name}", once, readings)
        must, goal = (1.3, 1.0) if name == "aws s3" else (None, None)
        what = f"list of {size:,} models again, against {name}"
        yield ratio("R3", what, then, readings, must=must, goal=goal)
    yield value(
        "R3", f"rows of these {size:,} models, remembered", _rows(bucket.url("store"), rounds), must=4_000
    )


def _in_folder(folder: Path, size: int, rounds: int) -> Iterator[Row]:
    place = folder / "store"
    _fill_folder(place, size)
    environment = _quiet(folder)

    def first() -> Reading:
        shutil.rmtree(folder / "home", ignore_errors=True)
        return again()

    def again() -> Reading:
        return command(_MODELKEEP, "remote", "models", place, **environment)

    def find() -> Reading:
        return command(
            "sh", "-c", 'find "$0" -name "*.json" -printf "%p %s\\n" -exec cat {} + > /dev/null', place
        )

    once, then, found = in_turn(rounds, first, again, find)
    yield ratio("", f"first list of {size:,} models in a folder against find, cat", once, found)
    yield ratio("", f"list of {size:,} models in a folder again against find, cat", then, found)
    os.environ.update(environment)
    yield value(
        "R3", f"rows of {size:,} models in a folder, remembered", _rows(str(place), rounds), must=2_000
    )


def _rows(url: str, rounds: int) -> list[Reading]:
    with open_library([]) as library:
        library.remotes.rows(url)
    return in_turn(rounds, partial(run, _open, lambda library: library.remotes.rows(url)))[0]


def _compared(folder: Path, rounds: int) -> Iterator[Row]:
    os.environ.update(_quiet(folder))
    origin, same, less = (folder / name for name in ("a", "b", "c"))
    for place, count in ((origin, _SYNCED), (same, _SYNCED), (less, _SYNCED - _MISSING)):
        _fill_folder(place, count)

    def plan(target: Path, library: Library) -> None:
        found = library.remotes.plan_sync(str(origin), str(target))
        assert len(found.todo) == (_MISSING if target is less else 0), found.todo

    what = f"plan to sync {_SYNCED:,} models"
    there, missing = in_turn(
        rounds, partial(run, _open, partial(plan, same)), partial(run, _open, partial(plan, less))
    )
    yield value("R4", f"{what}, all there", there, must=2_000)
    yield value("R4", f"{what}, {_MISSING} missing", missing, must=3_000)
    yield ratio("", f"{what}, {_MISSING} missing against none", missing, there, must=2.5)


def _quiet(folder: Path) -> dict[str, str]:
    return {"MODELKEEP_HOME": os.fspath(folder / "home"), "HF_HUB_OFFLINE": ""}


def _open() -> Library:
    return open_library([])


# ---- stores of many models


def _contents(number: int) -> dict[str, bytes]:
    files = {f"part-{n}.json": b'{"model": %d, "part": %d}' % (number, n) for n in range(_FILES - 1)}
    return {"README.md": b"# Model %d\n" % number, **files}


def _objects(number: int, *, contents: bool) -> dict[str, bytes]:
    """All that a store has of one model, by the names of the objects."""
    files = _contents(number)
    hashed = {path: hashlib.sha256(content).hexdigest() for path, content in files.items()}
    commit = hashlib.sha1(b"%d" % number).hexdigest()
    key = ModelKey(f"org-{number % 97}/model-{number}", revision=commit)
    manifest = Manifest(
        key,
        tuple(ManifestFile(path, len(files[path]), sha256, sha256) for path, sha256 in hashed.items()),
        is_complete=True,
        summary=Summary(
            library="transformers", task="fill-mask", licence="mit", tags=("fill-mask", "safetensors")
        ),
        created_at=1_700_000_000.0 + number,
        created_by="alice",
    )
    content = write_manifest(manifest)
    revision = revision_name(key, commit, manifest_id(content))
    entry = RefEntry("main", 1, commit, message="A push", by="alice", at=1_700_000_000.0 + number)
    found = {
        revision: content,
        checksums_name(revision): checksum_lines(manifest),
        entry_name(key.at(None), "main", 1): write_entry(entry),
    }
    if contents:
        found |= {blob_name(hashed[path]): content for path, content in files.items()}
    return found


def _fill_folder(place: Path, count: int) -> None:
    """Lay so many models into a new store; what they are follows from their numbers."""
    for number in range(count):
        for name, content in _objects(number, contents=True).items():
            path = place / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    (place / MARKER).write_bytes(_STORE)


def _fill_bucket(url: str, count: int) -> None:
    with S3Objects(url) as objects:

        def put(number: int) -> None:
            for name, content in _objects(number, contents=False).items():
                objects.put(name, content)

        objects.put(MARKER, _STORE)
        in_parallel(range(count), put, "", ignore, workers=_WRITERS)


if __name__ == "__main__":
    main(measure, __doc__, sizes=[5_000], quick=[1_000], rounds=5, unit="models")
