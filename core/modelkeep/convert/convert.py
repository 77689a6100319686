"""Carrying out a conversion: a confined child reads the pickles and writes safetensors, which are then published.

The child may write to one folder within the staging folder, and its files are hashed after it has ended.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from modelkeep.archive.incoming import derived_commit
from modelkeep.archive.lfs import ATTRIBUTES_NAME, LfsRules
from modelkeep.cache import layout
from modelkeep.cache.catalog import Origin, user_name
from modelkeep.cache.existing import content_name, read_ref
from modelkeep.cache.inventory import CachedFile, CachedRevision
from modelkeep.cache.publish import StagedFile, check_same_disk, publish
from modelkeep.cache.refs import set_ref
from modelkeep.cache.staging import Staging, Work, open_staging
from modelkeep.convert.outcome import Written, check_outcome
from modelkeep.convert.plan import Conversion, ConversionPlan
from modelkeep.disk import disk_errors, free_space, reserve, unchanged_atimes, write_atomically
from modelkeep.errors import CacheError, ModelKeepError, ModelNotFound, NotEnoughSpace, UnsupportedModel
from modelkeep.metadata.reading import open_file
from modelkeep.progress import Progress, Report, ignore
from modelkeep.settings import load_settings
from modelkeep.text import size_text

if TYPE_CHECKING:
    from modelkeep.library import Library

__all__ = ["convert"]

_CHILD = "modelkeep.convert.child"
_LEAST_SECONDS = 600.0
_SLOWEST = 2_000_000  # bytes a second, of a slow disk over a slow network
_MOST_ATTRIBUTES = 1 << 20
_MOST_NAMED = 6


def convert(
    library: Library,
    plan: ConversionPlan,
    *,
    allow_unsafe: Sequence[str] = (),
    memory: int = 0,
    report: Report = ignore,
) -> Conversion:
    """Make the new revision. `memory` is a limit in bytes, 0 for what the machine can give. The files that are mapped
    come on top: what they take, the system takes back when it needs it.

    Raises `UnsafeModel` for dangerous files that `allow_unsafe` does not name the model of, `RuntimeMissing`,
    `UnsupportedModel`, `NotEnoughSpace`, `SafetyError`, `OutOfMemory`, `ProcessDied`; then nothing is changed.
    """
    if plan.problem:
        raise UnsupportedModel(plan.problem, hint=plan.hint)
    revision = _revision(library, plan)
    _check_main(plan)
    repo = Path(plan.root) / layout.repo_folder(plan.key.repo_type, plan.key.repo_id)
    if plan.present and (repo / "snapshots" / plan.present).is_dir():
        done = _done(plan, plan.present, ("It was here already.",))
    else:
        _stop_dangerous(library, plan, revision, allow_unsafe, report)
        _check_space(plan)
        check_same_disk(plan.root, plan.key)
        done = _Conversion(plan, revision, repo, report).run(memory)
        with suppress(ModelKeepError):  # it is done, whether or not that can be kept
            _record_origin(library, plan, done.commit)
    if plan.moves_main:
        _check_main(plan, done.commit)
        set_ref(plan.root, plan.key, "main", done.commit, catalog=library.catalog)
    return done


def _revision(library: Library, plan: ConversionPlan) -> CachedRevision:
    """The revision as it was last seen, if it is still what was planned for, and not known to be damaged."""
    from modelkeep.exchange import is_disproven

    model = library.inventory(plan.root).by_key.get(plan.key)
    revision = model.revision(plan.commit) if model else None
    if model is None or revision is None:
        raise ModelNotFound(
            f"{plan.key.at(plan.commit[:12])} is not in {plan.root}.",
            hint="It may have been deleted. Scan again.",
        )
    disproven, repo = is_disproven(library.catalog), Path(model.path)
    for source, _, size in plan.files:
        path = Path(revision.path, source)
        with disk_errors(path):
            if path.stat().st_size != size:
                raise CacheError(f"{source} has changed since it was looked at.", hint="Look at it again.")
        file = revision.file(source)
        if file and file.blob and _is_blob(file, repo) and disproven(path, file.blob.name):
            raise CacheError(
                f"{source} is damaged here, as verifying found.",
                hint=f"Bring it back first: modelkeep mend {plan.key.at(plan.commit)} --hub",
            )
    return revision


def _check_main(plan: ConversionPlan, done: str = "") -> None:
    """Leave `main` alone where somebody let it lead elsewhere since it was looked at."""
    if not plan.moves_main:
        return
    repo = Path(plan.root) / layout.repo_folder(plan.key.repo_type, plan.key.repo_id)
    if (read_ref(repo, "main") or "") in (plan.main, done or plan.main):
        return
    sentence = f"main of {plan.key} leads to another revision since it was looked at, and stays there."
    if done:
        raise CacheError(
            f"{sentence} What was converted is here as {plan.ref}.",
            hint=f"Let main lead to it: modelkeep rollback {plan.key} --to {done[:12]}",
        )
    raise CacheError(sentence, hint="Look at it again.")


def _stop_dangerous(
    library: Library, plan: ConversionPlan, revision: CachedRevision, allow: Sequence[str], report: Report
) -> None:
    """Let nothing be read that is known to be dangerous. Reading runs nothing either way: this is the second wall."""
    from modelkeep.safety.gate import stop_dangerous
    from modelkeep.safety.scan import scan_revision

    read = {file.source for file in plan.files}
    part = replace(revision, files=tuple(file for file in revision.files if file.name in read))
    verdict = scan_revision(part, report, memory=library.catalog)
    stop_dangerous(
        plan.key.at(plan.commit),
        verdict,
        what="convert",
        allow=allow,
        catalog=library.catalog,
        root=plan.root,
    )


def _check_space(plan: ConversionPlan) -> None:
    space = free_space(plan.root)
    missing = plan.bytes_needed + reserve(space) - space.free
    if missing > 0:
        raise NotEnoughSpace(
            f"{size_text(missing)} more are needed on the disk of {plan.root} to convert {plan.key}.",
            hint="Free some space, then do it again; nothing was changed.",
        )


def _record_origin(library: Library, plan: ConversionPlan, commit: str) -> None:
    """What is known of the old revision is known of the new one too, but for how it came here."""
    known = library.catalog.origin(plan.root, plan.key, plan.commit) or Origin()
    made = replace(
        known,
        source="local",
        archive="",
        downloaded_at=time.time(),
        downloaded_by=user_name(),
        metadata={**known.metadata, "convertedFrom": plan.commit},
    )
    library.catalog.record_origin(plan.root, plan.key, commit, made)


def _done(plan: ConversionPlan, commit: str, notes: Sequence[str]) -> Conversion:
    return Conversion(plan.root, plan.key, plan.commit, commit, plan.ref, 0, 0, 0.0, 0, tuple(notes))


class _Conversion:
    """One revision on its way to another."""

    def __init__(self, plan: ConversionPlan, revision: CachedRevision, repo: Path, report: Report) -> None:
        self.plan = plan
        self.revision = revision
        self.repo = repo
        self.report = report
        self.rules = LfsRules(dict(self._attributes()))

    def run(self, memory: int) -> Conversion:
        plan, began = self.plan, time.monotonic()
        # No sources: there is no archive from which an import could go on.
        work = Work((), "safetensors", str(plan.key), plan.commit)
        with open_staging(plan.root, work) as staging:
            try:
                with disk_errors(staging.path):
                    out = staging.path / "converted"
                    shutil.rmtree(out, ignore_errors=True)
                    out.mkdir()
                    written, peak = self._convert(out, memory)
                    files = [*self._made(staging, out, written), *self._kept(staging)]
                commit = self._publish(staging, files)
            finally:
                staging.clear()
        return replace(
            _done(plan, commit, [*plan.notes, *_notes(plan, written)]),
            tensors=sum(len(one.names) for one in written),
            written=sum(file.size for file in files if file.name not in plan.kept),
            seconds=time.monotonic() - began,
            memory=peak,
        )

    def _convert(self, out: Path, memory: int) -> tuple[list[Written], int]:
        """Let the child write its files, numbered, to `out`; returns what it says of them, and its peak memory."""
        from modelkeep.confined import run_confined

        files = [
            {
                "name": file.source,
                "source": os.path.realpath(Path(self.revision.path, file.source)),
                "target": os.fspath(out / str(number)),
            }
            for number, file in enumerate(self.plan.files)
        ]
        size = sum(file.size for file in self.plan.files)
        with unchanged_atimes([file["source"] for file in files]):
            outcome = run_confined(
                _CHILD,
                {"files": files, "reserve": self.plan.reserve},
                memory=(memory or self.plan.memory or _free_memory()) + _mapped(files),
                seconds=_LEAST_SECONDS + size / _SLOWEST,
                environment={"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},  # threads take memory
                writable=[out],
                interpreter=load_settings().settings.inference.interpreter,
                report=self.report,
            )
        return check_outcome(outcome, self.plan, out), outcome.memory

    # ---- what the new revision is made of

    def _made(self, staging: Staging, out: Path, written: Sequence[Written]) -> Iterator[StagedFile]:
        """What the child wrote, and the indices of it, each where publishing takes it from."""
        by_target = dict(zip((file.target for file in self.plan.files), written, strict=True))
        total = sum(one.size for one in written)
        before = 0
        for number, (target, one) in enumerate(by_target.items()):
            path = out / str(number)
            # As readable as the folder it lies in: others may use the same cache.
            path.chmod(out.stat().st_mode & 0o666)
            yield self._staged(staging, target, path, before, total)
            before += one.size
        for number, index in enumerate(self.plan.indices):
            path = out / f"{number}.json"
            write_atomically(path, _index(index.shards, by_target))
            yield self._staged(staging, index.path, path, total, total)

    def _kept(self, staging: Staging) -> Iterator[StagedFile]:
        """What both revisions have: the same blob, or another name of the same file where there are none."""
        for name in self.plan.kept:
            file = self.revision.file(name)
            if file is None or file.blob is None:
                raise CacheError(f"{name} was removed from the cache meanwhile.", hint="Do it again.")
            if _is_blob(file, self.repo):
                yield StagedFile(name, file.blob.name, file.size, None)
                continue
            copy = staging.part(0)
            copy.unlink(missing_ok=True)
            _link(Path(file.path), copy)
            yield self._staged(staging, name, copy, 0, 0)

    def _staged(self, staging: Staging, name: str, path: Path, before: int, total: int) -> StagedFile:
        """Call a content what the Hub would, and put it where publishing takes it from."""
        size = path.stat().st_size
        done = before

        def count(read: int) -> None:
            nonlocal done
            done += read
            self.report(Progress("Checking", min(done, total), total, name))

        like = "0" * 64 if self.rules.is_lfs(name, size) else "0" * 40
        etag = content_name(path, like, count)
        os.replace(path, staging.blob(etag))
        return StagedFile(name, etag, size, staging.blob(etag))

    def _attributes(self) -> Iterator[tuple[str, str]]:
        for file in self.revision.files:
            folder, _, base = file.name.rpartition("/")
            if base == ATTRIBUTES_NAME and file.blob:
                with open_file(file.path) as attributes:
                    text = attributes.read(_MOST_ATTRIBUTES).decode(errors="replace")
                yield (f"{folder}/" if folder else "", text)

    def _publish(self, staging: Staging, files: Sequence[StagedFile]) -> str:
        self.report(Progress("Publishing", item=str(self.plan.key)))
        commit = derived_commit({file.name: file.etag for file in files})
        publish(
            self.plan.root,
            self.plan.key,
            commit,
            files,
            staging=staging.path,
            refs={self.plan.ref: commit},
            complete=True,
        )
        return commit


def _is_blob(file: CachedFile, repo: Path) -> bool:
    """Whether a file leads to a blob of its repository that is called what it is."""
    blob = file.blob
    if not file.linked or blob is None or Path(blob.path).parent != repo / "blobs":
        return False
    return layout.is_sha256(blob.name) or layout.is_git_sha1(blob.name)


def _link(source: Path, target: Path) -> None:
    try:
        os.link(os.path.realpath(source), target)
    except OSError:  # not every file system has hard links
        shutil.copyfile(source, target)


def _index(shards: Sequence[str], written: Mapping[str, Written]) -> bytes:
    names = {name: shard.rpartition("/")[2] for shard in shards for name in written[shard].names}
    size = sum(written[shard].size for shard in shards)
    index = {"metadata": {"total_size": size}, "weight_map": dict(sorted(names.items()))}
    return json.dumps(index, indent=2).encode() + b"\n"


def _free_memory() -> int:
    import psutil

    return int(psutil.virtual_memory().available)


def _mapped(files: Sequence[Mapping[str, str]]) -> int:
    """Bytes of what the child maps at most: they count against its limit, and take no memory for good.

    It maps the file that it wrote, to compare it, and the one that it reads, unless that is in the older format.
    """
    most = 0
    for file in files:
        with open_file(file["source"]) as source:
            times = 2 if source.read(4) == b"PK\3\4" else 1
            most = max(most, times * os.fstat(source.fileno()).st_size)
    return most


def _notes(plan: ConversionPlan, written: Sequence[Written]) -> Iterator[str]:
    for file, one in zip(plan.files, written, strict=True):
        for group in one.shared:
            yield f"{_listed(group)} are the same numbers; each name has a copy of its own now."
        if one.left_out:
            yield f"Left out of {file.source}, beside its weights: {_listed(one.left_out)}."


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMED
    shown = [*names[:_MOST_NAMED], f"{more} more"] if more > 0 else list(names)
    return " and ".join(filter(None, [", ".join(shown[:-1]), shown[-1]]))
