"""What a library does with hubs: search, download, see what is newer, push. `library.hubs` is one.

    with open_library() as library:
        plan = library.hubs.plan_download("org/name")
        print(plan.bytes_missing, plan.fits_disk)
        library.hubs.download(plan)

Everything here but the queue of transfers reaches the network, and raises `Offline` where the user said not to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from modelkeep.cache.inventory import State
from modelkeep.cache.refs import set_ref
from modelkeep.hub import downloads, profiles, tokens
from modelkeep.hub.client import HubClient, open_client
from modelkeep.hub.diagnose import Diagnosis, diagnose
from modelkeep.hub.download_plan import DownloadPlan, FileAction
from modelkeep.hub.giving import REMOTE, Giver, from_hub, is_of_remote
from modelkeep.hub.names import read_name
from modelkeep.hub.offline import offline_reason
from modelkeep.hub.profile import Profile, ProfileView, Token
from modelkeep.hub.push import push
from modelkeep.hub.push_plan import PushPlan, PushResult
from modelkeep.hub.push_source import folder_source, revision_source
from modelkeep.hub.pushing import PushOptions, plan_push
from modelkeep.hub.replies import HubModel, HubRefs, SearchPage, Whoami
from modelkeep.hub.transfer import DownloadResult, Transfer
from modelkeep.hub.updates import Update
from modelkeep.hub.updating import check_all, known_contents, to_ask
from modelkeep.keys import ModelKey
from modelkeep.progress import Report, ignore
from modelkeep.rows import Selection
from modelkeep.settings import change_settings

if TYPE_CHECKING:
    from modelkeep.library import Library

__all__ = ["Hubs"]

Emit = Callable[[object], None]


def _drop(value: object) -> None:
    """The `emit` of a caller who wants the result alone."""


class Hubs:
    """See the module. `profile` is always the name of a profile, "" for the default one."""

    def __init__(self, library: Library) -> None:
        self._library = library

    # ---- how to reach them

    def profiles(self) -> tuple[ProfileView, ...]:
        """All profiles, that of the environment first."""
        return tuple(map(self._view, profiles.list_profiles()))

    def save_profile(
        self, profile: Profile, *, token: str | None = None, in_file: bool = False, default: bool = False
    ) -> ProfileView:
        """Add a profile or replace the one of that name. `token` None keeps what is there, "" forgets it.

        `in_file`: keep the token in a plain file, because the user said so; else it goes into the keyring.
        """
        profile = profiles.checked_profile(profile)
        if token:
            tokens.keep_token(profile.name, token, in_file=in_file)
        elif token is not None:
            tokens.forget_token(profile.name)
        return self._view(profiles.save_profile(profile, default=default))

    def remove_profile(self, name: str) -> None:
        """Forget a profile and its token."""
        profiles.remove_profile(name)

    def test_profile(
        self,
        profile: Profile,
        *,
        token: str | None = None,
        repo: str = "",
        report: Report = ignore,
        emit: Emit = _drop,
    ) -> Diagnosis:
        """Find out what of the way to a hub works; each `Check` is passed on as it ends.

        `repo` is a model to try it with, by default one that the hub names.
        """
        shown = tokens.token_for(profile) if token is None else Token(token, "typed") if token else None
        return diagnose(profile, shown, repo=repo, report=report, emit=emit)

    def whoami(self, *, profile: str = "") -> Whoami:
        """Whom the token of a profile belongs to. Raises `AccessDenied` where there is none, or a wrong one."""
        with self._client(profile) as client:
            return client.whoami()

    def offline(self) -> str:
        """Why nothing may leave this machine ("the offline switch is on"), "" when it may."""
        return offline_reason()

    def set_offline(self, on: bool) -> str:
        """Turn the switch; returns what `offline` says then: a variable may still hold it."""
        change_settings(lambda settings: replace(settings, offline=on))
        return self.offline()

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
        with self._client(profile) as client:
            return client.search(
                text, task=task, library=library, author=author, sort=sort, limit=limit, page=page
            )

    def look(self, name: str, *, profile: str = "") -> tuple[HubModel, HubRefs]:
        """What a hub says of one model, and its branches and tags. `name` may be a URL of its page."""
        key = read_name(name).key
        with self._client(profile) as client:
            model = client.model(key)
            return model, client.refs(model.key)

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
        found = downloads.plan(
            self._library,
            name,
            root=root,
            profile=profile,
            include=include,
            exclude=exclude,
            everything=everything,
            files=files,
            report=report,
        )
        return self.with_room(found)

    def choose(self, plan: DownloadPlan, files: Iterable[str]) -> DownloadPlan:
        """The same plan with exactly these files; asks nobody."""
        return downloads.choose(plan, files)

    def add_transfer(self, plan: DownloadPlan) -> Transfer:
        """Put a download into the queue, on the disk, so that it outlives this process. Nothing is fetched yet."""
        added = downloads.add(plan)
        if is_of_remote(plan.profile):
            self._library.remotes.look_at(plan.root)
        return added

    def transfers(self) -> tuple[Transfer, ...]:
        """All transfers of all roots, of this process and others, in the order of the queue. Reaches no network."""
        return downloads.transfers(self._library)

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

        Another `profile` than the transfer began with may be used: another mirror, or `remote:NAME`. A `Cancelled`
        leaves it as it is, to go on with. Ends quietly, with the transfer PAUSED or gone, when another process asked
        for that.
        """
        with self._library.activity.logged("download", self._keys(root, id), root):
            return downloads.run(
                self._library,
                root,
                id,
                profile=profile,
                open_giver=self._giver,
                report=report,
                emit=emit,
            )

    def download(self, plan: DownloadPlan, *, report: Report = ignore) -> DownloadResult:
        """`add_transfer` and `run_transfer`; raises what stopped it."""
        with self._library.activity.logged("download", [plan.key], plan.root):
            added = downloads.add(plan)
            result = downloads.run(
                self._library,
                added.root,
                added.id,
                profile=plan.profile,
                plan=plan,
                open_giver=self._giver,
                report=report,
            )
        if result.error is not None:
            raise result.error
        return result

    def pause_transfer(self, root: str, id: str) -> Transfer:
        """Have it stop, in whichever process it runs, and stay so until it is resumed."""
        return downloads.pause(root, id)

    def resume_transfer(self, root: str, id: str) -> Transfer:
        """Put a paused or failed transfer back into the queue; it has to be run then."""
        return downloads.resume(root, id)

    def cancel_transfer(self, root: str, id: str) -> int:
        """Stop it and remove what it staged, but not the files that were published; returns the bytes freed."""
        keys = self._keys(root, id)
        freed = downloads.cancel(root, id)
        for key in keys:
            self._library.activity.log("download", key, root, 0, outcome="cancelled")
        return freed

    def move_transfer(self, root: str, id: str, by: int) -> tuple[Transfer, ...]:
        """Change its place in the queue; returns the queue."""
        return downloads.move(self._library, root, id, by)

    def limit_rate(self, bytes_per_second: int) -> None:
        """Limit all downloads of this process together, also those that run; 0 for no limit."""
        downloads.limit_rate(bytes_per_second)

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
        library = self._library
        models = [model for root in library.roots for model in library.inventory(root).models]
        if selected is None:
            selected = [Selection(model.root, str(model.key)) for model in models]
        chosen = [(root, ModelKey.known(key)) for root, key, _ in selected]
        asked = [to_ask(library.inventory(root), key, library.catalog) for root, key in dict.fromkeys(chosen)]
        known = known_contents(models)
        with self._client(profile, report) as client:
            return check_all(client, asked, known, report=report, emit=emit or _drop)

    def plan_update(self, update: Update, *, profile: str = "", report: Report = ignore) -> DownloadPlan:
        """What fetching a newer commit would do: the files that the cached revision has, and those that are new."""
        name = str(update.key.at(update.ref))
        plan = self.plan_download(name, root=update.root, profile=profile, report=report)
        model = self._library.inventory(update.root).by_key.get(update.key.at(None))
        old = model.revision(update.old) if model else None
        if old is None:
            return plan
        if old.state is State.WHOLE:
            return self.choose(plan, [file.path for file in plan.files])
        had = {file.name for file in old.files}
        added = {change.path for change in update.changes if change.kind == "added"}
        return self.choose(
            plan, [f.path for f in plan.files if f.path in had or (f.chosen and f.path in added)]
        )

    def set_ref(self, root: str, key: str, ref: str, commit: str) -> str:
        """Let a ref lead to a revision that is here, as to undo a bad update; returns the commit it led to before.

        Reaches no network.
        """
        with self._library.activity.logged("set-ref", [ModelKey.known(key).at(None)], root):
            old = set_ref(root, ModelKey.known(key), ref, commit, catalog=self._library.catalog)
        self._library.refresh([root])
        return old

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
        if isinstance(source, Selection):
            key = ModelKey.known(source.key)
            found = revision_source(self._library.inventory(source.root), key)
            name = to or str(key.at(None))
            files = files if files is not None else source.files or None
        else:
            found, name = folder_source(Path(source)), to
        options = PushOptions(files, include, exclude, branch, pull_request, private, message, delete)
        with self._client(profile, report) as client:
            return plan_push(
                client, found, ModelKey.parse(name), options, catalog=self._library.catalog, report=report
            )

    def push(
        self, plan: PushPlan, *, allow_secrets: Sequence[str] = (), report: Report = ignore
    ) -> PushResult:
        """Send it; `allow_secrets` names the files that may go although they look like secrets."""
        log, where = self._library.activity.log, f"{plan.source} to {plan.endpoint}"
        with self._library.activity.logged("push", [plan.to]), self._client(plan.profile, report) as client:
            result = push(client, plan, allow_secrets=allow_secrets, report=report)
        differs = "" if not result.differs else f"The hub has {', '.join(result.differs)} otherwise."
        log("push", plan.to.at(result.commit or None), "", result.sent, differs, detail=where)
        return result

    # ---- within

    def with_room(self, plan: DownloadPlan) -> DownloadPlan:
        """A plan with a note of what goes from its root to keep that within its limits."""
        wanted = {file.etag: file.size for file in plan.chosen if file.action is not FileAction.PRESENT}
        notes = self._library.space.note_of_room(plan.root, sum(wanted.values()), keep=[plan.key])
        return replace(plan, notes=(*plan.notes, *notes)) if wanted else plan

    def _keys(self, root: str, id: str) -> list[ModelKey]:
        return [one.key for one in self.transfers() if (one.root, one.id) == (root, id)]

    def _giver(self, profile: str, report: Report) -> Giver:
        """Who gives a transfer its contents: a hub, or a remote by its name or URL."""
        if not is_of_remote(profile):
            return from_hub(profile, report)
        from modelkeep.remote.fetching import FromRemote
        from modelkeep.remote.places import find_place, open_origin

        place = find_place(self._library, profile.removeprefix(REMOTE))
        return FromRemote(open_origin(self._library, place, report), profile)

    def _client(self, profile: str, report: Report = ignore) -> HubClient:
        return open_client(profiles.find_profile(profile), report=report)

    def _view(self, profile: Profile) -> ProfileView:

        return ProfileView(profile, profile.name == profiles.default_name(), tokens.token_source(profile))
