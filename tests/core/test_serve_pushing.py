"""The calls by which clients push, as they go over the wire: what is taken, and what is refused with which answer."""

from __future__ import annotations

import base64
import http.client
import json
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from modelkeep.archive.lfs import LfsRules
from modelkeep.cache.staging import find_staging
from modelkeep.hub.ignored import Ignored
from modelkeep.keys import ModelKey
from modelkeep.serve.pushing.cards import check_card
from modelkeep.serve.pushing.rules import first_attributes, is_lfs
from support.caches import git_sha1, sha256
from support.push_server import Server, serving
from support.pushes import add, add_lfs, contents, disk_of_8_mib

WEIGHTS = os.urandom(5000)


class Client:
    """Speaks to the server as huggingface_hub does, and shows what it answers."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.session = requests.Session()
        self.session.headers["authorization"] = f"Bearer {server.token}"

    def call(self, method: str, path: str, body: object = None, **more: object) -> requests.Response:
        if isinstance(body, bytes):
            more["data"] = body
        elif body is not None:
            more["json"] = body
        return self.session.request(method, self.server.url + path, **more)  # type: ignore[arg-type]

    def create(self, name: str) -> None:
        said = self.call("POST", "/api/repos/create", {"name": name, "organization": "org"})
        assert said.status_code == 200, said.text

    def batch(self, name: str, content: bytes, **more: object) -> dict[str, object]:
        objects = [{"oid": sha256(content), "size": len(content)}]
        body = {"operation": "upload", "transfers": ["basic", "multipart"], "objects": objects, **more}
        said = self.call("POST", f"/org/{name}.git/info/lfs/objects/batch", body)
        assert said.status_code == 200, said.text
        [answer] = said.json()["objects"]
        return dict(answer)

    def href(self, name: str, content: bytes) -> str:
        answer = self.batch(name, content)
        return str(answer["actions"]["upload"]["href"])  # type: ignore[index]

    def commit(self, name: str, *operations: dict[str, object], query: str = "") -> requests.Response:
        lines = [{"key": "header", "value": {"summary": "Change it"}}, *operations]
        body = "\n".join(map(json.dumps, lines)).encode()
        return self.call("POST", f"/api/models/org/{name}/commit/main{query}", body)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    root = tmp_path_factory.mktemp("pushed") / "hub"
    root.mkdir()
    with serving(root) as server:
        yield server


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    client = Client(server)
    with client.session:
        yield client


def test_who_may_not_write_is_told_so(client: Client) -> None:
    client.session.headers.pop("authorization")
    for method, path in (
        ("POST", "/api/repos/create"),
        ("DELETE", "/api/repos/delete"),
        ("PUT", "/api/models/org/any/settings"),
        ("POST", "/api/validate-yaml"),
        ("POST", "/api/models/org/any/preupload/main"),
        ("POST", "/api/models/org/any/commit/main"),
        ("POST", "/api/models/org/any/branch/dev"),
        ("DELETE", "/api/models/org/any/branch/dev"),
        ("POST", "/api/models/org/any/tag/main"),
        ("DELETE", "/api/models/org/any/tag/v1"),
        ("POST", "/org/any.git/info/lfs/objects/batch"),
        ("POST", "/org/any.git/info/lfs/objects/verify"),
    ):
        said = client.call(method, path, {})
        assert (path, said.status_code) == (path, 401)
    assert client.call("PUT", "/lfs-uploads/guessed", b"x").status_code == 404


def test_a_content_goes_by_its_url_alone(client: Client) -> None:
    client.create("content")
    href = client.href("content", WEIGHTS)
    assert sha256(WEIGHTS) not in href
    said = requests.put(href, data=WEIGHTS, timeout=30)
    assert said.status_code == 200
    verify = "/org/content.git/info/lfs/objects/verify"
    assert client.call("POST", verify, {"oid": sha256(WEIGHTS), "size": 5000}).status_code == 200
    assert client.call("POST", verify, {"oid": "0" * 64, "size": 5000}).status_code == 404
    assert "actions" not in client.batch("content", WEIGHTS)
    assert client.commit("content", add_lfs("a.bin", WEIGHTS)).json()["success"] is True
    assert "actions" not in client.batch("content", WEIGHTS)


def test_wrong_contents_are_refused(client: Client) -> None:
    client.create("wrong")
    content = os.urandom(1000)
    for sent, status in ((b"x" * 1000, 422), (content + b"x", 413), (content[:-1], 400)):
        href = client.href("wrong", content)
        assert requests.put(href, data=sent, timeout=30).status_code == status
    # Without a length nothing is known before it came.
    href = client.href("wrong", content)
    assert requests.put(href, data=iter([content, b"more"]), timeout=30).status_code == 413
    assert client.batch("wrong", content)["actions"]
    [staging] = find_staging(client.server.root)
    assert not list(Path(staging.path).glob("*.part"))


def test_a_client_that_goes_away_leaves_nothing(client: Client) -> None:
    client.create("gone")
    content = os.urandom(3 << 20)
    url = urlsplit(client.href("gone", content))
    [staging] = find_staging(client.server.root)
    connection = http.client.HTTPConnection(url.netloc, timeout=30)
    connection.putrequest("PUT", url.path)
    connection.putheader("Content-Length", str(len(content)))
    connection.endheaders(content[: 2 << 20])
    while not any(part.stat().st_size for part in Path(staging.path).glob("*.part")):
        assert client.server.process.poll() is None
    connection.close()
    while list(Path(staging.path).glob("*.part")):
        assert client.server.process.poll() is None
    assert client.batch("gone", content)["actions"]


def test_how_files_are_to_come(client: Client) -> None:
    client.create("modes")
    said = client.commit("modes", add("here.txt", b"here"), add(".gitignore", b"*.log\n!keep.log\n"))
    assert said.status_code == 200
    asked = {
        "here.txt": (4, b"here"),
        "model.safetensors": (4, b"text"),
        "large.txt": (11 << 20, b"text"),
        "binary": (3, b"a\0b"),
        "empty.bin": (0, b""),
        "a.log": (1, b"1"),
        "keep.log": (1, b"1"),
    }
    files = [
        {"path": path, "size": size, "sample": base64.b64encode(sample).decode()}
        for path, (size, sample) in asked.items()
    ]
    said = client.call("POST", "/api/models/org/modes/preupload/main", {"files": files})
    found = {file["path"]: file for file in said.json()["files"]}
    lfs = {path for path, file in found.items() if file["uploadMode"] == "lfs"}
    assert lfs == {"model.safetensors", "large.txt", "binary"}
    assert [path for path, file in found.items() if file["shouldIgnore"]] == ["a.log"]
    assert found["here.txt"]["oid"] == git_sha1(b"here")
    assert found["binary"]["oid"] is None
    body = {"files": files, "gitIgnore": "here.txt"}
    said = client.call("POST", "/api/models/org/modes/preupload/main", body)
    assert [file["path"] for file in said.json()["files"] if file["shouldIgnore"]] == ["here.txt"]


@pytest.mark.parametrize(
    "body",
    [b"", b"not json", b"[]", b'{"key": "header", "value": {}}', b'{"key": "x", "value": {}}\n', b"[" * 9999],
)
def test_a_commit_that_is_none_is_refused(client: Client, body: bytes) -> None:
    if not requests.head(f"{client.server.url}/api/models/org/none", timeout=30).ok:
        client.call("POST", "/api/repos/create", {"name": "none", "organization": "org"})
    said = client.call("POST", "/api/models/org/none/commit/main", body)
    assert said.status_code in (400, 501)
    assert said.json()["error"]


def test_a_repository_may_be_called_like_a_verb(client: Client) -> None:
    for name in ("tag", "commit", "branch"):
        client.create(name)
        assert client.commit(name, add("a", b"1")).status_code == 200
        said = client.call("POST", f"/api/models/org/{name}/paths-info/main", b"paths=a&expand=false",
                           headers={"content-type": "application/x-www-form-urlencoded"})  # fmt: skip
        assert [file["path"] for file in said.json()] == ["a"]


def test_what_this_server_does_not_do_is_said(client: Client) -> None:
    client.create("rest")
    for method, path, status in (
        ("POST", "/api/models/org/rest/super-squash/main", 501),
        ("POST", "/api/repos/move", 501),
        ("POST", "/org/rest.git/info/lfs/locks", 501),
        ("POST", "/org/rest.git/info/lfs/locks/verify", 200),
        ("GET", "/org/rest.git/info/lfs/locks", 200),
        ("POST", "/api/models/org/nothing/commit/main", 404),
        ("POST", "/org/nothing.git/info/lfs/objects/batch", 404),
    ):
        said = client.call(method, path, {})
        assert (path, said.status_code) == (path, status)


def test_a_private_repository_is_private_at_once(client: Client) -> None:
    body = {"name": "secret", "organization": "org", "visibility": "private"}
    assert client.call("POST", "/api/repos/create", body).status_code == 200
    url = f"{client.server.url}/api/models/org/secret"
    assert requests.get(url, timeout=30).status_code in (401, 404)
    assert client.call("GET", "/api/models/org/secret").json()["private"] is True
    assert client.call("PUT", "/api/models/org/secret/settings", {"visibility": "public"}).status_code == 200
    assert requests.get(url, timeout=30).json()["private"] is False


def test_what_was_pushed_is_whole(client: Client) -> None:
    client.create("whole")
    assert client.commit("whole", add("a", b"1")).status_code == 200
    assert contents(client.server.root, key=ModelKey("org/whole"))["a"] == b"1"


def test_a_full_disk_is_said(tmp_path: Path) -> None:
    with disk_of_8_mib(tmp_path) as disk:
        (disk / "hub").mkdir()
        with serving(disk / "hub") as server:
            client = Client(server)
            with client.session:
                client.create("full")
                error = client.batch("full", bytes(9 << 20))["error"]
                assert error["code"] == 507  # type: ignore[index]
                href = client.href("full", bytes(6 << 20))
                (disk / "filler").write_bytes(bytes(5 << 20))
                for said in (
                    requests.put(href, data=bytes(6 << 20), timeout=30),
                    client.commit("full", add("a", bytes(5 << 20))),
                ):
                    assert said.status_code == 507
                    assert "full" in said.json()["error"] or "needed" in said.json()["error"]
                (disk / "filler").unlink()
                assert client.commit("full", add("a", bytes(1 << 20))).status_code == 200
        assert len(contents(disk / "hub", key=ModelKey("org/full"))["a"]) == 1 << 20


# ---- rules


@pytest.mark.parametrize(
    ("card", "errors", "warnings"),
    [
        ("---\nlicense: mit\ntags: [a, b]\n---\n# Hi", 0, 0),
        ("---\r\nlicense: mit\r\n---\r\nHi", 0, 0),
        ("# Hi", 0, 1),
        ("---\n---\n# Hi", 0, 1),
        ("---\nlicense: [mit\n---\n", 1, 0),
        ("---\nlicense: mit\n", 1, 0),
        ("---\n- a list\n---\n", 1, 0),
        ("---\ntags: one\nlicense: 5\n---\n", 2, 0),
        ("---\na: " + "[" * 10_000 + "\n---\n", 1, 0),
        ("---\na: !!python/object:os.system x\n---\n", 1, 0),
    ],
)
def test_cards(card: str, errors: int, warnings: int) -> None:
    verdict = check_card(card)
    assert (len(verdict.errors), len(verdict.warnings)) == (errors, warnings)


@pytest.mark.parametrize(
    ("patterns", "ignored", "kept"),
    [
        ("*.log", "a.log a/b.log", "a.txt log"),
        ("/a.log", "a.log", "b/a.log"),
        ("build/", "build/x a/build/x/y", "build a/builds/x"),
        ("a/**/z", "a/z a/b/z a/b/c/z", "z b/a/z"),
        ("**/cache", "cache cache/x a/cache/y", "caches"),
        ("*.log\n!keep.log", "a.log", "keep.log x/keep.log"),
        ("logs\n!logs/keep", "logs/keep", "keep"),
        ("# no\n\n\\#yes\n[ab]?.c", "#yes a1.c", "no c1.c a.c"),
        ("a*a*a*a*a*a*a*a*a*a*a*b", "ab" * 0 + "aaaaaaaaaaab", "a" * 200),
    ],
)
def test_what_is_ignored(patterns: str, ignored: str, kept: str) -> None:
    rules = Ignored({"": patterns})
    assert [path for path in ignored.split() if path not in rules] == []
    assert [path for path in kept.split() if path in rules] == []


def test_a_rule_of_a_folder_is_about_that_folder() -> None:
    rules = Ignored({"": "*.log", "a/": "!x.log\n/y"})
    assert "a/x.log" not in rules
    assert "x.log" in rules
    assert "a/y" in rules
    assert "y" not in rules


def test_a_new_repository_has_the_rules_of_the_hub() -> None:
    rules = LfsRules({"": first_attributes("model").decode()})
    assert is_lfs(rules, "a/tf_model.h5", 10, b"text")
    assert is_lfs(rules, "saved_model/x/y", 10, b"text")
    assert not is_lfs(rules, "a.png", 10, b"text")
    assert is_lfs(LfsRules({"": first_attributes("dataset").decode()}), "a.png", 10, b"text")
