"""Real S3 servers for tests, and a proxy that makes them fail.

A test module takes the fixtures of `support/s3/fixtures.py` by

    pytest_plugins = ("support.s3.fixtures",)

    def test_something(s3_store: S3Store) -> None:       # on rclone, up at once; no conditional writes
        with S3Objects(s3_store.url, s3_store.credentials) as objects: ...

    def test_something(ceph_store: S3Store) -> None:     # on radosgw; skipped where it is not installed
        ...

    @pytest.mark.parametrize("any_s3_store", …)          # `any_s3_store` alone runs a test on both

Each test gets a bucket of its own; `store.client()` is a botocore client to look with, `store.reader()` the keys of
somebody who may only read (radosgw). Outside pytest: `with radosgw(folder) as server`, `with rclone(folder) as
server`, then `new_store(server)`. `with FaultProxy(store.server.endpoint) as proxy` stands between;
`store.through(proxy.url)` is the same store by way of it.
"""

from support.s3.faults import Fault, FaultProxy
from support.s3.radosgw import missing_for_radosgw, radosgw
from support.s3.rclone import missing_for_rclone, rclone
from support.s3.server import KeyPair, S3Server
from support.s3.store import S3Store, new_store

__all__ = [
    "Fault",
    "FaultProxy",
    "KeyPair",
    "S3Server",
    "S3Store",
    "missing_for_radosgw",
    "missing_for_rclone",
    "new_store",
    "radosgw",
    "rclone",
]
