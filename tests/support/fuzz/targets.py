"""What is fed: each target takes bytes and raises nothing, unless the reader did what it must not."""

from __future__ import annotations

import asyncio
import atexit
import io
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import unquote

from modelkeep.serve.sendfile import EXTENSION
from support.archives import dss_zip, entries, metadata, real_tar
from support.caches import CacheMaker
from support.models import tiny_bert_files, tiny_gguf, tiny_safetensors
from support.pickles import calling, legacy_torch, zip_of
from support.rows import NOW, model_row

__all__ = ["TARGETS", "Target"]

Feed = Callable[[bytes], None]


@dataclass(frozen=True)
class Target:
    """Something that reads. `seeds` are what it is made for; garbage is made from them."""

    feed: Feed
    seeds: Callable[[], list[bytes]]


@cache
def _place() -> Path:
    """A folder of this process; on a disk in memory where there is one."""
    memory = Path("/dev/shm")
    place = Path(tempfile.mkdtemp(prefix="fuzz-", dir=memory if memory.is_dir() else None))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    return place


@contextmanager
def _file(data: bytes, name: str) -> Iterator[Path]:
    path = _place() / f"{os.getpid()}-{name}"
    path.write_bytes(data)
    try:
        yield path
    finally:
        path.unlink()


# ---- archives


def _archive(data: bytes) -> None:
    from modelkeep.archive.import_plan import plan_import
    from modelkeep.archive.unpack import execute_import

    with _file(data, "archive.zip") as path, tempfile.TemporaryDirectory(dir=_place()) as folder:
        root = Path(folder, "hub")
        root.mkdir()
        plan = plan_import([path], root)
        assert not any(root.iterdir()), "a plan wrote something"
        if plan.fits and sum(item.size for item in plan.items) < 1 << 22:
            execute_import(plan)
        assert [entry.name for entry in Path(folder).iterdir()] == ["hub"], (
            "something came to lie outside the cache"
        )


def _archives() -> list[bytes]:
    files = {"config.json": b"{}", "model.safetensors": tiny_safetensors(), "sub/vocab.txt": b"a\n"}
    folder = _place()
    made = [dss_zip(folder / "seed.zip", entries(files, sums=sums)).read_bytes() for sums in (False, True)]
    made.append(real_tar(folder / "seed.tar", entries(files)).read_bytes())
    made.append(zip_of({"model/config.json": b"{}", "model_metadata.json": metadata()}, deflated=True))
    return made


# ---- headers and small files


def _header(module: str, suffix: str) -> Feed:
    def feed(data: bytes) -> None:
        from importlib import import_module

        from modelkeep.metadata.reading import Unreadable

        with _file(data, f"model{suffix}") as path, suppress(Unreadable):
            import_module(f"modelkeep.metadata.{module}").read_header(path)

    return feed


def _card(data: bytes) -> None:
    from modelkeep.metadata.card import read_card, read_card_text
    from modelkeep.metadata.reading import Unreadable

    with _file(data, "README.md") as path:
        with suppress(Unreadable):
            read_card(path)
        read_card_text(path)


def _cards() -> list[bytes]:
    return [
        b"---\nlicense: mit\ntags:\n- a\nlanguage: [en]\nbase_model: &x org/base\nmodel-index:\n- *x\n---\n# Hi\n",
        "---\r\nlibrary_name: transformers\r\npipeline_tag: fill-mask\r\n---\r\nÄ".encode(),
        b"# No front matter\n",
    ]


def _config(data: bytes) -> None:
    from modelkeep.metadata.config import CONFIG_FILES, read_config
    from modelkeep.metadata.reading import Unreadable

    with _file(data, "config.json") as path:
        for name in CONFIG_FILES:
            with suppress(Unreadable):
                read_config(name, path)


def _configs() -> list[bytes]:
    return [
        tiny_bert_files()["config.json"],
        b'{"_class_name": "P", "_diffusers_version": "1", "unet": ["diffusers", "U"]}',
        b'[{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"}]',
        b'{"quantization_config": {"quant_method": "gptq", "bits": 4}, "auto_map": {"AutoModel": "m.C"}}',
    ]


def _manifest(data: bytes) -> None:
    from modelkeep.archive.checksums import parse_sums
    from modelkeep.archive.manifest import ModelMetadata
    from modelkeep.errors import ModelKeepError

    with suppress(ModelKeepError):
        assert ModelMetadata.parse(data).to_json()
    with suppress(ModelKeepError):
        parse_sums(data)


def _manifests() -> list[bytes]:
    return [metadata(), b"ab" * 32 + b"  model/config.json\n" + b"\\" + b"cd" * 32 + b"  a\\nb\n"]


def _pickle(data: bytes) -> None:
    from modelkeep.safety import scan_file

    with _file(data, "model.bin") as path:
        scan_file(path, "model.bin")


def _pickles() -> list[bytes]:
    return [
        calling("os", "system"),
        calling("os", "system", protocol=4),
        legacy_torch(calling("builtins", "eval")),
        zip_of({"archive/data.pkl": calling("os", "system"), "archive/data/0": b"1234"}),
        b"\x93NUMPY\x01\x00v\x00{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"
        + b" " * 60
        + b"\n\x80\x04K\x01.",
        tiny_gguf({"tokenizer.chat_template": "{{ ''.__class__.__mro__ }}"}),
    ]


# ---- stores, sites, keys and dens


def _stored(data: bytes) -> None:
    """Manifests, entries, notes, markers, and the names of objects."""
    from modelkeep.errors import ModelKeepError
    from modelkeep.remote.manifests import parse_manifest, write_manifest
    from modelkeep.remote.names import read_name
    from modelkeep.remote.notes import blobs_noted
    from modelkeep.remote.refs import parse_entry

    with suppress(ModelKeepError):
        found = parse_manifest(data)
        assert parse_manifest(write_manifest(found)) == found
        assert not any(".." in file.path.split("/") or file.path.startswith("/") for file in found.files)
    entry = read_name("models/model/org/model/refs/main/00000001.json")
    assert entry is not None
    with suppress(ModelKeepError):
        str(parse_entry(data, entry)).encode()
    blobs_noted(data)
    if (name := read_name(data.decode("utf-8", "replace"))) is not None:
        assert name.key.repo_id.isprintable()
        assert name.ref.isprintable()


def _stored_seeds() -> list[bytes]:
    from modelkeep.remote.manifests import write_manifest
    from modelkeep.remote.names import entry_name, mark_name, revision_name
    from modelkeep.remote.refs import write_entry
    from modelkeep.remote.values import RefEntry
    from support.stores import KEY, manifest

    one = manifest(
        {"config.json": b"{}", "sub/a.bin": b"a"}, description="words", parent="hf@org/base@" + "b" * 40
    )
    names = (
        revision_name(KEY, one.commit, "0" * 16),
        mark_name(KEY, one.commit, "0" * 16),
        entry_name(KEY, "refs/pr/4", 12, "beef"),
    )
    return [
        write_manifest(one),
        write_entry(RefEntry("main", 1, one.commit, "", "why", "who", 1.7e9)),
        b'{"blobs": ["%s"], "format": "modelkeep-push", "version": 1}' % (b"ab" * 32),
        *(name.encode() for name in names),
    ]


def _marker(data: bytes) -> None:
    from modelkeep.errors import ModelKeepError
    from modelkeep.remote.folder import FolderObjects
    from modelkeep.remote.marker import Marker
    from modelkeep.remote.names import MARKER

    with tempfile.TemporaryDirectory(dir=_place()) as folder, FolderObjects(folder) as objects:
        Path(folder, MARKER).write_bytes(data)
        with suppress(ModelKeepError):
            assert Marker(objects).is_store()


def _site(data: bytes) -> None:
    """What a site has, and what an archive leaves out because of it."""
    import json

    from modelkeep.archive.absent import Absent
    from modelkeep.archive.holdings import Holdings
    from modelkeep.errors import ModelKeepError

    with suppress(ModelKeepError):
        found = Holdings.parse(data)
        assert Holdings.parse(found.to_json()) == found
    with suppress(ModelKeepError, ValueError, RecursionError):
        value = json.loads(data)
        with suppress(ModelKeepError):
            left_out = Absent.parse(value)
            assert Absent.parse(left_out.to_field()) == left_out


def _sites() -> list[bytes]:
    import gzip

    commit, etag, sha256 = b"c" * 40, b"e" * 40, b"a" * 64
    site = (
        b'{"format": "modelkeep-inventory", "version": 1, "made": "2026-11-21T18:00:00Z", "tool": "0.1.0", '
        b'"name": "site B", "contents": [["%s", 3], ["%s", 4, "%s"]], "models": [{"key": "hf@org/model", '
        b'"refs": {"main": "%s"}, "revisions": {"%s": [0, 1]}}]}' % (sha256, etag, sha256, commit, commit)
    )
    absent = (
        b'{"inventory": "ab", "made": "2026-11-21T18:00:00Z", "name": "site B", "files": [{"path": '
        b'"model.safetensors", "size": 1, "etag": "%s", "sha256": "%s"}]}' % (etag, sha256)
    )
    return [site, gzip.compress(site), absent]


def _signature(data: bytes) -> None:
    """Keys and signatures. A key with a password is not tried: that alone takes a second."""
    from modelkeep.archive.minisign import PublicKey, SecretKey, SignatureText, is_locked
    from modelkeep.errors import ModelKeepError

    with suppress(ModelKeepError):
        key = PublicKey.parse(data)
        assert PublicKey.parse(key.to_text().encode()) == key
        key.checks(SignatureText(b"Ed", key.id, bytes(64), "", bytes(64)), data)
    with suppress(ModelKeepError):
        signature = SignatureText.parse(data)
        assert SignatureText.parse(signature.to_bytes()) == signature
    with suppress(ModelKeepError):
        if not is_locked(data):
            SecretKey.parse(data).public.to_text()


def _signatures() -> list[bytes]:
    from modelkeep.archive.minisign import make_key

    key = make_key()
    return [key.to_text(None).encode(), key.public.to_text().encode(), key.sign(b"message", "a comment")]


def _den(data: bytes) -> None:
    """The registry of a den, as a file of SQLite and as the JSON of a card in it."""
    import json
    import sqlite3
    from contextlib import closing

    from modelkeep.den.info import ModelInfo
    from modelkeep.den.registry import Registry
    from modelkeep.errors import ModelKeepError

    with _file(data, "registry.db") as path, suppress(ModelKeepError):
        Registry(path).rows()
    text = data.decode("utf-8", "replace")
    with tempfile.TemporaryDirectory(dir=_place()) as folder:
        path = Path(folder, "registry.db")
        with closing(sqlite3.connect(path)) as database, database:
            database.execute("CREATE TABLE models(id, root_id, model_card, created_at)")
            database.execute("INSERT INTO models VALUES (?, NULL, ?, ?)", ["ab" * 8, text, text[:20]])
        for row in Registry(path).rows():
            info = ModelInfo.from_card(row.id, row.card)
            assert info.history[-1] == row.id
    with suppress(ValueError, RecursionError):
        json.dumps(ModelInfo.model_validate_json(data).model_dump())


def _dens() -> list[bytes]:
    from modelkeep.den.registry import Registry, Row

    place = _place() / "seed-registry.db"
    place.unlink(missing_ok=True)
    card = {"Model ID": "ab" * 8, "History (from least to most recent)": ["cd" * 8], "Description": "d"}
    with Registry(place).changing() as changes:
        changes.insert(Row("ab" * 8, None, card))
    card_text = (
        b'{"Model ID": "abababababababab", "History (from least to most recent)": ["cdcdcdcdcdcdcdcd", "x"], '
        b'"Basic CDB Stats": {"Unsupervised training history": []}, "Pipeline Description": {"core": {}}}'
    )
    info = (
        b'{"model_id": "ab", "model_card": %s, "base_model": {"model_id": "cd", "model_card": null}}'
        % card_text
    )
    return [place.read_bytes(), card_text, info]


# ---- what people and programs say


def _filter(data: bytes) -> None:
    from modelkeep.filter import parse_filter

    text = data.decode("utf-8", "replace")
    found = parse_filter(text)
    found.matches(model_row(), NOW)
    for error in found.errors:
        assert text[error.start : error.end], "an error is nowhere in the text"


def _name(data: bytes) -> None:
    from modelkeep.errors import ModelKeepError
    from modelkeep.hub.names import read_name
    from modelkeep.keys import ModelKey

    text = data.decode("utf-8", "replace")
    with suppress(ModelKeepError):
        key = ModelKey.parse(text)
        assert ModelKey.parse(str(key)) == key
    with suppress(ModelKeepError):
        read_name(text)


def _request(data: bytes) -> None:
    """Bytes as a request: method, path with query, and headers, a line each; then the body."""
    app, secret, log = _server()
    head, _, body = data.partition(b"\n\n")
    first, *lines = head.split(b"\n")
    method, _, target = first.partition(b" ")
    raw, _, query = target.partition(b"?")
    raw = raw if raw.startswith(b"/") else b"/" + raw  # as every server gives it
    headers = [
        (name.strip().lower(), value.strip()) for name, _, value in (line.partition(b":") for line in lines)
    ]
    sender = _Sender()
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method.decode("latin-1") or "GET",
        "scheme": "http",
        "path": unquote(raw.decode("latin-1")) or "/",
        "raw_path": raw,
        "root_path": "",
        "query_string": query,
        "headers": [(name, value) for name, value in headers if name],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "state": {},
        "extensions": {EXTENSION: sender},
    }
    status, answer = asyncio.run(_answer(app, scope, body))
    said = log.getvalue().splitlines()[-1:]
    log.truncate(log.seek(0))
    assert status < 500 or status in (501, 503), f"{status} {answer[:200]!r} {said}"
    assert secret not in answer + sender.given, "a file outside the cache was given out"


class _Sender:
    """Takes a file as the server's own protocol does, and keeps it."""

    def __init__(self) -> None:
        self.given = b""

    async def send(self, file: BinaryIO, offset: int, count: int, sent: Callable[[int], None]) -> None:
        file.seek(offset)
        self.given = file.read(count)
        sent(count)


async def _answer(app: Any, scope: dict[str, Any], body: bytes) -> tuple[int, bytes]:
    sent: list[dict[str, Any]] = []
    asked = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive() -> dict[str, Any]:
        return next(asked, {"type": "http.disconnect"})

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    started = [message for message in sent if message["type"] == "http.response.start"]
    parts = [message.get("body", b"") for message in sent if message["type"] == "http.response.body"]
    return (started[0]["status"] if started else 499), b"".join(parts)


@cache
def _server() -> tuple[Any, bytes, io.StringIO]:
    from modelkeep.serve.access import Access
    from modelkeep.serve.app import make_app
    from modelkeep.serve.journal import Journal
    from modelkeep.serve.options import ServeOptions
    from modelkeep.serve.shelf import Shelf
    from modelkeep.serve.tokens import Tokens

    folder = Path(tempfile.mkdtemp(prefix="served-", dir=_place()))
    secret = b"what-nobody-may-read"
    (folder / "secret.txt").write_bytes(secret)
    (folder / "hub" / ".modelkeep").mkdir(parents=True)
    (folder / "hub" / ".modelkeep" / "secret").write_bytes(secret)
    CacheMaker(folder / "hub").add(
        "org/model", {"config.json": b"{}", "sub/model.safetensors": tiny_safetensors()}
    )
    options = ServeOptions(port=0, allow_push=True, into=folder / "hub")
    tokens = Tokens(folder / "tokens.json")
    _TOKEN.append(tokens.add("fuzz", can_write=True))
    log = io.StringIO()
    app = make_app(Shelf([folder / "hub"]), options, Access(tokens, options), Journal(log))
    return app, secret, log


_TOKEN: list[str] = []


def _requests() -> list[bytes]:
    _server()
    token = f"\nauthorization: Bearer {_TOKEN[0]}".encode()
    lines = (
        b'{"key": "header", "value": {"summary": "s"}}\n'
        b'{"key": "file", "value": {"content": "YQ==", "path": "a.txt", "encoding": "base64"}}\n'
    )
    batch = b'{"operation": "upload", "transfers": ["basic"], "objects": [{"oid": "%s", "size": 3}]}'
    return [
        b"GET /api/models/org/model/revision/main?blobs=true",
        b"GET /api/models/org/model/tree/main/sub?recursive=true&expand=true",
        b"HEAD /org/model/resolve/main/config.json",
        b"GET /org/model/resolve/main/sub/model.safetensors\nrange: bytes=1-9,20-",
        b"GET /api/models?search=mod&filter=bert&sort=downloads&limit=3&full=true",
        b"GET /api/models/org/model/refs",
        b"GET /api/whoami-v2" + token,
        b'POST /api/models/org/model/paths-info/main\ncontent-type: application/json\n\n{"paths": ["config.json"]}',
        b"POST /api/repos/create" + token + b'\n\n{"name": "new", "organization": "org"}',
        b"POST /api/models/org/model/preupload/main" + token + b'\n\n{"files": [{"path": "a", "size": 1}]}',
        b"POST /api/models/org/model/commit/main" + token + b"\n\n" + lines,
        b"POST /org/model.git/info/lfs/objects/batch" + token + b"\n\n" + batch % (b"a" * 64),
        b"GET /health",
        b"GET /metrics",
    ]


TARGETS: dict[str, Target] = {
    "archive": Target(_archive, _archives),
    "safetensors": Target(
        _header("safetensors", ".safetensors"),
        lambda: [tiny_safetensors(), tiny_safetensors(metadata={"format": "pt"})],
    ),
    "gguf": Target(_header("gguf", ".gguf"), lambda: [tiny_gguf()]),
    "card": Target(_card, _cards),
    "config": Target(_config, _configs),
    "manifest": Target(_manifest, _manifests),
    "pickle": Target(_pickle, _pickles),
    "filter": Target(
        _filter,
        lambda: [
            b'size>1GB unused>90d task:ner "two words" -is:pinned licence:mit',
            b"format:pickle or bert",
        ],
    ),
    "name": Target(
        _name,
        lambda: [
            b"hf@org/name@main",
            b"https://huggingface.co/org/name/blob/main/a.txt",
            b"org/name@refs/pr/1",
        ],
    ),
    "request": Target(_request, _requests),
    "store": Target(_stored, _stored_seeds),
    "marker": Target(_marker, lambda: [b'{"format": "modelkeep-store", "version": 1}', b"[]"]),
    "site": Target(_site, _sites),
    "signature": Target(_signature, _signatures),
    "den": Target(_den, _dens),
}
