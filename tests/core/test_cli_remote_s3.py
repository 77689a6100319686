"""`remote`, `push --remote` and `fetch` with a store by S3: a real server, and what can be wrong on the way."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from modelkeep.cli.commands import modelkeep
from support.caches import CacheMaker
from support.cli import Result, done, roots, run
from support.s3 import S3Store

pytest_plugins = ("support.s3.fixtures",)

FILES = {"config.json": b'{"model_type": "bert"}', "model.safetensors": b"weights" * 100}
SIZE = sum(map(len, FILES.values()))


@pytest.fixture(autouse=True)
def no_keys_of_aws(monkeypatch: pytest.MonkeyPatch, own_places: Path) -> None:
    for name in (
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_PROFILE",
        "AWS_REGION",
        "AWS_ENDPOINT_URL",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(own_places / "credentials"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(own_places / "config"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def added(store: S3Store, *, url: str = "", secret: str = "") -> Result:
    """Add the store as “team”, its key in a file."""
    key = store.credentials
    arguments = [
        "remote",
        "add",
        "team",
        url or store.url,
        "--key-id",
        key.key_id,
        "--secret-stdin",
        "--in-file",
    ]
    result = CliRunner().invoke(modelkeep, arguments, input=f"{secret or key.secret}\n")
    assert result.exit_code == 0, result.stderr
    return Result(result.exit_code, result.stdout, result.stderr)


def test_a_model_goes_to_a_store_and_comes_from_it(
    s3_store: S3Store, cache: CacheMaker, tmp_path: Path
) -> None:
    added(s3_store)
    [listed] = done("remote", "list", "--json").json
    assert (listed["kind"], listed["credentials"]) == ("s3", "file")
    tested = done("remote", "test", "team", "--json").json
    assert tested["works"], tested
    commit = cache.add("org/bert", FILES)
    push = ["push", "org/bert", "--remote", "team", "-m", "First", "--tag", "v1", *roots(cache.root)]
    assert done(*push, "--json", "-y").json["result"]["sent"] == SIZE
    assert [line[:4] for line in done("remote", "models", "team", *roots(cache.root)).lines] == [
        ["hf@org/bert", "both", str(SIZE), commit]
    ]
    fetched = done("fetch", "org/bert@v1", "--remote", "team", "--json", *roots(tmp_path / "other")).json
    snapshot = Path(fetched["result"]["snapshot"])
    assert {path.name: path.read_bytes() for path in snapshot.iterdir()} == FILES
    assert "read and right" in done("remote", "verify", "team", "--deep").out
    done("remote", "delete", "team", "org/bert", "-y")
    done("remote", "restore", "team", "org/bert")
    history = done("remote", "history", "team", "org/bert", "--json").json
    assert history[0]["commit"] == commit
    near = run("fetch", "org/brt", "--remote", "team")
    assert (near.status, "Did you mean org/bert?" in near.err) == (1, True)


def test_a_key_of_the_environment_will_do(s3_store: S3Store, monkeypatch: pytest.MonkeyPatch) -> None:
    done("remote", "add", "team", s3_store.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", s3_store.credentials.key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", s3_store.credentials.secret)
    assert done("remote", "list", "--json").json[0]["credentials"] == "environment"
    assert done("remote", "models", "team").out == ""


def said(*arguments: str) -> str:
    """What a call that fails says: a sentence and a hint."""
    result = run(*arguments)
    assert (result.status, result.out) == (1, ""), result.err
    assert result.err.startswith("Error: ")
    assert "Hint: " in result.err
    assert "unexpected" not in result.err
    return result.err


def test_a_wrong_secret_is_said_and_never_shown(s3_store: S3Store) -> None:
    added(s3_store, secret="wrong-secret-of-the-tests")
    error = said("remote", "models", "team")
    assert "key" in error.lower() or "secret" in error.lower()
    tested = run("remote", "test", "team")
    assert (tested.status, "bad" in tested.out) == (1, True)
    assert "wrong-secret-of-the-tests" not in error + tested.out + tested.err + run("log").out


def test_without_a_key_it_is_said_where_one_is_looked_for(s3_store: S3Store) -> None:
    done("remote", "add", "team", s3_store.url)
    assert "key" in said("remote", "models", "team").lower()


def test_a_missing_bucket_is_said(s3_store: S3Store) -> None:
    added(s3_store, url=s3_store.url.replace(s3_store.bucket, "no-such-bucket"))
    assert "no-such-bucket" in said("remote", "models", "team")


def test_a_server_that_is_away_is_said(
    s3_store: S3Store, cache: CacheMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    added(s3_store, url=s3_store.url_with(endpoint="http://127.0.0.1:9"))
    assert "127.0.0.1:9" in said("remote", "models", "team")
    cache.add("org/bert", FILES)
    assert "127.0.0.1:9" in said("push", "org/bert", "--remote", "team", "-y", *roots(cache.root))
    assert [line[2] for line in done("log", "--failed").lines] == [], "what was only planned is not logged"


def test_offline_is_said(s3_store: S3Store) -> None:
    added(s3_store)
    done("offline", "on")
    assert "offline switch is on" in said("remote", "models", "team")
    assert "offline switch is on" in said("fetch", "org/bert", "--remote", "team")
