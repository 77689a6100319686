"""Where a store lies in S3, as its URL says it: `s3://bucket/prefix?endpoint=…&region=…`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit

from modelkeep.errors import SettingsError
from modelkeep.hub.profile import NO_PROXY

__all__ = ["SCHEME", "S3Address", "is_region", "parse_address"]

SCHEME = "s3"
_OPTIONS = ("endpoint", "region", "profile", "addressing", "ca", "proxy")
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,254}")
_REGION = re.compile(r"[A-Za-z0-9-]{1,64}")
_AMAZON = re.compile(r"[a-z0-9.-]*\.amazonaws\.com(\.cn)?")
_PROXIES = ("http", "https", "socks5", "socks5h")
_EXAMPLE = "Write it as s3://bucket/folder, or s3://bucket/folder?endpoint=https://store.example:9000."


@dataclass(frozen=True)
class S3Address:
    """A bucket, a place in it and the way there; "" is what the AWS files, the environment or Amazon say.

    `prefix` is "" or ends with "/". `addressing`: "path" for the bucket in the path of every request, "virtual" for
    it in the name of the host. `ca` is a PEM file of authorities, `proxy` a URL or "none". Nothing here is secret.
    """

    bucket: str
    prefix: str = ""
    endpoint: str = ""
    region: str = ""
    profile: str = ""
    addressing: str = ""
    ca: str = ""
    proxy: str = ""

    @property
    def url(self) -> str:
        said = {name: value for name in _OPTIONS if (value := getattr(self, name))}
        place = f"{SCHEME}://{self.bucket}/{quote(self.prefix.removesuffix('/'), safe='/~')}".removesuffix(
            "/"
        )
        return f"{place}?{urlencode(said, safe=':/', quote_via=quote)}" if said else place

    def base(self, endpoint: str, region: str) -> str:
        """What a key is put behind to make an address of it, for an endpoint ("": Amazon's) in a region."""
        if not endpoint:
            amazon = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
            endpoint = f"https://s3.{region}.{amazon}"
        parts = urlsplit(endpoint)
        if self.is_virtual(endpoint):
            return f"{parts.scheme}://{self.bucket}.{parts.netloc}{parts.path.rstrip('/')}/"
        return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}/{self.bucket}/"

    def is_virtual(self, endpoint: str) -> bool:
        """Whether the bucket goes into the host's name: at Amazon, unless a dot in it is in the way of TLS."""
        if self.addressing:
            return self.addressing == "virtual"
        is_amazon = _AMAZON.fullmatch(urlsplit(endpoint).hostname or "") is not None
        return is_amazon and "." not in self.bucket and self.bucket == self.bucket.lower()


def parse_address(url: str) -> S3Address:
    """The address in a URL. Raises `SettingsError` for what is none, and for one that holds a secret."""
    try:
        parts = urlsplit(url)
        port = parts.port
        said = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    except ValueError as error:
        raise SettingsError("This is no address of a bucket.", hint=_EXAMPLE) from error
    if parts.scheme.lower() != SCHEME or parts.fragment or port is not None:
        raise SettingsError("This is no address of a bucket.", hint=_EXAMPLE)
    _without_secret(parts)
    options: dict[str, str] = {}
    for name, value in said:
        if name not in _OPTIONS or name in options:
            # The value is not repeated: it may be a key that somebody put there.
            raise SettingsError(
                f"The address of a bucket has no “{name[:40]}”, or has it twice.",
                hint=f"It may have {', '.join(_OPTIONS)}. Keys do not belong into it: they are given apart.",
            )
        options[name] = value
    bucket = parts.netloc
    if not _BUCKET.fullmatch(bucket):
        raise SettingsError(f"“{bucket}” is no name of a bucket.", hint=_EXAMPLE)
    folders = [one for one in unquote(parts.path).split("/") if one]
    if any(one in (".", "..") or not one.isprintable() for one in folders):
        raise SettingsError(f"“{unquote(parts.path)}” is no folder in a bucket.", hint=_EXAMPLE)
    prefix = "/".join(folders) + "/" if folders else ""
    return _checked(S3Address(bucket, prefix, **options))


def is_region(said: str) -> bool:
    """Whether a text can be the name of a region: it becomes a part of a host's name."""
    return _REGION.fullmatch(said) is not None


def _checked(address: S3Address) -> S3Address:
    if address.endpoint:
        _check_url(address.endpoint, ("http", "https"), "an endpoint")
    if address.proxy and address.proxy != NO_PROXY:
        _check_url(address.proxy, _PROXIES, "a proxy")
    if address.region and not is_region(address.region):
        raise SettingsError(f"“{address.region}” is no name of a region.", hint="As eu-central-1.")
    if address.addressing not in ("", "path", "virtual"):
        raise SettingsError(
            f"“{address.addressing}” is no way to address a bucket.", hint="It is path or virtual."
        )
    return address


def _check_url(url: str, schemes: tuple[str, ...], what: str) -> None:
    try:
        parts = urlsplit(url)
        known = parts.scheme in schemes and bool(parts.hostname) and (parts.port or 0) >= 0
    except ValueError:
        known = False
    if not known or parts.query or parts.fragment:
        raise SettingsError(
            f"What the address names as {what} is none.",
            hint=f"It begins with {schemes[0]}:// or {schemes[1]}://.",
        )
    _without_secret(parts)


def _without_secret(parts: SplitResult) -> None:
    if "@" in parts.netloc:
        raise SettingsError(
            "An address with a user name or a password in it is not kept.",
            hint="Leave out what stands before the “@”. Keys of a store are given apart, and kept in the keyring; "
            "a password for a proxy belongs into the environment (HTTPS_PROXY).",
        )
