"""A real worker with a model in it, for a test or for all tests of a module."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from modelkeep.inference.process import WorkerProcess
from modelkeep.inference.values import Backend, LoadedModel, LoadRequest, Task
from support.caches import CacheMaker

__all__ = ["load_request", "loaded_worker"]

ENVIRONMENT = {"OMP_NUM_THREADS": "1"}


def load_request(cache: CacheMaker, repo_id: str, backend: Backend, task: Task, **more: Any) -> LoadRequest:
    """For the only revision of a repository in the cache."""
    (snapshot,) = (cache.folder(repo_id) / "snapshots").iterdir()
    files = tuple(
        sorted(path.relative_to(snapshot).as_posix() for path in snapshot.rglob("*") if path.is_file())
    )
    key = f"hf@{repo_id}@{snapshot.name}"
    return LoadRequest(key, str(cache.root), repo_id, None, str(snapshot), files, backend, task, **more)


@contextmanager
def loaded_worker(request: LoadRequest) -> Iterator[tuple[WorkerProcess, LoadedModel]]:
    worker = WorkerProcess(request.root, environment=ENVIRONMENT)
    try:
        yield worker, worker.load(request).model
    finally:
        worker.kill()
