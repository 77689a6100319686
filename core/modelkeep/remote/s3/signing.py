"""Who asks, and the signature that shows it: AWS Signature Version 4, by botocore.

Keys that are given are taken as they are. Without any, botocore looks where Amazon's own tools do: environment, AWS
files (with a profile), SSO, the machine's own role.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from modelkeep.errors import AccessDenied, SettingsError
from modelkeep.named_remotes import Credentials
from modelkeep.remote.s3.address import S3Address

__all__ = ["UNSIGNED", "Signer", "make_signer"]

UNSIGNED = "UNSIGNED-PAYLOAD"
"""Instead of the SHA-256 of a body: it is not part of what is signed."""

_DEFAULT_REGION = "us-east-1"
_ADD_KEYS = (
    "Give the remote its keys, or put them where Amazon's tools look: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, "
    "or the file .aws/credentials."
)


class Signer:
    """Signs requests for one region. Safe for many threads. `endpoint` is "" for Amazon's own."""

    def __init__(self, keys: Any, region: str, endpoint: str) -> None:
        from botocore.auth import S3SigV4Auth
        from botocore.awsrequest import AWSRequest

        # At its finest level this writes whole requests, session tokens and all.
        logging.getLogger("botocore.auth").setLevel(logging.INFO)
        self.region = region
        self.endpoint = endpoint
        self._keys = keys
        self._auth = S3SigV4Auth
        self._request = AWSRequest

    def moved(self, region: str) -> Signer:
        """The same keys for another region."""
        return Signer(self._keys, region, self.endpoint)

    def sign(self, method: str, url: str, headers: Mapping[str, str], payload: str) -> dict[str, str]:
        """The headers to send: these, and those that show who asks. `payload` is the body's SHA-256."""
        with _key_errors():
            keys = self._keys.get_frozen_credentials()  # renewed where they expire
        request = self._request(method, url, headers=dict(headers))
        auth = self._auth(keys, "s3", self.region)
        auth.payload = lambda _: payload  # it would read the body once more
        auth.add_auth(request)
        return dict(request.headers.items())


def make_signer(address: S3Address, credentials: Credentials | None) -> Signer:
    """Whoever asks at `address`: by these keys, else by those that botocore finds.

    Raises `AccessDenied` where there are none, and `SettingsError` when botocore is not installed.
    """
    try:
        from botocore.credentials import Credentials as Keys
        from botocore.credentials import EnvProvider
    except ImportError as error:
        raise SettingsError(
            "Stores by S3 need the package botocore, which is not installed.",
            hint="Install Modelkeep with its part for S3: modelkeep[s3].",
        ) from error

    region = address.region or os.environ.get("AWS_REGION", "") or os.environ.get("AWS_DEFAULT_REGION", "")
    if credentials is not None and (address.endpoint or region) and not address.profile:
        # No file of Amazon's tools, and no service that knows the machine's role, is asked for anything.
        keys: Any = Keys(credentials.key_id, credentials.secret, credentials.token or None)
        return Signer(keys, region or _DEFAULT_REGION, address.endpoint or _endpoint_of({}))
    with _key_errors(address.profile):
        if (
            address.endpoint
            and region
            and not address.profile
            and (found := EnvProvider().load()) is not None
        ):
            # Where botocore looks first, too; a session, which takes long to make, would say nothing else.
            return Signer(found, region, address.endpoint)
        import botocore.session

        session = botocore.session.Session(profile=address.profile or None)
        said = session.get_scoped_config()
        region = address.region or session.get_config_variable("region") or region or _DEFAULT_REGION
        endpoint = address.endpoint or _endpoint_of(said)
        if credentials is not None:
            keys = Keys(credentials.key_id, credentials.secret, credentials.token or None)
        else:
            keys = session.get_credentials()
        if keys is None:
            raise AccessDenied("No keys for this store were found.", hint=_ADD_KEYS)
    return Signer(keys, region, endpoint)


def _endpoint_of(said: Mapping[str, Any]) -> str:
    """The endpoint that is set for all of Amazon's tools, "" where none is."""
    if os.environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() == "true":
        return ""
    names = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
    return next(
        (value for name in names if (value := os.environ.get(name))), str(said.get("endpoint_url", ""))
    )


@contextmanager
def _key_errors(profile: str = "") -> Iterator[None]:
    """Turn what goes wrong when botocore looks for keys into ours. Its own words may have parts of them."""
    from botocore import exceptions

    try:
        yield
    except exceptions.ProfileNotFound as error:
        raise AccessDenied(
            f"The AWS files have no profile “{profile}”."
            if profile
            else "AWS_PROFILE names a profile that is not there.",
            hint="See .aws/config, or leave the profile out of the address.",
        ) from error
    except (
        exceptions.UnauthorizedSSOTokenError,
        exceptions.SSOError,
        exceptions.TokenRetrievalError,
    ) as error:
        raise AccessDenied(
            "The sign-in by SSO is over, or was never made.", hint="Sign in again: aws sso login."
        ) from error
    except exceptions.ConfigParseError as error:
        raise AccessDenied(
            "The AWS files cannot be read.", hint="See .aws/config and .aws/credentials."
        ) from error
    except exceptions.BotoCoreError as error:
        raise AccessDenied(
            f"The keys for this store cannot be had ({type(error).__name__}).", hint=_ADD_KEYS
        ) from error
