"""Verifying a model, against `sha256sum` on the same files, the Hub's client, and what the processor can at most.

From memory, where only the processor counts, and from the disk. Ours checks the headers and the tree listing besides,
and writes down what it found; `sha256sum` reads one file after the other, and two at a time as ours does. The Hub's
client is asked for what `hf cache verify` does when it has the listing of the repository, which takes a network.
The limit is SHA-256 over bytes that are in memory already, by one thread and by two.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from threading import Thread

from huggingface_hub.hf_api import BlobLfsInfo, RepoFile
from huggingface_hub.utils._verification import verify_maps

from figures import Row, main, ratio
from modelkeep.cache.catalog import Catalog
from modelkeep.cache.scan import scan
from modelkeep.checking.outcome import Verification
from modelkeep.checking.verify import execute_verification, plan_verification
from pairs import Reading, command, in_turn, run
from samples import disk_folder, forget, make_model, memory_folder

_SHARDS = 2
_SMALL = (20_000, 4 << 10)  # files, and bytes of each
_BLOCK = 256 << 10


def measure(sizes: Sequence[int], rounds: int) -> Iterator[Row | str]:
    for size in sizes:
        with memory_folder(2 * size << 20) as folder:
            if folder is None:
                yield f"{size} MiB in memory: skipped, /dev/shm has less than twice as much free."
            else:
                yield from _from_memory(folder, size, rounds)
    with disk_folder() as folder:
        yield from _from_disk(folder, min(sizes), rounds)
    with memory_folder(1 << 30) as folder:
        if folder is not None:
            yield from _small_files(folder, rounds)


def _from_memory(folder: Path, size: int, rounds: int) -> Iterator[Row]:
    root, home = folder / "hub", folder / "home"
    blobs = _make_model(root, size << 20)
    ours, known, hub, serial, parallel, one, two = in_turn(
        rounds,
        partial(run, partial(_forget, home), partial(_verify, root, size << 20)),
        partial(run, lambda: home, partial(_verify, root, 0)),
        partial(run, lambda: blobs, _verify_by_hub),
        partial(command, "sha256sum", *blobs),
        partial(command, "xargs", "-n1", "-P2", "-a", _listed(folder, blobs), "sha256sum"),
        partial(run, lambda: 1, partial(_hash_only, size << 20)),
        partial(run, lambda: 2, partial(_hash_only, size << 20)),
    )
    what = f"{size:,} MiB in {_SHARDS} files"
    yield ratio("V1", f"verify {what}, to the Hub's client", ours, hub, must=0.6, goal=0.51)
    yield ratio("V1", f"verify {what}, to SHA-256, one thread", ours, one, must=0.6, goal=0.51)
    yield ratio("V1", f"verify {what}, to SHA-256, two threads", ours, two, must=1.3, goal=1.1)
    yield ratio("V3", f"verify {what}, to sha256sum", ours, serial, must=0.2, goal=0.09)
    yield ratio("V3", f"verify {what}, to two sha256sum at once", ours, parallel)
    # It takes as long whatever the size: the bounds are for what is as large as models are.
    must, goal = (0.02, 0.005) if size >= 1024 else (None, None)
    yield ratio("V4", f"verify again, nothing changed, {what}", known, hub, must=must, goal=goal)


def _from_disk(folder: Path, size: int, rounds: int) -> Iterator[Row]:
    root, home = folder / "hub", folder / "home"
    blobs = _make_model(root, size << 20)

    def cold() -> Path:
        for blob in blobs:
            forget(blob)
        return _forget(home)

    def read(*words: str) -> Reading:
        cold()
        return command(*words, *blobs)

    ours, cat, serial = in_turn(
        rounds,
        partial(run, cold, partial(_verify, root, size << 20)),
        partial(read, "sh", "-c", 'cat "$@" > /dev/null', "sh"),
        partial(read, "sha256sum"),
    )
    what = f"{size:,} MiB, cold from the disk"
    yield ratio("V2", f"verify {what}, to cat", ours, cat, must=1.3, goal=1.1)
    yield ratio("V3", f"verify {what}, to sha256sum", ours, serial)


def _small_files(folder: Path, rounds: int) -> Iterator[Row]:
    root, home = folder / "hub", folder / "home"
    count, size = _SMALL
    repo = make_model(root, "org/many", 0, 0, files=count, each=size)
    names = _listed(folder, sorted((repo / "blobs").iterdir()))
    ours, known, serial = in_turn(
        rounds,
        partial(run, partial(_forget, home), partial(_verify, root, count * size)),
        partial(run, lambda: home, partial(_verify, root, 0)),
        partial(command, "xargs", "-a", names, "sha256sum"),
    )
    what = f"{count:,} × {size >> 10} KiB"
    yield ratio("V5", f"verify {what}, to sha256sum", ours, serial)
    yield ratio("V5", f"verify again, nothing changed, {what}", known, serial)


def _verify(root: Path, reads: int, home: Path) -> Verification:
    os.environ["MODELKEEP_HOME"] = os.fspath(home)
    with Catalog() as catalog:
        plan = plan_verification([(model, None) for model in scan(root).models], catalog)
        result = execute_verification(plan, catalog)
    assert not result.failures, result.failures
    assert result.bytes_read >= reads if reads else result.bytes_read == 0
    return result


def _verify_by_hub(blobs: Sequence[Path]) -> None:
    """What the Hub's client does of `hf cache verify` once it has the listing."""
    listed = {blob.name: _as_listed(blob) for blob in blobs}
    found = verify_maps(
        remote_by_path=listed,
        local_by_path={blob.name: blob for blob in blobs},
        revision="",
        verified_path=Path(),
    )
    assert not found.mismatches, found


def _as_listed(blob: Path) -> RepoFile:
    size = blob.stat().st_size
    file = RepoFile(path=blob.name, size=size, oid="0" * 40)  # type: ignore[no-untyped-call]
    file.lfs = BlobLfsInfo(size=size, sha256=blob.name, pointer_size=0)
    return file


def _hash_only(size: int, threads: int) -> None:
    """SHA-256 over so many bytes that need not be read, shared out to threads."""
    block = os.urandom(_BLOCK)

    def work() -> None:
        digest = hashlib.sha256()
        for _ in range(size // threads // _BLOCK):
            digest.update(block)

    crew = [Thread(target=work) for _ in range(threads)]
    for thread in crew:
        thread.start()
    for thread in crew:
        thread.join()


def _forget(home: Path) -> Path:
    shutil.rmtree(home, ignore_errors=True)
    return home


def _listed(folder: Path, blobs: Sequence[Path]) -> Path:
    names = folder / "names"
    names.write_text("".join(f"{blob}\n" for blob in blobs))
    return names


def _make_model(root: Path, size: int) -> list[Path]:
    """A model whose headers are right; returns its contents."""
    repo, commit = root / "models--org--model", "c" * 40
    snapshot = repo / "snapshots" / commit
    for place in (snapshot, repo / "blobs", repo / "refs", repo / "trees"):
        place.mkdir(parents=True)
    listing, blobs = {}, []
    for number in range(_SHARDS):
        name = f"model-{number + 1:05}-of-{_SHARDS:05}.safetensors"
        sha = _write(repo / "blobs" / "new", size // _SHARDS)
        blob = (repo / "blobs" / "new").rename(repo / "blobs" / sha)
        (snapshot / name).symlink_to(f"../../blobs/{sha}")
        listing[name] = {"size": blob.stat().st_size, "blob_id": "0" * 40, "lfs_sha256": sha}
        blobs.append(blob)
    (repo / "trees" / f"{commit}.json").write_text(json.dumps({"format_version": 1, "files": listing}))
    (repo / "refs" / "main").write_text(commit)
    return blobs


def _write(path: Path, size: int) -> str:
    """A safetensors file with one tensor of `size` random bytes; returns its SHA-256."""
    tensor = {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}
    header = json.dumps({"weight": tensor}).encode()
    digest = hashlib.sha256()
    with path.open("wb") as file:
        pieces: list[Callable[[], bytes]] = [lambda: len(header).to_bytes(8, "little") + header]
        pieces += [partial(os.urandom, min(1 << 20, size - at)) for at in range(0, size, 1 << 20)]
        for piece in pieces:
            data = piece()
            digest.update(data)
            file.write(data)
    return digest.hexdigest()


if __name__ == "__main__":
    main(measure, __doc__, sizes=[256, 1024], quick=[256], rounds=9, unit="MiB")
