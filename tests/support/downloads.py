"""What a hub would say, as values, and a service for the work process that says it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from modelkeep.errors import AccessDenied, NotOnRemote, Offline
from modelkeep.hub.download_plan import DownloadPlan, FileAction, FileFlag, MemoryFit, PlannedFile
from modelkeep.hub.profile import Profile, ProfileView
from modelkeep.hub.replies import HubModel, HubRef, HubRefs, SearchPage
from modelkeep.keys import ModelKey

MB, GB = 1_000_000, 1_000_000_000
COMMIT = "c" * 40
REFS = HubRefs(
    (HubRef("main", "refs/heads/main", COMMIT), HubRef("fp16", "refs/heads/fp16", "d" * 40)),
    (HubRef("v1.0", "refs/tags/v1.0", "e" * 40),),
)
HUBS = (
    ProfileView(Profile("huggingface.co"), True, ""),
    ProfileView(Profile("Team", "https://hub.example"), False, "keyring"),
)


def hub_model(repo_id: str = "dmis-lab/biobert", **changes: Any) -> HubModel:
    model = HubModel(
        repo_id,
        author=repo_id.partition("/")[0],
        last_modified="2026-01-05T10:00:00.000Z",
        downloads=1_234_567,
        likes=321,
        task="fill-mask",
        library="transformers",
        licence="apache-2.0",
        parameters=108_000_000,
        dtypes=(("F32", 108_000_000),),
    )
    return replace(model, **changes)


def planned(path: str, size: int, group: str, chosen: bool = True, **others: Any) -> PlannedFile:
    etag = f"{abs(hash(path)):040x}"[:40]
    file = PlannedFile(
        path, size, etag, FileAction.FETCH, chosen, group, "safetensors" if chosen else "not needed"
    )
    return file._replace(**others)


def files() -> tuple[PlannedFile, ...]:
    """A model in three formats, of which the tokenizer is here and another cache has the card."""
    present, link = FileAction.PRESENT, FileAction.LINK
    pickle = (FileFlag.PICKLE,)
    return (
        planned("model.safetensors", 433 * MB, "weights:safetensors"),
        planned("pytorch_model.bin", 433 * MB, "weights:pickle", False, flags=pickle),
        planned("tf_model.h5", 527 * MB, "weights:tensorflow", False),
        planned("tokenizer.json", 700_000, "tokenizer", action=present, source="/cache/tokenizer.json"),
        planned("vocab.txt", 213_000, "tokenizer", staged=100_000),
        planned("config.json", 570, "config"),
        planned("README.md", 4_200, "card", action=link, source="/other/README.md"),
        planned("modeling_bio.py", 9_000, "code", False, flags=(FileFlag.CODE,)),
    )


def gguf_files() -> tuple[PlannedFile, ...]:
    sizes = {"Q2_K": 3 * GB, "Q4_K_M": 5 * GB, "Q8_0": 8 * GB, "F16": 15 * GB}
    weights = (
        planned(f"model-{name}.gguf", size, f"weights:gguf:{name}", name == "Q4_K_M")
        for name, size in sizes.items()
    )
    return (*weights, planned("README.md", 4_200, "card"))


def plan(
    contents: tuple[PlannedFile, ...] | None = None,
    *,
    root: str = "/models/hub",
    free: int = 96 * GB,
    **changes: Any,
) -> DownloadPlan:
    chosen = files() if contents is None else contents
    model = hub_model(commit=COMMIT)
    made = DownloadPlan(
        root=root,
        key=ModelKey(model.repo_id),
        profile="huggingface.co",
        endpoint="https://huggingface.co",
        model=model,
        commit=COMMIT,
        ref="main",
        ref_was="",
        files=chosen,
        free=free,
        reserve=GB,
    )
    return fitted(replace(made, **changes))


def fitted(made: DownloadPlan) -> DownloadPlan:
    """With a simple estimate for the weights that are chosen."""
    size = sum(file.size for file in made.chosen if file.group.startswith("weights"))
    fit = MemoryFit(size, size * 6 // 5, f"{size} + 20%", 12 * GB, 16 * GB)
    return replace(made, fit=fit if size else None)


class Hubs:
    """Answers as one of several situations wants it, which the first word of a search names."""

    def __init__(self) -> None:
        self._offline = True

    def profiles(self) -> tuple[ProfileView, ...]:
        return HUBS

    def search(
        self, text: str, *, profile: str, task: str, sort: str, page: str, limit: int = 30
    ) -> SearchPage:
        if text == "offline" and self._offline:
            raise Offline("Nothing is asked of a hub: the offline switch is on.", hint="Turn it off.")
        if text == "nothing":
            return SearchPage()
        if page:
            return SearchPage(tuple(hub_model(f"org/more-{i}") for i in range(30)))
        first = (hub_model(), hub_model("org/gated", gated="auto"))
        return SearchPage((*first, *(hub_model(f"org/{text or 'popular'}-{i}") for i in range(28))), "2")

    def look(self, name: str, *, profile: str) -> tuple[HubModel, HubRefs]:
        return hub_model(name.partition("@")[0]), REFS

    def plan_download(
        self, name: str, *, root: str | None, profile: str, files: Collection[str] | None = None
    ) -> DownloadPlan:
        key = ModelKey.parse(name)
        if key.repo_id == "org/gated":
            raise AccessDenied("org/gated is gated.", hint="Accept its terms on its page.")
        if key.repo_id == "org/none":
            raise NotOnRemote("The hub has no model org/none.", hint="See that the name is right.")
        return plan(root=root or "", key=key, model=hub_model(key.repo_id), ref=key.revision or "main")

    def choose(self, made: DownloadPlan, files: Collection[str]) -> DownloadPlan:
        return fitted(
            replace(made, files=tuple(file._replace(chosen=file.path in files) for file in made.files))
        )

    def set_offline(self, on: bool) -> str:
        self._offline = on
        return ""

    def offline(self) -> str:
        return "the offline switch is on" if self._offline else ""


class Service:
    def __init__(self) -> None:
        self.hubs = Hubs()
