"""Who may read and push, and what a path may be."""

from __future__ import annotations

import socket
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from modelkeep.errors import SettingsError
from modelkeep.serve.tokens import Tokens, tokens_file
from support.caches import CacheMaker
from support.cli import done, run
from support.serving import serving


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def test_a_token_is_shown_once_and_kept_as_a_hash() -> None:
    secret = done("serve", "token", "add", "laptop", "--write", "--expires", "30").out.strip()
    kept = tokens_file().read_text()
    assert secret not in kept
    assert stat.S_IMODE(tokens_file().stat().st_mode) == 0o600
    found = Tokens().find(secret)
    assert found is not None
    assert (found.name, found.can_write) == ("laptop", True)
    [listed] = done("serve", "token", "list", "--json").json
    assert listed.keys() == {"name", "write", "created", "expires"}
    assert run("serve", "token", "add", "laptop").status == 1
    done("serve", "token", "remove", "laptop")
    assert Tokens().find(secret) is None
    assert run("serve", "token", "remove", "laptop").status == 1


def test_a_token_ends_when_it_expires() -> None:
    tokens = Tokens()
    secret = tokens.add("guest", days=1e-9)
    assert tokens.find(secret) is None
    assert tokens.find("") is None


def test_a_broken_file_of_tokens_lets_nobody_in(cache: CacheMaker) -> None:
    cache.add("org/model")
    with serving(cache.root, token_required=True) as served:
        tokens_file().parent.mkdir(parents=True, exist_ok=True)
        tokens_file().write_text('{"name": "everybody"}')
        with pytest.raises(SettingsError):
            served.tokens.all()
        assert served.get("/api/models/org/model", headers=bearer("x")).status_code == 500


def test_reading_needs_a_token_where_the_administrator_says_so(cache: CacheMaker) -> None:
    cache.add("org/model")
    with serving(cache.root, token_required=True) as served:
        for path in ("/api/models", "/api/models/org/model", "/org/model/resolve/main/config.json", "/"):
            assert served.get(path).status_code == 401
            assert served.get(path, headers=bearer("mk_wrong")).status_code == 401
        secret = served.tokens.add("reader")  # while the server runs
        for path in ("/api/models", "/api/models/org/model", "/org/model/resolve/main/config.json", "/"):
            assert served.get(path, headers=bearer(secret)).status_code == 200
        served.tokens.remove("reader")
        assert served.get("/api/models", headers=bearer(secret)).status_code == 401


def test_a_token_of_another_hub_keeps_nobody_from_reading(cache: CacheMaker) -> None:
    cache.add("org/model")
    with serving(cache.root) as served:
        assert served.get("/api/models/org/model", headers=bearer("hf_elsewhere")).status_code == 200
        assert served.get("/api/whoami-v2", headers=bearer("hf_elsewhere")).status_code == 401
        secret = served.tokens.add("me", can_write=True)
        whoami = served.get("/api/whoami-v2", headers=bearer(secret)).json()
        assert (whoami["name"], whoami["auth"]["accessToken"]["role"]) == ("me", "write")


def test_a_private_repository_is_not_there_for_others(cache: CacheMaker) -> None:
    cache.add("org/open")
    cache.add("org/secret")
    with serving(cache.root) as served:
        served.shelf.set_private(cache.root, "models--org--secret", True)
        secret = served.tokens.add("reader")
        assert served.get("/api/models/org/secret").headers["X-Error-Code"] == "RepoNotFound"
        assert served.get("/org/secret/resolve/main/config.json").status_code == 404
        assert [model["id"] for model in served.get("/api/models").json()] == ["org/open"]
        assert "org/secret" not in served.get("/").text
        assert served.get("/api/models/org/secret", headers=bearer(secret)).json()["private"] is True


def test_pushing_is_off(cache: CacheMaker) -> None:
    with serving(cache.root) as served:
        secret = served.tokens.add("writer", can_write=True)
        for method in ("POST", "PUT", "DELETE"):
            answer = served.session.request(
                method, f"{served.url}/api/repos/create", headers=bearer(secret), timeout=20
            )
            assert answer.status_code == 403
            assert answer.json() == {"error": "This server does not take pushes."}


BAD_PATHS = [
    "/org/model/resolve/main/../../../../../etc/passwd",
    "/org/model/resolve/main/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "/org/model/resolve/main/..%2f..%2fetc%2fpasswd",
    "/org/model/resolve/main//etc/passwd",
    "/org/model/resolve/main/%2fetc%2fpasswd",
    "/org/model/resolve/main/..%5c..%5cetc%5cpasswd",
    "/org/model/resolve/main/config.json%00.txt",
    "/org/model/resolve/..%2f..%2f/config.json",
    "/api/models/..%2f..%2fetc/tree/main",
    "/api/models/org/model/tree/main/..%2f..",
    "//org/model/resolve/main/config.json",
    "/datasets",
    "/api",
    "/%ff%fe",
    "/" + "a" * 20000,
]


def test_a_path_that_climbs_leads_nowhere(cache: CacheMaker) -> None:
    cache.add("org/model")
    with serving(cache.root) as served:
        for path in BAD_PATHS:
            with socket.create_connection(served.address, 20) as client:
                request = f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                client.sendall(request.encode("latin-1"))
                answer = b""
                while piece := client.recv(65536):
                    answer += piece
            assert answer.split()[1] in (b"400", b"404"), path
            assert b"root:" not in answer
        assert "failed" not in served.log.getvalue()


def test_who_asks_too_often_has_to_wait(cache: CacheMaker) -> None:
    with serving(cache.root, rate=5) as served:
        answers = [served.get("/api/models") for _ in range(6)]
        assert [answer.status_code for answer in answers] == [200] * 5 + [429]
        assert int(answers[-1].headers["Retry-After"]) > 0
        assert served.get("/health").status_code == 200


def test_a_request_without_end_is_broken_off(cache: CacheMaker) -> None:
    with serving(cache.root) as served, socket.create_connection(served.address, 20) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
        with pytest.raises(ConnectionError):
            client.sendall(b"X-Long: " + b"a" * (80 << 20))


def test_connections_are_limited(cache: CacheMaker) -> None:
    with (
        serving(cache.root, max_connections=2) as served,
        socket.create_connection(served.address),
        socket.create_connection(served.address),
    ):
        _until(lambda: len(served.server.server_state.connections) == 2)
        assert served.get("/health").status_code == 503


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--host", "0.0.0.0", "--allow-push"), "without a token"),
        (("--token-required",), "Nobody could read"),
        (("--into", "x"), "--into needs --allow-push"),
        (("--keyfile", "k"), "--keyfile needs --certfile"),
        (("--certfile", "missing.pem"), "cannot be used"),
        (("--max-upload", "much"), "is no size"),
    ],
)
def test_what_is_unsafe_or_senseless_is_refused(
    cache: CacheMaker, arguments: tuple[str, ...], sentence: str
) -> None:
    result = run("serve", "--root", str(cache.root), "--port", "0", *arguments)
    assert result.status != 0
    assert sentence in result.err


@pytest.mark.parametrize(
    ("shell", "line"),
    [
        ("sh", "export HF_HUB_DISABLE_XET=1"),
        ("powershell", "$env:HF_HUB_DISABLE_XET = '1'"),
        ("cmd", 'set "HF_HUB_DISABLE_XET=1"'),
    ],
)
def test_the_environment_in_the_language_of_a_shell(
    cache: CacheMaker, shell: str, line: str, tmp_path: Path
) -> None:
    result = done("serve", "--root", str(cache.root), "--port", "0", "--print-env", "--shell", shell)
    assert line in result.out.splitlines()
    assert "HF_TOKEN" not in result.out


def _until(condition: Callable[[], bool]) -> None:
    import time

    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)
