"""The command as a process: what it says, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import requests

from support.caches import CacheMaker
from support.cli import check_shape, run
from support.serving import COMMAND, serve_process

URL = "/org/model/resolve/main/model.safetensors"
SIZE = 64 << 20  # more than sockets take without a reader


@pytest.fixture
def root(cache: CacheMaker) -> Path:
    commit = cache.add("org/model", {"model.safetensors": b"", "config.json": b"{}"}, tree=False)
    blob = (cache.folder("org/model") / "snapshots" / commit / "model.safetensors").resolve()
    os.truncate(blob, SIZE)
    return cache.root


def asked(url: str) -> socket.socket:
    """A client that asked for the large file and has got the beginning of it."""
    host, _, port = url.rpartition("/")[2].rpartition(":")
    client = socket.create_connection((host, int(port)), 20)
    client.sendall(f"GET {URL} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    assert client.recv(12, socket.MSG_WAITALL) == b"HTTP/1.1 200"
    return client


def rest(client: socket.socket) -> int:
    """How many bytes a client still gets until the end."""
    got = 0
    with client:
        while True:
            try:
                piece = client.recv(1 << 20)
            except ConnectionResetError:
                return got
            if not piece:
                return got
            got += len(piece)


def end(process: subprocess.Popen[str]) -> tuple[list[dict[str, Any]], str]:
    """The events that were not read yet, and what was said beside them; the process has ended well."""
    out, err = process.communicate(timeout=20)
    assert process.returncode == 0, err
    assert "Traceback" not in err
    return [json.loads(line) for line in out.splitlines()], err


def kinds(events: Sequence[dict[str, Any]]) -> list[str]:
    return [event["event"] for event in events]


def test_events_are_lines_of_json(root: Path, tmp_path: Path) -> None:
    log = tmp_path / "serve.log"
    with serve_process("--root", str(root), "--log", str(log)) as (process, first):
        check_shape(
            first,
            {
                "event": str,
                "url": str,
                "environment": {
                    "HF_ENDPOINT": str,
                    "HF_HUB_DISABLE_XET": str,
                    "HF_HUB_DISABLE_TELEMETRY": str,
                },
                "push": bool,
                "token_required": bool,
                "roots": [str],
                "into": None,
                "repositories": int,
            },
        )
        assert first["environment"]["HF_ENDPOINT"] == first["url"]
        assert requests.get(f"{first['url']}/org/model/resolve/main/config.json", timeout=20).content == b"{}"
        process.send_signal(signal.SIGTERM)
        events, err = end(process)
    by_kind = {event["event"]: event for event in events}
    assert kinds(events)[-1] == "stopped"
    check_shape(
        by_kind["fetched"],
        {
            "event": str,
            "at": str,
            "address": str,
            "name": str,
            "repo_type": str,
            "repo_id": str,
            "path": str,
            "bytes": int,
        },
    )
    [client] = by_kind["clients"]["clients"]
    check_shape(client, {"address": str, "name": str, "since": str, "bytes": int, "files": int, "now": str})
    assert (client["bytes"], client["files"]) == (2, 1)
    assert "127.0.0.1 fetched org/model config.json" in log.read_text()
    assert err == ""


def test_a_transfer_under_way_ends_before_the_server_does(root: Path) -> None:
    with serve_process("--root", str(root)) as (process, first):
        client = asked(first["url"])
        process.send_signal(signal.SIGINT)
        while True:  # it stops to listen, which is when the signal has arrived
            try:
                requests.get(f"{first['url']}/health", timeout=20).close()
            except requests.ConnectionError:
                break
        assert rest(client) > SIZE
        events, _ = end(process)
    assert kinds(events)[-1] == "stopped"
    assert "fetched" in kinds(events)


def test_the_second_signal_cuts(root: Path) -> None:
    with serve_process("--root", str(root)) as (process, first):
        client = asked(first["url"])
        process.send_signal(signal.SIGTERM)
        while True:
            try:
                requests.get(f"{first['url']}/health", timeout=20).close()
            except requests.ConnectionError:
                break
        process.send_signal(signal.SIGTERM)
        events, err = end(process)
        assert rest(client) < SIZE
    assert "fetched" not in kinds(events)
    assert "the server stopped" in err


def test_the_grace_has_an_end(root: Path) -> None:
    with serve_process("--root", str(root), "--grace", "0.1") as (process, first):
        client = asked(first["url"])
        process.send_signal(signal.SIGTERM)
        events, _ = end(process)
        assert rest(client) < SIZE
    assert kinds(events)[-1] == "stopped"


def test_it_stops_when_standard_input_closes(root: Path) -> None:
    with serve_process("--root", str(root), "--until-stdin-closes", stdin=subprocess.PIPE) as (process, _):
        assert process.stdin is not None
        process.stdin.close()
        process.stdin = None
        events, _ = end(process)
    assert kinds(events)[-1] == "stopped"


def test_it_stops_when_nobody_reads_its_events(root: Path) -> None:
    with serve_process("--root", str(root)) as (process, first):
        assert process.stdout is not None
        process.stdout.close()
        requests.get(f"{first['url']}/org/model/resolve/main/config.json", timeout=20).close()
        assert process.wait(20) == 0
        process.stdout = None


def test_a_person_is_told_what_to_set(root: Path) -> None:
    with subprocess.Popen(
        [*COMMAND, "serve", "--root", str(root), "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline().rstrip() for _ in range(8)]
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
    assert process.returncode == 0
    url = lines[0].split()[4].rstrip(",")
    assert lines[0] == f"Serving one repository at {url}, for reading."
    assert f"export HF_ENDPOINT={url}" in lines
    assert "export HF_HUB_DISABLE_XET=1" in lines
    assert lines[-1] == "Ctrl-C stops it."


def test_a_port_that_is_taken_is_named(root: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        result = run("serve", "--root", str(root), "--port", str(port))
    assert result.status == 1
    assert f"127.0.0.1, port {port}" in result.err
