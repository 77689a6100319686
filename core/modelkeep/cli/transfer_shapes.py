"""The JSON of `download` and `transfers`, as `docs/json.md` describes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelkeep.cli.safety_shapes import found
from modelkeep.cli.shapes import iso_time

if TYPE_CHECKING:
    from modelkeep.hub.download_plan import DownloadPlan, MemoryFit, PlannedFile
    from modelkeep.hub.transfer import DownloadResult, Transfer, TransferFile

__all__ = ["download", "transfer"]

Json = dict[str, object]


def download(plan: DownloadPlan, result: DownloadResult | None) -> Json:
    """A plan, and what became of it when it was carried out."""
    return {
        "key": str(plan.key),
        "repo_id": plan.model.repo_id,
        "root": plan.root,
        "profile": plan.profile,
        "endpoint": plan.endpoint,
        "commit": plan.commit,
        "ref": plan.ref or None,
        "ref_was": plan.ref_was or None,
        "private": plan.model.private,
        "gated": plan.model.gated or None,
        "licence": plan.model.licence or None,
        "task": plan.model.task or None,
        "library": plan.model.library or None,
        "bytes_total": plan.bytes_total,
        "bytes_present": plan.bytes_present,
        "bytes_linked": plan.bytes_linked,
        "bytes_missing": plan.bytes_missing,
        "free": plan.free,
        "free_after": plan.free_after,
        "fits_disk": plan.fits_disk,
        "memory": _memory(plan.fit) if plan.fit else None,
        "notes": list(plan.notes),
        "files": [_planned(file) for file in plan.files],
        "executed": result is not None,
        "result": _result(result) if result else None,
    }


def _planned(file: PlannedFile) -> Json:
    return {
        "path": file.path,
        "size": file.size,
        "etag": file.etag,
        "action": str(file.action) if file.chosen else "skip",
        "group": file.group,
        "reason": file.reason or None,
        "flags": [str(flag) for flag in file.flags],
        "staged": file.staged,
    }


def _memory(fit: MemoryFit) -> Json:
    return {
        "weights": fit.weights,
        "run": fit.run,
        "formula": fit.formula,
        "ram_free": fit.ram_free,
        "ram_total": fit.ram_total,
        "fits_ram": fit.fits_ram,
        "gpu": fit.gpu or None,
        "gpu_free": fit.gpu_free if fit.gpu else None,
        "fits_gpu": fit.fits_gpu if fit.gpu else None,
        "dtypes": dict(fit.dtypes),
    }


def _result(result: DownloadResult) -> Json:
    return {
        "snapshot": result.snapshot,
        "fetched": result.fetched,
        "linked": result.linked,
        "seconds": round(result.seconds, 3),
        "ref_kept": result.ref_kept or None,
        "notes": list(result.notes),
        "safety": found(result.safety),
    }


def transfer(one: Transfer) -> Json:
    """A transfer of the queue."""
    return {
        "id": one.id,
        "key": str(one.key),
        "root": one.root,
        "commit": one.commit,
        "profile": one.profile,
        "endpoint": one.endpoint,
        "state": str(one.state),
        "bytes_done": one.bytes_done,
        "bytes_total": one.bytes_total,
        "added": iso_time(one.added),
        "error": one.error or None,
        "hint": one.hint or None,
        "files": [_file(file) for file in one.files],
    }


def _file(file: TransferFile) -> Json:
    return {
        "path": file.path,
        "size": file.size,
        "done": file.done,
        "state": str(file.state),
        "note": file.note or None,
    }
