"""Which models a container has in it, and where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from modelkeep.archive.checksums import SIGNATURE_NAME, SUMS_NAME
from modelkeep.archive.manifest import METADATA_NAME, MODEL_FOLDER
from modelkeep.archive.members import Container, Member
from modelkeep.archive.names import is_junk

__all__ = ["FoundModel", "find_models"]

_MODEL_FILES = frozenset(
    {
        "config.json",
        "model_index.json",
        "modules.json",
        "adapter_config.json",
        "model_card.json",
        "params.json",
    }
)
_WEIGHTS = (
    ".safetensors", ".bin", ".gguf", ".pt", ".pth", ".ckpt", ".onnx", ".h5", ".msgpack", ".tflite", ".dat",
)  # fmt: skip


class FoundModel(NamedTuple):
    """A model in a container. `folder` is the archive's folder for it ("" at the top), `content` that of its files.

    `files` are its files by their path in the repository; `ignored` what lies among them and is none of it. Without
    `metadata` nobody knows its name.
    """

    folder: str
    content: str
    files: Mapping[str, Member]
    ignored: tuple[str, ...] = ()
    metadata: Member | None = None
    sums: Member | None = None
    signature: Member | None = None


def find_models(container: Container) -> tuple[FoundModel, ...]:
    """The models in a container: those with a `model_metadata.json`, or else one without a name, or none."""
    members = {member.name: member for member in container.members}
    described = tuple(_described_model(members, folder) for folder in _described_folders(members))
    if described:
        return described
    for content in _places(members):
        files, ignored = _files_in(members, content)
        if any(_is_models_own(name) for name in files):
            return (FoundModel(content, content, files, ignored),)
    return ()


def _described_model(members: Mapping[str, Member], folder: str) -> FoundModel:
    content = _join(folder, MODEL_FOLDER)
    files, ignored = _files_in(members, content)
    metadata, sums = members[_join(folder, METADATA_NAME)], members.get(_join(folder, SUMS_NAME))
    signature = members.get(_join(folder, SIGNATURE_NAME))
    return FoundModel(folder, content, files, ignored, metadata, sums, signature)


def _described_folders(members: Iterable[str]) -> list[str]:
    """Folders with a `model_metadata.json` that is not itself a file of a model."""
    folders: list[str] = []
    for name in sorted(members, key=lambda name: name.count("/")):
        folder, _, last = name.rpartition("/")
        if last != METADATA_NAME or is_junk(name):
            continue
        if not any(name.startswith(f"{_join(above, MODEL_FOLDER)}/") for above in folders):
            folders.append(folder)
    return sorted(folders)


def _places(members: Iterable[str]) -> list[str]:
    """Where the files of a model without metadata may be: at the top, in the only folder there, in `model/` of it."""
    tops = {name.partition("/")[0] if "/" in name else "" for name in members if not is_junk(name)}
    places = ["", MODEL_FOLDER]
    if len(tops) == 1 and (top := tops.pop()):
        places += [top, _join(top, MODEL_FOLDER)]
    return places


def _is_models_own(name: str) -> bool:
    return name in _MODEL_FILES or ("/" not in name and name.endswith(_WEIGHTS))


def _files_in(members: Mapping[str, Member], content: str) -> tuple[dict[str, Member], tuple[str, ...]]:
    """The files of a model by their path in the repository, and what lies among them and is left out."""
    start = f"{content}/" if content else ""
    inside = {name[len(start) :]: member for name, member in members.items() if name.startswith(start)}
    files = {name: member for name, member in inside.items() if not is_junk(name)}
    ignored = tuple(name for name in inside if name not in files and ".git" not in name.split("/"))
    return files, ignored


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
