"""What a library can say of its models, and mend: whole, unchanged, safe to load, ready offline: `library.trust`.

    with open_library() as library:
        found = library.trust.verify(library.trust.plan_verification())
        for check in found.revisions:
            print(check.key, check.verdict)

Nothing here reaches the network but mending, and that only a remote or a hub that the user asked for.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from modelkeep.cache.inventory import CachedModel, CachedRevision
from modelkeep.details import Trusted
from modelkeep.errors import CacheError, ModelNotFound
from modelkeep.keys import ModelKey
from modelkeep.progress import Report, ignore, share
from modelkeep.rows import Selection
from modelkeep.settings import load_settings

# What only some of it needs is loaded when it is asked for: who looks at a model need not wait for it.
if TYPE_CHECKING:
    from modelkeep.checking.outcome import Verification
    from modelkeep.checking.plan import VerificationPlan
    from modelkeep.checking.trial import TrialLoad
    from modelkeep.convert.plan import Conversion, ConversionPlan
    from modelkeep.doctor.check_up import CheckUp
    from modelkeep.doctor.examine import Examination
    from modelkeep.doctor.findings import Finding, RepairPlan
    from modelkeep.doctor.repair import RepairResult
    from modelkeep.library import Library
    from modelkeep.mending.mend import MendResult
    from modelkeep.mending.plan import MendPlan
    from modelkeep.safety.verdict import ModelVerdict

__all__ = ["Trust"]

Emit = Callable[[object], None]


class Trust:
    """See the module."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._examined: dict[str, Examination] = {}

    def what_is_known(self, model: CachedModel, revision: CachedRevision) -> Trusted:
        """What is remembered of a revision; reads nothing but small files."""
        from modelkeep.checking.offline_ready import offline_ready
        from modelkeep.checking.verify import last_verified
        from modelkeep.safety.scan import remembered_verdict

        if not revision.commit:
            return Trusted()
        catalog = self._library.catalog
        lacks = None
        if model.repo_type == "model":
            lacks = offline_ready(self._library.inventory(model.root), model, revision).lacks
        return Trusted(last_verified(catalog, revision), remembered_verdict(revision, catalog), lacks)

    # ---- verifying and mending

    def plan_verification(
        self, selected: Sequence[Selection] | None = None, *, deep: bool = False, report: Report = ignore
    ) -> VerificationPlan:
        """What verifying models or revisions would read, all that there is when None; see `plan_verification`."""
        from modelkeep.checking.verify import plan_verification

        library = self._library
        if selected is None:
            everything = [(model, None) for root in library.roots for model in library.inventory(root).models]
            return plan_verification(everything, library.catalog, deep=deep, report=report)
        return plan_verification(self._chosen(selected), library.catalog, deep=deep, report=report)

    def verify(self, plan: VerificationPlan, *, report: Report = ignore) -> Verification:
        """Carry out a plan, without a network; what is wrong is in the result, and what was read is remembered."""
        from modelkeep.checking.verify import execute_verification

        result = execute_verification(plan, self._library.catalog, report=report)
        for check in result.revisions:
            key = str(check.key.at(check.commit or None))
            self._log(
                "verify", key, check.root, check.size, failed=check.verdict.is_bad, detail=check.verdict
            )
        return result

    def check(
        self, selected: Sequence[Selection] | None = None, *, deep: bool = False, report: Report = ignore
    ) -> Verification:
        """Verify models or revisions, all when None: plan and carry out in one, since it changes nothing."""
        return self.verify(self.plan_verification(selected, deep=deep, report=report), report=report)

    def plan_mending(
        self,
        found: Verification,
        *,
        archives: Sequence[str | Path] = (),
        remotes: Sequence[str] = (),
        hub: bool = False,
        profile: str = "",
        report: Report = ignore,
    ) -> MendPlan:
        """Where the bad files of a verification can come from, each alone; see `plan_mending`."""
        from modelkeep.mending.plan import plan_mending

        return plan_mending(
            self._library,
            found,
            archives=archives,
            remotes=remotes,
            hub=hub,
            profile=profile,
            report=report,
        )

    def mend(self, plan: MendPlan, *, report: Report = ignore) -> MendResult:
        """Fetch good contents and put them in place of the bad ones, which go to the trash."""
        from modelkeep.mending.mend import mend

        return mend(self._library, plan, report=report)

    def try_loading(
        self,
        selected: Selection,
        *,
        allow_code: bool = False,
        allow_unsafe: Sequence[str] = (),
        report: Report = ignore,
    ) -> TrialLoad:
        """Load a model without a network in a child process; see `try_loading`."""
        from modelkeep.checking.trial import try_loading

        [(model, revision)] = self._chosen([selected])
        chosen = revision or model.main
        if chosen is None:
            raise ModelNotFound(f"{model.key} has nothing that could be loaded.", hint="Download it again.")
        result = try_loading(
            model,
            chosen,
            allow_code=allow_code,
            allow_unsafe=allow_unsafe,
            interpreter=load_settings().settings.inference.interpreter,
            catalog=self._library.catalog,
            report=report,
        )
        said = result.error or ", ".join(result.loaded)
        self._log("try-loading", result.key, result.root, 0, failed=not result.works, detail=said)
        return result

    # ---- the doctor

    def examine(
        self, roots: Sequence[str] | None = None, *, report: Report = ignore
    ) -> tuple[Examination, ...]:
        """What is wrong with roots (all when None), what it costs, and what would mend it."""
        from modelkeep.doctor.examine import examine

        library = self._library
        chosen = library.roots if roots is None else roots
        return tuple(examine(root, pinned=library.catalog.pins(root), report=report) for root in chosen)

    def check_up(self, roots: Sequence[str] | None = None, *, report: Report = ignore) -> CheckUp:
        """What is wrong with roots (all when None) and with Modelkeep's own files, to be shown and chosen from."""
        from modelkeep.doctor.check_up import check_up_of

        looked = self.examine(roots, report=report)
        self._examined |= {one.inventory.root: one for one in looked}
        return check_up_of(looked, self.own_files(), time.time())

    def plan_repairs(self, chosen: Mapping[str, Sequence[str]]) -> tuple[RepairPlan, ...]:
        """A plan for each root of which findings of the last check-up were chosen, by their ids."""
        from modelkeep.doctor.findings import plan_repair

        own = self.plan_own_repairs([id for ids in chosen.values() for id in ids])
        chosen = {root: ids for root, ids in chosen.items() if root not in {plan.root for plan in own}}
        if not self._examined.keys() >= chosen.keys():
            raise CacheError("What was found is not known any more.", hint="Examine the caches again.")
        looked = [(self._examined[root], ids) for root, ids in chosen.items() if ids]
        return (*(plan_repair(one.inventory, one.findings, ids) for one, ids in looked), *own)

    def plan_own_repairs(self, problems: Sequence[str]) -> tuple[RepairPlan, ...]:
        """A plan for each folder of Modelkeep's own in which these are found now, problems by name or by id."""
        from modelkeep.doctor.own_files import plan_own_repairs

        return plan_own_repairs(self.own_files(), problems)

    def frees_of(self, chosen: Mapping[str, Sequence[str]]) -> int:
        """What the repairs of `plan_repairs` free together, bytes."""
        return sum(plan.frees for plan in self.plan_repairs(chosen))

    def own_files(self) -> tuple[Finding, ...]:
        """What is wrong with Modelkeep's own files."""
        from modelkeep.doctor.own_files import own_findings

        return tuple(own_findings(self._library.catalog))

    def repair(self, plan: RepairPlan, *, report: Report = ignore) -> RepairResult:
        """Carry out the repairs of one root, or of Modelkeep's own files. What failed is in the result."""
        from modelkeep.doctor.own_files import OF_OUR_OWN, repair_own_files
        from modelkeep.doctor.repair import repair

        library = self._library
        is_ours = bool(plan.findings) and plan.findings[0].problem in OF_OUR_OWN
        with library.activity.logged("repair", (), "" if is_ours else plan.root):
            if is_ours:
                result = repair_own_files(plan, library.catalog)
            else:
                result = repair(plan, pinned=library.catalog.pins(plan.root), report=report)
        said = ", ".join(dict.fromkeys(one.finding.problem for one in result.items))
        errors = list(dict.fromkeys(one.error for one in result.items if one.error))
        notes = list(dict.fromkeys(one.note for one in result.items if one.note))
        said = " ".join([f"{said}.", *errors[:3], *notes[:3]]) if errors or notes else said
        self._log("repair", "", "" if is_ours else plan.root, result.freed, failed=bool(errors), detail=said)
        if not is_ours:
            library.refresh([plan.root])
        return result

    # ---- what is inside

    def scan(
        self,
        selected: Sequence[Selection] | None = None,
        *,
        report: Report = ignore,
        emit: Emit | None = None,
    ) -> tuple[tuple[Selection, ModelVerdict], ...]:
        """What would run when models are loaded, all when None; a verdict for each revision; `emit` gets each."""
        from modelkeep.safety.scan import scan_revision

        library = self._library
        if selected is None:
            selected = [
                Selection(root, str(model.key))
                for root in library.roots
                for model in library.inventory(root).models
            ]
        revisions = [
            (model, one)
            for model, revision in self._chosen(selected)
            for one in (model.revisions if revision is None else (revision,))
        ]
        found, done, total = [], 0, sum(one.size for _, one in revisions)
        with library.catalog.batch():
            for model, one in revisions:
                verdict = scan_revision(one, share(report, done, total), memory=library.catalog)
                done += one.size
                key = str(model.key.at(one.commit))
                self._log("scan", key, model.root, one.size, detail=verdict.verdict.text)
                found.append((Selection(model.root, f"{model.key}@{one.commit}"), verdict))
                if emit:
                    emit(found[-1])
        return tuple(found)

    def plan_conversion(self, selected: Selection, *, move_main: bool = False) -> ConversionPlan:
        """What converting the pickles of a revision to safetensors would do."""
        from modelkeep.convert.plan import plan_conversion

        [(model, revision)] = self._chosen([selected])
        chosen = revision or model.main
        if chosen is None:
            raise ModelNotFound(
                f"{model.key} has nothing that could be converted.", hint="Download it again."
            )
        return plan_conversion(model, chosen, move_main=move_main)

    def convert(
        self,
        plan: ConversionPlan,
        *,
        allow_unsafe: Sequence[str] = (),
        report: Report = ignore,
    ) -> Conversion:
        """Make a revision whose weights are safetensors; the old one stays. See `convert`."""
        from modelkeep.convert.convert import convert

        with self._library.activity.logged("convert", [plan.key], plan.root):
            done = convert(self._library, plan, allow_unsafe=allow_unsafe, report=report)
        self._log("convert", str(plan.key.at(done.commit)), plan.root, done.written)
        self._library.refresh([plan.root])
        return done

    # ---- within

    def _chosen(self, selected: Sequence[Selection]) -> list[tuple[CachedModel, CachedRevision | None]]:
        keys = [(root, ModelKey.known(key)) for root, key, _ in selected]
        models = [(self._library.model(root, key), key.revision) for root, key in keys]
        return [(model, model.revision(name) if name else None) for model, name in models]

    def _log(
        self, verb: str, key: str, root: str, size: int, *, failed: bool = False, detail: str = ""
    ) -> None:
        outcome = "failed" if failed else "done"
        self._library.activity.log(verb, key, root, size, outcome=outcome, detail=str(detail))
