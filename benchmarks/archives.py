"""Exporting and importing a model of two shards, against `cp`, `cat`, `zip`, `unzip` and Python's own archives.

In memory, where only the processor counts, and on the disk, from cold files to bytes that are flushed. Ours works out
CRC-32 and SHA-256 on the way; `cp` and `cat` check nothing. E6 is memory over that of an idle process.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from figures import Row, main, ratio, value
from modelkeep import exchange  # noqa: F401  a library loads it when it is first needed; here it is warm
from modelkeep.archive import import_plan  # noqa: F401
from modelkeep.library import Library, open_library
from modelkeep.rows import Selection
from pairs import Reading, command, in_turn, run
from samples import block_sharing_folder, disk_folder, forget, make_model, memory_folder

_NAME = "org/model"
_SHARDS = 2
_DEFLATED = 128  # MiB for what deflates, at 50 MB a second


def measure(sizes: Sequence[int], rounds: int) -> Iterator[Row | str]:
    for size in sizes:
        with memory_folder(5 * size << 20) as folder:
            if folder is None:
                yield f"{size} MiB in memory: skipped, /dev/shm has less than five times as much free."
            else:
                place = Place(folder, size)
                yield from _exports(place, f"{size:,} MiB in memory", rounds)
                yield from _imports(place, f"{size:,} MiB in memory", rounds)
        with memory_folder(5 * _DEFLATED << 20) as folder:
            if folder is not None:
                yield from _deflating(Place(folder, _DEFLATED), f"{_DEFLATED} MiB in memory")
        with disk_folder() as folder:
            place = Place(folder, size, cold=True)
            yield from _on_disk(place, f"{size:,} MiB on disk", max(2, rounds // 2))
    with block_sharing_folder(4 * min(sizes) << 20) as folder:
        if folder is None:
            yield "Sharing blocks: skipped, for it takes the superuser, loop mounts, and mkfs.xfs or mkfs.btrfs."
        else:
            yield from _sharing_blocks(Place(folder, min(sizes)), f"{min(sizes):,} MiB", rounds)


class Place:
    """A folder with a model of `size` MiB in a cache, and what can be done there.

    Where it is `cold`, files come from the disk each time, and have to be on it in the end.
    """

    def __init__(self, folder: Path, size: int, *, cold: bool = False) -> None:
        self.folder = folder
        self.size = size
        self.cold = cold
        self.root = folder / "hub"
        self.out = folder / "out"
        self.archive = folder / "model.zip"
        repository = make_model(self.root, _NAME, shards=_SHARDS, size=size << 20)
        self.snapshot = next((repository / "snapshots").iterdir())
        self.weights = sorted(path.resolve() for path in self.snapshot.glob("*.safetensors"))

    def begin(self) -> None:
        """Empty the folder that is written to, and have the sources where they are to be read from."""
        shutil.rmtree(self.out, ignore_errors=True)
        self.out.mkdir()
        # What an earlier run left to be written must not be written in this one's time.
        subprocess.run(["sync", "-f", self.folder], check=True)
        for source in (*self.weights, self.archive) if self.cold else ():
            forget(source)

    def keep_archive(self) -> None:
        """Have an archive of ours to import."""
        self.export()
        (self.out / "model.zip").rename(self.archive)

    # ---- ours

    def export(self) -> Reading:
        return self._run(self.root, "out/home", partial(_export, self.out / "model.zip"))

    def export_known(self) -> Reading:
        """Export again what was exported before: its checksums are remembered."""
        return self._run(self.root, "home", partial(_export, self.out / "model.zip"))

    def import_(self) -> Reading:
        return self._run(self.out / "hub", "out/home", partial(_import, self.archive))

    def import_present(self) -> Reading:
        """Import again what was imported before: all of it is there, and was verified."""
        return self._run(self.folder / "second", "home", partial(_import, self.archive))

    def _run(self, root: Path, home: str, work: Callable[[Library], None]) -> Reading:
        """Work in a library of its own process; one with a `home` in `out` remembers nothing."""

        def prepare() -> Library:
            os.environ["MODELKEEP_HOME"] = os.fspath(self.folder / home)
            library = open_library([root])
            library.inventory(root)
            return library

        self.begin()
        root.mkdir(exist_ok=True)
        free = shutil.disk_usage(self.folder).free
        reading = run(prepare, work)
        return reading | {"space": max(0, free - shutil.disk_usage(self.folder).free)}

    # ---- peers

    def cp(self, *sources: str | Path) -> Reading:
        return self._shell('cp "$@" "$OUT/"', *sources)

    def cat(self, *sources: Path) -> Reading:
        return self._shell('cat "$@" > "$OUT/whole"', *sources)

    def zip(self) -> Reading:
        return self._shell('zip -0 -q -r "$OUT/whole.zip" "$@"', self.snapshot)

    def unzip(self) -> Reading:
        return self._shell('unzip -q -d "$OUT" "$@"', self.archive)

    def _shell(self, line: str, *sources: str | Path) -> Reading:
        self.begin()
        flush = ' && find "$OUT" -type f -exec sync {} +' if self.cold else ""
        return command("sh", "-c", line + flush, "sh", *sources, OUT=os.fspath(self.out))

    def zipfile(self) -> Reading:
        self.begin()
        return run(lambda: self.weights, partial(_zip_stored, self.out / "whole.zip"))

    def make_archive(self) -> Reading:
        self.begin()
        return run(lambda: self.snapshot, partial(shutil.make_archive, os.fspath(self.out / "whole"), "zip"))

    def extractall(self) -> Reading:
        self.begin()
        return run(lambda: self.archive, partial(_extract, self.out))


def _export(target: Path, library: Library) -> None:
    plan = library.archives.plan_export([Selection(os.fspath(library.roots[0]), _NAME)], target)
    result = library.archives.export(plan)
    assert not result.failures, result.failures


def _import(archive: Path, library: Library) -> None:
    result = library.archives.run_import(library.archives.plan_import([archive]))
    assert not result.failures, result.failures


def _zip_stored(target: Path, weights: Sequence[Path]) -> None:
    with target.open("wb") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            for path in weights:
                archive.write(path, path.name)
        file.flush()
        os.fsync(file.fileno())


def _extract(target: Path, source: Path) -> None:
    with zipfile.ZipFile(source) as archive:
        archive.extractall(target)


# ---- what is measured


def _exports(place: Place, what: str, rounds: int) -> Iterator[Row]:
    ours, cp, stored, zipped = in_turn(
        rounds, place.export, partial(place.cp, *place.weights), place.zipfile, place.zip
    )
    yield ratio("E2", f"export against cp, {what}", ours, cp, must=2.0, goal=1.2)
    yield ratio("E4", f"export against zipfile, stored, {what}", ours, stored, must=0.5, goal=0.33)
    yield ratio("E4", f"export against zip -0, {what}", ours, zipped, must=0.22)
    yield value("E6", f"memory of an export, {what}", ours, of="peak", must=64, goal=16)


def _imports(place: Place, what: str, rounds: int) -> Iterator[Row]:
    place.keep_archive()
    ours, cp, extracted, unzipped = in_turn(
        rounds, place.import_, partial(place.cp, place.archive), place.extractall, place.unzip
    )
    yield ratio("I1", f"import against cp, {what}", ours, cp)
    yield ratio("I2", f"import against extractall, {what}", ours, extracted, must=1.0, goal=0.5)
    yield ratio("I2", f"import against unzip, {what}", ours, unzipped, must=0.4, goal=0.2)
    yield value("E6", f"memory of an import, {what}", ours, of="peak", must=64, goal=16)
    present, cat = in_turn(rounds, place.import_present, partial(place.cat, place.archive))
    yield ratio("I3", f"import of what is there, against cat, {what}", present, cat, must=0.05, goal=0.02)


def _deflating(place: Place, what: str) -> Iterator[Row]:
    ours, deflated = in_turn(1, place.export, place.make_archive)
    yield ratio("E3", f"export against make_archive, {what}", ours, deflated, must=0.04, goal=0.025)


def _on_disk(place: Place, what: str, rounds: int) -> Iterator[Row]:
    ours, cat, stored = in_turn(rounds, place.export, partial(place.cat, *place.weights), place.zipfile)
    yield ratio("E1", f"export against cat, {what}", ours, cat, must=1.4, goal=1.05)
    yield ratio("E4", f"export against zipfile, stored, {what}", ours, stored, must=0.5, goal=0.33)
    place.keep_archive()
    ours, cat = in_turn(rounds, place.import_, partial(place.cat, place.archive))
    yield ratio("I1", f"import against cat, {what}", ours, cat, must=1.4, goal=1.05)


def _sharing_blocks(place: Place, what: str, rounds: int) -> Iterator[Row]:
    place.keep_archive()
    cp = partial(place.cp, "--reflink=never", *place.weights)
    exported, imported, copied = in_turn(rounds, place.export_known, place.import_, cp)
    yield ratio("E5", f"export of known contents against cp, {what}", exported, copied, must=0.10, goal=0.02)
    yield value("E5", f"disk space for that, {what}", exported, of="space", goal=0.01 * place.size)
    yield ratio("I4", f"import by shared blocks against cp, {what}", imported, copied)
    yield value("I4", f"disk space for that, {what}", imported, of="space", goal=0.01 * place.size)


if __name__ == "__main__":
    if sys.platform == "win32":
        sys.exit("The peers of this one are programs of Unix.")
    main(measure, __doc__, sizes=[1024], quick=[512], rounds=5, unit="MiB of weights")
