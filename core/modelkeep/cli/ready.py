"""`modelkeep ready`: whether models can be used without a network, by what is here or by loading them for trial."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import click

from modelkeep.cli import ready_shapes as shapes
from modelkeep.cli.allowing import hint_of, with_option
from modelkeep.cli.keys import KEY
from modelkeep.cli.looking import check_roots, choose, require_roots, scan_roots
from modelkeep.cli.output import Failure, print_json, readable, say, tell
from modelkeep.cli.progress import progress
from modelkeep.cli.session import Session, common_options, pass_session
from modelkeep.errors import ModelKeepError
from modelkeep.keys import ModelKey
from modelkeep.rows import Selection
from modelkeep.text import size_text

if TYPE_CHECKING:
    from modelkeep.cache.inventory import CachedRevision
    from modelkeep.checking.trial import TrialLoad
    from modelkeep.library import Library
    from modelkeep.rows import RootView

__all__ = ["ready"]


class _Looked(NamedTuple):
    """What is known of a revision, with what came of loading it, if that was tried."""

    key: ModelKey
    root: str
    commit: str
    refs: tuple[str, ...]
    lacks: tuple[str, ...]
    trial: TrialLoad | None

    @property
    def name(self) -> str:
        return self.key.repo_id + (
            f"@{self.refs[0] if self.refs else self.commit[:8]}" if self.commit else ""
        )

    @property
    def is_ready(self) -> bool:
        # Loading it is the proof, whatever the files looked like; but a name that finds nothing stays one.
        return not self.lacks and (self.trial is None or self.trial.works)


@click.command("ready")
@click.argument("keys", type=KEY, nargs=-1, metavar="[KEY]...")
@click.option("--all", "everything", is_flag=True, help="All models that are in the caches.")
@click.option("--load", is_flag=True, help="Load each for trial, in a process that has no network.")
@click.option("--allow-code", is_flag=True, help="Let models run code of their own when they are loaded.")
@click.option(
    "--allow-unsafe",
    multiple=True,
    metavar="NAME",
    help="Load this model although dangerous files were found in it. It is written down.",
)
@common_options
@pass_session
def ready(
    session: Session,
    keys: tuple[ModelKey, ...],
    everything: bool,
    load: bool,
    allow_code: bool,
    allow_unsafe: tuple[str, ...],
) -> None:
    """Tell whether models can be used offline, and what they lack.

    A ref has to lead to the model, and all has to be here that its loader needs: configuration, tokenizer, weights
    for one framework, code. That looks at names and small files; to --load it proves it. The status is 1 when a model
    is not ready, or could not be loaded.
    """
    if bool(keys) == everything:
        raise click.UsageError("Name the models, or say --all.")
    if (allow_code or allow_unsafe) and not load:
        raise click.UsageError("--allow-code and --allow-unsafe are for --load.")
    with session.library() as library:
        views: Sequence[RootView] = ()
        if everything:
            require_roots(session)
            views = scan_roots(session, library)
            chosen = _all_models(library)
        else:
            chosen = choose(session, library, keys)
        looked = []
        for selected in chosen:
            looked.append(_look(session, library, selected, load, allow_code, allow_unsafe))
            if not session.json:
                for line in _lines(looked[-1]):
                    say(line)
    if session.json:
        print_json([shapes.ready(*one) for one in looked])
    elif not looked:
        tell("There is no model.")
    check_roots(session, views)
    if bad := [one for one in looked if not one.is_ready]:
        raise Failure((_summary(len(bad), len(looked)), ""))


def _all_models(library: Library) -> list[Selection]:
    models = [model for root in library.roots for model in library.inventory(root).models]
    return [Selection(model.root, str(model.key)) for model in models if model.repo_type == "model"]


def _look(
    session: Session,
    library: Library,
    selected: Selection,
    load: bool,
    allow_code: bool,
    allow_unsafe: Sequence[str],
) -> _Looked:
    from modelkeep.checking.offline_ready import offline_ready

    key = ModelKey.known(selected.key)
    inventory = library.inventory(selected.root)
    model = inventory.by_key[key.at(None)]
    if key.repo_type != "model":
        raise Failure(
            (f"{key} is no model that could be loaded.", "`modelkeep verify` tells whether it is whole.")
        )
    revision = model.revision(key.revision) if key.revision else model.main
    if revision is None:
        return _Looked(key, selected.root, "", (), ("Nothing of it is here but its folder.",), None)
    lacks = offline_ready(inventory, model, revision).lacks
    trial = None
    if load:
        trial = _try(session, library, selected, revision, allow_code, allow_unsafe)
    return _Looked(model.key, selected.root, revision.commit, revision.refs, lacks, trial)


def _try(
    session: Session,
    library: Library,
    selected: Selection,
    revision: CachedRevision,
    allow_code: bool,
    allow_unsafe: Sequence[str],
) -> TrialLoad:
    from modelkeep.checking.trial import TrialLoad

    try:
        with progress(session) as report:
            return library.trust.try_loading(
                selected, allow_code=allow_code, allow_unsafe=allow_unsafe, report=report
            )
    except ModelKeepError as error:  # one that is not safe keeps nobody from trying the others
        hint = hint_of(error, ModelKey.known(selected.key))
        return TrialLoad(selected.root, selected.key, revision.commit, error=str(error), hint=hint)


def _lines(one: _Looked) -> Iterator[str]:
    name = click.style(readable(one.name), bold=True)
    if one.trial and one.trial.works:
        verdict = click.style("loads", fg="green")
    elif one.trial:
        verdict = click.style("does not load", fg="red")
    else:
        verdict = click.style("not ready", fg="red") if one.lacks else click.style("ready", fg="green")
    yield f"{name}  {verdict}"
    for sentence in one.lacks:
        yield f"  {click.style(readable(sentence), fg='red')}"
    if one.trial:
        yield from _of_trial(one.trial)


def _of_trial(trial: TrialLoad) -> Iterator[str]:
    for loaded in trial.loaded:
        yield f"  {readable(loaded)}"
    if trial.error:
        yield f"  {click.style(readable(trial.error), fg='red')}"
    if trial.hint:
        hint = with_option(trial.hint, "--allow-code") if trial.wants_code else trial.hint
        yield f"  {readable(hint)}"
    for address in trial.tried:
        yield f"  It wanted to reach {readable(address)}, and could not."
    if trial.seconds:
        code = ", with code of its own" if trial.with_code else ""
        walls = ", ".join(trial.walls) or "nothing"
        memory = size_text(trial.memory)
        yield f"  {trial.seconds:.1f} s, {memory} of memory{code}; kept from: {walls}"
    if trial.error:
        for line in trial.log:
            yield click.style(f"    {readable(line)}", dim=True)


def _summary(bad: int, total: int) -> str:
    if total == 1:
        return "The model is not ready to be used without a network."
    are = "is" if bad == 1 else "are"
    return f"{bad:,} of {total:,} models {are} not ready to be used without a network."
