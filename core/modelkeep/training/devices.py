"""Where a training runs: the one card that its child sees, and the queue of those that want the same."""

from __future__ import annotations

import os
import sys
from glob import glob

from modelkeep.progress import Report, ignore

__all__ = ["queue_of", "visible_card"]

# What a system has that knows of an accelerator; without it no Python need be asked for one.
_SIGNS = ("/dev/nvidia[0-9]*", "/dev/kfd", "/dev/dxg")


def visible_card(device: str) -> str | None:
    """What the child is to have in CUDA_VISIBLE_DEVICES, None for what it has anyway: one card, since Trainer would
    share the batches among all that it sees. Those that we do not see do not count."""
    kind, _, number = device.partition(":")
    if kind not in ("auto", "cuda"):
        return None
    ours = os.environ.get("CUDA_VISIBLE_DEVICES")
    place = int(number) if number.isdecimal() else 0
    if ours is None:
        return str(place)
    cards = ours.split(",")
    return cards[place].strip() if place < len(cards) else ""


def queue_of(device: str, interpreter: str = "", report: Report = ignore) -> str:
    """The queue that a training waits in, by the device that it will have: also where it chooses that itself.

    `interpreter` is the Python that trains, which is asked where there may be an accelerator; "" is our own.
    """
    if device in ("", "auto"):
        device = _chosen(interpreter, report)
    return f"cuda:{visible_card(device)}" if device.partition(":")[0] == "cuda" else device


def _chosen(interpreter: str, report: Report) -> str:
    """What PyTorch takes where nobody says: a card, or else Apple's, or else the processor."""
    if sys.platform == "linux" and not any(map(glob, _SIGNS)):
        return "cpu"
    from modelkeep.inference.interpreters import inspect_interpreter

    here = [one.name.partition(":")[0] for one in inspect_interpreter(interpreter, report=report).devices]
    return next((name for name in ("cuda", "mps") if name in here), "cpu")
