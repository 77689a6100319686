"""The JSON of `search` and `profile`, as `docs/json.md` describes it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from modelkeep.hub.diagnose import Check, Diagnosis
    from modelkeep.hub.profile import ProfileView
    from modelkeep.hub.replies import HubModel, SearchPage

__all__ = ["diagnosis", "profile", "proxy_text", "search_page"]

Json = dict[str, object]


def search_page(page: SearchPage) -> Json:
    return {"models": [_model(model) for model in page.models], "next": page.next or None}


def _model(model: HubModel) -> Json:
    return {
        "key": str(model.key),
        "repo_id": model.repo_id,
        "commit": model.commit or None,
        "author": model.author or None,
        "created": model.created or None,
        "last_modified": model.last_modified or None,
        "private": model.private,
        "gated": model.gated or None,
        "downloads": model.downloads,
        "likes": model.likes,
        "tags": list(model.tags),
        "task": model.task or None,
        "library": model.library or None,
        "licence": model.licence or None,
        "parameters": model.parameters or None,
        "used_storage": model.used_storage or None,
    }


def profile(view: ProfileView) -> Json:
    shown = view.profile
    return {
        "name": shown.name,
        "endpoint": shown.endpoint,
        "proxy": proxy_text(shown.proxy) or None,
        "ca_file": shown.ca_file or None,
        "connect_timeout": float(shown.connect_timeout),
        "read_timeout": float(shown.read_timeout),
        "xet": shown.xet,
        "limit_rate": shown.limit_rate,
        "source": shown.source,
        "default": view.is_default,
        "token_source": view.token_source or None,
    }


def proxy_text(proxy: str) -> str:
    """A proxy's address, to be shown: without its password."""
    return re.sub(r"//([^/:@]*):[^/@]*@", r"//\1:…@", proxy)


def diagnosis(found: Diagnosis) -> Json:
    return {
        "profile": found.profile.name,
        "endpoint": found.profile.endpoint,
        "works": found.works,
        "checks": [_check(check) for check in found.checks],
    }


def _check(check: Check) -> Json:
    return {
        "name": check.name,
        "outcome": check.outcome,
        "sentence": check.sentence,
        "hint": check.hint or None,
        "seconds": round(check.seconds, 3),
    }
