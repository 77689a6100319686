"""What the URL of a store in S3 says, and what is not taken for one."""

from __future__ import annotations

import pytest

from modelkeep.errors import SettingsError
from modelkeep.remote.s3.address import S3Address, parse_address
from modelkeep.remote.s3.objects import S3Objects


def test_all_that_it_may_say() -> None:
    url = (
        "s3://bucket/a/b?endpoint=https://store.example:9000&region=eu-1&profile=work&addressing=virtual"
        "&ca=/etc/own.pem&proxy=none"
    )
    said = parse_address(url)
    assert said == S3Address(
        "bucket", "a/b/", "https://store.example:9000", "eu-1", "work", "virtual", "/etc/own.pem", "none"
    )
    assert said.url == url
    assert parse_address(said.url) == said


@pytest.mark.parametrize(
    ("url", "prefix"),
    [
        ("s3://bucket", ""),
        ("s3://bucket/", ""),
        ("s3://bucket//a//b/", "a/b/"),
        ("s3://bucket/a%20b", "a b/"),
    ],
)
def test_a_prefix(url: str, prefix: str) -> None:
    assert parse_address(url).prefix == prefix
    assert parse_address(parse_address(url).url).prefix == prefix


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("s3://models", "https://models.s3.eu-1.amazonaws.com/"),
        ("s3://models?addressing=path", "https://s3.eu-1.amazonaws.com/models/"),
        ("s3://my.models", "https://s3.eu-1.amazonaws.com/my.models/"),
        ("s3://models?endpoint=http://127.0.0.1:9000", "http://127.0.0.1:9000/models/"),
        ("s3://models?endpoint=https://a.example/s3/&addressing=virtual", "https://models.a.example/s3/"),
    ],
)
def test_where_the_bucket_stands(url: str, base: str) -> None:
    address = parse_address(url)
    assert address.base(address.endpoint, "eu-1") == base


@pytest.mark.parametrize(
    "url",
    [
        "https://bucket/a",
        "s3:///a",
        "s3://b",
        "s3://bucket:80/a",
        "s3://bucket/../a",
        "s3://bucket/a#b",
        "s3://bucket?endpoint=store.example",
        "s3://bucket?endpoint=ftp://store.example",
        "s3://bucket?endpoint=http://store.example:x",
        "s3://bucket?addressing=sideways",
        "s3://bucket?region=a/b",
        "s3://bucket?proxy=nowhere",
        "s3://bucket?region=a&region=b",
        "s3://bucket?region",
        "s3://[",
    ],
)
def test_what_is_none(url: str) -> None:
    with pytest.raises(SettingsError) as raised:
        parse_address(url)
    assert raised.value.hint


@pytest.mark.parametrize(
    "url",
    [
        "s3://KEY:swordfish@bucket/a",
        "s3://swordfish@bucket/a",
        "s3://bucket?endpoint=http://me:swordfish@store.example",
        "s3://bucket?proxy=http://me:swordfish@proxy.example:3128",
        "s3://bucket?secret_access_key=swordfish",
        "s3://bucket?secret=swordfish&endpoint=http://store.example",
    ],
)
def test_secrets_are_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(SettingsError) as raised:
        S3Objects(url)
    assert "swordfish" not in str(raised.value) + raised.value.hint
