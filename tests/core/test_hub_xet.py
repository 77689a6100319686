"""Files that a hub stores in Xet: by huggingface_hub in a child process, where a profile turns that on.

No Xet store runs here: the hub of the tests names a Xet hash in its listing and offers no Xet connection, so that the
client in the child fetches by plain HTTP. What is tested is the way there and back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from modelkeep.errors import BadReply
from modelkeep.hub.download_plan import PlannedFile
from modelkeep.hub.profile import Profile, Token
from modelkeep.hub.profiles import save_profile
from modelkeep.hub.xet import fetch_by_xet
from modelkeep.keys import ModelKey
from modelkeep.library import open_library
from modelkeep.progress import Cancelled
from support.caches import CacheMaker
from support.hub import HubServer
from support.hub_faults import Stalled

NAME = "org/model"
WEIGHTS = bytes(range(256)) * 20_000


@pytest.fixture
def hub() -> Iterator[HubServer]:
    with HubServer() as server:
        server.add(NAME, {"config.json": b"{}", "model.safetensors": WEIGHTS}, lfs=("*.safetensors",))
        yield server


def profile(hub: HubServer, **more: object) -> Profile:
    return Profile("xet", hub.endpoint, xet=True, **more)  # type: ignore[arg-type]


def commit(hub: HubServer) -> str:
    return hub.repository(NAME).branches["main"]


def test_a_child_fetches_it_and_counts_what_comes(hub: HubServer, tmp_path: Path) -> None:
    came: list[int] = []
    path = fetch_by_xet(
        profile(hub),
        Token("secret", "file"),
        ModelKey(NAME),
        commit(hub),
        "model.safetensors",
        tmp_path,
        came.append,
    )
    assert path.read_bytes() == WEIGHTS
    assert path.is_relative_to(tmp_path)
    assert sum(came) == len(WEIGHTS)
    assert {request.authorization for request in hub.seen("*/model.safetensors")} == {"Bearer secret"}


def test_what_stops_it_kills_the_child(hub: HubServer, tmp_path: Path) -> None:
    hub.fault("*/model.safetensors", Stalled(1000), times=99)

    def stop(size: int) -> None:
        if hub.bytes_sent("*/model.safetensors"):
            raise Cancelled

    before = children()
    with pytest.raises(Cancelled):
        fetch_by_xet(profile(hub), None, ModelKey(NAME), commit(hub), "model.safetensors", tmp_path, stop)
    assert children() == before


def test_what_the_client_says_becomes_a_sentence(hub: HubServer, tmp_path: Path) -> None:
    with pytest.raises(BadReply, match="EntryNotFound") as caught:
        fetch_by_xet(
            profile(hub), None, ModelKey(NAME), commit(hub), "nothing.bin", tmp_path, lambda size: None
        )
    assert "Turn Xet off" in caught.value.hint


def test_a_download_by_xet_is_checked_and_published_as_any_other(hub: HubServer, cache: CacheMaker) -> None:
    save_profile(profile(hub))
    with open_library([cache.root]) as library:
        plan = library.hubs.plan_download(NAME, profile="xet")
        stored = tuple(in_xet(file) for file in plan.files)
        result = library.hubs.download(replace(plan, files=stored))
    assert Path(result.snapshot, "model.safetensors").read_bytes() == WEIGHTS
    agents = {
        request.headers.get("user-agent", "")[:10] for request in hub.seen("*/resolve/*/model.safetensors")
    }
    assert all(agent.startswith(("unknown/", "hf_hub")) for agent in agents), agents


def in_xet(file: PlannedFile) -> PlannedFile:
    return file._replace(xet_hash="a" * 64) if file.path.endswith(".safetensors") else file


def children() -> int:
    return len(psutil.Process().children())
