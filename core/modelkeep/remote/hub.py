"""A hub as a remote: the Hugging Face Hub, a mirror, or what `serve` of another machine gives.

A hub names no SHA-256 of small files, makes a commit of its own of what is pushed, and cannot lose a single revision.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from types import TracebackType
from typing import Self

from modelkeep.cache import layout
from modelkeep.errors import AccessDenied, BadReply, NotAllowed, NotOnRemote, RemoteConflict
from modelkeep.hub.client import open_client
from modelkeep.hub.diagnose import diagnose
from modelkeep.hub.pace import pace_of
from modelkeep.hub.profiles import find_profile
from modelkeep.hub.push_calls import delete_repository
from modelkeep.hub.push_plan import PushPlan, PushResult
from modelkeep.hub.replies import HubFile, HubModel
from modelkeep.hub.tokens import token_for
from modelkeep.keys import ModelKey
from modelkeep.progress import Progress, Report, ignore
from modelkeep.remote.hub_pushing import plan_offer, push_offer
from modelkeep.remote.hub_verifying import Verifying
from modelkeep.remote.remote import Offer
from modelkeep.remote.values import (
    Check,
    Manifest,
    ManifestFile,
    RemoteCheck,
    RemoteDeletion,
    RemoteModel,
    RemoteRevision,
    Summary,
)
from modelkeep.streams import Stream

__all__ = ["HubRemote"]

_MOST = 1_000  # models of a list; the largest hub has millions
_MOST_COMMITS = 1_000
_SHORTEST = 8  # digits of a commit


class HubRemote:
    """See the module. `profile` is the name of a hub's profile, "" for the default one; with an `owner` it holds
    the models of that user or organisation alone.

    `notes` are what the last list left out, a sentence each.
    """

    kind = "hub"

    def __init__(self, profile: str = "", owner: str = "") -> None:
        self._profile = find_profile(profile)
        self._owner = owner
        self.url = f"hub:{self._profile.name}{f'/{owner}' if owner else ''}"
        self.pace = pace_of(self._profile)
        self.notes: tuple[str, ...] = ()
        self._client = open_client(self._profile)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """See `Remote`."""
        self._client.close()

    # ---- looking

    def list(self, *, report: Report = ignore) -> tuple[RemoteModel, ...]:
        """The models by name, but no more than a thousand: then those that are downloaded most, and a note."""
        found: list[HubModel] = []
        page, self.notes = "", ()
        while True:
            report(Progress("Listing models", len(found), unit="models"))
            answer = self._client.search(author=self._owner, limit=100, page=page)
            found += answer.models
            page = answer.next
            if not page or len(found) >= _MOST:
                break
        if page or len(found) > _MOST:
            self.notes = (f"The hub has more models; these are {_MOST:,}.",)
        listed = {model.repo_id: model for model in found[:_MOST] if self._is_ours(model.repo_id)}
        return tuple(_listed(self._with_commit(listed[name], report)) for name in sorted(listed))

    def find(self, key: ModelKey) -> RemoteRevision:
        """See `Remote`."""
        model = self._model(key)
        files = self._client.files(key, model.commit)
        refs = self._client.refs(key)
        leading = [ref.name for ref in (*refs.branches, *refs.tags) if ref.commit == model.commit]
        return RemoteRevision(
            model.commit,
            tuple(leading),
            sum(file.size for file in files),
            len(files),
            pushed_at=_seconds(model.last_modified),
            id=model.repo_id,
            is_complete=True,
        )

    def describe(self, key: ModelKey) -> Manifest:
        """See `Remote`. Of small files a hub does not say the SHA-256."""
        model = self._model(key)
        prefix = "" if key.repo_type == "model" else f"{key.repo_type}s/"
        return Manifest(
            key=key.at(model.commit),
            files=tuple(map(_file, sorted(self._client.files(key, model.commit)))),
            is_complete=True,
            summary=_summary(model),
            origin=f"{self._client.endpoint}/{prefix}{model.repo_id or key.repo_id}",
            created_at=_seconds(model.created),
            created_by=model.author,
            last_modified=model.last_modified,
        )

    def fetch(self, manifest: Manifest, path: str, *, start: int = 0, stop: int | None = None) -> Stream:
        """See `Remote`."""
        return self._client.open(manifest.key.at(None), manifest.commit, path, start=start, stop=stop)

    # ---- pushing

    def plan_push(self, offer: Offer, *, report: Report = ignore) -> PushPlan:
        """See `Remote`. Of an offer whose files are not on this machine only names are compared."""
        self._check_ours(offer.manifest.key)
        return plan_offer(self._client, offer, report)

    def push(self, offer: Offer, plan: PushPlan, *, report: Report = ignore) -> PushResult:
        """See `Remote`. The hub makes a commit of its own. What is not on this machine is brought here first."""
        self._check_ours(offer.manifest.key)
        return push_offer(self._client, offer, plan, report)

    # ---- deleting

    def plan_deletion(self, key: ModelKey) -> RemoteDeletion:
        """See `Remote`. Raises `NotAllowed` for a single revision: a hub deletes all of a model, or nothing."""
        self._check_ours(key)
        if key.revision:
            raise NotAllowed(
                f"A hub does not delete a single revision, as {key.revision[:8]} of {key.repo_id}.",
                hint="Delete the whole model there, or push a revision without what has to go.",
            )
        refs = self._client.refs(key)
        named = [*refs.branches, *refs.tags]
        commits = dict.fromkeys(ref.commit for ref in named)
        for branch in refs.branches:
            for commit in self._client.commits(key, branch.name, limit=_MOST_COMMITS):
                commits[commit.commit] = None
        model = self._client.model(key) if named else None
        files = self._client.files(key, model.commit) if model else ()
        frees = (model.used_storage if model else 0) or sum(file.size for file in files)
        return RemoteDeletion(self.url, key, tuple(commits), tuple(ref.name for ref in named), frees)

    def delete(self, plan: RemoteDeletion, *, report: Report = ignore) -> None:
        """See `Remote`. Raises `RemoteConflict` where the model has changed since the plan was made."""
        self._check_ours(plan.key)
        report(Progress(f"Deleting {plan.key}"))
        refs = self._client.refs(plan.key)
        if {ref.commit for ref in (*refs.branches, *refs.tags)} - set(plan.commits):
            raise RemoteConflict(
                f"Somebody else changed {plan.key.repo_id} meanwhile, so it was not deleted.",
                hint="Look at what is new there, then do it again.",
            )
        delete_repository(self._client, plan.key)

    # ---- whether all is well

    def verify(
        self, key: ModelKey | None = None, *, deep: bool = False, report: Report = ignore
    ) -> RemoteCheck:
        """See `Remote`. Otherwise than `deep`, what the hub lists is compared with what it says of each file."""
        keys = [model.key for model in self.list(report=report)] if key is None else [key]
        return Verifying(self, self._client, deep, report).run(keys)

    def test(self, emit: Callable[[Check], None], *, report: Report = ignore) -> None:
        """See `Remote`."""
        token = token_for(self._profile)
        found = diagnose(
            self._profile,
            token,
            report=report,
            emit=lambda one: emit(
                Check(one.name, _OUTCOMES.get(one.outcome, one.outcome), one.sentence, one.hint)
            ),
        )
        if not found.works:
            emit(Check("write", "skipped", "Not tried, because of what came before."))
        elif token is None:
            emit(
                Check(
                    "write", "skipped", "There is no token: nothing can be pushed.", "Give the profile one."
                )
            )
        else:
            emit(self._may_write())

    # ---- within

    def _may_write(self) -> Check:
        try:
            who = self._client.whoami()
        except NotOnRemote:
            return Check("write", "warn", "The hub does not say whether this token may write.")
        if who.role == "read":
            return Check(
                "write", "warn", f"The token of {who.name} may only read.", "Make one that may write to push."
            )
        if self._owner and self._owner not in (who.name, *who.organizations):
            return Check("write", "warn", f"{who.name} is not known to be a member of {self._owner}.")
        return Check("write", "ok", f"The token of {who.name} may write.")

    def _with_commit(self, model: HubModel, report: Report) -> HubModel:
        """A listed model; some hubs do not say in a list where main leads, and are asked again."""
        if model.commit:
            return model
        report(Progress("Listing models", item=model.repo_id))
        try:
            return self._client.model(model.key)
        except (AccessDenied, BadReply, NotOnRemote):
            return model  # gone since, or empty

    def _is_ours(self, repo_id: str) -> bool:
        return not self._owner or repo_id.partition("/")[0].lower() == self._owner.lower()

    def _check_ours(self, key: ModelKey) -> None:
        if not self._is_ours(key.repo_id):
            raise NotAllowed(
                f"{self.url} holds the models of {self._owner} alone, and not {key.repo_id}.",
                hint=f"Name it {self._owner}/{key.repo_id.rpartition('/')[2]}, or use the remote "
                f"hub:{self._profile.name}.",
            )

    def _model(self, key: ModelKey) -> HubModel:
        """What the hub says of a revision, which may be named by the first digits of its commit."""
        if not self._is_ours(key.repo_id):
            raise NotOnRemote(
                f"{self.url} has no {key.repo_id}: it holds the models of {self._owner}.",
                hint="See its name.",
            )
        try:
            model = self._client.model(key)
        except NotOnRemote:
            if not (commit := self._commit_of(key)):
                raise
            model = self._client.model(key.at(commit))
        if not layout.is_commit(model.commit):
            raise NotOnRemote(f"{key} has no commit on {self.url} yet.", hint="Push something to it first.")
        return model

    def _commit_of(self, key: ModelKey) -> str:
        digits = key.revision or ""
        if len(digits) < _SHORTEST or not set(digits) <= set("0123456789abcdef"):
            return ""
        found = {commit for commit in self._commits(key) if commit.startswith(digits)}
        return found.pop() if len(found) == 1 else ""

    def _commits(self, key: ModelKey) -> Iterator[str]:
        refs = self._client.refs(key)
        yield from (ref.commit for ref in (*refs.branches, *refs.tags))
        for branch in refs.branches:
            for commit in self._client.commits(key, branch.name, limit=_MOST_COMMITS):
                yield commit.commit


_OUTCOMES = {"good": "ok"}


def _listed(model: HubModel) -> RemoteModel:
    revision = RemoteRevision(
        model.commit,
        ("main",),
        model.used_storage,
        0,
        pushed_at=_seconds(model.last_modified),
        is_complete=True,
    )
    revisions = (revision,) if model.commit else ()
    return RemoteModel(model.key, revisions, _summary(model), on_remote=model.used_storage)


def _summary(model: HubModel) -> Summary:
    return Summary(
        library=model.library,
        task=model.task,
        licence=model.licence,
        tags=model.tags,
        parameters=model.parameters,
        custom_code="custom_code" in model.tags,
    )


def _file(file: HubFile) -> ManifestFile:
    return ManifestFile(file.path, file.size, file.etag if file.is_lfs else "", file.etag)


def _seconds(said: str) -> float:
    """A time of the hub, ISO 8601, as seconds since the epoch; 0.0 where it says none."""
    try:
        return datetime.fromisoformat(said).timestamp()
    except ValueError:
        return 0.0
