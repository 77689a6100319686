"""What every round begins with: a cache with models in several states, another cache, an archive, and a hub."""

from __future__ import annotations

import os
import random
import shutil
import time
from collections.abc import Mapping
from pathlib import Path

from modelkeep import open_library
from modelkeep.library import Library
from support.archives import dss_zip, entries
from support.caches import CacheMaker
from support.models import safetensors_file, write_files

__all__ = ["ARRIVING", "FETCHED", "MODELS", "PUSHED", "UNTOUCHED", "World", "model_files"]

Files = Mapping[str, bytes]


def model_files(name: str, size: int, **more: bytes) -> dict[str, bytes]:
    """A model of one tensor of `size` random bytes, always the same ones for a name."""
    chance = random.Random(name)
    header = {"w": {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}}
    weights = safetensors_file(header, chance.randbytes(size))
    return {
        "config.json": b'{"model_type": "bert", "name": "%s"}' % name.encode(),
        "README.md": b"# %s\n" % name.encode(),
        "model.safetensors": weights,
        **more,
    }


_COMMON = random.Random("common").randbytes(300_000)
"""A content that several models have."""

MODELS: dict[str, list[dict[str, bytes]]] = {
    "org/quiet": [model_files("quiet", 200_000, **{"common.bin": _COMMON})],
    "org/sharing": [model_files("sharing", 100_000, **{"common.bin": _COMMON})],
    "org/kept": [model_files("kept", 400_000, **{"common.bin": _COMMON})],
    "org/two": [model_files("two", 250_000), model_files("two", 250_000, **{"new.txt": b"new"})],
}
"""The revisions of each model that is in the cache when a round begins, the newest last."""

UNTOUCHED = ("org/quiet", "org/sharing")
"""Models that no operation is about."""

ARRIVING = model_files("arriving", 900_000, **{"common.bin": _COMMON, "sub/vocab.txt": b"a\nb\n"})
FETCHED = model_files("fetched", 900_000, **{"tokenizer.json": b"{}", "sub/vocab.txt": b"a\nb\n"})
PUSHED = model_files("pushed", 900_000, **{"sub/vocab.txt": b"a\nb\n"})
ILL = model_files("ill", 150_000)


class World:
    """The folder of a round. `keep` remembers how it is now, `again` makes it so once more, at the same place."""

    def __init__(self, folder: Path, hub: str) -> None:
        self.folder = folder
        self.hub = hub
        self.place = folder / "place"
        self.root = self.place / "hub"
        self.other = self.place / "other"
        self.archive = self.place / "arriving.zip"
        self.pushed = self.place / "pushed"
        self.exported = self.place / "exported"

    def environment(self) -> dict[str, str]:
        """What every process of the round has besides its own."""
        home = os.fspath(self.place / "home")
        return {
            "HOME": home,
            "MODELKEEP_HOME": f"{home}/modelkeep",
            "HF_HOME": f"{home}/hf",
            "HF_ENDPOINT": self.hub,
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
            "HF_HUB_DISABLE_TELEMETRY": "1",
        }

    def library(self) -> Library:
        return open_library([self.root])

    def build(self) -> None:
        """Make all of it."""
        self.place.mkdir(parents=True)
        cache = CacheMaker(self.root)
        for name, revisions in MODELS.items():
            for number, files in enumerate(revisions):
                refs = ("main",) if number == len(revisions) - 1 else (f"v{number}",)
                cache.add(name, files, refs=refs)
        for name in ("org/quiet", "org/sharing"):
            cache.share(name, _COMMON)
        CacheMaker(self.other).add("org/kept", MODELS["org/kept"][0])
        dss_zip(self.archive, entries(ARRIVING, key="hf@org/arriving"))
        write_files(self.pushed, PUSHED)
        self.exported.mkdir()

    def make_ill(self) -> None:
        """Damage and waste of many kinds, in a model of its own."""
        cache = CacheMaker(self.root)
        cache.add("org/ill", ILL)
        cache.set_ref("org/ill", "gone", "4" * 40)
        cache.write_tree("org/ill", "3" * 40, ILL)
        old = time.time() - 10 * 86400
        os.utime(cache.orphan("org/ill", b"nobody's" * 9000), (old, old))
        os.utime(cache.incomplete("org/ill", 9000), (old, old))
        cache.add("org/copied", ILL, linked=False)
        cache.add("org/copied", ILL, commit="5" * 40, refs=("v5",))

    def corrupt(self) -> None:
        """One wrong byte in the weights of a model, which keeps its size."""
        [blob] = (self.root / "models--org--kept").glob("snapshots/*/model.safetensors")
        with blob.resolve().open("r+b") as file:
            file.seek(-10, os.SEEK_END)
            byte = file.read(1)
            file.seek(-10, os.SEEK_END)
            file.write(bytes([byte[0] ^ 1]))

    def keep(self, state: str) -> None:
        target = self.folder / f"state-{state}"
        shutil.copytree(self.place, target, symlinks=True)

    def again(self, state: str) -> None:
        shutil.rmtree(self.place, ignore_errors=True)
        shutil.copytree(self.folder / f"state-{state}", self.place, symlinks=True)
