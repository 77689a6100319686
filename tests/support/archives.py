"""Makes archives as the programs that people have make them: the real program where it is there, else its bytes."""

from __future__ import annotations

import hashlib
import io
import json
import os
import stat
import struct
import subprocess
import tarfile
import unicodedata
import zipfile
from collections.abc import Mapping
from pathlib import Path

from support.caches import git_sha1, sha256

COMMIT = "c9745ed1d9f207416be6d2e6f8de32d1f16199bf"
KEY = "hf@org/name"
LFS_ATTRIBUTES = b"*.safetensors filter=lfs diff=lfs merge=lfs -text\n"
WEIGHTS = bytes(range(256)) * 2000

FILES: dict[str, bytes] = {
    ".gitattributes": LFS_ATTRIBUTES,
    "1_Pooling/config.json": b'{"word_embedding_dimension": 384}',
    "README.md": b"---\nlicense: mit\n---\n# A model\n",
    "config.json": b'{"model_type": "bert"}',
    "model.safetensors": WEIGHTS,
}
ETAGS = {
    name: sha256(data) if name.endswith(".safetensors") else git_sha1(data) for name, data in FILES.items()
}
"""What the Hub would call the content of each of FILES."""


def metadata(key: str | None = KEY, commit: str | None = COMMIT, **more: object) -> bytes:
    """A `model_metadata.json` as DSS writes it."""
    content: dict[str, object] = {"version": 0, "url": "https://huggingface.co/org%2Fname/tree/main", **more}
    if commit:
        content["commitHash"] = commit
    if key:
        content["modelDefinition"] = {"key": key}
    return json.dumps(content).encode()


def entries(
    files: Mapping[str, bytes] | None = None,
    *,
    key: str | None = KEY,
    commit: str | None = COMMIT,
    folder: str = "org_2fname",
    sums: bool = False,
) -> dict[str, bytes]:
    """What is in an archive of a model, by name. A `key` of None leaves the metadata out."""
    start = f"{folder}/" if folder else ""
    inside = {f"model/{name}": data for name, data in (FILES if files is None else files).items()}
    if key:
        inside = {"model_metadata.json": metadata(key, commit)} | inside
    if sums:
        lines = "".join(f"{sha256(data)}  {name}\n" for name, data in sorted(inside.items()))
        inside["SHA256SUMS"] = lines.encode()
    return {f"{start}{name}": data for name, data in inside.items()}


def write_folder(folder: Path, content: Mapping[str, bytes]) -> Path:
    for name, data in content.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


# ---- zip


def dss_zip(
    path: Path, content: Mapping[str, bytes] | None = None, *, method: int = zipfile.ZIP_STORED
) -> Path:
    """As DSS exports, through a stream: sizes and CRC follow the content."""
    with path.open("wb") as file, zipfile.ZipFile(Unseekable(file), "w", method) as archive:
        for name, data in (entries() if content is None else content).items():
            archive.writestr(name, data)
    return path


def explorer_zip(path: Path, content: Mapping[str, bytes]) -> Path:
    """As Windows Explorer's "Compressed folder": deflated, DOS attributes, no entries for folders."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in content.items():
            info = zipfile.ZipInfo(name)
            info.create_system, info.external_attr, info.compress_type = 0, 0x20, zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return path


class _FinderInfo(zipfile.ZipInfo):
    """UTF-8 in a name without saying so."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        return self.filename.encode(), self.flag_bits


def finder_zip(path: Path, content: Mapping[str, bytes]) -> Path:
    """As "Compress" in macOS Finder: `__MACOSX`, `.DS_Store`, names decomposed, sizes after the content."""
    top = next(iter(content)).partition("/")[0]
    extra = {f"{top}/.DS_Store": b"\0\0\0\1Bud1", f"{top}/model/.DS_Store": b"\0\0\0\1Bud1"}
    forks = {
        f"__MACOSX/{name.rpartition('/')[0]}/._{name.rpartition('/')[2]}": b"\0\5\26\7" for name in content
    }
    with path.open("wb") as file, zipfile.ZipFile(Unseekable(file), "w") as archive:
        for name, data in ({f"{top}/": b"", f"{top}/model/": b""} | dict(content) | extra | forks).items():
            info = _FinderInfo(unicodedata.normalize("NFD", name))
            info.create_system = 3
            info.external_attr = (0o40755 if name.endswith("/") else 0o100644) << 16
            info.compress_type = zipfile.ZIP_STORED if name.endswith("/") else zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return path


def info_zip(path: Path, content: Mapping[str, bytes]) -> Path:
    """As `zip -r` makes it."""
    folder = write_folder(path.with_suffix(".folder"), content)
    subprocess.run(["zip", "-qr", path, "."], cwd=folder, check=True)
    return path


def seven_zip(path: Path, content: Mapping[str, bytes]) -> Path:
    """As 7-Zip makes a zip."""
    folder = write_folder(path.with_suffix(".folder"), content)
    subprocess.run(["7z", "a", "-tzip", path, "."], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return path


def split(path: Path, size: int) -> Path:
    """The archive as volumes of `size` bytes; returns the first."""
    data = path.read_bytes()
    for number, start in enumerate(range(0, len(data), size), start=1):
        path.with_name(f"{path.name}.{number:03d}").write_bytes(data[start : start + size])
    path.unlink()
    return path.with_name(f"{path.name}.001")


def raw_zip(path: Path, *infos: tuple[zipfile.ZipInfo | str, bytes]) -> Path:
    """A zip of these entries just as they are told."""
    with zipfile.ZipFile(path, "w") as archive:
        for info, data in infos:
            archive.writestr(info, data)
    return path


def aligned_zip(path: Path, content: Mapping[str, bytes] | None = None) -> Path:
    """Stored, every content at a multiple of 4,096, as our own archives are."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in (entries() if content is None else content).items():
            info = zipfile.ZipInfo(name)
            place = archive.start_dir + 30 + len(name.encode()) + 4
            info.extra = struct.pack("<HH", 0xA11E, -place % 4096) + bytes(-place % 4096)
            archive.writestr(info, data)
    return path


def renamed(path: Path, old: bytes, new: bytes) -> Path:
    """The archive with some of its bytes replaced by as many others: what no program would write."""
    assert len(old) == len(new)
    data = path.read_bytes()
    assert old in data
    path.write_bytes(data.replace(old, new))
    return path


class Unseekable(io.RawIOBase):
    """A stream: nothing in it can be corrected afterwards."""

    def __init__(self, file: io.BufferedWriter) -> None:
        self.file = file

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        return self.file.write(data)

    def flush(self) -> None:
        self.file.flush()


# ---- tar


def real_tar(path: Path, content: Mapping[str, bytes], *options: str) -> Path:
    """As `tar -c .` makes it: names begin with "./"."""
    folder = write_folder(path.with_name(f"{path.name}.folder"), content)
    subprocess.run(["tar", *options, "-cf", path, "-C", folder, "."], check=True)
    return path


def tar_of(path: Path, *members: tarfile.TarInfo, mode: str = "w", data: bytes = b"") -> Path:
    """A tar of a whole model and these entries besides, each with `data` if it is a file."""
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, content in entries().items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        for member in members:
            archive.addfile(member, io.BytesIO(data) if member.isreg() else None)
    return path


# ---- git

# What git-lfs does when git checks a file in or out, with contents in a folder.
_LFS = """#!/bin/sh
store="{store}"
if [ "$1" = clean ]; then
    cat > "$store/new"
    oid=$(sha256sum "$store/new" | cut -d" " -f1)
    size=$(stat -c %s "$store/new")
    mv "$store/new" "$store/$oid"
    printf 'version https://git-lfs.github.com/spec/v1\\noid sha256:%s\\nsize %s\\n' "$oid" "$size"
else
    cat "$store/$(sed -n 's/^oid sha256://p')"
fi
"""


def git(folder: Path, *arguments: str) -> str:
    """What git prints, run without the user's settings."""
    settings = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "GIT_TERMINAL_PROMPT": "0"}
    identity = ["-c", "user.name=A", "-c", "user.email=a@b.c", "-c", "init.defaultBranch=main"]
    result = subprocess.run(
        ["git", *identity, *arguments],
        cwd=folder,
        env=os.environ | settings,
        check=True,
        capture_output=True,
        text=True,
    )
    return result.stdout.strip()


def git_clone(
    place: Path, files: Mapping[str, bytes] | None = None, *, pulled: bool = True
) -> tuple[Path, str]:
    """A clone of a model repository of the Hub, and its commit. `pulled=False` leaves LFS pointers in it."""
    store = place / "lfs"
    store.mkdir(parents=True)
    script = place / "git-lfs.sh"
    script.write_text(_LFS.format(store=store))
    script.chmod(0o755)
    filters = ["-c", f"filter.lfs.clean={script} clean"]
    if pulled:
        filters += ["-c", f"filter.lfs.smudge={script} smudge", "-c", "filter.lfs.required=true"]
    origin = write_folder(place / "origin", FILES if files is None else files)
    git(origin, "init", "-q")
    git(origin, *filters, "add", ".")
    git(origin, "commit", "-qm", "a model")
    git(place, *filters, "clone", "-q", os.fspath(origin), "clone")
    clone = place / "clone"
    git(clone, "remote", "set-url", "origin", "https://huggingface.co/org/name")
    return clone, git(clone, "rev-parse", "HEAD")


def tree_of(folder: Path) -> dict[str, object]:
    """Everything in and below a folder, with contents and modes, to be compared with what it is later."""
    found: dict[str, object] = {}
    for path in sorted(folder.rglob("*")):
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode):
            found[path.relative_to(folder).as_posix()] = os.readlink(path)
        elif stat.S_ISREG(mode):
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            found[path.relative_to(folder).as_posix()] = (digest, stat.S_IMODE(mode))
        else:
            found[path.relative_to(folder).as_posix()] = "folder"
    return found
