"""Whether anything may leave this machine. Every way to a hub or a remote asks here first, and at each request."""

from __future__ import annotations

import os

from modelkeep.errors import Offline
from modelkeep.settings import load_settings

__all__ = ["offline_reason", "require_network"]

_VARIABLES = ("MODELKEEP_OFFLINE", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
_TRUE = {"1", "on", "yes", "true"}  # as huggingface_hub reads them
_SWITCH = "the offline switch is on"


def offline_reason() -> str:
    """Why nothing may leave this machine, "" when it may."""
    for name in _VARIABLES:
        if os.environ.get(name, "").lower() in _TRUE:
            return f"{name} is set"
    return _SWITCH if load_settings().settings.offline else ""


def require_network() -> None:
    """Raises `Offline` when the user said that nothing leaves this machine."""
    reason = offline_reason()
    if not reason:
        return
    hint = (
        "Turn it off in the window, or with `modelkeep offline off`."
        if reason == _SWITCH
        else "Unset the variable to reach hubs and remotes again."
    )
    raise Offline(f"Nothing leaves this machine: {reason}.", hint=hint)
