"""Counters for a monitor, in the text format of Prometheus 0.0.4. docs/serve.md lists them."""

from __future__ import annotations

from modelkeep.serve.journal import Journal
from modelkeep.serve.shelf import Shelf

__all__ = ["metrics"]

_TOTALS = {
    "files_sent": "Files, or ranges of them, that went out whole.",
    "bytes_sent": "Bytes of files that went out.",
    "broken_transfers": "Files that went out in part.",
    "pushes": "Commits that were pushed.",
    "bytes_received": "Bytes that were pushed.",
    "rate_limited": "Requests that came too often.",
}


def metrics(shelf: Shelf, journal: Journal) -> str:
    """All counters and gauges."""
    lines = []
    for name, help_text in _TOTALS.items():
        lines += _metric(f"{name}_total", "counter", help_text, {"": journal.counts[name]})
    answers = {f'{{code="{code}"}}': count for code, count in sorted(journal.answers.items())}
    lines += _metric("requests_total", "counter", "Requests by the status of their answers.", answers)
    lines += _metric("transfers_active", "gauge", "Files that are going out now.", {"": journal.active()})
    lines += _metric("clients", "gauge", "Clients of the last minute.", {"": len(journal.clients())})
    lines += _metric("repositories", "gauge", "Repositories that are served.", {"": len(shelf.repos())})
    return "\n".join(lines) + "\n"


def _metric(name: str, kind: str, help_text: str, values: dict[str, int]) -> list[str]:
    full = f"modelkeep_serve_{name}"
    lines = [f"# HELP {full} {help_text}", f"# TYPE {full} {kind}"]
    return lines + [f"{full}{labels} {value}" for labels, value in values.items()]
