"""What is chosen of the files of a download: the same plan with other files, worked out without asking anybody."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from modelkeep.errors import InvalidKey
from modelkeep.hub.choice import choose_by_format, choose_by_globs
from modelkeep.hub.download_plan import DownloadPlan, MemoryFit, PlannedFile
from modelkeep.hub.names import NamedModel, read_name
from modelkeep.hub.transfer import Transfer

__all__ = [
    "Quantisation",
    "by_format",
    "by_globs",
    "chosen_paths",
    "globs",
    "named_model",
    "quantisations",
    "transfer_of",
    "with_chosen",
    "with_quantisation",
]

_GGUF = "weights:gguf:"


class Quantisation(NamedTuple):
    """One of the precisions that a repository has its weights in. `run` estimates the memory, 0 for not known."""

    name: str
    size: int
    run: int


def transfer_of(plan: DownloadPlan, transfers: Iterable[Transfer]) -> Transfer | None:
    """The download of the queue that fetches the same commit into the same cache."""
    wanted = (plan.root, plan.key.name, plan.commit)
    return next((one for one in transfers if (one.root, one.key.name, one.commit) == wanted), None)


def chosen_paths(plan: DownloadPlan) -> frozenset[str]:
    return frozenset(file.path for file in plan.chosen)


def with_chosen(plan: DownloadPlan, paths: Collection[str]) -> DownloadPlan:
    """The same plan with exactly these files. What it says of the memory is that of the earlier choice."""
    files = tuple(
        file if file.chosen == (file.path in paths) else file._replace(chosen=not file.chosen)
        for file in plan.files
    )
    return replace(plan, files=files)


def globs(text: str) -> tuple[str, ...]:
    """The patterns of a line, which are parted by blanks or commas."""
    return tuple(re.split(r"[\s,]+", text.strip(" ,\t"))) if text.strip(" ,\t") else ()


def by_globs(plan: DownloadPlan, include: Sequence[str], exclude: Sequence[str]) -> frozenset[str]:
    """The files that the patterns choose, as the Hub's client understands them."""
    choices = choose_by_globs((file.path for file in plan.files), include, exclude)
    return frozenset(path for path, choice in choices.items() if choice.chosen)


def by_format(plan: DownloadPlan) -> frozenset[str]:
    """The files that are chosen when nobody says otherwise."""
    choices = choose_by_format({file.path: file.size for file in plan.files}, plan.key.repo_type)
    return frozenset(path for path, choice in choices.items() if choice.chosen)


def quantisations(files: Iterable[PlannedFile], fit: MemoryFit | None) -> tuple[Quantisation, ...]:
    """The quantisations that there are, the smallest first."""
    sizes: Counter[str] = Counter()
    for file in files:
        if file.group.startswith(_GGUF):
            sizes[file.group.removeprefix(_GGUF)] += file.size
    found = (Quantisation(name, size, _run(size, fit)) for name, size in sizes.items())
    return tuple(sorted(found, key=lambda one: (one.size, one.name)))


def _run(size: int, fit: MemoryFit | None) -> int:
    """The memory for so many bytes of weights, from the core's estimate for those that are chosen; never too low."""
    if fit is None or not fit.weights:
        return 0
    if size <= fit.weights:
        return fit.run - (fit.weights - size)
    return fit.run * size // fit.weights


def with_quantisation(plan: DownloadPlan, chosen: Collection[str], name: str) -> frozenset[str]:
    """What is chosen when of all quantisations it is this one."""
    others = {file.path for file in plan.files if file.group.startswith(_GGUF)}
    wanted = {file.path for file in plan.files if file.group == _GGUF + name}
    return frozenset((set(chosen) - others) | wanted)


def named_model(text: str) -> NamedModel | None:
    """The model that a text names, as `org/name`, `org/name@revision` or a URL; None for words to search."""
    if "/" not in text:
        return None
    try:
        return read_name(text)
    except InvalidKey:
        return None
