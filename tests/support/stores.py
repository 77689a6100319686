"""Stores in folders, and revisions to push to them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from modelkeep.archive.incoming import derived_commit
from modelkeep.errors import WrongContent
from modelkeep.hub.push_plan import PushResult
from modelkeep.keys import ModelKey
from modelkeep.remote.folder.objects import FolderObjects
from modelkeep.remote.objects import Content, ObjectInfo
from modelkeep.remote.remote import Offer
from modelkeep.remote.store import StoreRemote
from modelkeep.remote.values import Lineage, Manifest, ManifestFile
from modelkeep.streams import FileStream, Stream
from support.caches import etag, sha256

__all__ = [
    "KEY",
    "LooseObjects",
    "WatchedLooseObjects",
    "WatchedObjects",
    "content_of",
    "files_of",
    "folder_store",
    "manifest",
    "offer",
    "push",
    "start_process",
]

KEY = ModelKey("org/model")
TESTS = Path(__file__).parent.parent


class LooseObjects(FolderObjects):
    """A folder as a place whose `create` asks and then writes, as on an S3 server without conditional writes."""

    @property
    def is_exclusive(self) -> bool:
        return False

    def create(self, name: str, content: bytes) -> bool:
        if self.info(name) is not None:
            return False
        self.put(name, content)
        return True


def folder_store(path: Path, name: str = "", *, loose: bool = False) -> StoreRemote:
    """A store in a folder, which is made."""
    path.mkdir(parents=True, exist_ok=True)
    return StoreRemote(LooseObjects(path) if loose else FolderObjects(path), name)


def manifest(
    files: Mapping[str, bytes],
    key: ModelKey = KEY,
    *,
    description: str = "",
    parent: str = "",
    is_complete: bool = True,
    created_by: str = "alice",
    created_at: float = 1_700_000_000.0,
) -> Manifest:
    """What a revision of these files is."""
    listed = tuple(
        ManifestFile(path, len(content), sha256(content), etag(path, content))
        for path, content in sorted(files.items())
    )
    commit = key.revision or derived_commit({file.path: file.etag for file in listed})
    return Manifest(
        key.at(commit),
        listed,
        is_complete,
        lineage=Lineage(parent, parent),
        description=description,
        created_at=created_at,
        created_by=created_by,
    )


def offer(
    folder: Path,
    files: Mapping[str, bytes],
    key: ModelKey = KEY,
    *,
    ref: str = "main",
    tags: Iterable[str] = (),
    message: str = "",
    said: Manifest | None = None,
) -> Offer:
    """A revision of these files, which are written below `folder`."""
    sources = {}
    said = said or manifest(files, key)
    own = (
        folder
        / sha256(repr(sorted((path, sha256(content)) for path, content in files.items())).encode())[:12]
    )
    for path, content in files.items():
        place = own / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        sources[path] = str(place)

    def read(path: str, start: int, stop: int | None) -> Stream:
        return FileStream(sources[path], start=start, stop=stop)

    return Offer(said, read, ref, tuple(tags), message, str(folder), sources)


def push(store: StoreRemote, one: Offer) -> PushResult:
    """Plan it and send it."""
    return store.push(one, store.plan_push(one))


def content_of(store: StoreRemote, said: Manifest, path: str) -> bytes:
    """A file as it is fetched; fails when it is not what the manifest says."""
    [file] = [file for file in said.files if file.path == path]
    content = bytearray()
    buffer = memoryview(bytearray(1 << 16))
    with store.fetch(said, path) as stream:
        while count := stream.readinto(buffer):
            content += buffer[:count]
    if sha256(bytes(content)) != file.sha256:
        raise WrongContent(path)
    return bytes(content)


def files_of(store: StoreRemote, key: ModelKey = KEY) -> dict[str, bytes]:
    """All files of what a key means, as they are fetched."""
    said = store.describe(key)
    return {file.path: content_of(store, said, file.path) for file in said.files}


def start_process(*arguments: object, environment: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    """Start `support.pushing_process` with these arguments; what it prints can be read."""
    return subprocess.Popen(
        [sys.executable, "-m", "support.pushing_process", *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS), *sys.path]), **(environment or {})},
    )


class WatchedObjects(FolderObjects):
    """A folder that says what is asked of it, before it is done."""

    def __init__(self, path: Path, told: Callable[[str, str], None]) -> None:
        super().__init__(path)
        self._told = told

    def info(self, name: str) -> ObjectInfo | None:
        self._told("info", name)
        return super().info(name)

    def read(self, name: str) -> bytes:
        self._told("read", name)
        return super().read(name)

    def create(self, name: str, content: bytes) -> bool:
        self._told("create", name)
        return super().create(name, content)

    def put(self, name: str, content: bytes) -> None:
        self._told("put", name)
        super().put(name, content)

    def upload(self, name: str, content: Content) -> None:
        self._told("upload", name)
        super().upload(name, content)

    def remove(self, names: Iterable[str]) -> None:
        names = list(names)
        for name in names:
            self._told("remove", name)
        super().remove(names)


class WatchedLooseObjects(WatchedObjects, LooseObjects):
    """The same over `LooseObjects`."""
