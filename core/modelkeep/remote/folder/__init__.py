"""A store in a folder: a share, a USB stick, a synced directory.

Every object is the file of its name below the folder, so that the folder can be copied to another place, or to S3, as
it is. Only `.modelkeep-unfinished` is more than a store has: what is being written, until it is whole.

What can be different from one such folder to another, and what is done about it:

- There may be no hard links (vfat, exFAT, some shares), by which a name is made only where there is none. Then a
  *claim* (`claims.py`) is held while it is looked for and made; all that write to one folder should have links, or
  none of them.
- Upper and lower case may be the same. What names tell apart the disk then cannot hold: that is an error, never the
  other's file.
- It may be gone: a share that is not mounted, a stick that was pulled out. `modelkeep-store.json` says that it is
  there; without it nothing is written to a folder that is not empty, and nothing at all where it was there before.
- Its clock is not ours: ages are told by what was just written there.
"""

from modelkeep.remote.folder.objects import FolderObjects

__all__ = ["FolderObjects"]
