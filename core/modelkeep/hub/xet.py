"""Files that a hub stores in Xet, fetched by Xet: through huggingface_hub, in a child process that can be killed.

Only for profiles that turn Xet on. Its data comes from other hosts than the endpoint, past mirrors and proxies; plain
HTTP on the same address gives the same bytes, and is what Modelkeep uses otherwise.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any, cast

from modelkeep.errors import BadReply, RemoteError, RemoteUnreachable
from modelkeep.hub.profile import NO_PROXY, Profile, Token
from modelkeep.keys import ModelKey
from modelkeep.own_modules import module_command

__all__ = ["fetch_by_xet", "has_xet"]


def has_xet() -> bool:
    """Whether what fetches by Xet is installed (the extra `xet`)."""
    return find_spec("huggingface_hub") is not None and find_spec("hf_xet") is not None


def fetch_by_xet(
    profile: Profile,
    token: Token | None,
    key: ModelKey,
    commit: str,
    path: str,
    folder: Path,
    count: Callable[[int], None],
) -> Path:
    """Fetch a file of a repository at a commit into `folder`; returns where it lies. The caller compares its hash.

    `count` is called with the bytes that came, several times a second, and with 0 while nothing does; what it raises
    kills the child, and is raised. Raises `RemoteError`.
    """
    if not has_xet():
        raise RemoteError(
            "Fetching by Xet needs huggingface_hub and hf_xet, which are not installed.",
            hint="Install them: pip install 'modelkeep[xet]'. Or turn Xet off in the profile.",
        )
    request = {
        "endpoint": profile.endpoint,
        "token": token.value if token else None,
        "repo_id": key.repo_id,
        "repo_type": key.repo_type,
        "revision": commit,
        "filename": path,
        "folder": os.fspath(folder),
    }
    with subprocess.Popen(
        module_command("modelkeep.hub.xet_worker"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_environment(profile),
        text=True,
    ) as child:
        try:
            stdin = cast(IO[str], child.stdin)
            stdin.write(
                json.dumps(request) + "\n"
            )  # not in its arguments or environment, where others can see it
            stdin.flush()
            for line in cast(IO[str], child.stdout):
                said = _said(line)
                if "path" in said:
                    return Path(said["path"])
                if "error" in said:
                    raise BadReply(
                        f"{path} could not be fetched by Xet ({said['error']}).",
                        hint="Turn Xet off in the profile: the same bytes come over plain HTTP.",
                    )
                count(int(said.get("bytes", 0)))
        except OSError as error:
            raise RemoteUnreachable(
                f"What fetches {path} by Xet ended at once.", hint="Turn Xet off in the profile."
            ) from error
        finally:
            child.kill()
    raise RemoteUnreachable(
        f"What fetches {path} by Xet ended unexpectedly.", hint="Try again, or turn Xet off in the profile."
    )


def _said(line: str) -> dict[str, Any]:
    """A line of the child; {} for one of a library that prints."""
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _environment(profile: Profile) -> dict[str, str]:
    environment = os.environ | {
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DOWNLOAD_TIMEOUT": str(int(profile.read_timeout)),
        "HF_HUB_ETAG_TIMEOUT": str(int(profile.connect_timeout)),
    }
    environment.pop("HF_HUB_DISABLE_XET", None)
    if profile.ca_file:
        environment["SSL_CERT_FILE"] = profile.ca_file
    if profile.proxy:
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            environment.pop(name.upper(), None)
            environment[name] = "" if profile.proxy == NO_PROXY else profile.proxy
    return environment
