"""`model_metadata.json`: what an archive says about the model in it.

The format is Dataiku DSS's, version 0. DSS requires `modelDefinition.key`, `version` and `url`, and we always write
them. Reading, only the key is required: without it nobody knows where the model belongs, while a missing version is
0, the only one there is, and a missing url is the Hub's. A null counts as missing.

Fields that we do not know are kept, also those inside `modelDefinition`, and written back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar, cast
from urllib.parse import quote

from modelkeep.archive.absent import ABSENT_FIELD, Absent
from modelkeep.cache.inventory import CachedRevision
from modelkeep.cache.layout import is_commit
from modelkeep.errors import DamagedArchive, InvalidKey
from modelkeep.keys import ModelKey

__all__ = [
    "COMPLETE_FIELD",
    "HUB",
    "MAX_METADATA",
    "METADATA_NAME",
    "MODEL_FOLDER",
    "ModelMetadata",
    "archive_folder",
    "hub_url",
    "metadata_for",
]

METADATA_NAME = "model_metadata.json"
COMPLETE_FIELD = "modelkeepComplete"
"""Ours, which DSS passes over: true when these are all files of the repository at this commit, false when some are
missing. Without it nobody knows, and an import must not say that the model is whole."""
MODEL_FOLDER = "model"
MAX_METADATA = 1 << 20
"""The largest `model_metadata.json` that is read, in bytes."""

HUB = "https://huggingface.co"
_VERSION = 0

T = TypeVar("T", str, int)


@dataclass(frozen=True, slots=True)
class ModelMetadata:
    """What an archive says about its model. Times are milliseconds since the epoch (UTC), as DSS counts.

    `last_modified` is when the repository changed on the Hub, as in "2022-11-07T08:44:33.000Z"; `size` is bytes under
    `model/`. What is None, or empty, is not known and not written.
    """

    key: ModelKey
    url: str
    commit: str | None = None
    downloaded_at: int | None = None
    downloaded_by: str | None = None
    last_used: int | None = None
    last_used_by: str | None = None
    last_modified: str | None = None
    library: str | None = None
    pipeline: str | None = None
    size: int | None = None
    languages: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    version: int = _VERSION
    unknown: Mapping[str, object] = field(default_factory=dict, hash=False)

    @classmethod
    def parse(cls, data: bytes) -> ModelMetadata:
        """Read the content of a `model_metadata.json`.

        Raises `DamagedArchive` when it is too large, no JSON object, of a later version, names no model, or has a
        known field of another type.
        """
        said = _json_object(data)
        version = _take(said, "version", int) or 0
        if version != _VERSION:
            raise DamagedArchive(
                f"{METADATA_NAME} is of version {version}, and only version {_VERSION} can be read.",
                hint="A later Modelkeep may read it.",
            )
        key = _key(said)
        commit = _take(said, "commitHash", str)
        if commit is not None and not is_commit(commit := commit.lower()):
            raise DamagedArchive(f"{METADATA_NAME} has a commitHash that is not 40 hex digits.")
        return cls(
            key=key,
            url=_take(said, "url", str) or hub_url(key),
            commit=commit,
            downloaded_at=_take(said, "downloadDate", int),
            downloaded_by=_take(said, "downloadedBy", str),
            last_used=_take(said, "lastDssUsage", int),
            last_used_by=_take(said, "lastUsedBy", str),
            last_modified=_take(said, "lastModified", str),
            library=_take(said, "libraryName", str),
            pipeline=_take(said, "pipelineName", str),
            size=_take(said, "sizeInBytes", int),
            languages=_take_texts(said, "taggedLanguages"),
            tags=_take_texts(said, "tags"),
            version=version,
            unknown=said,
        )

    def to_json(self) -> bytes:
        """The content of a `model_metadata.json`: always the same bytes for the same values.

        Fields are in the order of the names, as DSS writes them, and unknown ones follow in the order they had.
        """
        unknown = dict(self.unknown)
        definition = cast(Mapping[str, object], unknown.pop("modelDefinition", {}))
        said: dict[str, object] = {
            "commitHash": self.commit,
            "downloadDate": self.downloaded_at,
            "downloadedBy": self.downloaded_by,
            "lastDssUsage": self.last_used,
            "lastModified": self.last_modified,
            "lastUsedBy": self.last_used_by,
            "libraryName": self.library,
            "modelDefinition": {"key": str(self.key), **definition},
            "pipelineName": self.pipeline,
            "sizeInBytes": self.size,
            "taggedLanguages": list(self.languages) or None,
            "tags": list(self.tags) or None,
            "url": self.url,
            "version": self.version,
        }
        content = {name: value for name, value in said.items() if value is not None} | unknown
        text = json.dumps(content, indent=2, ensure_ascii=False).encode() + b"\n"
        if len(text) > MAX_METADATA:
            # Indentation must not make what we could read into what we refuse to read.
            text = json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()
        return text


def metadata_for(
    key: ModelKey,
    revision: CachedRevision,
    *,
    imported: ModelMetadata | None = None,
    endpoint: str = "",
    downloaded_at: float = 0.0,
    downloaded_by: str = "",
    last_used: float = 0.0,
    last_used_by: str = "",
    last_modified: str = "",
    library: str = "",
    pipeline: str = "",
    languages: Sequence[str] = (),
    tags: Sequence[str] = (),
    complete: bool | None = None,
    absent: Absent | None = None,
) -> ModelMetadata:
    """What to write about a cached revision. Times are seconds since the epoch (UTC); empty is "not known".

    `imported` is what the archive said that the revision came from: it answers what the caller does not know, and its
    unknown fields are written again. `absent` are the files that the archive is to leave out. Who downloaded it, and
    when, is at last said by the snapshot itself.
    """
    before = imported or ModelMetadata(key, "")
    ours = (COMPLETE_FIELD, ABSENT_FIELD)
    unknown = {name: value for name, value in before.unknown.items() if name not in ours}
    if complete is not None:
        unknown[COMPLETE_FIELD] = complete
    if absent is not None and absent.files:
        unknown[ABSENT_FIELD] = absent.to_field()
    return ModelMetadata(
        key=key,
        url=hub_url(key, endpoint=endpoint) if endpoint or not before.url else before.url,
        commit=revision.commit if is_commit(revision.commit) else None,
        downloaded_at=_milliseconds(downloaded_at)
        or before.downloaded_at
        or _milliseconds(revision.modified),
        downloaded_by=downloaded_by or before.downloaded_by or _owner(revision.path),
        last_used=_milliseconds(last_used) or before.last_used,
        last_used_by=last_used_by or before.last_used_by,
        last_modified=last_modified or before.last_modified,
        library=library or before.library,
        pipeline=pipeline or before.pipeline,
        size=sum(file.size for file in revision.files),
        languages=tuple(languages) or before.languages,
        tags=tuple(tags) or before.tags,
        unknown=unknown,
    )


def hub_url(key: ModelKey, revision: str | None = None, endpoint: str = "") -> str:
    """Where a hub shows the model, with the "/" of its name as %2F, as DSS writes it.

    `revision` is the key's own, else `main`, unless it is given.
    """
    folder = "" if key.repo_type == "model" else f"{key.repo_type}s/"
    revision = revision or key.revision or "main"
    return f"{(endpoint or HUB).rstrip('/')}/{folder}{quote(key.repo_id, safe='')}/tree/{quote(revision, safe='')}"


def archive_folder(key: ModelKey) -> str:
    """The name of the folder at an archive's root, and of the archive's file without its suffix.

    "/" is written "_2f" as DSS does, and so is every other character that a file name may not have everywhere: "_"
    and the hex of its UTF-8 bytes. A revision follows after "_40", which is "@": `org_2fname_40v1.0`. A dataset
    begins with `datasets_2f`. DSS ignores the name on import, and so do we.
    """
    name = key.repo_id if key.repo_type == "model" else f"{key.repo_type}s/{key.repo_id}"
    if key.revision:
        name = f"{name}@{key.revision}"
    return re.sub(
        r"[^A-Za-z0-9._-]", lambda match: "".join(f"_{byte:02x}" for byte in match[0].encode()), name
    )


def _milliseconds(seconds: float) -> int | None:
    return round(seconds * 1000) or None


def _owner(path: str) -> str | None:
    try:
        return Path(path).owner()
    except (OSError, KeyError, NotImplementedError):
        return None  # gone, a user without a name, Windows


def _json_object(data: bytes) -> dict[str, object]:
    if len(data) > MAX_METADATA:
        raise DamagedArchive(f"{METADATA_NAME} is larger than 1 MiB.")
    try:
        value = json.loads(data)
        # What JSON cannot carry, as NaN or half a surrogate pair, could not be written back.
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError) as error:
        raise DamagedArchive(f"{METADATA_NAME} is not JSON.") from error
    if not isinstance(value, dict):
        raise DamagedArchive(f"{METADATA_NAME} is not a JSON object.")
    return value


def _key(said: dict[str, object]) -> ModelKey:
    """Take the key out of `said`; what else `modelDefinition` has stays there."""
    definition = said.pop("modelDefinition", None)
    if not isinstance(definition, dict) or not isinstance(definition.get("key"), str):
        raise DamagedArchive(
            f"{METADATA_NAME} does not say which model it is about.",
            hint="It needs a modelDefinition with a key, as in hf@org/name.",
        )
    text = definition.pop("key")
    if definition:
        said["modelDefinition"] = definition
    try:
        return ModelKey.parse(text)
    except InvalidKey as error:
        raise DamagedArchive(
            f"{METADATA_NAME} names a model that cannot be: {error}", hint=error.hint
        ) from error


def _take(said: dict[str, object], name: str, kind: type[T]) -> T | None:
    value = said.pop(name, None)
    if value is None:
        return None
    if not isinstance(value, kind) or isinstance(value, bool):
        what = "a text" if kind is str else "a whole number"
        raise DamagedArchive(f"{METADATA_NAME} has a {name} that is not {what}.")
    return value


def _take_texts(said: dict[str, object], name: str) -> tuple[str, ...]:
    value = said.pop(name, None)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise DamagedArchive(f"{METADATA_NAME} has {name} that are not a list of texts.")
    return tuple(value)
