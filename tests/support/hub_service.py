"""A service for the work process of the tests: hubs that answer as they are told to, with real values."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from modelkeep.errors import AccessDenied, RemoteConflict
from modelkeep.hub.profile import Profile, ProfileView
from modelkeep.hub.push_plan import PushAction, PushFile, PushPlan, PushResult
from modelkeep.hub.replies import Whoami
from modelkeep.keys import ModelKey
from modelkeep.progress import Progress, Report
from modelkeep.rows import Selection
from modelkeep.safety.secrets import SecretFound

FILES = (
    PushFile("README.md", "/x/README.md", 4100, PushAction.CHANGED, False, sends=4100),
    PushFile("config.json", "/x/config.json", 820, PushAction.SAME, False),
    PushFile("model.safetensors", "/x/model", 438_000_000, PushAction.NEW, True, sends=438_000_000),
    PushFile(".env", "/x/.env", 120, PushAction.NEW, False, sends=120),
)
SECRETS = (SecretFound(".env", "a Hugging Face token", 3), SecretFound(".env", "a private key"))


class ScriptedHubs:
    """What a name says decides the answer: “denied”, “conflict”, “wait”."""

    def __init__(self) -> None:
        self._pushed: list[str] = []

    def profiles(self) -> tuple[ProfileView, ...]:
        return (
            ProfileView(Profile("default", source="environment"), False, "HF_TOKEN"),
            ProfileView(Profile("Official"), True, "keyring"),
            ProfileView(Profile("Mirror", "https://mirror.example"), False, ""),
        )

    def whoami(self, *, profile: str = "") -> Whoami:
        if profile == "Mirror":
            raise AccessDenied("There is no token.")
        return Whoami("alice", ("lab",), "write")

    def plan_push(
        self,
        source: Selection | str | Path,
        to: str = "",
        *,
        profile: str = "",
        branch: str = "main",
        pull_request: bool = False,
        private: bool = True,
        message: str = "",
        delete: bool = False,
        report: Report,
    ) -> PushPlan:
        report(Progress("Reading the files", 1, 2, "model.safetensors"))
        if "denied" in to:
            raise AccessDenied("The token of alice may only read.", hint="Make one that may write.")
        while "wait" in to:
            report(Progress("Waiting"))
            time.sleep(0.002)
        return PushPlan(
            str(source),
            ModelKey.parse(to),
            profile or "Official",
            "https://huggingface.co",
            branch,
            FILES,
            creates="new" in to,
            private=private,
            message=message or "Upload with Modelkeep",
            pull_request=pull_request,
            secrets=SECRETS if "secret" in to else (),
            notes=("The model card names no licence.",),
            who="alice",
        )

    def push(self, plan: PushPlan, *, allow_secrets: Sequence[str] = (), report: Report) -> PushResult:
        name = plan.to.repo_id
        report(Progress("Sending", 1, 2, "model.safetensors"))
        if "conflict" in name and name not in self._pushed:
            self._pushed.append(name)
            raise RemoteConflict("Somebody else pushed to main meanwhile.")
        differs = ("README.md",) if "differs" in name else ()
        url = f"https://huggingface.co/{name}"
        return PushResult(plan, "a" * 40, url, plan.bytes_to_send, len(plan.sent) - len(differs), differs)


class HubService:
    def __init__(self) -> None:
        self.hubs = ScriptedHubs()
