"""Making a remote of a URL.

================================  ================================================================================
`/srv/models`, `file:///srv/…`    a folder: a share, a USB stick, a synced directory
`s3://bucket/prefix?…`            a store by S3: `endpoint=http://127.0.0.1:9000`, `region=`, `profile=` (of the AWS
                                  files), `addressing=path|virtual`, `ca=FILE`, `proxy=URL` (or "none")
`hub:PROFILE`, `hub:PROFILE/org`  a hub by the name of a profile ("" for the default one), or the models of one owner
another scheme                    an entry point of the group `modelkeep.remotes`
================================  ================================================================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelkeep.named_remotes import Credentials

if TYPE_CHECKING:
    from modelkeep.remote.remote import Remote

__all__ = ["ENTRY_POINTS", "open_remote"]

ENTRY_POINTS = "modelkeep.remotes"


def open_remote(url: str, credentials: Credentials | None = None) -> Remote:
    """The remote of a URL, to be closed. Reaches nothing yet. `credentials` go before those of the
    environment.

    Raises `SettingsError` for a URL of no known kind, one that holds a secret, and where a package is
    missing.
    """
    raise NotImplementedError
