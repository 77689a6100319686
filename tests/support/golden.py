"""A cache that anything may happen to, and what has to be so whatever happened to it.

The golden rule: no operation of ours makes a model fail to load that it was not about; what a plan promises to free
is what the disk gains; what is wrong after a crash, one repair mends.
"""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from huggingface_hub import scan_cache_dir, snapshot_download
from huggingface_hub.errors import LocalEntryNotFoundError

from modelkeep.cache.scan import scan
from modelkeep.cache.trash_journal import GOING, contents, entry_folder, entry_names, read_journal
from modelkeep.doctor.findings import DAY
from support.archives import dss_zip, entries
from support.hub import HubServer
from support.models import safetensors_file

__all__ = [
    "COMMITS",
    "COMMON",
    "MODELS",
    "Key",
    "Loaded",
    "agree",
    "end_before_step",
    "hub",
    "later",
    "loads",
    "photograph",
    "still_loads",
    "usage",
    "write_archives",
]


def _weights(name: str, size: int) -> bytes:
    header = {"w": {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}}
    return safetensors_file(header, random.Random(name).randbytes(size))


COMMON = random.Random("common").randbytes(9000)
"""A content that most of them have."""

_CONFIG = b'{"model_type": "bert"}'
_A, _B, _C = _weights("a", 5000), _weights("b", 13000), _weights("c", 100)


class Key(NamedTuple):
    """A repository."""

    type: str
    id: str

    @property
    def folder(self) -> str:
        return f"{self.type}s--{self.id.replace('/', '--')}"

    @property
    def text(self) -> str:
        """As Modelkeep names it."""
        return f"hf@{self.id}" if self.type == "model" else f"hf-{self.type}@{self.id}"


MODELS: Mapping[Key, Sequence[Mapping[str, bytes]]] = {
    Key("model", "org/alpha"): [
        {"config.json": _CONFIG, "common.bin": COMMON, "model.safetensors": _A},
        {"config.json": b"{}", "common.bin": COMMON, "model.safetensors": _A, "sub/vocab.txt": b"a b"},
        {"config.json": b"{}", "model.safetensors": _C},
    ],
    Key("model", "org/beta"): [
        {"config.json": _CONFIG, "common.bin": COMMON, "sub/model.safetensors": _B},
        {"config.json": _CONFIG, "model.safetensors": _A},
    ],
    Key("model", "org/gamma"): [
        {"config.json": _CONFIG, "common.bin": COMMON},
        {"config.json": b"[]", "common.bin": COMMON, "deep/er/again.bin": COMMON, "model.safetensors": _B},
    ],
    Key("dataset", "org/data"): [{"README.md": b"# Data", "common.bin": COMMON}],
}
"""All that may be in the cache: the revisions of each repository, the newest last. They share contents."""


def _repositories(server: HubServer) -> dict[Key, list[str]]:
    return {
        key: [server.add(key.id, files, repo_type=key.type) for files in revisions]
        for key, revisions in MODELS.items()
    }


COMMITS: Mapping[Key, Sequence[str]] = _repositories(HubServer())


@contextmanager
def hub() -> Iterator[str]:
    """A hub that has them all, in a process of its own, since the tests fork; its endpoint."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "support.golden"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, env=environment, text=True, **pipes) as process:  # type: ignore[call-overload]
        yield process.stdout.readline().strip()
        process.communicate()  # the end of its input ends it


def main() -> None:
    with HubServer() as server:
        _repositories(server)
        print(server.endpoint, flush=True)
        sys.stdin.read()


def write_archives(folder: Path) -> dict[tuple[Key, int, bool], Path]:
    """An archive of each revision, by its repository, number, and whether only a part of its files is in it."""
    made = {}
    for key, revisions in MODELS.items():
        for number, files in enumerate(revisions):
            for partial in (False, True):
                some = dict(list(files.items())[:-1]) if partial else files
                path = folder / f"{key.folder}-{number}{'-partial' if partial else ''}.zip"
                inside = entries(some, key=key.text, commit=COMMITS[key][number])
                made[key, number, partial] = dss_zip(path, inside)
    return made


def later() -> float:
    """A time at which everything of this test is old."""
    return time.time() + 3 * DAY


# ---- what loads


class Loaded(NamedTuple):
    """What the Hub's client gives out: a commit, and the digests of its files, "" of one that cannot be read."""

    commit: str
    files: dict[str, str]


Loads = dict[tuple[Key, str], Loaded]


def loads(root: Path, keys: Iterable[Key] = MODELS.keys()) -> Loads:
    """All that the Hub's client loads offline, by its refs and its commits."""
    found = {}
    for key in keys:
        repo = root / key.folder
        refs = [
            path.relative_to(repo / "refs").as_posix()
            for path in (repo / "refs").rglob("*")
            if path.is_file()
        ]
        here = [path.name for path in (repo / "snapshots").glob("*")]
        for name in (*refs, *here):
            try:
                folder = snapshot_download(
                    key.id, repo_type=key.type, revision=name, cache_dir=root, local_files_only=True
                )
            except LocalEntryNotFoundError:
                continue
            files = {
                os.path.relpath(os.path.join(place, file), folder): _digest(os.path.join(place, file))
                for place, _, names in os.walk(folder)
                for file in names
            }
            found[key, name] = Loaded(os.path.basename(folder), files)
    return found


def _digest(path: str) -> str:
    try:
        with open(path, "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()
    except OSError:
        return ""


def still_loads(
    before: Loads, after: Loads, may: Callable[[Key, str, str], bool], moves: Sequence[tuple[Key, str]] = ()
) -> None:
    """Whatever loaded before loads now with the same bytes, but for what the operation was about.

    `may` says of a file of a commit whether it may have changed; a whole commit is asked by the file "". `moves` are
    refs that may lead to another commit.
    """
    for (key, name), (commit, files) in before.items():
        if may(key, commit, ""):
            continue
        now = after.get((key, name))
        assert now is not None, f"{key.id}@{name} does not load any more"
        if (key, name) in moves and now.commit != commit:
            continue
        assert now.commit == commit, f"{key.id}@{name} is another revision"
        for file, digest in files.items():
            if digest and not may(key, commit, file):
                assert now.files.get(file) == digest, f"{key.id}@{name} {file} is not what it was"


# ---- what it takes


def usage(root: Path) -> int:
    """Bytes on disk of a root, without what every change makes: the locks, our folders, the journals of the trash."""
    seen: dict[tuple[int, int], int] = {}
    ours = root / ".modelkeep"
    places = [path for path in root.iterdir() if path.name not in (".locks", ".modelkeep")]
    places += [
        path for path in (*ours.glob("*"), *ours.glob("staging/*")) if path.name not in ("trash", "staging")
    ]
    for name in entry_names(root.as_posix()):
        folder = entry_folder(root.as_posix(), name)
        is_whole = not name.endswith(GOING) and read_journal(folder) is not None
        places += map(Path, contents(folder)) if is_whole else [folder]
    for place in places:
        inside = [os.path.join(f, n) for f, folders, names in os.walk(place) for n in (*folders, *names)]
        for path in (os.fspath(place), *inside):
            status = os.lstat(path)
            seen[status.st_dev, status.st_ino] = status.st_blocks * 512
    return sum(seen.values())


def photograph(root: Path) -> dict[str, tuple[object, ...]]:
    """Everything about a cache that a restore has to bring back: types, contents, links, modes, times."""
    seen: dict[str, tuple[object, ...]] = {}
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name not in (".locks", ".modelkeep")]
        for name in (*folders, *files):
            path = os.path.join(folder, name)
            status = os.lstat(path)
            what = os.readlink(path) if os.path.islink(path) else _digest(path)
            if not name.endswith(".lock"):
                times = () if folder == str(root) else (status.st_mtime_ns,)
                seen[os.path.relpath(path, root)] = (what, status.st_mode, *times)
    return seen


def agree(root: Path) -> None:
    """Where the Hub's client sees a repository, we see the same; where it does not, we see what is wrong."""
    info = scan_cache_dir(root)
    models = {Path(model.path): model for model in scan(root).models}
    for repo in info.repos:
        model = models.pop(repo.repo_path)
        ours = {
            (
                one.commit,
                one.size,
                frozenset(one.refs),
                frozenset((f.path, f.size) for f in one.files if f.blob),
            )
            for one in model.revisions
        }
        theirs = {
            (
                one.commit_hash,
                one.size_on_disk,
                one.refs,
                frozenset((str(file.file_path), file.size_on_disk) for file in one.files),
            )
            for one in repo.revisions
        }
        assert ours == theirs, (ours ^ theirs, model.problems)
        assert (model.size, model.file_count) == (repo.size_on_disk, repo.nb_files)
    for path, model in models.items():
        assert model.problems, f"the Hub's client does not see {path}, and nothing is wrong with it"


# ---- a kill


def end_before_step(step: int, below: Path) -> None:
    """End this process before it changes the disk below a folder for the nth time. There is no way back."""
    left = [step]
    prefix = os.fspath(below)

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = arguments
            if not isinstance(flags, int) or not flags & (os.O_WRONLY | os.O_RDWR):
                return
        elif event in _CHANGES:
            path = arguments[0]
        else:
            return
        if isinstance(path, str | os.PathLike) and os.fspath(path).startswith(prefix):
            left[0] -= 1
            if left[0] < 0:
                os._exit(9)

    sys.addaudithook(hook)


_CHANGES = {
    "os.rename",
    "os.link",
    "os.symlink",
    "os.mkdir",
    "os.remove",
    "os.rmdir",
    "os.truncate",
    "os.utime",
}

if __name__ == "__main__":
    main()
