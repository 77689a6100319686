"""What the download dialog says: of models that a hub lists, of files, of memory, on its button, of what failed."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import NamedTuple

from PySide6.QtCore import QCoreApplication

from modelkeep.errors import (
    AccessDenied,
    BadReply,
    ModelKeepError,
    NotOnRemote,
    Offline,
    RemoteUnreachable,
)
from modelkeep.hub.download_plan import DownloadPlan, FileAction, FileFlag, MemoryFit, PlannedFile
from modelkeep.hub.replies import HubModel
from modelkeep.hub.transfer import Transfer, TransferState
from modelkeep.text import count_text, exact_size_text, size_text
from modelkeep_gui.ages import age_text

__all__ = [
    "Sorting",
    "Way",
    "button_text",
    "danger",
    "file_remark",
    "file_sign",
    "file_state",
    "file_tooltip",
    "fit_text",
    "fit_tooltip",
    "gated_text",
    "group_text",
    "model_facts",
    "obstacle",
    "page_url",
    "parameters_text",
    "resumed_text",
    "sortings",
    "summary",
    "tasks",
    "updated_text",
    "ago_text",
    "ways_out",
]


class Sorting(NamedTuple):
    """An order of search results: what it is called, the hub's word for it, and the title of a list in it."""

    text: str
    key: str
    title: str


class Way(NamedTuple):
    """What can be done when something failed."""

    retries: bool = False
    tests: bool = False
    goes_online: bool = False
    has_page: bool = False


def sortings() -> tuple[Sorting, ...]:
    return (
        Sorting(_tr("Most downloads"), "downloads", _tr("Most downloaded")),
        Sorting(_tr("Most likes"), "likes", _tr("Most liked")),
        Sorting(_tr("Last updated"), "modified", _tr("Last updated")),
    )


def tasks() -> tuple[str, ...]:
    """The tasks that most models of hubs are for, by the hubs' own names."""
    return (
        "text-generation",
        "fill-mask",
        "feature-extraction",
        "sentence-similarity",
        "text-classification",
        "token-classification",
        "question-answering",
        "summarization",
        "translation",
        "text-ranking",
        "zero-shot-classification",
        "image-text-to-text",
        "automatic-speech-recognition",
        "text-to-speech",
        "audio-classification",
        "image-classification",
        "image-segmentation",
        "object-detection",
        "depth-estimation",
        "text-to-image",
        "image-to-text",
        "tabular-classification",
        "time-series-forecasting",
    )


# ---- models


def updated_text(when: str) -> str:
    """How long ago an ISO 8601 time was, "" when it cannot be read."""
    try:
        then = datetime.fromisoformat(when.replace("Z", "+00:00"))
    except ValueError:
        return ""
    if then.tzinfo is None:
        then = then.replace(tzinfo=UTC)
    return age_text(max(0.0, time.time() - then.timestamp()))


def ago_text(when: str) -> str:
    """How long ago an ISO 8601 time was, as the end of a sentence; "" when it cannot be read."""
    age = updated_text(when)
    if not age:
        return ""
    return _tr("just now") if age == age_text(0.0) else _tr("{} ago").format(age)


def parameters_text(model: HubModel) -> str:
    return count_text(model.parameters) if model.parameters else ""


def model_facts(model: HubModel) -> tuple[tuple[str, str, str], ...]:
    """What is known of a model: label, text, tooltip."""
    updated = ago_text(model.last_modified)
    dtypes = "\n".join(f"{name}: {count:,}" for name, count in model.dtypes)
    return (
        (_tr("Author"), model.author or model.repo_id.rpartition("/")[0], ""),
        (_tr("Licence"), model.licence or _tr("not said"), ""),
        (_tr("Task"), model.task or _tr("not said"), ""),
        (_tr("Library"), model.library or _tr("not said"), ""),
        (_tr("Parameters"), parameters_text(model) or _tr("not said"), dtypes),
        (_tr("Updated"), updated or _tr("not said"), model.last_modified),
    )


def gated_text(model: HubModel, *, has_token: bool = True) -> str:
    """What to know and to do where not everybody may fetch a model, "" where everybody may."""
    if model.gated == "manual":
        text = _tr(
            "Gated: ask for access on its page; its owner answers by hand. Then your token lets you in."
        )
    elif model.gated:
        text = _tr("Gated: accept its terms on its page once. Then your token lets you in.")
    elif model.private:
        return _tr("Private: only who was given access sees it.")
    else:
        return ""
    none = _tr("No token is known here for this hub: set one in the preferences.")
    return text if has_token else f"{text} {none}"


def page_url(endpoint: str, repo_id: str) -> str:
    return f"{endpoint.rstrip('/')}/{repo_id}"


# ---- files


def group_text(group: str) -> str:
    """What a group of files is called."""
    kind, _, rest = group.partition(":")
    if kind == "weights":
        form, _, quantisation = rest.partition(":")
        names = {"pickle": _tr("pickle"), "gguf": "GGUF", "onnx": "ONNX"}
        return _tr("Weights: {}").format(" ".join(filter(None, (names.get(form, form), quantisation))))
    names = {
        "tokenizer": _tr("Tokenizer"),
        "config": _tr("Configuration"),
        "card": _tr("Card and licence"),
        "code": _tr("Code"),
        "other": _tr("Other files"),
    }
    return names.get(kind, group)


def file_state(file: PlannedFile) -> str:
    if file.action is FileAction.PRESENT:
        return _tr("here")
    if file.action is FileAction.LINK:
        return _tr("reused")
    if file.staged:
        return _tr("partly here")
    return _tr("to fetch") if file.chosen else ""


def file_sign(file: PlannedFile) -> tuple[str, str] | None:
    """The icon and the tone of what `file_state` says."""
    if file.action is FileAction.PRESENT:
        return "whole", "good"
    if file.action is FileAction.LINK:
        return "share", "good"
    if file.staged:
        return "incomplete", "warn"
    return ("download", "accent") if file.chosen else None


def file_remark(file: PlannedFile) -> str:
    words = {
        FileFlag.PICKLE: _tr("pickle: can run code when it is loaded"),
        FileFlag.CODE: _tr("code"),
        FileFlag.EXECUTABLE: _tr("a program"),
    }
    return ", ".join(words[flag] for flag in file.flags)


def file_tooltip(file: PlannedFile) -> str:
    why = _tr("By default: {}").format(file.reason) if file.reason else ""
    came = (
        _tr("{} came before and are not fetched again").format(size_text(file.staged)) if file.staged else ""
    )
    source = file.source
    if file.action is FileAction.LINK:
        source = _tr("The same content is here: {}").format(source)
    parts = (file.path, exact_size_text(file.size), came, why, file_remark(file), source)
    return "\n".join(filter(None, parts))


# ---- the whole


def summary(plan: DownloadPlan) -> str:
    """How much of the repository is chosen, and where it comes from."""
    chosen = len(plan.chosen)
    parts = [
        _tr("{} of {} files").format(f"{chosen:,}", f"{len(plan.files):,}"),
        size_text(plan.bytes_total),
    ]
    if plan.bytes_present:
        parts.append(_tr("{} here").format(size_text(plan.bytes_present)))
    if plan.bytes_linked:
        parts.append(_tr("{} reused").format(size_text(plan.bytes_linked)))
    parts.append(_tr("{} to fetch").format(size_text(plan.bytes_missing)))
    return " · ".join(parts)


def obstacle(plan: DownloadPlan, known: Transfer | None = None) -> str:
    """Why nothing can be begun, "" when it can. `known` is the download of the same commit in the queue."""
    if not plan.chosen:
        return _tr("Choose at least one file.")
    if plan.is_complete:
        return _tr("All of it is here already.")
    if known and known.state is TransferState.RUNNING:
        return _tr("It is being downloaded: {} came.").format(_share(known))
    if known and known.state is TransferState.QUEUED and _same_files(plan, known):
        return _tr("It waits in the list of downloads.")
    if plan.bytes_written and not plan.fits_disk:
        return _tr("It does not fit the disk.")
    return ""


def resumed_text(known: Transfer) -> str:
    """What beginning means for a download of the queue that does not run."""
    if known.state is TransferState.QUEUED:
        return _tr("It waits in the list of downloads, with other files: these will be fetched instead.")
    return _tr("It is in the list of downloads, stopped at {}: it goes on there.").format(_share(known))


def _share(one: Transfer) -> str:
    return f"{100 * one.bytes_done // one.bytes_total} %" if one.bytes_total else "100 %"


def _same_files(plan: DownloadPlan, known: Transfer) -> bool:
    return {file.path for file in plan.chosen} == {file.path for file in known.files}


def danger(plan: DownloadPlan) -> str:
    """Which of the chosen files can run code, "" for none."""
    found = [file.path for file in plan.chosen if file.flags]
    if not found:
        return ""
    if len(found) == 1:
        return _tr("Can run code when it is loaded: {}").format(found[0])
    return _tr("Can run code when they are loaded: {} and {} more").format(found[0], f"{len(found) - 1:,}")


def button_text(plan: DownloadPlan | None) -> str:
    if plan is None or not plan.chosen or plan.is_complete:
        return _tr("&Download")
    if not plan.bytes_missing:
        return _tr("&Use what is here")
    return _tr("&Download {}").format(size_text(plan.bytes_missing))


def fit_text(fit: MemoryFit) -> tuple[str, str, str]:
    """Whether it fits the memory: sentence, icon, tone."""
    needs = size_text(fit.run)
    if fit.fits_gpu:
        text = _tr("Takes about {} of memory: fits {}, {} free")
        return text.format(needs, fit.gpu, size_text(fit.gpu_free)), "memory", "muted"
    if fit.fits_ram:
        return (
            _tr("Takes about {} of memory: fits, {} free").format(needs, size_text(fit.ram_free)),
            "memory",
            "muted",
        )
    if fit.run <= fit.ram_total:
        text = _tr("Takes about {} of memory: only {} of {} are free now")
        return text.format(needs, size_text(fit.ram_free), size_text(fit.ram_total)), "warning", "warn"
    text = _tr("Takes about {} of memory: this machine has {}")
    return text.format(needs, size_text(fit.ram_total)), "warning", "warn"


def fit_tooltip(fit: MemoryFit) -> str:
    ram = _tr("Memory: {} free of {}").format(size_text(fit.ram_free), size_text(fit.ram_total))
    gpu = _tr("{}: {} free").format(fit.gpu, size_text(fit.gpu_free)) if fit.gpu else _tr("No GPU was found")
    return "\n".join((fit.formula, ram, gpu))


# ---- what failed


def ways_out(error: ModelKeepError) -> Way:
    """What there is to do about it."""
    if isinstance(error, Offline):
        return Way(goes_online=True)
    if isinstance(error, AccessDenied):
        return Way(retries=True, has_page=True)
    if isinstance(error, (RemoteUnreachable, BadReply)):
        return Way(retries=True, tests=True)
    return Way(retries=not isinstance(error, NotOnRemote))


def _tr(text: str) -> str:
    return QCoreApplication.translate("download", text)
