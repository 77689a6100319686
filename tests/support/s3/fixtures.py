"""Fixtures of S3 servers, to be named in `pytest_plugins`; see the package's docstring."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from support.s3.radosgw import missing_for_radosgw, radosgw
from support.s3.rclone import missing_for_rclone, rclone
from support.s3.server import S3Server
from support.s3.store import S3Store, new_store


@pytest.fixture(scope="session")
def rclone_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """`rclone serve s3`, one for each process of the tests."""
    if reason := missing_for_rclone():
        pytest.skip(reason)
    with rclone(tmp_path_factory.mktemp("rclone")) as server:
        yield server


@pytest.fixture(scope="session")
def radosgw_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """One radosgw for all processes of the tests."""
    if reason := missing_for_radosgw():
        pytest.skip(reason)
    base = tmp_path_factory.getbasetemp()
    # A worker's folder is in that of the whole run; where there are no workers, it is that itself.
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    with radosgw(shared / "radosgw") as server:
        yield server


@pytest.fixture
def s3_store(rclone_server: S3Server) -> S3Store:
    """An empty bucket on a server that has no conditional writes."""
    return new_store(rclone_server)


@pytest.fixture
def ceph_store(radosgw_server: S3Server) -> S3Store:
    """An empty bucket on a server that has all of S3 that matters here."""
    return new_store(radosgw_server)


@pytest.fixture(params=["rclone", "radosgw"])
def any_s3_store(request: pytest.FixtureRequest) -> S3Store:
    """An empty bucket, on one server and then on the other."""
    server: S3Server = request.getfixturevalue(f"{request.param}_server")
    return new_store(server)
