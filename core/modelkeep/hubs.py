"""What a library does with hubs: search, download, see what is newer, push. `library.hubs` is one.

    with open_library() as library:
        plan = library.hubs.plan_download("org/name")
        print(plan.bytes_missing, plan.fits_disk)
        library.hubs.download(plan)

Everything here but the queue of transfers reaches the network, and raises `Offline` where the user said not to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from modelkeep.hub.profile import Profile
from modelkeep.keys import ModelKey
from modelkeep.progress import Report, ignore
from modelkeep.rows import Selection

if TYPE_CHECKING:
    from modelkeep.hub.diagnose import Diagnosis
    from modelkeep.hub.download_plan import DownloadPlan
    from modelkeep.hub.push_plan import PushPlan, PushResult
    from modelkeep.hub.replies import HubModel, HubRefs, SearchPage
    from modelkeep.hub.transfer import DownloadResult, Transfer
    from modelkeep.hub.updates import Update
    from modelkeep.library import Library

__all__ = ["Hubs", "ProfileView"]

Emit = Callable[[object], None]


def _drop(value: object) -> None:
    """The `emit` of a caller who wants the result alone."""


@dataclass(frozen=True, slots=True)
class ProfileView:
    """A profile, whether it is the one that is used when none is named, and where its token comes from ("": none)."""

    profile: Profile
    is_default: bool
    token_source: str


class Hubs:
    """See the module. `profile` is always the name of a profile, "" for the default one."""

    def __init__(self, library: Library) -> None:
        self._library = library

    # ---- how to reach them

    def profiles(self) -> tuple[ProfileView, ...]:
        """All profiles, that of the environment first."""
        raise NotImplementedError

    def save_profile(
        self, profile: Profile, *, token: str | None = None, in_file: bool = False, default: bool = False
    ) -> ProfileView:
        """Add a profile or replace the one of that name. `token` None keeps what is there, "" forgets it.

        `in_file`: keep the token in a plain file, because the user said so; else it goes into the keyring.
        """
        raise NotImplementedError

    def remove_profile(self, name: str) -> None:
        """Forget a profile and its token."""
        raise NotImplementedError

    def test_profile(
        self, profile: Profile, *, token: str | None = None, report: Report = ignore, emit: Emit = _drop
    ) -> Diagnosis:
        """Find out what of the way to a hub works; each `Check` is passed on as it ends."""
        raise NotImplementedError

    def offline(self) -> str:
        """Why nothing may leave this machine ("the offline switch is on"), "" when it may."""
        raise NotImplementedError

    def set_offline(self, on: bool) -> str:
        """Turn the switch; returns what `offline` says then: a variable may still hold it."""
        raise NotImplementedError

    # ---- downloading

    def search(
        self,
        text: str = "",
        *,
        profile: str = "",
        task: str = "",
        library: str = "",
        author: str = "",
        sort: str = "downloads",
        limit: int = 30,
        page: str = "",
    ) -> SearchPage:
        """Models of a hub by words of their names. `page` is the `next` of an earlier answer."""
        raise NotImplementedError

    def look(self, name: str, *, profile: str = "") -> tuple[HubModel, HubRefs]:
        """What a hub says of one model, and its branches and tags. `name` may be a URL of its page."""
        raise NotImplementedError

    def plan_download(
        self,
        name: str,
        *,
        root: str | None = None,
        profile: str = "",
        include: Sequence[str] = (),
        exclude: Sequence[str] = (),
        everything: bool = False,
        files: Sequence[str] | None = None,
        report: Report = ignore,
    ) -> DownloadPlan:
        """What downloading a model would do. `name` is `org/name`, `org/name@revision` or the URL of a page or file.

        Files are chosen by format, unless `include` and `exclude` (globs, as the Hub's client takes them), `files`
        (exactly these) or `everything` say otherwise. Writes nothing.
        """
        raise NotImplementedError

    def choose(self, plan: DownloadPlan, files: Iterable[str]) -> DownloadPlan:
        """The same plan with exactly these files; asks nobody."""
        raise NotImplementedError

    def add_transfer(self, plan: DownloadPlan) -> Transfer:
        """Put a download into the queue, on the disk, so that it outlives this process. Nothing is fetched yet."""
        raise NotImplementedError

    def transfers(self) -> tuple[Transfer, ...]:
        """All transfers of all roots, of this process and others, in the order of the queue. Reaches no network."""
        raise NotImplementedError

    def run_transfer(
        self,
        root: str,
        id: str,
        *,
        profile: str = "",
        report: Report = ignore,
        emit: Emit | None = None,
    ) -> DownloadResult:
        """Fetch what is missing, from where it stopped; `emit` gets a `Transfer` four times a second.

        Another `profile` than the transfer began with may be used: another mirror. A `Cancelled` leaves it as it is,
        to go on with. Ends quietly, with the transfer PAUSED or gone, when another process asked for that.
        """
        raise NotImplementedError

    def download(self, plan: DownloadPlan, *, report: Report = ignore) -> DownloadResult:
        """`add_transfer` and `run_transfer`; raises what stopped it."""
        raise NotImplementedError

    def pause_transfer(self, root: str, id: str) -> Transfer:
        """Have it stop, in whichever process it runs, and stay so until it is resumed."""
        raise NotImplementedError

    def resume_transfer(self, root: str, id: str) -> Transfer:
        """Put a paused or failed transfer back into the queue; it has to be run then."""
        raise NotImplementedError

    def cancel_transfer(self, root: str, id: str) -> int:
        """Stop it and remove what it staged, but not the files that were published; returns the bytes freed."""
        raise NotImplementedError

    def move_transfer(self, root: str, id: str, by: int) -> tuple[Transfer, ...]:
        """Change its place in the queue; returns the queue."""
        raise NotImplementedError

    def limit_rate(self, bytes_per_second: int) -> None:
        """Limit all downloads of this process together, also those that run; 0 for no limit."""
        raise NotImplementedError

    # ---- what is newer

    def updates(
        self,
        selected: Sequence[Selection] | None = None,
        *,
        profile: str = "",
        report: Report = ignore,
        emit: Emit | None = None,
    ) -> tuple[Update, ...]:
        """Ask whether there are newer commits, of all models when None; touches nothing. Each is passed on."""
        raise NotImplementedError

    def plan_update(self, update: Update, *, profile: str = "", report: Report = ignore) -> DownloadPlan:
        """What fetching a newer commit would do: the files that the cached revision has, and those that are new."""
        raise NotImplementedError

    def set_ref(self, root: str, key: str, ref: str, commit: str) -> str:
        """Let a ref lead to a revision that is here, as to undo a bad update; returns the commit it led to before.

        Reaches no network.
        """
        raise NotImplementedError

    # ---- pushing

    def plan_push(
        self,
        source: Selection | str | Path,
        to: str = "",
        *,
        profile: str = "",
        files: Sequence[str] | None = None,
        include: Sequence[str] = (),
        exclude: Sequence[str] = (),
        branch: str = "main",
        pull_request: bool = False,
        private: bool = True,
        message: str = "",
        delete: bool = False,
        report: Report = ignore,
    ) -> PushPlan:
        """What pushing a revision or a folder would send. `to` is the name there, by default the model's own.

        `delete`: files that only the hub has are removed there.
        """
        raise NotImplementedError

    def push(
        self, plan: PushPlan, *, allow_secrets: Sequence[str] = (), report: Report = ignore
    ) -> PushResult:
        """Send it; `allow_secrets` names the files that may go although they look like secrets."""
        raise NotImplementedError

    # ---- within

    def _key(self, selection: Selection) -> ModelKey:
        return ModelKey.known(selection.key)
