"""Pushing a model to an S3 store and fetching it, against the clients that everybody has.

R1 is a model that is pushed to an empty store and fetched into an empty cache, R2 one that is pushed again with one
small file changed: by whole processes that know nothing of it before, and the same files by `aws s3`, `rclone` and
`s5cmd`, each pair in turn on the same server. Each fetches what it has pushed. What counts is the best of the first
two. What hashing costs is what a push of the same files takes when no cache has named them yet.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

from figures import Row, main, ratio
from modelkeep.cache import layout
from pairs import Reading, in_turn
from s3 import Bucket, Client, a_bucket, clients
from samples import disk_folder, make_model, settle

_MODELKEEP = Path(sys.executable).with_name("modelkeep")
_SHARDS = 4
_FILES = 2_000
_QUICK_FILES = 400
_QUICK = 1024  # MiB; of less there are fewer small files
_EACH = 4_000  # bytes of a small file
_CHANGED = "part-1/piece-1.json"
_COUNTS = ("aws s3", "rclone")

Pairs = tuple[list[Reading], list[Reading]]


def measure(sizes: Sequence[int], rounds: int) -> Iterator[Row | str]:
    if not clients():
        yield "Remotes: skipped, for there is no other client here (aws, rclone or s5cmd)."
        return
    for size in sizes:
        files = _FILES if size >= _QUICK else _QUICK_FILES
        with disk_folder() as folder, a_bucket(folder) as bucket:
            if bucket is None:
                yield "Remotes: skipped, for there is no S3 server here (radosgw or rclone)."
                return
            yield f"S3 server: {bucket.server.kind}"
            model = Model(bucket, f"{size:,} MiB + {files:,} small", size << 20, files)
            yield from _all(model, rounds)
            yield _hashing(model, rounds)
            yield from _all(Model(bucket, f"{files:,} small files", 1 << 20, files), rounds)


def _all(model: Model, rounds: int) -> Iterator[Row]:
    done: dict[str, dict[str, Pairs]] = {"push": {}, "push again": {}, "fetch": {}}
    for client in clients():
        for how, race in zip(done, (_push, _push_again, _fetch), strict=True):
            done[how][client.name] = race(model, client, rounds)
        model.bucket.clear("ours", "theirs")
    for how, pairs in done.items():
        counting = {name: pair for name, pair in pairs.items() if name in _COUNTS} or pairs
        best = min(counting, key=lambda name: median(one["wall"] for one in counting[name][1]))
        what = f"{how}, one changed," if how == "push again" else f"{how} {model.what}"
        code, must = ("R2", 3.0) if how == "push again" else ("R1", 1.3)
        for name, (ours, theirs) in pairs.items():
            if name == best:
                yield ratio(code, f"{what} against {name} (best)", ours, theirs, must=must, goal=1.0)
            else:
                yield ratio("", f"{what} against {name}", ours, theirs)


class Model:
    """A model in a cache of its own, and how it is moved. `snapshot` is the folder that has its files by name."""

    def __init__(self, bucket: Bucket, what: str, size: int, files: int) -> None:
        self.bucket = bucket
        self.what = what
        self.root = bucket.folder / "hub"
        shutil.rmtree(self.root, ignore_errors=True)
        shards = _SHARDS if size >= 1 << 26 else 1
        self.repo = make_model(self.root, "org/name", shards, size, files=files, each=_EACH)
        settle(self.root)
        self._changes = 0

    @property
    def snapshot(self) -> Path:
        return self.repo / "snapshots" / (self.repo / "refs" / "main").read_text()

    def change(self) -> None:
        """Make another revision of it, in which one small file is another."""
        self._changes += 1
        old = self.snapshot
        commit = hashlib.sha1(f"change {self._changes}".encode()).hexdigest()
        shutil.copytree(old, old.with_name(commit), symlinks=True)
        content = b'{"changed": %d}' % self._changes
        name = hashlib.sha1(layout.git_blob_header(len(content)) + content).hexdigest()
        (self.repo / "blobs" / name).write_bytes(content)
        link = old.with_name(commit) / _CHANGED
        link.unlink()
        link.symlink_to(f"../../../blobs/{name}")
        (self.repo / "refs" / "main").write_text(commit)
        shutil.rmtree(old)

    def push(self, place: str, *source: str | Path) -> Reading:
        words = [
            "push",
            *(source or ("org/name",)),
            "--remote",
            self.bucket.url(place),
            "--root",
            self.root,
            "-y",
        ]
        return self.bucket.run(_MODELKEEP, *words)

    def fetch(self, place: str, root: Path) -> Reading:
        url = self.bucket.url(place)
        return self.bucket.run(_MODELKEEP, "fetch", "org/name", "--remote", url, "--root", root, "-y")


# ---- the races: what both of them took, round by round


def _push(model: Model, client: Client, rounds: int) -> Pairs:
    bucket = model.bucket

    def ours() -> Reading:
        _begin(bucket)
        return model.push("ours")

    def theirs() -> Reading:
        bucket.clear("theirs")
        return client.push(bucket, model.snapshot, "theirs")

    mine, other = in_turn(rounds, ours, theirs)
    return mine, other


def _push_again(model: Model, client: Client, rounds: int) -> Pairs:
    """Each time after a change of its own."""
    bucket = model.bucket

    def ours() -> Reading:
        model.change()
        return model.push("ours")

    def theirs() -> Reading:
        model.change()
        return client.push_again(bucket, model.snapshot, "theirs")

    mine, other = in_turn(rounds, ours, theirs)
    return mine, other


def _fetch(model: Model, client: Client, rounds: int) -> Pairs:
    bucket = model.bucket
    target = bucket.folder / "fetched"

    def empty() -> Path:
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir()
        subprocess.run(["sync", "-f", target], check=True)
        return target

    def ours() -> Reading:
        _forget_us(bucket)
        return model.fetch("ours", empty())

    mine, other = in_turn(rounds, ours, lambda: client.fetch(bucket, "theirs", empty()))
    shutil.rmtree(target)
    return mine, other


def _hashing(model: Model, rounds: int) -> Row:
    """A folder of the same files has to be hashed before anything of it has a name there."""
    bucket = model.bucket
    plain = bucket.folder / "plain"
    subprocess.run(["cp", "-rL", model.snapshot, plain], check=True)
    subprocess.run(["sync", "-f", plain], check=True)

    def unnamed() -> Reading:
        _begin(bucket)
        return model.push("ours", plain, "--to", "org/name")

    def named() -> Reading:
        _begin(bucket)
        return model.push("ours")

    before, during = in_turn(rounds, unnamed, named)
    shutil.rmtree(plain)
    return ratio("R1", "push as a folder, hashed before, against as a model", before, during, must=1.6)


def _begin(bucket: Bucket) -> None:
    bucket.clear("ours")
    _forget_us(bucket)


def _forget_us(bucket: Bucket) -> None:
    """As if we were never here: no catalog, no rows, no manifests."""
    shutil.rmtree(bucket.folder / "home", ignore_errors=True)


if __name__ == "__main__":
    main(measure, __doc__, sizes=[2048], quick=[256], rounds=3, unit="MiB of weights")
