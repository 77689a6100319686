"""Where the branches and tags of a store lead: chains of entries that are only ever added to.

The entry of the highest number counts. A step is made by creating the next number exclusively, so that of two who
make it at once one is told that the other was first. Where a store cannot create exclusively, entries have names of
their own beside the number: write, then list; whoever sees another entry of that number takes back its own. Of two
at most one can fail to see the other, so at most one succeeds. What is left of one who was killed in between
counts only where no older entry of that number is there.
"""

from __future__ import annotations

import json
import random
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from modelkeep.cache import layout
from modelkeep.errors import BadReply, NotOnRemote, RemoteBusy, RemoteConflict
from modelkeep.keys import ModelKey
from modelkeep.remote.manifests import canonical
from modelkeep.remote.names import ObjectName, entry_name, ref_prefix
from modelkeep.remote.names import read_name as read_object_name
from modelkeep.remote.objects import ObjectInfo, Objects
from modelkeep.remote.values import RefEntry

__all__ = ["Chain", "advance", "chains_of", "parse_entry", "read_chain", "write_entry"]

FORMAT = "modelkeep-ref"
VERSION = 1
_LAST = 99_999_999
_ATTEMPTS = 20  # of making a step, against others who make theirs
_PAUSE = 0.05  # seconds; the mean of the first wait after a draw
_TEXT = 1 << 16  # characters of a message

Read = Callable[[ObjectInfo], bytes]
"""Reads an entry, from memory where it is known."""


@dataclass(frozen=True)
class Chain:
    """The entries of one ref as they are listed, those that count first: the newest, and of one number the
    oldest.
    """

    key: ModelKey
    ref: str
    entries: tuple[tuple[ObjectName, ObjectInfo], ...] = ()

    @property
    def last(self) -> int:
        return self.entries[0][0].number if self.entries else 0

    def steps(self) -> tuple[tuple[ObjectName, ObjectInfo], ...]:
        """The entry of each number that counts, the newest first."""
        first = {name.number: (name, info) for name, info in reversed(self.entries)}
        return tuple(sorted(first.values(), key=lambda one: -one[0].number))

    def latest(self, read: Read, problems: list[str] | None = None) -> RefEntry | None:
        """The entry that counts; one that cannot be read is passed over, and said in `problems`."""
        for name, info in self.steps():
            try:
                return parse_entry(read(info), name)
            except NotOnRemote:
                continue  # taken back since it was listed
            except BadReply as error:
                if problems is not None:
                    problems.append(str(error))
        return None


def chains_of(key: ModelKey, listed: Iterable[tuple[ObjectName, ObjectInfo]]) -> dict[str, Chain]:
    """The chains of a model from the names of its objects."""
    entries: dict[str, list[tuple[ObjectName, ObjectInfo]]] = {}
    for name, info in listed:
        if name.kind == "ref":
            entries.setdefault(name.ref, []).append((name, info))
    return {
        ref: Chain(key, ref, tuple(sorted(found, key=lambda e: (-e[0].number, e[1].modified, e[0].rival))))
        for ref, found in sorted(entries.items())
    }


def read_chain(objects: Objects, key: ModelKey, ref: str) -> Chain:
    """The chain of one ref as it is now."""
    listed = [
        (name, info)
        for info in objects.list(ref_prefix(key, ref))
        if (name := read_object_name(info.name)) is not None
    ]
    return chains_of(key, listed).get(ref) or Chain(key, ref)


def advance(
    objects: Objects,
    key: ModelKey,
    ref: str,
    commit: str,
    *,
    was: str | None,
    message: str = "",
    by: str = "",
) -> RefEntry:
    """Let a ref lead to a commit ("": nowhere). `was`: where it has to lead now, None for wherever.

    Makes no step where it leads there already, and returns the entry that counts. Raises `RemoteConflict`, which says
    where somebody else let it lead.
    """
    for attempt in range(_ATTEMPTS):
        chain = read_chain(objects, key, ref)
        now = chain.latest(lambda info: objects.read(info.name))
        leads = now.commit if now else ""
        if leads == commit:
            return now or RefEntry(ref, 0, "")
        if was is not None and leads != was:
            raise _moved(key, ref, now)
        if chain.last >= _LAST:
            raise BadReply(f"“{ref}” of {key.repo_id} has no more numbers.", hint="Use another name.")
        entry = RefEntry(ref, chain.last + 1, commit, leads, message, by, time.time())
        if _made(objects, key, entry):
            return entry
        if not objects.is_exclusive:
            # Both have taken back what they wrote: who waits longer sees the other's next step.
            time.sleep(random.uniform(0, _PAUSE * 2 ** min(attempt, 5)))
    raise RemoteBusy(
        f"Too many others move “{ref}” of {key.repo_id} at this moment.", hint="Try again in a while."
    )


def _moved(key: ModelKey, ref: str, now: RefEntry | None) -> RemoteConflict:
    """What to raise where somebody else moved a ref: says where it leads, and by whom."""
    who = f" by {now.by}" if now and now.by else ""
    leads = f"leads to {now.commit[:12]}" if now and now.commit else "leads nowhere"
    return RemoteConflict(
        f"“{ref}” of {key.repo_id} was moved{who} meanwhile: it {leads} now.",
        hint="Look at what is there, then do it again.",
    )


def _made(objects: Objects, key: ModelKey, entry: RefEntry) -> bool:
    content = write_entry(entry)
    if objects.is_exclusive:
        name = entry_name(key, entry.ref, entry.number)
        if objects.create(name, content):
            return True
        # An answer that was lost makes one's own entry look like another's.
        try:
            return objects.read(name) == content
        except (BadReply, NotOnRemote):
            return False
    name = entry_name(key, entry.ref, entry.number, secrets.token_hex(8))
    objects.put(name, content)
    beside = [n for n, _ in read_chain(objects, key, entry.ref).entries if n.number >= entry.number]
    if [one.name for one in beside] == [name]:
        return True
    objects.remove([name])
    return False


# ---- what an entry looks like


def write_entry(entry: RefEntry) -> bytes:
    """The bytes of an entry; no two are alike, so that everybody knows their own."""
    value = {"format": FORMAT, "version": VERSION, **entry._asdict(), "id": secrets.token_hex(8)}
    return canonical(value)


def parse_entry(content: bytes, name: ObjectName) -> RefEntry:
    """Read an entry that was listed as `name`. Raises `BadReply` for what is none."""

    def text(field: str) -> str:
        value = said.get(field, "")
        if not isinstance(value, str) or len(value) > _TEXT:
            raise ValueError(field)
        return value.encode("utf-8", "replace").decode()

    try:
        said = json.loads(content)
        if not isinstance(said, dict) or (said.get("format"), said.get("version")) != (FORMAT, VERSION):
            raise ValueError("format")
        at = said.get("at", 0.0)
        commit, was = text("commit"), text("was")
        if isinstance(at, bool) or not isinstance(at, int | float) or not 0 <= at < 1e11:
            raise ValueError("at")
        if not all(layout.is_commit(one) or not one for one in (commit, was)):
            raise ValueError("commit")
        return RefEntry(name.ref, name.number, commit, was, text("message"), text("by"), float(at))
    except (ValueError, RecursionError) as error:
        raise BadReply(
            f"The entry {name.number} of “{name.ref}” of {name.key.repo_id} cannot be read.",
            hint="What the ref led to before it is taken. Let it lead to a revision anew.",
        ) from error
