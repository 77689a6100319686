"""A service for the work process of the tests, which verifies, mends and loads as it is told to, with real values."""

from __future__ import annotations

import time
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from modelkeep.checking.outcome import FileCheck, Outcome, RevisionCheck, Verification
from modelkeep.checking.trial import TrialLoad
from modelkeep.errors import UnsafeModel
from modelkeep.hub.profile import Profile, ProfileView
from modelkeep.keys import ModelKey
from modelkeep.mending.mend import Mended, MendResult
from modelkeep.mending.plan import MendItem, MendPlan, Origin, Where
from modelkeep.progress import Progress, Report
from modelkeep.rows import Selection
from modelkeep.safety.verdict import FileVerdict, Finding, ModelVerdict, Verdict

ROOT, COMMIT = "/models/hub", "551ca18e" * 5
NAME = "dmis-lab/biobert-v1.1"

GOOD = FileCheck("config.json", "/x/config.json", 313, Outcome.GOOD, checked=1.7e9, is_proven=True)
BAD = FileCheck(
    "model.safetensors",
    "/x/model.safetensors",
    433_000_000,
    Outcome.WRONG_CONTENT,
    "Its content is not what its checksum says.",
    "Put it into the trash and download it again: modelkeep delete x",
)
GONE = FileCheck(
    "vocab.txt", "/x/vocab.txt", 0, Outcome.MISSING, "It is not here, but the repository has it."
)
LOOSE = FileCheck("notes.txt", "/x/notes.txt", 20, Outcome.UNPROVEN)


def check(name: str = NAME, *files: FileCheck, **values: Any) -> RevisionCheck:
    """A revision of `main` with these files, a good one if none is given."""
    usual: dict[str, Any] = {"refs": ("main",), "is_listed": True}
    return RevisionCheck(ROOT, ModelKey(name), COMMIT, files=files or (GOOD,), **usual | values)


def verification(*checks: RevisionCheck) -> Verification:
    return Verification(checks, 433_000_313, False, 4.2)


def item(file: FileCheck = BAD, origin: Origin | None = None, **values: Any) -> MendItem:
    """A file to be mended; without an origin it says why."""
    why = {} if origin else {"problem": "No other cache has it.", "hint": "Let a hub be asked for it."}
    size = file.size or 213_450
    usual: dict[str, Any] = {
        "etag": sha256(file.name.encode()).hexdigest(),
        "size": size,
        "origin": origin,
        **why,
    }
    place = (ROOT, ModelKey(NAME), COMMIT, file.name, file.path, file.outcome)
    return MendItem(*place, **usual | values)


FROM_CACHE = Origin(Where.CACHE, "/data/spare/models--dmis-lab--biobert-v1.1/blobs/eee")
FROM_ARCHIVE = Origin(Where.ARCHIVE, "/media/stick/biobert.zip", "model.safetensors")
FROM_HUB = Origin(Where.HUB, "Official")

WORKS = TrialLoad(
    ROOT,
    str(ModelKey(NAME, COMMIT)),
    COMMIT,
    ("BertForMaskedLM, 108,310,272 parameters, float32", "BertTokenizerFast"),
    seconds=4.2,
    memory=1_300_000_000,
)
FAILS = TrialLoad(
    ROOT,
    str(ModelKey(NAME, COMMIT)),
    COMMIT,
    error="It needs vocab.txt, which is not here.",
    hint="Download the file, or mend the model.",
    seconds=1.1,
    tried=("huggingface.co:443",),
    log=("Traceback (most recent call last):", "OSError: vocab.txt"),
)
DANGEROUS = ModelVerdict(
    Verdict.DANGEROUS,
    (
        FileVerdict("config.json", Verdict.CLEAN),
        FileVerdict(
            "pytorch_model.bin",
            Verdict.DANGEROUS,
            (Finding("pickle", Verdict.DANGEROUS, "It calls os.system.", "archive/data.pkl"),),
        ),
    ),
    1.7e9,
    (),
)


class ScriptedTrust:
    """What a name says decides the answer: “bad”, “loose”, “wait”; “fails”, “unsafe”."""

    def check(
        self, selected: Sequence[Selection] | None = None, *, deep: bool = False, report: Report
    ) -> Verification:
        checks = []
        for _, key, _ in selected or [Selection(ROOT, f"hf@{NAME}"), Selection(ROOT, "hf@org/bad")]:
            name = ModelKey.known(key).repo_id
            for done in range(1, 1_000_000):
                report(Progress("Verifying", done * 1000, 10**9, name))
                if "wait" not in name or Path(name).exists():
                    break
                time.sleep(0.002)
            report(Progress("Verifying", 10**9, 10**9, name))
            files = {"org/bad": (GOOD, BAD, GONE), "org/loose": (LOOSE,)}.get(name, (GOOD,))
            checks.append(check(name, *files))
        return verification(*checks)

    def plan_mending(
        self,
        found: Verification,
        *,
        archives: Sequence[str] = (),
        remotes: Sequence[str] = (),
        hub: bool = False,
        profile: str = "",
        report: Report,
    ) -> MendPlan:
        origin = FROM_HUB._replace(place=profile) if hub else FROM_ARCHIVE if archives else None
        return MendPlan((item(BAD, origin), item(GONE, FROM_CACHE)), 96 * 10**9, 5 * 10**9)

    def mend(self, plan: MendPlan, *, report: Report) -> MendResult:
        report(Progress("Mending", 1, 2, "vocab.txt"))
        return MendResult(
            tuple(
                Mended(one, entry="20260101-x") if one.origin else Mended(one, one.problem, one.hint)
                for one in plan.items
            ),
            plan.bytes_needed,
        )

    def try_loading(
        self, selected: Selection, *, allow_code: bool, allow_unsafe: Sequence[str], report: Report
    ) -> TrialLoad:
        report(Progress("Loading"))
        if "unsafe" in selected.key and not allow_unsafe:
            raise UnsafeModel("It is not safe to load: pytorch_model.bin: It calls os.system.")
        if "fails" in selected.key:
            return FAILS
        said = (*WORKS.loaded, *(f"allowed {name}" for name in allow_unsafe))
        return TrialLoad(ROOT, selected.key, COMMIT, said, seconds=4.2, with_code=allow_code)

    def scan(
        self, selected: Sequence[Selection] | None = None, *, report: Report
    ) -> tuple[tuple[Selection, ModelVerdict], ...]:
        return tuple((one, DANGEROUS) for one in selected or ())


class ScriptedHubs:
    def profiles(self) -> tuple[ProfileView, ...]:
        return (
            ProfileView(Profile("Mirror", "https://mirror.example"), False, ""),
            ProfileView(Profile("Official"), True, "keyring"),
        )

    def offline(self) -> str:
        return ""


class TrustService:
    def __init__(self) -> None:
        self.trust = ScriptedTrust()
        self.hubs = ScriptedHubs()
