"""A bucket on a server of the tests."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, replace
from functools import cache
from typing import Any
from urllib.parse import urlencode

from modelkeep.named_remotes import Credentials
from support.s3.server import KeyPair, S3Server

__all__ = ["S3Store", "new_store"]


@dataclass(frozen=True)
class S3Store:
    """A bucket, and a place in it. `url` has no secrets in it."""

    server: S3Server
    bucket: str
    prefix: str = "models"
    endpoint: str = ""
    """Another way to the server than its own, as through a proxy."""

    @property
    def url(self) -> str:
        return self.url_with()

    @property
    def credentials(self) -> Credentials:
        return _credentials(self.server.user)

    def url_with(self, **options: str) -> str:
        """Its URL with more, or other, of what may stand behind the question mark."""
        asked = {"endpoint": self.endpoint or self.server.endpoint, "region": "us-east-1"} | options
        return f"s3://{self.bucket}/{self.prefix}?{urlencode(asked, safe=':/')}"

    def through(self, endpoint: str) -> S3Store:
        """The same, by way of another address."""
        return replace(self, endpoint=endpoint)

    def reader(self) -> Credentials:
        """Somebody who may read all of the bucket and change nothing. Only where the server knows policies."""
        assert self.server.guest is not None
        policy = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": [f"arn:aws:iam:::user/{self.server.guest.name}"]},
                    "Action": ["s3:GetObject", "s3:ListBucket"],
                    "Resource": [f"arn:aws:s3:::{self.bucket}", f"arn:aws:s3:::{self.bucket}/*"],
                }
            ],
        }
        with self.client() as client:
            client.put_bucket_policy(Bucket=self.bucket, Policy=json.dumps(policy))
        return _credentials(self.server.guest)

    def client(self) -> Any:
        """A botocore client, to be used as a context manager."""
        return _Client(self.server)

    def names(self) -> list[str]:
        """The keys of all objects in the bucket."""
        with self.client() as client:
            pages = client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket)
            return [one["Key"] for page in pages for one in page.get("Contents", ())]


def new_store(server: S3Server, prefix: str = "models") -> S3Store:
    """A new bucket."""
    store = S3Store(server, f"test-{uuid.uuid4().hex[:16]}", prefix)
    with store.client() as client:
        client.create_bucket(Bucket=store.bucket)
    return store


@cache
def _session() -> Any:
    """Kept, for it has read what botocore knows of S3, which takes longer than most tests."""
    import botocore.session

    return botocore.session.Session()


class _Client:
    """Lets go of the connections at the end, which botocore does not by itself."""

    def __init__(self, server: S3Server) -> None:
        from botocore.config import Config

        self._client = _session().create_client(
            "s3",
            region_name="us-east-1",
            endpoint_url=server.endpoint,
            aws_access_key_id=server.user.key_id,
            aws_secret_access_key=server.user.secret,
            config=Config(
                s3={"addressing_style": "path"},
                proxies={},
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )

    def __enter__(self) -> Any:
        return self._client

    def __exit__(self, *_: object) -> None:
        self._client.close()


def _credentials(keys: KeyPair) -> Credentials:
    return Credentials(keys.key_id, keys.secret, source="typed")
