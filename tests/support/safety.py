"""What scans find and conversions come to, without a file; and a service for the work process that answers so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from modelkeep.archive.import_plan import ImportPlan
from modelkeep.convert.plan import Conversion, ConversionPlan, ConvertedFile
from modelkeep.errors import RuntimeMissing, UnsafeModel
from modelkeep.keys import ModelKey
from modelkeep.progress import Progress, Report
from modelkeep.rows import Selection
from modelkeep.safety.verdict import FileVerdict, Finding, ModelVerdict, Verdict, worst_of
from support.rows import NOW

MB = 1_000_000
OLD, NEW = "a" * 40, "b" * 40
SCANNERS = (("modelkeep", "0.4"), ("picklescan", "0.0.30"))

CALLS = Finding("pickle", Verdict.DANGEROUS, "It calls os.system when it is loaded.", "archive › data.pkl")
BINDS = Finding("pickle", Verdict.SUSPICIOUS, "It takes sklearn.tree.Tree from a library that is not known.")
CLOSED = Finding("could-not-scan", Verdict.COULD_NOT_SCAN, "It is encrypted.", "inner.zip")
OWN_CODE = Finding(
    "own-code", Verdict.NOTICE, "It is code of the model's own, which may run when it is loaded."
)


def file_verdict(path: str, *findings: Finding) -> FileVerdict:
    return FileVerdict(path, worst_of([one.verdict for one in findings]), findings)


def verdict_of(*files: FileVerdict, scanned_at: float = NOW) -> ModelVerdict:
    return ModelVerdict(worst_of([file.verdict for file in files]), files, scanned_at, SCANNERS)


CLEAN = verdict_of(file_verdict("config.json"), file_verdict("model.safetensors"))
NOTICED = verdict_of(file_verdict("modeling_own.py", OWN_CODE), file_verdict("model.safetensors"))
SUSPICIOUS = verdict_of(file_verdict("pipe.joblib", BINDS))
DANGEROUS = verdict_of(
    file_verdict("config.json"),
    file_verdict("modeling_own.py", OWN_CODE),
    file_verdict("pipe.joblib", BINDS),
    file_verdict("pytorch_model.bin", BINDS, CALLS),
    file_verdict("more.zip", CLOSED),
)

FOUND = (
    (Selection("/models", f"hf@org/clean@{OLD}"), CLEAN),
    (Selection("/models", f"hf@org/own-code@{OLD}"), NOTICED),
    (Selection("/models", f"hf@org/bad@{OLD}"), DANGEROUS),
    (Selection("/models", f"hf@org/odd@{OLD}"), SUSPICIOUS),
)


def conversion_plan(**values: object) -> ConversionPlan:
    """A plan that can be carried out; `values` say what is different."""
    usual: dict[str, object] = {
        "root": "/models",
        "key": ModelKey("org/name"),
        "commit": OLD,
        "files": (ConvertedFile("pytorch_model.bin", "model.safetensors", 433 * MB),),
        "kept": ("config.json", "vocab.txt"),
        "dropped": ("training_args.bin",),
        "bytes_needed": 433 * MB,
        "free": 96_000 * MB,
        "reserve": 1_000 * MB,
        "ref": "safetensors-aaaaaaaa",
    }
    return ConversionPlan(**usual | values)  # type: ignore[arg-type]


CONVERSION = Conversion(
    "/models",
    ModelKey("org/name"),
    OLD,
    NEW,
    "safetensors-aaaaaaaa",
    201,
    433 * MB,
    12.4,
    1_200 * MB,
    notes=("lm_head.weight shares its numbers with another and is written once.",),
)


def known(plan: ImportPlan, *verdicts: ModelVerdict | None) -> ImportPlan:
    """A plan of whose models that much is known before they are imported."""
    items = tuple(
        replace(item, safety=found, unscanned=()) for item, found in zip(plan.items, verdicts, strict=True)
    )
    return replace(plan, items=items)


class Trust:
    """Answers by the name of what it is asked about."""

    def scan(
        self,
        selected: Sequence[Selection] | None = None,
        *,
        report: Report,
        emit: Callable[[object], None],
    ) -> Sequence[tuple[Selection, ModelVerdict]]:
        wanted = None if selected is None else {ModelKey.known(key).repo_id for _, key, _ in selected}
        found = [one for one in FOUND if wanted is None or ModelKey.known(one[0].key).repo_id in wanted]
        for one in found:
            emit(one)
        while wanted is not None and "org/endless" in wanted:
            report(Progress("Scanning"))
        return tuple(found)

    def plan_conversion(self, selected: Selection, *, move_main: bool = False) -> ConversionPlan:
        return conversion_plan(root=selected.root, key=ModelKey.known(selected.key).at(None))

    def convert(
        self, plan: ConversionPlan, *, allow_unsafe: Sequence[str] = (), report: Report
    ) -> Conversion:
        name = plan.key.repo_id
        if name == "org/bad" and name not in allow_unsafe:
            raise UnsafeModel("org/bad is not safe to convert.", hint="Allow it by name.")
        if name == "org/no-torch":
            raise RuntimeMissing("PyTorch is not installed.", hint="Install it with: pip install torch")
        Path(plan.root, "converted").write_text(f"{plan.moves_main} {list(allow_unsafe)}")
        return CONVERSION


class Service:
    def __init__(self) -> None:
        self.trust = Trust()
