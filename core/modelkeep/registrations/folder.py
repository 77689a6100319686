"""The folder whose files register models, what they say together with the presets, and what is written there."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from filelock import FileLock, Timeout

from modelkeep.disk import disk_errors, write_atomically
from modelkeep.errors import CacheBusy, RegistryError
from modelkeep.paths import settings_file
from modelkeep.registrations.presets import PRESETS
from modelkeep.registrations.reading import Document, read_document, read_models, read_types
from modelkeep.registrations.values import BUILT_IN_TYPES, FileProblem, Registration, Registrations
from modelkeep.settings import load_settings

__all__ = [
    "check_path",
    "deciding_variable",
    "keep",
    "models_folder",
    "own_file",
    "read_registrations",
    "usual_folder",
]

_VARIABLES = ("MODELKEEP_MODELS_DIR", "MEDVL_MEDICAL_MODELS_DIR")
_OWN = "registered.yaml"
_HEADING = "# Models registered with `modelkeep registry register`, which writes this file anew: put what you write\n"
_HEADING += "# yourself into a file of its own beside it.\n"
_SECONDS = 10.0  # that a lock is waited for


def deciding_variable() -> str:
    """The variable of the environment that says where files that register models lie, "" for none."""
    return next((name for name in _VARIABLES if os.environ.get(name)), "")


def usual_folder() -> Path:
    """Where files that register models lie when nobody says another place."""
    return settings_file().with_name("models")


def models_folder() -> Path:
    """Where files that register models lie; it need not be there.

    That of MODELKEEP_MODELS_DIR, or else MEDVL_MEDICAL_MODELS_DIR, the settings, or a folder beside them.
    """
    variable = deciding_variable()
    said = os.environ[variable] if variable else load_settings().settings.registry
    return _absolute(said) if said else usual_folder()


def _absolute(path: str) -> Path:
    return Path(os.path.abspath(os.path.expandvars(os.path.expanduser(path))))


def own_file(folder: Path) -> Path:
    """The file of a folder that Modelkeep writes."""
    return folder / _OWN


def read_registrations(folder: Path | None = None) -> Registrations:
    """The presets, and what the files of a folder say, which comes before them. Never raises for what is in a file.

    What Modelkeep wrote comes first, then the other files by their names; of one name the first counts.
    """
    place = folder or models_folder()
    documents, problems = [], []
    try:
        paths = _paths(place)
    except OSError as error:
        paths = []
        problems.append(FileProblem(str(place), 0, f"It cannot be read ({error.strerror or error})."))
    documents = [read_document(path) for path in paths]
    models, types = _said(documents)
    names = {model.name for model in models}
    models += [preset for preset in PRESETS if preset.name not in names]
    for document in documents:
        problems += sorted(document.problems, key=lambda problem: problem.line)
    return Registrations(str(place), tuple(models), types, tuple(problems))


def check_path(path: str | os.PathLike[str]) -> tuple[FileProblem, ...]:
    """What is wrong in a file, or in all files of a folder. Raises `RegistryError` when it is not there."""
    place = _absolute(os.fspath(path))
    if not place.exists():
        raise RegistryError(
            f"{place} is not there.", hint="Name a file, or a folder of files, that are YAML."
        )
    if place.is_dir():
        return read_registrations(place).problems
    # Its neighbours may declare the types that it names.
    documents = [read_document(one) for one in [place, *(p for p in _paths(place.parent) if p != place)]]
    _said(documents[:1], also=documents[1:])
    return tuple(sorted(documents[0].problems, key=lambda problem: problem.line))


def _paths(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    found = [one for one in folder.iterdir() if one.suffix.lower() in (".yaml", ".yml")]
    files = [one for one in found if not one.name.startswith(".") and one.is_file()]
    return sorted(files, key=lambda one: (one.name != _OWN, one.name))


def _said(
    documents: Sequence[Document], also: Sequence[Document] = ()
) -> tuple[list[Registration], tuple[str, ...]]:
    """What documents register, each name once, and the types that are known then."""
    declared = [name for document in (*documents, *also) for name in read_types(document)]
    types = tuple(dict.fromkeys((*BUILT_IN_TYPES, *declared)))
    found: dict[str, Registration] = {}
    for document in documents:
        for model in read_models(document, types):
            if first := found.get(model.name):
                where = (
                    f"line {first.line}" if first.file == model.file else f"{first.file}, line {first.line}"
                )
                document.wrong(model.line, f"“{model.name}” is registered in {where} already.")
            else:
                found[model.name] = model
    return list(found.values()), types


# ---- what Modelkeep writes


def keep(
    folder: Path,
    *,
    add: Registration | None = None,
    remove: str = "",
    types: Sequence[str] = (),
) -> None:
    """Add a model to the file that Modelkeep writes, or remove one, or declare types.

    Raises `RegistryError` when the file is not as it was written, and `CacheError` when it cannot be written.
    """
    path = own_file(folder)
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(folder / f".{_OWN}.lock", timeout=_SECONDS):
                models, declared = _of_own_file(path)
                models.pop(remove, None)
                if add:
                    models[add.name] = add
                written = _written(list(models.values()), tuple(dict.fromkeys((*declared, *types))))
                # Whoever may write it may name code in it.
                write_atomically(path, written, mode=0o644)
        except Timeout as error:
            raise CacheBusy(f"Another program is writing {path}.", hint="Try again.") from error


def _of_own_file(path: Path) -> tuple[dict[str, Registration], tuple[str, ...]]:
    if not path.exists():
        return {}, ()
    document = read_document(path)
    # Another file may declare the type.
    everywhere = read_registrations(path.parent).types
    declared = read_types(document)
    models = read_models(document, everywhere)
    if document.problems:
        raise RegistryError(
            f"The file that is to be changed has an error: {document.problems[0]}",
            hint="Repair or remove it first.",
        )
    return {model.name: model for model in models}, declared


def _written(models: Sequence[Registration], types: Sequence[str]) -> bytes:
    import yaml

    content: dict[str, object] = {"model_types": list(types)} if types else {}
    for model in models:
        said: dict[str, object] = {"model_type": model.model_type, "model": model.model}
        for name in ("revision", "description", "loader", "model_class", "config_class", "tokenizer_class"):
            if value := getattr(model, name):
                said[name] = value
        if model.version != Registration.version:
            said["version"] = model.version
        if model.tags:
            said["tags"] = list(model.tags)
        for name in ("parameters", "capabilities"):
            if value := getattr(model, name):
                said[name] = dict(value)
        content[model.name] = said
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=1000) if content else ""
    return (_HEADING + text).encode()
