"""Looking for what would run when a model is loaded, against reading the file, and against picklescan's own scan.

A scan reads what could be a program, and of numbers only where they begin: it does not take longer for a larger
file. Ours judges names that picklescan does not know, opens what lies in containers, reads the headers, and looks for
keys and tokens besides. Importing scans what came in before it is published: that is held against the same import
without.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from picklescan.scanner import scan_directory_path, scan_file_path  # type: ignore[import-untyped]

from figures import Row, main, ratio
from modelkeep.archive.import_plan import plan_import
from modelkeep.archive.unpack import execute_import
from modelkeep.cache.catalog import Catalog
from modelkeep.keys import ModelKey
from modelkeep.safety import content, pickles, secrets  # noqa: F401  loaded when first needed; here they are warm
from modelkeep.safety.gate import Gate
from modelkeep.safety.scan import scan_file, scan_folder
from modelkeep.safety.verdict import Verdict
from pairs import Reading, child, command, in_turn, run
from samples import memory_folder

_CHECKPOINTS = os.fspath(Path(__file__).with_name("checkpoints.py"))
_PROGRAMS = Path(sys.executable).parent
_MINI = 90 << 20  # bytes of weights, as all-MiniLM-L6-v2 has them
_IMPORTED = 4  # an import has a quarter of the size


def measure(sizes: Sequence[int], rounds: int) -> Iterator[Row | str]:
    for size in sizes:
        with memory_folder(3 * size << 20) as folder:
            if folder is None:
                yield f"{size} MiB in memory: skipped, /dev/shm has less than three times as much free."
                continue
            yield from _files(folder, size, rounds)
            yield from _small_model(folder, rounds)
            for suffix in ("safetensors", "bin"):
                yield from _import(folder, size // _IMPORTED, suffix, rounds)


def _files(folder: Path, size: int, rounds: int) -> Iterator[Row]:
    kinds = {
        "torch.bin": "checkpoint",
        "torch.legacy.bin": "old checkpoint",
        "model.safetensors": "safetensors",
    }
    for name, kind in kinds.items():
        path = folder / name
        child(_CHECKPOINTS, path, str(size << 20))
        what = f"{size:,} MiB {kind}"
        ours, peer, read = in_turn(
            rounds,
            partial(run, partial(Path, path), _scan),
            partial(run, partial(Path, path), _pickles),
            partial(command, "sh", "-c", 'cat "$0" > /dev/null', path),
        )
        yield ratio("F1", f"scan of a {what}, to cat", ours, read, must=0.5, goal=0.1)
        if kind == "safetensors":
            path.unlink()
            continue
        yield ratio("F2", f"scan of a {what}, to picklescan", ours, peer)
        environment = {"MODELKEEP_HOME": os.fspath(folder / "home")}
        ours, peer = in_turn(
            rounds,
            partial(command, _PROGRAMS / "modelkeep", "safety", path, **environment),
            partial(command, _PROGRAMS / "picklescan", "-p", path),
        )
        yield ratio("F2", f"the same, whole processes, {what}", ours, peer)
        path.unlink()


def _small_model(folder: Path, rounds: int) -> Iterator[Row]:
    """Weights in three formats, and the texts beside them."""
    model = folder / "model"
    (model / "onnx").mkdir(parents=True)
    child(
        _CHECKPOINTS,
        *(part for name in ("model.safetensors", "pytorch_model.bin") for part in (model / name, str(_MINI))),
    )
    onnx = b"\x08\x07\x12\x07pytorch" + os.urandom(_MINI)
    (model / "onnx" / "model.onnx").write_bytes(onnx)
    words = "\n".join(f"word{number}" for number in range(30_000))
    (model / "vocab.txt").write_text(words)
    (model / "tokenizer.json").write_text('{"model": {"vocab": ["' + words.replace("\n", '", "') + '"]}}')
    for name in ("config.json", "config_sentence_transformers.json", "modules.json", "tokenizer_config.json"):
        (model / name).write_text('{"model_type": "bert", "hidden_size": 384}')
    (model / "README.md").write_text("# A model\n\nIt embeds sentences.\n" * 300)
    home = folder / "home"
    cat = partial(command, "sh", "-c", 'find "$0" -type f -exec cat {} + > /dev/null', model)
    ours, again, peer, read = in_turn(
        rounds,
        partial(run, lambda: model, _scan_folder),
        partial(run, partial(_remembering, home, model), partial(_scan_remembered, model)),
        partial(run, lambda: model, _pickles),
        cat,
    )
    yield ratio("F1", "scan of a model like all-MiniLM-L6-v2, to cat", ours, read)
    yield ratio("F2", "scan of a model like all-MiniLM-L6-v2, to picklescan", ours, peer)
    yield ratio("F3", "scan of it again, remembered, to the first one", again, ours, must=0.2, goal=0.02)


def _import(folder: Path, size: int, suffix: str, rounds: int) -> Iterator[Row]:
    """An archive of one file of weights, imported with what looks inside and without."""
    source = folder / "source"
    source.mkdir()
    weights = source / ("model.safetensors" if suffix == "safetensors" else "pytorch_model.bin")
    child(_CHECKPOINTS, weights, str(size << 20))
    (source / "config.json").write_text('{"model_type": "bert"}')
    archive = folder / "model.zip"
    command("zip", "-0", "-q", "-r", "-j", archive, source)

    def one(gated: bool) -> Reading:
        root = folder / "hub"
        command("rm", "-rf", root, folder / "home")
        root.mkdir()
        return run(lambda: archive, partial(_imported, root, folder / "home", gated))

    gated, plain = in_turn(rounds, partial(one, True), partial(one, False))
    what = f"{size:,} MiB {suffix}"
    yield ratio("F4", f"import with a scan, to without, {what}", gated, plain, must=1.1, goal=1.02)
    command("rm", "-rf", source, archive, folder / "hub")


def _scan(path: Path) -> object:
    verdict = scan_file(path, path.name)
    assert verdict.verdict is Verdict.CLEAN, verdict
    return verdict


def _scan_folder(folder: Path) -> object:
    verdict = scan_folder(folder)
    assert verdict.verdict is Verdict.CLEAN, verdict
    return verdict


def _remembering(home: Path, folder: Path) -> Catalog:
    os.environ["MODELKEEP_HOME"] = os.fspath(home)
    catalog = Catalog()
    scan_folder(folder, memory=catalog)
    return catalog


def _scan_remembered(folder: Path, catalog: Catalog) -> object:
    return scan_folder(folder, memory=catalog)


def _pickles(path: Path) -> object:
    scan: Callable[[str], object] = scan_directory_path if path.is_dir() else scan_file_path
    return scan(os.fspath(path))


def _imported(root: Path, home: Path, gated: bool, archive: Path) -> object:
    os.environ["MODELKEEP_HOME"] = os.fspath(home)
    with Catalog() as catalog:
        plan = plan_import([archive], root, name=ModelKey.parse("org/model"))
        gate = Gate(catalog, "import", os.fspath(root)) if gated else None
        result = execute_import(plan, gate=gate)
    assert not result.failures, result.failures
    return result


if __name__ == "__main__":
    main(measure, __doc__, sizes=[2048], quick=[256], rounds=7, unit="MiB")
