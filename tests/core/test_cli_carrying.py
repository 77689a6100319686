"""`inventory`, `bundle`, and `import` on the other side: the round of a courier, and keys."""

from __future__ import annotations

import gzip
import json
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner

from modelkeep import open_library
from modelkeep.archive.holdings import Holdings, read_holdings
from modelkeep.archive.minisign import PublicKey, is_locked, make_key, write_key
from modelkeep.cli.commands import modelkeep
from support.archives import FILES, dss_zip, entries
from support.caches import CacheMaker
from support.cli import Result, check_shape, done, roots, run, run_on_terminal, tree
from support.imports import loaded

NEWER = FILES | {"config.json": b'{"model_type": "roberta"}'}
MAYBE = (str, None)
BUNDLE = {
    "executed": bool,
    "folder": str,
    "bundle": bool,
    "checksums": bool,
    "split": (int, None),
    "total": int,
    "needs": int,
    "free": int,
    "reserve": int,
    "signed_by": MAYBE,
    "for": ({"inventory": str, "made": str, "name": str}, None),
    "volumes": int,
    "saved": int,
    "held": [{"key": str, "commit": str, "size": int}],
    "items": [
        {
            "key": str,
            "commit": str,
            "files": int,
            "content": int,
            "size": int,
            "archive": str,
            "paths": [str],
            "replaces": [str],
            "missing": [str],
            "saved": int,
            "absent": [{"path": str, "size": int, "etag": str, "sha256": str}],
            "status": str,
            "proven": int,
            "cloned": int,
            "error": MAYBE,
            "hint": MAYBE,
        }
    ],
}


@pytest.fixture
def connected(tmp_path: Path) -> CacheMaker:
    """Where there is a second revision of a model, and another model."""
    cache = CacheMaker(tmp_path / "connected")
    cache.add("org/name", NEWER)
    cache.add("org/other", {"a.txt": b"a"})
    return cache


@pytest.fixture
def isolated(tmp_path: Path) -> CacheMaker:
    """Where there is the first revision."""
    cache = CacheMaker(tmp_path / "isolated")
    cache.add("org/name", FILES)
    return cache


@pytest.fixture
def here(isolated: CacheMaker, tmp_path: Path) -> Path:
    path = tmp_path / "here.json"
    path.write_text(done("inventory", "--name", "site B", *roots(isolated.root)).out)
    return path


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """A key without a password, beside its .pub."""
    done("bundle", "--make-key", tmp_path / "team", "--no-password")
    return tmp_path / "team.key"


def piped(text: str, *arguments: str | Path) -> Result:
    """Call the command with something on its standard input."""
    ran = CliRunner().invoke(modelkeep, [str(one) for one in arguments], prog_name="modelkeep", input=text)
    return Result(ran.exit_code, ran.stdout, ran.stderr)


# ---- there and back


def test_the_round_of_a_courier(
    connected: CacheMaker, isolated: CacheMaker, here: Path, tmp_path: Path
) -> None:
    stick = tmp_path / "stick"
    out = done("bundle", "--for", here, "org/name", "--to", stick, *roots(connected.root)).out
    assert f"The bundle is {stick}." in out
    plan = done("import", stick, "--dry-run", *roots(isolated.root)).out
    assert "takes 4 files" in plan
    assert "not signed" in plan
    done("import", stick, *roots(isolated.root))
    assert loaded(isolated.root) == NEWER


def test_a_dry_run_says_what_is_carried_and_what_not(
    connected: CacheMaker, here: Path, tmp_path: Path
) -> None:
    before = tree(tmp_path)
    command: tuple[str | Path, ...] = (
        "bundle",
        "--for",
        here,
        "org/name",
        "org/other",
        "--to",
        tmp_path / "stick",
        "--dry-run",
    )
    out = done(*command, *roots(connected.root)).out
    assert "the other side has 4 files" in out
    assert "need not be carried" in out
    assert f"Packed for “site B”, by its inventory {read_holdings(here).id}" in out
    shown = done(*command, "--json", *roots(connected.root)).json
    check_shape(shown, BUNDLE)
    assert (shown["executed"], shown["volumes"], shown["signed_by"]) == (False, 2, None)
    saved = sum(len(FILES[name]) for name in FILES.keys() - {"config.json"})
    assert shown["saved"] == saved
    assert [item["saved"] for item in shown["items"]] == [saved, 0]
    assert tree(tmp_path) == before


def test_what_the_other_side_has_needs_no_bundle(isolated: CacheMaker, here: Path, tmp_path: Path) -> None:
    command: tuple[str | Path, ...] = (
        "bundle",
        "--for",
        here,
        "org/name",
        "--to",
        tmp_path / "stick",
        *roots(isolated.root),
    )
    said = done(*command).out
    assert "the other side has it" in said
    assert "Nothing has to be packed." in said
    shown = done(*command, "--json").json
    check_shape(shown, BUNDLE)
    assert [held["key"] for held in shown["held"]] == ["hf@org/name"]
    assert not (tmp_path / "stick").exists()


def test_volumes_and_a_folder_of_its_own(connected: CacheMaker, isolated: CacheMaker, tmp_path: Path) -> None:
    to: tuple[str | Path, ...] = ("--to", tmp_path, "--name", "monday")
    shown = done("bundle", "org/name", *to, "--split", "100KiB", "--json", *roots(connected.root)).json
    check_shape(shown, BUNDLE)
    assert shown["for"] is None
    assert shown["volumes"] > 4
    assert {Path(path).parent for path in shown["items"][0]["paths"]} == {tmp_path / "monday"}
    done("import", tmp_path / "monday", *roots(isolated.root))
    assert loaded(isolated.root) == NEWER


def test_it_is_not_written_over_without_a_yes(connected: CacheMaker, tmp_path: Path) -> None:
    command: tuple[str | Path, ...] = (
        "bundle",
        "org/name",
        "--to",
        tmp_path / "stick",
        *roots(connected.root),
    )
    done(*command)
    assert run(*command).status == 2
    done(*command, "--yes")


def test_what_is_missing_on_the_other_side_is_said(connected: CacheMaker, here: Path, tmp_path: Path) -> None:
    done("bundle", "--for", here, "org/name", "org/other", "--to", tmp_path / "stick", *roots(connected.root))
    result = run("import", tmp_path / "stick", *roots(tmp_path / "new"))
    assert result.status == 1
    assert "model.safetensors" in result.err
    assert "“site B”" in result.err
    assert "Imported hf@org/other" in result.out
    shown = run("import", tmp_path / "stick", "--dry-run", "--json", *roots(tmp_path / "new")).json
    [name, _] = shown["items"]
    assert len(name["lacking"]) == 4
    assert "site B" in name["packed_for"]


def test_other_roots_of_the_user_have_it_too(connected: CacheMaker, here: Path, tmp_path: Path) -> None:
    done("bundle", "--for", here, "org/name", "--to", tmp_path / "stick", *roots(connected.root))
    done("roots", "add", tmp_path / "isolated")
    done("import", tmp_path / "stick", *roots(tmp_path / "new"))
    assert loaded(tmp_path / "new") == NEWER


# ---- the inventory


def test_an_inventory_goes_to_a_file_packed_by_its_name(isolated: CacheMaker, tmp_path: Path) -> None:
    plain = Holdings.parse(done("inventory", *roots(isolated.root)).out.encode())
    result = done("inventory", "--to", tmp_path / "here.json.gz", *roots(isolated.root))
    assert (result.out, "1 model," in result.err) == ("", True)
    packed = (tmp_path / "here.json.gz").read_bytes()
    assert json.loads(gzip.decompress(packed))["name"] == ""
    assert read_holdings(tmp_path / "here.json.gz").contents == plain.contents
    assert run("inventory", "--to", tmp_path / "here.json.gz", *roots(isolated.root)).status == 2


def test_an_inventory_goes_into_no_folder_that_is_not_there(isolated: CacheMaker, tmp_path: Path) -> None:
    result = run("inventory", "--to", tmp_path / "none" / "here.json", *roots(isolated.root))
    assert result.status == 1
    assert result.err.startswith(f"Error: There is no folder {tmp_path / 'none'}.\nHint: ")


def test_an_inventory_is_not_poured_over_a_terminal(isolated: CacheMaker) -> None:
    status, shown = run_on_terminal("inventory", *roots(isolated.root))
    assert status == 2
    assert "modelkeep inventory > here.json" in shown


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"\x1f\x8b", b'{"format": "modelkeep-inventory", "version": 9}']
)
def test_what_is_no_inventory_is_a_sentence(connected: CacheMaker, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "here.json").write_bytes(content)
    result = run(
        "bundle", "--for", tmp_path / "here.json", "org/name", "--to", tmp_path, *roots(connected.root)
    )
    assert result.status == 1
    assert "Error:" in result.err
    assert "Something unexpected" not in result.err


# ---- keys


def test_a_signed_bundle_is_imported_only_with_its_key(
    connected: CacheMaker, key: Path, tmp_path: Path
) -> None:
    stick, root, pub = tmp_path / "stick", tmp_path / "new", key.with_suffix(".pub")
    shown = done("bundle", "org/name", "--to", stick, "--sign", key, "--json", *roots(connected.root)).json
    check_shape(shown, BUNDLE)
    name = PublicKey.parse(pub.read_bytes()).name
    assert shown["signed_by"] == name
    out = done("import", stick, "--dry-run", *roots(root)).out
    assert f"signed by an unknown key {name}" in out
    done("bundle", "--make-key", tmp_path / "other", "--no-password")
    wrong = run("import", stick, "--verify-with", tmp_path / "other.pub", *roots(root))
    assert wrong.status == 1
    assert name in wrong.err
    assert not (root / "models--org--name").exists()
    out = done("import", stick, "--dry-run", "--verify-with", pub, *roots(root)).out
    assert f"signed by {name}, verified: modelkeep hf@org/name" in out
    shown = done("import", stick, "--verify-with", tmp_path, "--json", *roots(root)).json
    [item] = shown["items"]
    assert (item["signature"]["standing"], item["signature"]["key"]) == ("verified", name)
    assert loaded(root) == NEWER


def test_what_is_not_signed_is_refused_when_a_key_is_named(key: Path, tmp_path: Path) -> None:
    archive = dss_zip(tmp_path / "name.zip", entries(sums=True))
    result = run("import", archive, "--verify-with", key.with_suffix(".pub"), *roots(tmp_path / "new"))
    assert result.status == 1
    assert "name.zip is not signed." in result.err


def test_a_single_archive_is_signed_too(connected: CacheMaker, key: Path, tmp_path: Path) -> None:
    target = tmp_path / "name.zip"
    shown = done("export", "org/name", "--to", target, "--sign", key, "--json", *roots(connected.root)).json
    assert shown["signed_by"]
    done("import", target, "--verify-with", key.with_suffix(".pub"), *roots(tmp_path / "new"))
    plain = run("export", "org/name", "--to", target, "--sign", key, "--plain", *roots(connected.root))
    assert plain.status == 2


def test_a_key_has_a_password_unless_it_is_said_otherwise(tmp_path: Path) -> None:
    assert run("bundle", "--make-key", tmp_path / "none").status == 1
    assert not (tmp_path / "none.key").exists()
    made = piped("secret\n", "bundle", "--make-key", tmp_path / "team", "--json")
    assert made.status == 0, made.err
    check_shape(made.json, {"id": str, "secret": str, "public": str})
    secret = Path(made.json["secret"])
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert is_locked(secret.read_bytes())
    again = run("bundle", "--make-key", tmp_path / "team", "--no-password")
    assert "is there already" in again.err


def test_the_password_comes_from_a_pipe_or_the_environment(connected: CacheMaker, tmp_path: Path) -> None:
    secret, _ = write_key(make_key(), tmp_path / "team", "secret", operations=1 << 15, memory=1 << 24)
    to: tuple[str | Path, ...] = ("bundle", "org/name", "--to", tmp_path / "stick", "--sign", secret)
    to += tuple(roots(connected.root))
    assert "is wrong" in piped("guess\n", *to).err
    assert not (tmp_path / "stick").exists()
    assert run(*to, MODELKEEP_SIGN_PASSWORD="secret").status == 0
    assert piped("secret\n", *to, "--yes").status == 0


def test_a_killed_import_is_resumed_with_the_key_too(key: Path, tmp_path: Path) -> None:
    from modelkeep.cache.staging import Work, open_staging

    archive = dss_zip(tmp_path / "name.zip", entries(sums=True))
    root = tmp_path / "new"
    root.mkdir()
    with open_library([root]) as library:
        [item] = library.archives.plan_import([archive]).items
    assert isinstance(item.work, Work)
    with open_staging(root, item.work):
        pass
    result = run("staging", "resume", "--verify-with", key.with_suffix(".pub"), *roots(root))
    assert "is not signed" in result.err
    assert not (root / "models--org--name").exists()
