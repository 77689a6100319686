"""Downloading from our own endpoint against `curl` and `hf download`; a kill at 90 %; serving against nginx.

All of it is on loopback, with whole processes: N1 is a download of a few large and of 2,000 small files, N2 the bytes
that come again after a kill -9, N3 the same file to 8 clients at once. Nothing is compared with a network.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from figures import Row, main, ratio, value
from pairs import Reading, command, in_turn
from samples import disk_folder, make_model, settle

__all__ = ["serving"]

_PROGRAMS = Path(sys.executable).parent
_LARGE, _SMALL = "org/large", "org/small"
_SHARDS = 4
_FILES = 2_000
_CLIENTS = 8
_KILL_AT = 0.9


def measure(sizes: Sequence[int], rounds: int) -> Iterator[Row | str]:
    for size in sizes:
        with disk_folder() as folder:
            make_model(folder / "hub", _LARGE, shards=_SHARDS, size=size << 20)
            make_model(folder / "hub", _SMALL, shards=1, size=1 << 20, files=_FILES)
            settle(folder / "hub")
            with serving(folder) as endpoint:
                yield from _downloads(folder, endpoint, f"{size:,} MiB in {_SHARDS} files", _LARGE, rounds)
                yield from _downloads(folder, endpoint, f"{_FILES:,} small files", _SMALL, rounds)
                yield _killed(folder, endpoint, size, rounds)
            yield from _serves(folder, size, rounds)


# ---- the server


def _port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """A hub with what is in `folder`/hub; gives its address."""
    port = _port()
    words: list[str | Path] = [
        _PROGRAMS / "modelkeep",
        "--root",
        folder / "hub",
        "serve",
        "--port",
        str(port),
    ]
    with open(folder / "serve.log", "w") as log:
        server = subprocess.Popen(words, stdout=log, stderr=log, env=_quiet(folder, "server"))
        try:
            yield _when_it_answers(f"http://127.0.0.1:{port}", "/health")
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(40)


@contextmanager
def _nginx(folder: Path) -> Iterator[str]:
    port = _port()
    work = folder / "nginx"
    work.mkdir(exist_ok=True)
    (work / "nginx.conf").write_text(f"""
        daemon off; master_process off; pid {work}/pid; error_log {work}/error.log;
        events {{ worker_connections 256; }}
        http {{
            access_log off; sendfile on; tcp_nopush on;
            client_body_temp_path {work}/a; proxy_temp_path {work}/b; fastcgi_temp_path {work}/c;
            uwsgi_temp_path {work}/d; scgi_temp_path {work}/e;
            server {{ listen 127.0.0.1:{port}; root {folder}/hub; disable_symlinks off; }}
        }}""")
    server = subprocess.Popen(["nginx", "-p", work, "-c", work / "nginx.conf"], stderr=subprocess.DEVNULL)
    try:
        yield _when_it_answers(f"http://127.0.0.1:{port}", "/CACHEDIR.TAG")
    finally:
        server.terminate()
        server.wait(10)


def _when_it_answers(url: str, path: str) -> str:
    for _ in range(200):
        try:
            with urllib.request.urlopen(url + path) as answer:
                answer.read()
            return url
        except urllib.error.HTTPError:
            return url
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"{url} does not answer.")


def _quiet(folder: Path, name: str, endpoint: str = "") -> dict[str, str]:
    return {
        **os.environ,
        "MODELKEEP_HOME": os.fspath(folder / f"home-{name}"),
        "HF_ENDPOINT": endpoint or "http://127.0.0.1:9",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_UPDATE_CHECK": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "HF_HUB_DISABLE_XET": "1",
    }


# ---- N1


def _downloads(folder: Path, endpoint: str, what: str, name: str, rounds: int) -> Iterator[Row]:
    urls = _curl_list(folder, endpoint, name)

    def fresh(place: str) -> Path:
        target = folder / place
        shutil.rmtree(target, ignore_errors=True)
        subprocess.run(["sync", "-f", folder], check=True)
        return target

    def ours() -> Reading:
        root = fresh("ours")
        root.mkdir()
        words: list[str | Path] = [_PROGRAMS / "modelkeep", "--root", root, "download", name, "--all", "-y"]
        return command(*words, **_quiet(folder, "ours", endpoint))

    def hf() -> Reading:
        words: list[str | Path] = [_PROGRAMS / "hf", "download", name, "--cache-dir", fresh("hf")]
        return command(*words, **_quiet(folder, "hf", endpoint))

    def curl() -> Reading:
        fresh("curl").mkdir()
        return command("curl", "-sS", "--fail", "--parallel", "--parallel-max", "8", "--config", urls)

    mine, theirs, plain = in_turn(rounds, ours, hf, curl)
    yield ratio("N1", f"download of {what} against curl", mine, plain, must=1.2, goal=1.0)
    yield ratio("N1", f"download of {what} against hf download", mine, theirs, goal=1.0)
    yield ratio("", f"memory of the download of {what} against hf", mine, theirs, of="peak")


def _curl_list(folder: Path, endpoint: str, name: str) -> Path:
    """All files of a model, as a configuration that curl reads."""
    repo = folder / "hub" / f"models--{name.replace('/', '--')}"
    [snapshot] = (repo / "snapshots").iterdir()
    names = sorted(path.relative_to(snapshot).as_posix() for path in snapshot.rglob("*") if path.is_file())
    lines = ["create-dirs"]
    for path in names:
        lines += [f'url = "{endpoint}/{name}/resolve/{snapshot.name}/{path}"']
        lines += [f'output = "{folder}/curl/{path}"']
    config = folder / f"{repo.name}.curl"
    config.write_text("\n".join(lines))
    return config


# ---- N2


def _killed(folder: Path, endpoint: str, size: int, rounds: int) -> Row:
    again = []
    for _ in range(max(2, rounds // 2)):
        root = folder / "killed"
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir()
        whole = size << 20
        environment = _quiet(folder, "killed", endpoint)
        words: list[str | Path] = [_PROGRAMS / "modelkeep", "--root", root, "download", _LARGE, "--all", "-y"]
        before = _sent(endpoint)
        with subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL) as process:
            while process.poll() is None and _written(root) < _KILL_AT * whole:
                time.sleep(0.002)
            with suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
        command(*words, **environment)
        again.append({"share": 100 * (_sent(endpoint) - before - whole) / whole})
    return value(
        "N2", f"% fetched again after kill -9 at 90 %, {size:,} MiB", again, of="share", must=5, goal=1
    )


def _written(root: Path) -> int:
    total = 0
    for path in root.rglob("*"):
        with suppress(OSError):
            if path.is_file() and not path.is_symlink():
                total += path.stat().st_blocks * 512
    return total


def _sent(endpoint: str) -> int:
    """Bytes of files that the server has sent so far."""
    with urllib.request.urlopen(f"{endpoint}/metrics") as answer:
        text = answer.read().decode()
    found = re.findall(r"^modelkeep_serve_bytes_sent_total(?:\{[^}]*\})? (\S+)$", text, re.MULTILINE)
    return round(sum(map(float, found)))


# ---- N3


def _serves(folder: Path, size: int, rounds: int) -> Iterator[Row | str]:
    repo = folder / "hub" / f"models--{_LARGE.replace('/', '--')}"
    [snapshot] = (repo / "snapshots").iterdir()
    shard = min(snapshot.glob("*.safetensors"))
    if shutil.which("nginx") is None:
        yield "Serving: skipped, for there is no nginx here."
        return
    clients = ["sh", "-c", f'for n in $(seq {_CLIENTS}); do curl -sSf -o /dev/null "$0" & done; wait']
    with serving(folder) as ours, _nginx(folder) as nginx:
        ours_url = f"{ours}/{_LARGE}/resolve/{snapshot.name}/{shard.name}"
        nginx_url = f"{nginx}/{repo.name}/blobs/{shard.resolve().name}"
        mine, theirs = in_turn(
            2 * rounds, partial(command, *clients, ours_url), partial(command, *clients, nginx_url)
        )
    what = f"{size // _SHARDS:,} MiB to {_CLIENTS} clients"
    yield ratio("N3", f"serve {what} against nginx", mine, theirs, must=1.6, goal=1.25)


if __name__ == "__main__":
    main(measure, __doc__, sizes=[2048], quick=[512], rounds=5, unit="MiB of weights")
