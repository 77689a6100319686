"""The JSON of `bundle`, as `docs/json.md` describes it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from modelkeep.cli import shapes

if TYPE_CHECKING:
    from modelkeep.archive.minisign import PublicKey
    from modelkeep.archive.pack import ExportItem, ExportPlan, ExportResult
    from modelkeep.carrying import BundlePlan

__all__ = ["bundle_plan", "new_key", "signed_export"]

Json = dict[str, object]


def bundle_plan(plan: BundlePlan, result: ExportResult | None) -> Json:
    """`bundle`: that of `export`, with what the other side has."""
    holdings = plan.holdings
    said = signed_export(plan.export, result, bundle=True)
    items = zip(said.pop("items"), plan.export.items, strict=True)  # type: ignore[call-overload]
    return said | {
        "for": {"inventory": holdings.id, "made": holdings.made_at, "name": holdings.name}
        if holdings
        else None,
        "volumes": plan.volumes,
        "saved": plan.saved,
        "held": [{"key": str(held.key), "commit": held.commit, "size": held.size} for held in plan.held],
        "items": [item | _left_out(planned) for item, planned in items],
    }


def signed_export(plan: ExportPlan, result: ExportResult | None, *, bundle: bool) -> Json:
    """`export`, with the id of the key that signs it, or null."""
    signer = plan.options.signer
    return shapes.export_plan(plan, result, bundle=bundle) | {
        "signed_by": signer.public.name if signer else None
    }


def new_key(public: PublicKey, key: Path, pub: Path) -> Json:
    """`bundle --make-key`."""
    return {"id": public.name, "secret": str(key), "public": str(pub)}


def _left_out(item: ExportItem) -> Json:
    return {
        "saved": item.saved,
        "absent": [{"path": f.name, "size": f.size, "etag": f.etag, "sha256": f.sha256} for f in item.absent],
    }
