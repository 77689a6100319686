"""Several who fetch the same model at one time, and one who may fetch nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from huggingface_hub import snapshot_download

from modelkeep.errors import Offline
from support.hub import HubServer
from support.hub_faults import Cut, Slow
from support.hub_fetching import (
    LARGE_FILES,
    NAME,
    SECRET,
    WEIGHTS_OF,
    Client,
    assert_sound,
    assert_unfinished,
    assert_whole,
)

MIB = 1 << 20

FETCH = """
import sys
from modelkeep import open_library
from modelkeep.errors import ModelKeepError

with open_library([sys.argv[1]]) as library:
    result = library.hubs.download(library.hubs.plan_download("org/name", everything=True))
    print(result.fetched)
"""


def start_modelkeep(client: Client) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", FETCH, client.root], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def start_hf(client: Client, server: HubServer) -> subprocess.Popen[str]:
    quiet = {"HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_UPDATE_CHECK": "1"}
    return subprocess.Popen(
        [Path(sys.executable).with_name("hf"), "download", NAME, "--cache-dir", client.root],
        env=os.environ | quiet | {"HF_ENDPOINT": server.endpoint, "HF_TOKEN": SECRET},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_two_modelkeeps_and_the_hubs_client_fetch_one_model(server: HubServer, client: Client) -> None:
    server.add(NAME, LARGE_FILES)
    server.fault(WEIGHTS_OF, Slow(32 * MIB), times=None)
    processes = [start_modelkeep(client)]
    server.wait_for(lambda s: s.bytes_sent(WEIGHTS_OF) > 0)
    processes += [start_modelkeep(client), start_hf(client, server)]
    try:
        said = [process.communicate(timeout=60) for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.wait()
    assert [process.returncode for process in processes] == [0, 0, 0], said
    assert_whole(client.root, LARGE_FILES)
    assert client.library.hubs.transfers() == ()
    assert server.bytes_sent(WEIGHTS_OF) < len(LARGE_FILES["model.safetensors"]) * 2


def test_the_hubs_client_comes_first(server: HubServer, client: Client) -> None:
    server.add(NAME, LARGE_FILES)
    server.fault(WEIGHTS_OF, Slow(32 * MIB), times=None)
    processes = [start_hf(client, server)]
    server.wait_for(lambda s: s.bytes_sent(WEIGHTS_OF) > 0)
    processes += [start_modelkeep(client), start_modelkeep(client)]
    try:
        said = [process.communicate(timeout=60) for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.wait()
    assert [process.returncode for process in processes] == [0, 0, 0], said
    assert_whole(client.root, LARGE_FILES)
    assert server.bytes_sent(WEIGHTS_OF) < len(LARGE_FILES["model.safetensors"]) * 2


FETCH_MANY = """
import sys
from modelkeep import open_library

with open_library([sys.argv[1]]) as library:
    for name in sys.argv[2:]:
        result = library.hubs.download(library.hubs.plan_download(name, everything=True))
        assert result.error is None, result.error
"""


def test_four_modelkeeps_that_fetch_small_models_at_once_meet_at_every_moment(
    server: HubServer, client: Client
) -> None:
    files = {"config.json": b"{}", "model.safetensors": b"weights"}
    names = [f"org/small-{number}" for number in range(12)]
    for name in names:
        server.add(name, files)
    command = [sys.executable, "-c", FETCH_MANY, str(client.root), *names]
    processes = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    try:
        said = [process.communicate(timeout=60)[1] for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.wait()
    assert said == ["", "", "", ""]
    for name in names:
        assert_whole(client.root, files, name=name)


def test_the_hubs_client_goes_on_from_what_we_fetched(server: HubServer, client: Client) -> None:
    assert client.download().error is None
    server.forget()
    snapshot_download(NAME, endpoint=server.endpoint, cache_dir=client.root, token=SECRET)
    assert server.bytes_sent("GET */resolve/*") == 0
    assert_whole(client.root)


# ---- offline


NO_NETWORK = """
import socket, sys

class Denied(socket.socket):
    def __init__(self, *args, **more):
        raise AssertionError("a socket was made")

socket.socket = Denied
socket.create_connection = socket.getaddrinfo = Denied
"""

EVERY_CALL = (
    NO_NETWORK
    + """
from modelkeep import open_library
from modelkeep.errors import Offline
from modelkeep.hub.profile import Profile

with open_library([sys.argv[1]]) as library:
    hubs = library.hubs
    assert hubs.offline()
    key = "hf@org/name"
    [transfer] = hubs.transfers()
    selected = library.choose(["org/other"])
    calls = {
        "search": lambda: hubs.search("bert"),
        "look": lambda: hubs.look("org/name"),
        "plan_download": lambda: hubs.plan_download("org/name"),
        "run_transfer": lambda: hubs.run_transfer(transfer.root, transfer.id),
        "updates": lambda: hubs.updates(selected),
    }
    for name, call in calls.items():
        try:
            call()
        except Offline as error:
            assert str(error), name
            assert error.hint, name
        else:
            raise AssertionError(f"{name} did not say that it is offline")
    assert hubs.profiles()
    hubs.pause_transfer(transfer.root, transfer.id)
    hubs.resume_transfer(transfer.root, transfer.id)
    hubs.move_transfer(transfer.root, transfer.id, 1)
    assert library.rows()
    print("quiet")
"""
)

COMMANDS = (
    NO_NETWORK
    + """
from modelkeep.cli import main
sys.argv[0] = "modelkeep"
main()
"""
)


@pytest.fixture
def waiting(server: HubServer, client: Client) -> Client:
    """With a model, and a transfer that waits."""
    server.add("org/other", {"config.json": b"{}"})
    assert client.download("org/other").error is None
    client.library.hubs.add_transfer(client.library.hubs.plan_download(NAME))
    return client


@pytest.mark.parametrize("by", ["switch", "variable"])
def test_offline_means_that_no_socket_is_made(waiting: Client, server: HubServer, by: str) -> None:
    if by == "switch":
        assert waiting.library.hubs.set_offline(True)
    server.forget()
    variable = {"MODELKEEP_OFFLINE": "1"} if by == "variable" else {}
    done = subprocess.run(
        [sys.executable, "-c", EVERY_CALL, waiting.root],
        env=os.environ | variable,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "quiet\n", done.stderr
    assert server.requests == []


def test_offline_ends_a_download_that_runs(client: Client, server: HubServer) -> None:
    server.fault(WEIGHTS_OF, Cut(after=MIB))
    server.on(WEIGHTS_OF, lambda: client.library.hubs.set_offline(True))
    with pytest.raises(Offline):
        client.download()
    assert len(server.seen(WEIGHTS_OF)) == 1
    assert_unfinished(client.root)
    assert client.library.hubs.set_offline(False) == ""
    assert client.go_on().error is None
    assert_whole(client.root)


@pytest.mark.parametrize(
    ("command", "status"),
    [
        (["list"], 0),
        (["list", "--json"], 0),
        (["show", "org/other"], 0),
        (["transfers", "list"], 0),
        (["download", NAME], None),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_commands_make_no_socket_while_offline(
    waiting: Client, server: HubServer, command: list[str], status: int | None
) -> None:
    server.forget()
    done = subprocess.run(
        [sys.executable, "-c", COMMANDS, *command],
        env=os.environ | {"MODELKEEP_OFFLINE": "1", "MODELKEEP_ROOTS": str(waiting.root)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "socket was made" not in done.stderr
    assert "Traceback" not in done.stderr
    if status is None:
        assert done.returncode != 0
        assert "offline" in done.stderr.lower()
    else:
        assert done.returncode == status, done.stderr
    assert server.requests == []
    assert_sound(waiting.root)
