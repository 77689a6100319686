"""A real S3 server: Ceph's radosgw over one monitor and one disk in memory, all of it on 127.0.0.1.

    with radosgw(folder) as server:  # an S3Server; `folder` is shared by all who want the same one
        ...

The first who asks starts it, as a process of its own that keeps its daemons; everyone holds a lock as long as they
need it. When the last one lets go, in whatever way it ends, that process gets the lock, stops the daemons and removes
their folder.

Run as `python -m support.s3.radosgw FOLDER`, it is that process.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import IO

from support.s3.server import KeyPair, S3Server, die_with_parent

__all__ = ["missing_for_radosgw", "radosgw"]

_PROGRAMS = ("ceph", "ceph-authtool", "ceph-mon", "ceph-osd", "monmaptool", "radosgw", "radosgw-admin")
_CLASSES = (
    "/usr/lib/x86_64-linux-gnu/rados-classes",
    "/usr/lib/aarch64-linux-gnu/rados-classes",
    "/usr/lib64/rados-classes",
)
_PATIENCE = 120.0  # seconds until it has to be up
_TESTS = Path(__file__).parents[2]

_CONFIGURATION = """
[global]
fsid = {fsid}
mon host = [v2:127.0.0.1:{mon_port},v1:127.0.0.1:{mon_port_1}]
public addr = 127.0.0.1
cluster addr = 127.0.0.1
auth cluster required = cephx
auth service required = cephx
auth client required = cephx
keyring = {folder}/admin.keyring
run dir = {folder}
admin socket =
log file = {folder}/$name.log
crash dir = {folder}
osd class dir = {classes}
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon max pg per osd = 500
mon data avail warn = 1
mon data avail crit = 0
mon osd full ratio = 0.99
mon osd nearfull ratio = 0.98
mon osd backfillfull ratio = 0.985
paxos propose interval = 0.05
paxos min wait = 0.01
ms bind ipv4 = true
ms bind ipv6 = false

[mon]
mon data = {folder}/mon
mon cluster log file =

[osd]
osd data = {folder}/osd
osd objectstore = memstore
osd op num shards = 2
osd op num threads per shard = 1
memstore device bytes = 17179869184
keyring = {folder}/osd/keyring

[client]
rgw frontends = beast endpoint=127.0.0.1:{port}
rgw thread pool size = 64
rgw data = {folder}
rgw enable usage log = false
rgw data log num shards = 1
rgw md log max shards = 1
rgw lc max objs = 1
rgw gc max objs = 1
rgw reshard num logs = 1
rgw objexp hints num shards = 1
rgw num control oids = 1
rgw sts key = abcdefghijklmnop
"""


def missing_for_radosgw() -> str:
    """Why no radosgw can be started here, "" when it can."""
    if not sys.platform.startswith("linux"):
        return "radosgw runs on Linux"
    missing = [name for name in _PROGRAMS if shutil.which(name) is None]
    if missing:
        return f"not installed: {', '.join(missing)} (packages radosgw ceph-mon ceph-osd ceph-common)"
    return ""


@contextmanager
def radosgw(folder: Path) -> Iterator[S3Server]:
    """The server of `folder`, started when nobody has yet; it runs until the last one has left."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        with open(folder / "start.lock", "w") as starting:
            fcntl.flock(starting, fcntl.LOCK_EX)
            server = _join(folder, stack) or _start(folder, stack)
        yield server


def _join(folder: Path, stack: ExitStack) -> S3Server | None:
    """The server that others have started, None where there is none or it is about to leave."""
    for state in sorted(folder.glob("*/server.json"), reverse=True):
        with suppress(OSError, ValueError):
            using = (state.parent / "users.lock").open()
            try:
                fcntl.flock(using, fcntl.LOCK_SH | fcntl.LOCK_NB)
                server = _read(state)
            except BaseException:
                using.close()
                raise
            stack.enter_context(using)
            return server
    return None


def _start(folder: Path, stack: ExitStack) -> S3Server:
    place = folder / uuid.uuid4().hex[:8]
    place.mkdir()
    (place / "users.lock").touch()
    using = stack.enter_context((place / "users.lock").open())
    fcntl.flock(using, fcntl.LOCK_SH)
    with open(folder / f"{place.name}.log", "w+") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "support.s3.radosgw", str(place)],
            cwd=_TESTS,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )
        assert process.stdout is not None
        with process.stdout:
            is_up = process.stdout.read()  # it closes this when it is up, or at its end
        if not is_up:
            process.wait()
            log.seek(0)
            raise RuntimeError(f"radosgw did not come up: {log.read()[-3000:]}")
    _waited_for.append(process)
    return _read(place / "server.json")


_waited_for: list[subprocess.Popen[bytes]] = []
"""Servers that end when they like; without a reference they would warn that they still run."""


def _read(state: Path) -> S3Server:
    said = json.loads(state.read_text())
    return S3Server("radosgw", said["endpoint"], KeyPair(*said["user"]), KeyPair(*said["guest"]))


# ---- the process that keeps the daemons


class _Cluster:
    """The daemons, in the order they were started."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.daemons: list[subprocess.Popen[bytes]] = []
        self.port = _free_port()
        self.fsid = str(uuid.uuid4())
        self._log: IO[bytes] = open(place / "daemons.log", "wb")  # noqa: SIM115
        mon_port, mon_port_1 = _free_port(), _free_port()
        (place / "ceph.conf").write_text(
            _CONFIGURATION.format(
                fsid=self.fsid,
                folder=place,
                mon_port=mon_port,
                mon_port_1=mon_port_1,
                port=self.port,
                classes=next((one for one in _CLASSES if os.path.isdir(one)), _CLASSES[0]),
            )
        )
        self._monitors = f"[v2:127.0.0.1:{mon_port},v1:127.0.0.1:{mon_port_1}]"

    def start(self) -> S3Server:
        self._start_monitor()
        self._start_disk()
        user = self._add_user("keeper", "--caps=users=*;buckets=*")
        gateway = self._daemon("radosgw", "-f", "-n", "client.admin", "--no-mon-config")
        guest = self._add_user("guest", "--max-buckets=-1")
        self._wait_for(gateway)
        return S3Server("radosgw", f"http://127.0.0.1:{self.port}", user, guest)

    def stop(self) -> None:
        for daemon in reversed(self.daemons):
            daemon.kill()  # nothing of it is kept
            daemon.wait()
        self._log.close()

    def _start_monitor(self) -> None:
        place = self.place
        admin, monitor = str(place / "admin.keyring"), str(place / "mon.keyring")
        tool = ("ceph-authtool", "--gen-key")
        everything = ("--cap", "mon", "allow *", "--cap", "osd", "allow *", "--cap", "mgr", "allow *")
        self._run(*tool, "--create-keyring", monitor, "-n", "mon.", "--cap", "mon", "allow *")
        self._run(*tool, "--create-keyring", admin, "-n", "client.admin", *everything)
        self._run("ceph-authtool", monitor, "--import-keyring", admin)
        self._run(
            "monmaptool", "--create", "--addv", "a", self._monitors, "--fsid", self.fsid, f"{place}/monmap"
        )
        self._run("ceph-mon", "--mkfs", "-i", "a", "--monmap", f"{place}/monmap", "--keyring", monitor)
        self._daemon("ceph-mon", "-f", "-i", "a")

    def _start_disk(self) -> None:
        (self.place / "osd").mkdir()
        disk = str(uuid.uuid4())
        keyring = str(self.place / "osd" / "keyring")
        self._run("ceph-authtool", "--create-keyring", keyring, "--gen-key", "-n", "osd.0")
        secret = self._run("ceph-authtool", "-p", "-n", "osd.0", keyring).strip()
        self._run("ceph", "osd", "new", disk, "-i", "-", said=json.dumps({"cephx_secret": secret}))
        self._run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", disk)
        self._daemon("ceph-osd", "-f", "-i", "0")

    def _add_user(self, name: str, *arguments: str) -> KeyPair:
        said = self._run(
            "radosgw-admin", "user", "create", f"--uid={name}", f"--display-name={name}", *arguments
        )
        [keys] = json.loads(said)["keys"]
        return KeyPair(name, keys["access_key"], keys["secret_key"])

    def _wait_for(self, gateway: subprocess.Popen[bytes]) -> None:
        until = time.monotonic() + _PATIENCE
        while gateway.poll() is None and time.monotonic() < until:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.05)  # it says nowhere else that it is up
        raise RuntimeError("the gateway did not come up")

    def _run(self, *command: str, said: str = "") -> str:
        done = subprocess.run(
            [*command, "--conf", str(self.place / "ceph.conf")]
            if command[0].startswith(("ceph", "rados"))
            else command,
            input=said,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            preexec_fn=die_with_parent,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}: {done.stderr[-2000:]}")
        return done.stdout

    def _daemon(self, *command: str) -> subprocess.Popen[bytes]:
        daemon = subprocess.Popen(
            [*command, "--conf", str(self.place / "ceph.conf")],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            preexec_fn=die_with_parent,
        )
        self.daemons.append(daemon)
        return daemon


def _free_port() -> int:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _keep(place: Path) -> None:
    """Start it, say so on standard output, and stop it when nobody holds the lock any more."""
    with open(place / "users.lock") as users:
        cluster = _Cluster(place)
        try:
            server = cluster.start()
            (place / "server.tmp").write_text(json.dumps(server._asdict()))
            os.rename(place / "server.tmp", place / "server.json")
            print("up", flush=True)
            with open(os.devnull) as nothing:
                os.dup2(nothing.fileno(), sys.stdout.fileno())
            fcntl.flock(users, fcntl.LOCK_EX)
            place.with_suffix(".log").unlink(missing_ok=True)
        finally:
            cluster.stop()
            shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    _keep(Path(sys.argv[1]))
