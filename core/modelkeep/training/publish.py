"""Bringing what was trained into a cache, by the one way that there is, with all that is known of it."""

from __future__ import annotations

import os
import re
import shutil
import stat
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from modelkeep.archive.incoming import derived_commit
from modelkeep.archive.lfs import LfsRules
from modelkeep.cache import layout
from modelkeep.cache.catalog import Origin, user_name
from modelkeep.cache.existing import content_name, read_ref
from modelkeep.cache.publish import StagedFile, check_same_disk, publish
from modelkeep.cache.refs import set_ref
from modelkeep.cache.staging import Staging, Work, open_staging
from modelkeep.disk import disk_errors, write_atomically
from modelkeep.errors import CacheError, ModelKeepError, SafetyError
from modelkeep.metadata.reading import Unreadable, read_json
from modelkeep.metadata.safetensors import read_header
from modelkeep.progress import Progress, Report
from modelkeep.remote.taken import NOT_PUSHED_TO
from modelkeep.training.values import TrainingPlan

if TYPE_CHECKING:
    from modelkeep.library import Library

__all__ = ["check_main", "main_of", "publish_result"]

_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,120}\.(?:json|txt|model|spm|tiktoken|vocab|codes|safetensors|jinja)")
_MOST_FILES = 1000


def publish_result(
    library: Library, plan: TrainingPlan, result: Path, card: str, report: Report
) -> tuple[str, str]:
    """Publish the files of a folder as the next revision of the target; returns its commit, and a note or "".

    `main` leads to it, unless somebody let it lead elsewhere since the plan was made. Raises `SafetyError` for what
    no training leaves there, and what `publish` does; then nothing is changed.
    """
    names = _checked(result)
    check_same_disk(plan.target_root, plan.target)
    work = Work((), "trained", str(plan.target), plan.commit)
    with disk_errors(plan.target_root), open_staging(plan.target_root, work) as staging:
        try:
            files = [
                *(_staged(staging, result / name, name, report) for name in names),
                _staged_text(staging, card),
            ]
            commit = derived_commit({file.name: file.etag for file in files})
            report(Progress("Publishing", item=str(plan.target)))
            main = main_of(plan)
            refs = {"main": commit} if not main else {}
            publish(
                plan.target_root,
                plan.target,
                commit,
                files,
                staging=staging.path,
                refs=refs,
                complete=True,
            )
        finally:
            staging.clear()
    _record(library, plan, commit)
    if main in ("", commit):
        return commit, ""
    if main != plan.main:
        return commit, f"main of {plan.target} leads elsewhere since the training began, and stays there."
    set_ref(plan.target_root, plan.target, "main", commit, catalog=library.catalog)
    return commit, ""


def check_main(plan: TrainingPlan) -> None:
    """Raise `CacheError` where the target is otherwise than it was planned for, before anything is trained."""
    if main_of(plan) != plan.main:
        raise CacheError(
            f"main of {plan.target} leads to another revision since this was planned.", hint="Plan it again."
        )


def main_of(plan: TrainingPlan) -> str:
    """Where `main` of the target leads now, "" for nowhere."""
    repo = Path(plan.target_root) / layout.repo_folder(plan.target.repo_type, plan.target.repo_id)
    return read_ref(repo, "main") or ""


def _checked(result: Path) -> list[str]:
    """The files of a result, if they are what training leaves; who wrote them has read somebody's model."""
    try:
        if result.is_symlink():
            raise _unexpected("a link")
        names = sorted(os.listdir(result))
        for name in names:
            path = result / name
            if not _NAME.fullmatch(name) or not stat.S_ISREG(path.lstat().st_mode):
                raise _unexpected(f"“{name[:60]}”")
            if name.endswith(".safetensors"):
                read_header(path)
        config = read_json(result / "config.json")
    except (OSError, Unreadable) as error:
        raise _unexpected("something that is no model") from error
    if not isinstance(config, dict) or "auto_map" in config or len(names) > _MOST_FILES:
        raise _unexpected("another configuration")
    if not any(name.endswith(".safetensors") for name in names):
        raise _unexpected("no weights")
    return names


def _unexpected(what: str) -> SafetyError:
    return SafetyError(f"The process that trains left {what}, so that nothing was published.")


def _staged(staging: Staging, source: Path, name: str, report: Report) -> StagedFile:
    part = staging.part(0)
    part.unlink(missing_ok=True)
    try:
        os.link(source, part)
    except OSError:  # another disk, or no hard links
        shutil.copyfile(source, part)
    with open(part, "rb+") as file:
        os.fsync(file.fileno())
    # As readable as the folder it lies in: others may use the same cache.
    part.chmod(staging.path.stat().st_mode & 0o666)
    return _named(staging, part, name, report)


def _staged_text(staging: Staging, text: str) -> StagedFile:
    part = staging.part(0)
    write_atomically(part, text.encode())
    return _named(staging, part, "README.md", lambda progress: None)


def _named(staging: Staging, part: Path, name: str, report: Report) -> StagedFile:
    """Call a content what the Hub would, and put it where publishing takes it from."""
    size = part.stat().st_size
    done = 0

    def count(read: int) -> None:
        nonlocal done
        done += read
        report(Progress("Checking", min(done, size), size, name))

    like = "0" * 64 if LfsRules({}).is_lfs(name, size) else "0" * 40
    etag = content_name(part, like, count)
    os.replace(part, staging.blob(etag))
    return StagedFile(name, etag, size, staging.blob(etag))


def _record(library: Library, plan: TrainingPlan, commit: str) -> None:
    """Keep where it came from, and who does not take it."""
    parent, root = plan.lineage
    metadata: dict[str, object] = {
        "lineage": {"parent": parent, "root": root},
        "trainedWith": plan.data.sha256,
    }
    if plan.policy:
        metadata[NOT_PUSHED_TO] = list(plan.policy)
    origin = Origin(
        downloaded_at=time.time(),
        downloaded_by=user_name(),
        source="local",
        library="transformers",
        pipeline=plan.task,
        metadata=metadata,
    )
    with suppress(ModelKeepError):  # it is done, whether or not that can be kept
        library.catalog.record_origin(plan.target_root, plan.target, commit, origin)
