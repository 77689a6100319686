"""A backend in a remote: a shared folder, a store by S3, a hub. Its models come through the local cache."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from modelkeep.archive.names import check_entry_name, check_no_clashes
from modelkeep.den.backend import FileBackend, workplace
from modelkeep.den.config import RemoteDenConfig
from modelkeep.den.failures import DenConfigError, DuplicateModelException, NoSuchModel
from modelkeep.den.info import DESCRIPTION, ModelInfo
from modelkeep.den.local_cache import LocalCache
from modelkeep.den.pack import CARD, Pack, library_of
from modelkeep.den.shelved import add_card, card_of, info_of, key_of, names_of, pushed_id, unpacked
from modelkeep.disk import disk_errors
from modelkeep.errors import AccessDenied, DamagedArchive, NotOnRemote, RemoteConflict
from modelkeep.keys import ModelKey
from modelkeep.library import Library, open_library
from modelkeep.named_remotes import Credentials
from modelkeep.progress import Report, ignore, share
from modelkeep.remote.offering import Wish
from modelkeep.remote.opening import open_remote
from modelkeep.remote.pushing import plan_push, push
from modelkeep.remote.remote import Remote
from modelkeep.remote.values import Lineage, Manifest, Summary
from modelkeep.remote.whole import write_whole
from modelkeep.streams import Stream

__all__ = ["RemoteBackend"]

_BLOCK = 1 << 20
_MOST_CARD = 64 << 20


class RemoteBackend(FileBackend):
    """See the module. `cnf.host` is a URL, or the name of a remote."""

    def __init__(self, cnf: RemoteDenConfig, *, cache: LocalCache | None = None) -> None:
        super().__init__(cnf, place=cnf.host, cache=cache)
        self._host = cnf.host
        self._credentials = _credentials(cnf)
        self._remembering = threading.Lock()
        self._infos: dict[ModelKey, ModelInfo] = {}

    def list_available_models(self, backend_name: str | None = None) -> list[ModelInfo]:
        """All revisions of all models. Raises `RemoteError`s."""
        with self._opened() as (_, remote):
            return [info for _, info in self._all(remote)]

    def find(self, model_id: str) -> ModelInfo | None:
        """A model by its id."""
        with self._opened() as (_, remote):
            found = self._located(remote, model_id)
        return found[1] if found else None

    def _all(self, remote: Remote) -> Iterator[tuple[ModelKey, ModelInfo]]:
        for model in remote.list():
            if model.key.repo_type != "model":
                continue
            # What a den put there has one id, whichever revision of it is meant: the last one is.
            revisions = [model.main] if pushed_id(model.key) else model.revisions
            for revision in revisions:
                if revision is not None:
                    key = model.key.at(revision.commit)
                    yield key, self._info(remote, key, revision.refs, model.summary, model.lineage)

    def _located(self, remote: Remote, model_id: str) -> tuple[ModelKey, ModelInfo] | None:
        """A model by its id; what a den put there is asked for by its name, which needs no list."""
        for name in names_of(model_id):
            with suppress(NotOnRemote, AccessDenied):  # a hub denies what it has not got
                revision = remote.find(name)
                manifest = remote.describe(name.at(revision.commit))
                info = self._info(remote, manifest.key, revision.refs, manifest.summary, manifest.lineage)
                return manifest.key, info
        return next(((key, info) for key, info in self._all(remote) if info.model_id == model_id), None)

    def _info(
        self, remote: Remote, key: ModelKey, refs: tuple[str, ...], summary: Summary, lineage: Lineage
    ) -> ModelInfo:
        with self._remembering:
            known = self._infos.get(key)
        if known is not None:
            return known

        def read_card() -> bytes:
            manifest = remote.describe(key)
            if not any(file.path == CARD for file in manifest.files):
                return b""
            return b"".join(_blocks(remote, manifest, CARD, _MOST_CARD))

        info = info_of(key, read_card, lambda: card_of(key, summary, lineage, refs=refs))
        with self._remembering:
            self._infos[key] = info
        return info

    # ---- fetching

    def bring(self, info: ModelInfo, folder: Path, *, report: Report = ignore) -> None:
        """See `FileBackend`: every file is compared with what the manifest says of it."""
        with self._opened() as (_, remote):
            manifest = remote.describe(self._key(remote, info))
            names = [check_entry_name(file.path) for file in manifest.files]
            check_no_clashes(names)
            done = 0
            with disk_errors(folder):
                folder.mkdir(parents=True)
                for file in manifest.files:
                    place = folder / file.path
                    place.parent.mkdir(parents=True, exist_ok=True)
                    with open(place, "xb") as target:
                        open_at = partial(_open_at, remote, manifest, file.path)
                        told = share(report, done, manifest.size)
                        write_whole(open_at, file, target, "Fetching", told)
                    done += file.size
                add_card(folder, info)

    def _size(self, info: ModelInfo) -> int:
        with self._opened() as (_, remote):
            return remote.describe(self._key(remote, info)).size

    def verify_model(self, info: ModelInfo, *, report: Report = ignore) -> None:
        """Have the remote read and hash all of a model."""
        with self._opened() as (_, remote):
            found = remote.verify(self._key(remote, info), deep=True, report=report)
        if not found.is_good:
            wrong = [f"{one.problem}: {', '.join(one.files)}" for one in found.problems]
            said = "; ".join([*wrong, *found.left_out][:3])
            raise DamagedArchive(f"{info.model_id} in {self.place} is not sound ({said}).")

    def _key(self, remote: Remote, info: ModelInfo) -> ModelKey:
        found = self._located(remote, info.model_id)
        if found is None:
            raise NoSuchModel(info, self.place)
        return found[0]

    # ---- pushing and deleting

    def _put(self, pack: Pack, *, report: Report = ignore) -> None:
        key = key_of(pack.model_id, dict(pack.card))
        said = str(pack.card.get(DESCRIPTION) or "").strip()
        with (
            self._workplace() as place,
            unpacked(pack, place, report) as folder,
            self._opened() as (library, remote),
        ):
            parent = self._parent(remote, pack)
            wish = Wish(to=str(key), description=said, message=said.rpartition("\n")[2])
            plan = plan_push(library, remote, self._host, folder, wish, parent, report)
            try:
                done = push(remote, plan, (), report)
            except RemoteConflict as error:
                if self._is_there(remote, key):
                    raise DuplicateModelException(
                        f"{self.place} has the model {pack.model_id} already: somebody pushed it just now."
                    ) from error
                raise
            library.activity.log(
                "push", key.at(done.commit or None), "", done.sent, detail=f"to {self.place}"
            )

    def _parent(self, remote: Remote, pack: Pack) -> str:
        """The key of what a model was made from, with its commit where the remote has it."""
        if len(pack.history) < 2 or library_of(pack.card) != "medcat":
            return ""
        found = self._located(remote, pack.history[-2])
        return str(found[0] if found else key_of(pack.history[-2], dict(pack.card)))

    def _is_there(self, remote: Remote, key: ModelKey) -> bool:
        try:
            remote.find(key)
        except NotOnRemote:
            return False
        return True

    def _remove(self, info: ModelInfo, *, report: Report = ignore) -> None:
        with self._opened() as (_, remote):
            key = self._key(remote, info)
            # Of a model that a den put there nothing else is to be seen; of another just this revision goes.
            remote.delete(remote.plan_deletion(key.at(None) if pushed_id(key) else key), report=report)

    @contextmanager
    def _workplace(self) -> Iterator[Path]:
        """In the local cache, which has room for models; folders for what passes need not."""
        if self.cache is None:
            with super()._workplace() as folder:
                yield folder
            return
        with workplace(self.cache.path / "outgoing") as folder:
            yield folder

    @contextmanager
    def _opened(self) -> Iterator[tuple[Library, Remote]]:
        with open_library() as library:
            if self._credentials is not None:
                opened = open_remote(self._host, self._credentials)
            else:
                opened = library.remotes.open(self._host)
            with opened as remote:
                yield library, remote


def _open_at(remote: Remote, manifest: Manifest, path: str, start: int) -> Stream:
    return remote.fetch(manifest, path, start=start)


def _blocks(remote: Remote, manifest: Manifest, path: str, most: int) -> Iterator[memoryview]:
    buffer = memoryview(bytearray(_BLOCK))
    total = 0
    with remote.fetch(manifest, path) as stream:
        while count := stream.readinto(buffer):
            total += count
            if total > most:
                raise DamagedArchive(f"{path} has more bytes than it should have ({most:,}).")
            yield buffer[:count]


_NAMES = {
    "key_id": ("key_id", "access_key_id", "aws_access_key_id", "username"),
    "secret": ("secret", "secret_access_key", "aws_secret_access_key", "password"),
    "token": ("token", "session_token", "aws_session_token"),
}


def _credentials(cnf: RemoteDenConfig) -> Credentials | None:
    """The key pair of a configuration, by any of its usual names."""
    if not cnf.credentials:
        return None
    found = {
        field: next((str(cnf.credentials[name]) for name in names if cnf.credentials.get(name)), "")
        for field, names in _NAMES.items()
    }
    if not (found["key_id"] and found["secret"]):
        raise DenConfigError(
            f"The credentials for {cnf.host} have no “key_id” and “secret”.",
            hint="Give both, or none: a remote that has a name knows its own.",
        )
    return Credentials(**found, source="typed")
