"""Working out what a download would do: asks the hub and looks at the caches, and writes nothing."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from modelkeep.archive.names import check_entry_name, check_no_clashes
from modelkeep.cache import layout
from modelkeep.cache.existing import read_ref
from modelkeep.disk import free_space, reserve
from modelkeep.errors import BadReply, NotOnRemote, UnsafeArchive
from modelkeep.hub.choice import Choice, choose_by_format, choose_by_globs
from modelkeep.hub.download_plan import DownloadPlan, FileAction, PlannedFile
from modelkeep.hub.file_kinds import flags_of, group_of
from modelkeep.hub.fit import fit_of
from modelkeep.hub.giving import kind_of
from modelkeep.hub.replies import HubFile, HubModel
from modelkeep.hub.sources import IsDisproven, Sources
from modelkeep.hub.transfer_folder import Folder, staged, transfer_id
from modelkeep.keys import ModelKey
from modelkeep.progress import Progress, Report, ignore

if TYPE_CHECKING:
    from modelkeep.hub.client import HubClient

__all__ = ["choose", "plan_download", "plan_files"]


def plan_download(
    client: HubClient,
    key: ModelKey,
    root: str | os.PathLike[str],
    *,
    profile: str,
    endpoint: str,
    roots: Iterable[str | os.PathLike[str]] = (),
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    everything: bool = False,
    files: Sequence[str] | None = None,
    disproven: IsDisproven = lambda path, etag: False,
    report: Report = ignore,
) -> DownloadPlan:
    """The plan for `key`, at its revision or where the default branch leads, into `root`.

    `roots` are caches whose contents may be used, but for those that are `disproven`. `files` are exactly these;
    raises `NotOnRemote` for one that the commit has not, `BadReply` for names that could be written elsewhere than
    they should, and all that the client raises.
    """
    report(Progress(f"Looking at {key}", unit="steps"))
    model = client.model(key)
    if not layout.is_commit(model.commit):
        raise BadReply(f"The hub does not say which commit {key} is.", hint="Is the address that of a hub?")
    if key.revision and layout.is_commit(key.revision) and model.commit != key.revision:
        raise BadReply(
            f"The hub answers with commit {model.commit[:8]} where {key.revision[:8]} was asked for.",
            hint="It may not keep older commits. Ask for a branch or a tag, or another mirror.",
        )
    report(Progress(f"Listing the files of {key}", 1, 3, unit="steps"))
    listed = client.files(key, model.commit)
    plan = plan_files(
        key,
        root,
        model,
        listed,
        profile=profile,
        endpoint=endpoint,
        ref=_ref(key, model.commit),
        roots=roots,
        include=include,
        exclude=exclude,
        everything=everything,
        files=files,
        disproven=disproven,
        report=report,
    )
    return replace(plan, include=tuple(include), exclude=tuple(exclude))


def plan_files(
    key: ModelKey,
    root: str | os.PathLike[str],
    model: HubModel,
    listed: Iterable[HubFile],
    *,
    profile: str,
    endpoint: str,
    ref: str,
    roots: Iterable[str | os.PathLike[str]] = (),
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    everything: bool = False,
    files: Sequence[str] | None = None,
    disproven: IsDisproven = lambda path, etag: False,
    report: Report = ignore,
) -> DownloadPlan:
    """The plan for the files that a commit is said to have; looks at the caches, and asks nobody."""
    listed = _checked(key, listed)
    report(Progress("Looking at the caches", 2, 3, unit="steps"))
    repo = Path(root) / layout.repo_folder(key.repo_type, key.repo_id)
    space = free_space(root)
    sources = Sources(root, roots, key, model.commit, disproven)
    choices = _choices(key, listed, include, exclude, everything, files)
    plan = DownloadPlan(
        root=os.fspath(root),
        key=key,
        profile=profile,
        endpoint=endpoint,
        model=model,
        commit=model.commit,
        ref=ref,
        ref_was=(read_ref(repo, ref) or "") if ref else "",
        files=_planned(key, model.commit, listed, choices, root, sources),
        free=space.free,
        reserve=reserve(space),
    )
    bad = [file.path for file in listed if choices[file.path].chosen and sources.is_bad(file)]
    return replace(plan, notes=_notes(plan, repo, bad), fit=fit_of(plan))


def choose(plan: DownloadPlan, files: Iterable[str]) -> DownloadPlan:
    """The same plan with exactly these files. Raises `NotOnRemote` for one that the commit has not."""
    wanted = _named(plan.key, {file.path for file in plan.files}, files)
    chosen = tuple(
        file
        if (file.path in wanted) == file.chosen
        else file._replace(
            chosen=not file.chosen, reason="chosen by you" if not file.chosen else "left out by you"
        )
        for file in plan.files
    )
    plan = replace(plan, files=chosen)
    return replace(plan, fit=fit_of(plan))


# ---- the files


def _checked(key: ModelKey, files: Iterable[HubFile]) -> tuple[HubFile, ...]:
    """The files that the hub lists, when each has a name that is safe and a content that has one."""
    listed = tuple(sorted(files))
    sizes: dict[str, int] = {}
    try:
        for file in listed:
            if check_entry_name(file.path) != file.path:
                raise UnsafeArchive(f"The entry “{file.path}” has a “./” in its name.")
        check_no_clashes(file.path for file in listed)
    except UnsafeArchive as error:
        said = str(error).replace("The entry", "The file").replace("The entries", "The files")
        raise BadReply(
            f"{key} cannot be kept on every system: {said[0].lower()}{said[1:]}",
            hint="Nothing was downloaded. Tell whoever made the repository.",
        ) from error
    for file in listed:
        named = layout.is_git_sha1(file.etag) or layout.is_sha256(file.etag)
        if not named or file.size < 0 or sizes.setdefault(file.etag, file.size) != file.size:
            raise BadReply(
                f"The hub does not say what {file.path} is.", hint="See that the address is that of a hub."
            )
    return listed


def _choices(
    key: ModelKey,
    files: Sequence[HubFile],
    include: Sequence[str],
    exclude: Sequence[str],
    everything: bool,
    named: Sequence[str] | None,
) -> dict[str, Choice]:
    paths = [file.path for file in files]
    if named is not None:
        wanted = _named(key, set(paths), named)
        return {
            path: Choice(path in wanted, "chosen by you" if path in wanted else "not asked for")
            for path in paths
        }
    if include or exclude:
        return choose_by_globs(paths, include, exclude)
    if everything:
        return {path: Choice(True, "all files were asked for") for path in paths}
    return choose_by_format({file.path: file.size for file in files}, key.repo_type)


def _named(key: ModelKey, paths: set[str], files: Iterable[str]) -> set[str]:
    wanted = set(files)
    if unknown := sorted(wanted - paths):
        raise NotOnRemote(f"{key} has no file {unknown[0]}.", hint="Look at the list of its files.")
    return wanted


def _planned(
    key: ModelKey,
    commit: str,
    files: Sequence[HubFile],
    choices: dict[str, Choice],
    root: str | os.PathLike[str],
    sources: Sources,
) -> tuple[PlannedFile, ...]:
    folder = Folder(root, transfer_id(key, commit))
    device = _device(root)
    planned = []
    for file in files:
        found = sources.find(file)
        chosen, reason = choices[file.path]
        left = 0
        if found.action is FileAction.FETCH:
            whole = folder.has(file.etag, file.size)
            left = file.size if whole else staged(folder.journal(file.etag), file.size)
        planned.append(
            PlannedFile(
                file.path,
                file.size,
                file.etag,
                found.action,
                chosen,
                group_of(file.path),
                reason,
                flags_of(file.path),
                left,
                found.path,
                file.git_sha1,
                file.xet_hash,
                found.action is FileAction.LINK and _device(found.path) != device,
                file.sha256,
            )
        )
    return tuple(planned)


def _device(path: str | os.PathLike[str]) -> int:
    """The disk that holds a path, or will hold it."""
    place = Path(path)
    while not place.exists() and place != place.parent:
        place = place.parent
    return os.stat(place).st_dev


# ---- what else to know


def _ref(key: ModelKey, commit: str) -> str:
    """The ref that will lead to the commit, "" when a commit was asked for, if only by its first digits."""
    revision = key.revision or "main"
    return "" if len(revision) >= 7 and commit.startswith(revision) else revision.removeprefix("refs/heads/")


def _notes(plan: DownloadPlan, repo: Path, bad: Sequence[str]) -> tuple[str, ...]:
    return tuple(_all_notes(plan, plan.model, repo, bad))


def _all_notes(plan: DownloadPlan, model: HubModel, repo: Path, bad: Sequence[str]) -> Iterable[str]:
    there = f"as on the {kind_of(plan.profile)}"
    if bad:
        more = f" and {len(bad) - 1} more" if len(bad) > 1 else ""
        yield f"Damaged here, as verifying found, and fetched again: {bad[0]}{more}."
    if model.repo_id != plan.key.repo_id:
        yield f"Renamed: it is called {model.repo_id} now, and will lie here as {plan.key.repo_id}."
    if model.gated:
        how = "at once" if model.gated == "auto" else "by its owner"
        yield f"Gated: its terms have to be accepted on the hub's pages; access is granted {how}."
    if model.private:
        yield "Private: only its owner, and whom they let, can see it."
    if model.disabled:
        yield "The hub has disabled it."
    if plan.ref_was and plan.ref_was != plan.commit:
        yield f"“{plan.ref}” leads to {plan.ref_was[:8]} here, and will lead to {plan.commit[:8]} {there}."
    main = read_ref(repo, "main")
    if plan.ref != "main":
        if main is None:
            asked = plan.ref or plan.commit
            yield f"No “main” will be here: programs have to ask for revision {asked}."
        elif main != plan.commit:
            yield f"“main” stays at {main[:8]}: programs that name no revision go on using that."
    if not plan.files:
        yield "The repository has no files."
    elif not plan.chosen:
        yield "None of its files match."
    unsure = [file.path for file in plan.chosen if file.flags]
    if unsure:
        more = f" and {len(unsure) - 1} more" if len(unsure) > 1 else ""
        yield f"Can run code when it is loaded or started: {unsure[0]}{more}."
