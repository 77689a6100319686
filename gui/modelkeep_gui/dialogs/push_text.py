"""What a push plan says, in words and figures. No widget in here."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from modelkeep.hub.push_plan import PushAction, PushFile, PushPlan, PushResult
from modelkeep.keys import is_valid_repo_id
from modelkeep.remote.plans import RemotePush
from modelkeep.safety.secrets import SecretFound
from modelkeep.text import size_text

__all__ = [
    "action_text",
    "button_text",
    "moves_refs",
    "name_problem",
    "place_text",
    "remote_text",
    "result_text",
    "secret_text",
    "sign",
    "total_text",
]

_WRITTEN = (PushAction.NEW, PushAction.CHANGED)


def action_text(file: PushFile, is_wanted: bool = True) -> str:
    """What becomes of a file, in a few words."""
    if not is_wanted:
        return _tr("Stays there") if file.action is PushAction.DELETED else _tr("Is not pushed")
    match file.action:
        case PushAction.NEW:
            return _tr("New") if file.sends or not file.size else _tr("New, nothing to send")
        case PushAction.CHANGED:
            return _tr("Changed") if file.sends or not file.size else _tr("Changed, nothing to send")
        case PushAction.DELETED:
            return _tr("Removed there")
        case PushAction.SAME:
            return _tr("The same")


def sign(file: PushFile, is_wanted: bool = True) -> tuple[str, str]:
    """The icon and the tone that go with it."""
    if not is_wanted:
        return "cancel", "muted"
    match file.action:
        case PushAction.NEW:
            return "plus", "good"
        case PushAction.CHANGED:
            return "refresh", "warn"
        case PushAction.DELETED:
            return "delete", "bad"
        case PushAction.SAME:
            return "done", "muted"


def button_text(plan: PushPlan) -> str:
    """What the button does, with the figures."""
    written = sum(file.action in _WRITTEN for file in plan.files)
    removed = sum(file.action is PushAction.DELETED for file in plan.files)
    if not written and not removed:
        return _tr("&Push")
    if not written:
        return _tr("R&emove 1 file there") if removed == 1 else _tr("R&emove {} files there").format(removed)
    size = size_text(plan.bytes_to_send)
    if written == 1:
        return _tr("&Push 1 file, send {}").format(size)
    return _tr("&Push {} files, send {}").format(f"{written:,}", size)


def total_text(plan: PushPlan) -> str:
    """The figures of a plan in a line."""
    counts = {action: sum(file.action is action for file in plan.files) for action in PushAction}
    parts = [
        _tr("{} new").format(f"{counts[PushAction.NEW]:,}"),
        _tr("{} changed").format(f"{counts[PushAction.CHANGED]:,}"),
        _tr("{} the same").format(f"{counts[PushAction.SAME]:,}"),
    ]
    if counts[PushAction.DELETED]:
        parts.append(_tr("{} removed").format(f"{counts[PushAction.DELETED]:,}"))
    parts.append(_tr("{} to send").format(size_text(plan.bytes_to_send)))
    return " · ".join(parts)


def place_text(plan: PushPlan, private: bool) -> str:
    """What comes to be there, and as whom."""
    name = plan.to.repo_id
    if plan.creates:
        place = _tr("{} is made, private") if private else _tr("{} is made, public: everybody can see it")
        text = place.format(name)
    elif plan.pull_request:
        text = _tr("{} gets a pull request to {}").format(name, plan.branch)
    elif plan.creates_branch:
        text = _tr("{} gets a new branch {}").format(name, plan.branch)
    else:
        text = _tr("{} gets a new commit on {}").format(name, plan.branch)
    return " · ".join(filter(None, (text, plan.who and _tr("the token belongs to {}").format(plan.who))))


def remote_text(push: RemotePush, tags: Sequence[str]) -> str:
    """What comes to be on a remote by its name, and which names lead to it."""
    plan, commit = push.plan, push.manifest.commit[:7] if push.manifest else ""
    refs = ", ".join(filter(None, (plan.branch, *tags)))
    if not plan.base:
        text = _tr("{} on {}: revision {} is the first that {} leads to")
    elif push.manifest and plan.base == push.manifest.commit:
        text = _tr("{} on {}: revision {} is there, and {} leads to it")
    else:
        text = _tr("{} on {}: revision {} is what {} leads to then, instead of {}")
    return text.format(plan.to.repo_id, push.remote, commit, refs, plan.base[:7])


def moves_refs(push: RemotePush, tags: Sequence[str]) -> bool:
    """Whether names lead elsewhere after it, even where all files are there already."""
    return bool(tags) or (push.manifest is not None and push.plan.base != push.manifest.commit)


def secret_text(secret: SecretFound) -> str:
    """What a secret looks like, and where."""
    return _tr("{}, line {}").format(secret.kind, f"{secret.line:,}") if secret.line else secret.kind


def name_problem(name: str, *, needs_owner: bool = True) -> str:
    """Why no repository can have that name, "" when one can; a hub needs to know whose it is."""
    if not name.strip():
        return _tr("Give it a name, as user/name.")
    if is_valid_repo_id(name.strip()):
        return (
            ""
            if "/" in name or not needs_owner
            else _tr("Name the user or the organisation too, as user/name.")
        )
    return _tr("A name looks like user/name: letters, digits, “-”, “_” and “.”.")


def result_text(result: PushResult, remote: str = "") -> str:
    """What a push did, in a sentence; `remote` is the name of the remote that it went to, "" for a hub."""
    if remote:
        name, there = result.plan.to.repo_id, _tr("All of it is there as it is here.")
        if not result.plan.sent:
            return _tr("{} had all of {} already. Its names lead to it now.").format(remote, name)
        text = _tr("Pushed {} to {}, sent {}.").format(name, remote, size_text(result.sent))
        return f"{text} {there}" if result.verified and not result.differs else text
    count = len(result.plan.sent)
    files = _tr("1 file") if count == 1 else _tr("{} files").format(f"{count:,}")
    text = _tr("Pushed {} to {}, sent {}.").format(files, result.plan.to.repo_id, size_text(result.sent))
    if result.differs:
        return text
    return f"{text} {_verified(result)}".rstrip()


def _verified(result: PushResult) -> str:
    if not result.verified:
        return ""
    if result.verified < len(result.plan.sent):
        return _tr("{} of them were compared and are there as they are here.").format(f"{result.verified:,}")
    if result.verified == 1:
        return _tr("The hub has it as it is here.")
    return _tr("The hub has all of them as they are here.")


def _tr(text: str) -> str:
    return QCoreApplication.translate("Push", text)
