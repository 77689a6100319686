"""What the benchmarks of the window share: rows to show, and screens to show them on."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from modelkeep.rows import ModelRow, RevisionRow

__all__ = ["OFFSCREEN", "make_rows", "screen"]

OFFSCREEN = {"QT_QPA_PLATFORM": "offscreen"}

_TASKS = ("text-generation", "fill-mask", "feature-extraction", "image-classification", "")
_STATES = ("whole", "whole", "whole", "unproven", "incomplete", "damaged")


def make_rows(root: str, count: int) -> list[ModelRow]:
    """So many rows, as different from each other as a large cache's."""
    return [_row(root, number) for number in range(count)]


def _row(root: str, number: int) -> ModelRow:
    size = (number * 7_919_777) % 40_000_000_000
    revision = RevisionRow(f"{number:040x}", ("main",), size, size, size, 12, 0, "whole", 1.7e9 + number)
    return ModelRow(
        key=f"hf@org-{number % 97}/model-{number}",
        root=root,
        repo_id=f"org-{number % 97}/model-{number}",
        repo_type="model",
        size=size,
        on_disk=size,
        frees=size // 2,
        last_used=1.75e9 + (number * 7717) % 10_000_000,
        last_used_source="atime",
        modified=1.7e9 + number,
        state=_STATES[number % len(_STATES)],
        pinned=number % 50 == 0,
        note="",
        library="transformers",
        task=_TASKS[number % len(_TASKS)],
        licence="apache-2.0",
        languages=("en",),
        tags=("pytorch",),
        formats=("safetensors",),
        parameters=size // 2,
        custom_code=False,
        incomplete=0,
        problems=0,
        revisions=(revision,),
    )


@contextmanager
def screen() -> Iterator[dict[str, str] | None]:
    """The environment for a window on an X server of its own, or None where there is no Xvfb."""
    if shutil.which("Xvfb") is None:
        yield None
        return
    reader, writer = os.pipe()
    words = ["Xvfb", "-displayfd", str(writer), "-screen", "0", "1600x1000x24", "-nolisten", "tcp"]
    with subprocess.Popen(words, pass_fds=[writer], stderr=subprocess.DEVNULL) as server:
        os.close(writer)
        with open(reader) as number:
            said = number.readline().strip() if select.select([reader], [], [], 20)[0] else ""
        try:
            yield {"QT_QPA_PLATFORM": "xcb", "DISPLAY": f":{said}"} if said else None
        finally:
            server.terminate()
