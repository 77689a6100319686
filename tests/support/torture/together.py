"""Several processes do random operations on one cache at once, some of them by the Hub's own client.

What another process holds may be refused; nothing may be damaged, nothing lost, and nobody may wait for ever.
"""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from modelkeep.errors import ModelKeepError
from modelkeep.library import Library
from support.archives import dss_zip, entries
from support.torture.rule import check_after, check_at_once, settled
from support.torture.works import NotDone, Work, do_export, do_repair, do_restore, do_verify
from support.torture.world import World, model_files

__all__ = ["Crowd", "run_together"]

_PATIENCE = 120.0  # seconds for one operation, and for all others to end after the last one
_CHAFF = [f"org/chaff-{number}" for number in range(3)]
"""Models that may be removed for good."""


@dataclass
class Crowd:
    """What came of it. `refused` are operations that met another one, which is no fault."""

    operations: int = 0
    refused: int = 0
    by_kind: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def run_together(folder: Path, hub: str, *, processes: int, operations: int, seed: str) -> Crowd:
    """Have each of `processes` do its part of `operations`; returns what is wrong after them."""
    world = World(folder, hub)
    world.build()
    for name in _CHAFF:
        dss_zip(
            _archive(world, name), entries(model_files(name, 60_000), key=f"hf@{name}", commit=_commit(name))
        )
    crowd = Crowd()
    children = [_begin(world, f"{seed}/{number}", operations // processes) for number in range(processes)]
    for pid, ours in children:
        ours.settimeout(_PATIENCE)
        said = b""
        try:
            while part := ours.recv(1 << 16):
                said += part
        except TimeoutError:
            crowd.wrong.append(f"process {pid} did not go on for {_PATIENCE:.0f} s")
            os.kill(pid, signal.SIGKILL)
        ours.close()
        os.waitpid(pid, 0)
        _add(crowd, said)
    crowd.wrong += check_at_once(world)
    crowd.wrong += settled(world)
    crowd.wrong += check_after(world, Work(do_verify), done=False)
    return crowd


def _begin(world: World, seed: str, operations: int) -> tuple[int, socket.socket]:
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid:
        theirs.close()
        return pid, ours
    ours.close()
    os.environ |= world.environment()
    chance = random.Random(seed)
    kinds = list(_KINDS)
    try:
        with world.library() as library:
            for _ in range(operations):
                kind = chance.choice(kinds)
                theirs.sendall(json.dumps(_one(world, library, kind, chance)).encode() + b"\n")
    finally:
        os._exit(0)


def _one(world: World, library: Library, kind: str, chance: random.Random) -> dict[str, object]:
    try:
        library.refresh()
        _KINDS[kind](world, library, chance)
    except (NotDone, ModelKeepError) as error:
        return {"kind": kind, "refused": f"{type(error).__name__}: {error}"}
    except Exception as error:  # noqa: BLE001 - what it is, is what is asked
        lines = traceback.format_exception(error)
        return {"kind": kind, "wrong": f"{kind}: {lines[-1].strip()} at {lines[-2].strip()}"}
    return {"kind": kind}


def _add(crowd: Crowd, said: bytes) -> None:
    for line in said.splitlines():
        result = json.loads(line)
        crowd.operations += 1
        crowd.by_kind[result["kind"]] += 1
        crowd.refused += "refused" in result
        if "wrong" in result:
            crowd.wrong.append(result["wrong"])


# ---- what they do


def _import(world: World, library: Library, chance: random.Random) -> None:
    name = chance.choice([*_CHAFF, "org/arriving"])
    source = world.archive if name == "org/arriving" else _archive(world, name)
    _fail(library.archives.run_import(library.archives.plan_import([source])).failures)


def _download(world: World, library: Library, chance: random.Random) -> None:
    library.hubs.download(library.hubs.plan_download("org/fetched", everything=True))


def _fetch_by_client(world: World, library: Library, chance: random.Random) -> None:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        snapshot_download("org/fetched", cache_dir=world.root, endpoint=world.hub, etag_timeout=60)
    except (LocalEntryNotFoundError, FileNotFoundError) as error:
        # Ours deletes while it downloads; a model whose blobs it holds locked is refused, the moment before is not.
        raise NotDone(str(error)) from error


def _read_by_client(world: World, library: Library, chance: random.Random) -> None:
    wrong = list(check_at_once(world))
    if wrong:
        raise AssertionError("; ".join(wrong))


def _delete(world: World, library: Library, chance: random.Random) -> None:
    here = [name for name in ("org/kept", "org/two", "org/arriving", *_CHAFF) if _find(library, name)]
    if here:
        chosen = library.choose([chance.choice(here)])
        for result in library.delete(library.plan_deletion(chosen)):
            _fail(result.failures)


def _restore(world: World, library: Library, chance: random.Random) -> None:
    do_restore(world, library)


def _empty(world: World, library: Library, chance: random.Random) -> None:
    chaff = [(entry.root, entry.id) for entry in library.trash() if entry.key.repo_id in _CHAFF]
    _fail([one.error for one in library.empty_trash(chaff) if one.error])


def _pin(world: World, library: Library, chance: random.Random) -> None:
    chosen = library.choose(["org/quiet"])
    library.set_pinned(chosen, chance.random() < 0.5)


def _verify(world: World, library: Library, chance: random.Random) -> None:
    do_verify(world, library)


def _repair(world: World, library: Library, chance: random.Random) -> None:
    do_repair(world, library)


def _export(world: World, library: Library, chance: random.Random) -> None:
    if _find(library, "org/kept") and _find(library, "org/two"):
        do_export(world, library)


_KINDS: dict[str, Callable[[World, Library, random.Random], None]] = {
    "import": _import,
    "download": _download,
    "fetch by the client": _fetch_by_client,
    "read by the client": _read_by_client,
    "delete": _delete,
    "restore": _restore,
    "empty": _empty,
    "pin": _pin,
    "verify": _verify,
    "repair": _repair,
    "export": _export,
}


def _find(library: Library, name: str) -> bool:
    from modelkeep.keys import ModelKey

    return bool(library.find(ModelKey.parse(name)))


def _archive(world: World, name: str) -> Path:
    return world.place / f"{name.replace('/', '--')}.zip"


def _commit(name: str) -> str:
    return f"{_CHAFF.index(name) + 1:040x}"


def _fail(failures: object) -> None:
    if failures:
        raise NotDone(str(failures))
