"""`modelkeep try`: asking a cached model something, in a process that has no network."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any

import click

from modelkeep.cli import trying_shapes as shapes
from modelkeep.cli.allowing import hint_of, with_option
from modelkeep.cli.keys import KEY
from modelkeep.cli.looking import choose
from modelkeep.cli.output import Failure, can_ask, on_terminal, print_json, print_plain, readable, say, tell
from modelkeep.cli.progress import progress_and_lines
from modelkeep.cli.session import Session, common_options, dry_run_option, pass_session
from modelkeep.cli.trying_inputs import Asked, ask_next, inputs_of
from modelkeep.cli.trying_options import asked_of, options_of, options_over, settings_of, trying_options
from modelkeep.cli.trying_text import (
    answer_lines,
    answer_values,
    code_lines,
    figures,
    marked_answer,
    plan_lines,
    shown_text,
)
from modelkeep.errors import ModelKeepError, ModelNotFound, OutOfMemory, TooSlow, UnsafeModel
from modelkeep.inference.shortage import what_helps
from modelkeep.inference.values import Answered, Generated, Message, Task, TryInputs, TryOptions
from modelkeep.inference.written import comparison_json, result_json
from modelkeep.keys import ModelKey
from modelkeep.progress import Cancelled, Progress, Report

if TYPE_CHECKING:
    from modelkeep.inference.outcome import Comparison
    from modelkeep.inference.plan import TryPlan
    from modelkeep.inference.values import TryResult
    from modelkeep.inference_choices import InferenceSettings
    from modelkeep.library import Library
    from modelkeep.rows import Selection

__all__ = ["try_model"]


@dataclass(frozen=True)
class _Trying:
    """What goes for every answer of one call."""

    session: Session
    library: Library
    options: TryOptions
    settings: InferenceSettings
    allow_unsafe: tuple[str, ...]
    force: bool


@click.command("try")
@click.argument("key", type=KEY, metavar="KEY")
@trying_options
@dry_run_option
@common_options
@pass_session
def try_model(session: Session, /, key: ModelKey, **said: Any) -> None:
    """Ask a model that is here, without a network.

    What it is tried for is what its metadata say: labels of texts, parts of texts, a word for a mask, how alike
    sentences are, the answer to a question, a summary, a translation, a text that goes on, labels of pictures. Where
    nothing is given to ask, you are asked for it at a terminal, and else it is read from standard input. In a pipe
    there is a line for each thing that it answers, with tabs between; generated text comes as it is. With --compare
    the key is before each. Ctrl-C keeps what was generated until then.
    """
    with session.library() as library:
        selected = _selected(session, library, key)
        if said["forget"] or said["show_asked"]:
            _tell_asked(session, library, selected, said["forget"])
            return
        trying = _Trying(
            session, library, options_of(said), settings_of(said), said["allow_unsafe"], said["anyway"]
        )
        chosen = [selected, *(_other(session, library, selected, name) for name in said["others"])]
        plans = [_plan(trying, one, said) for one in chosen]
        if said["dry_run"]:
            _show_plans(session, plans, bool(said["others"]))
            return
        asked = asked_of(said)
        plans[0].refuse_problem()
        plans = [
            _with_code(library, one, plan, said["allow_code"])
            for one, plan in zip(chosen, plans, strict=True)
        ]
        if said["last"]:
            inputs, trying = _last(trying, selected, plans[0], said)
        else:
            found = inputs_of(asked, plans[0].task)
            if found is None and not said["others"]:
                _converse(trying, plans[0], asked)
                return
            inputs = found or ask_next(asked, plans[0].task) or TryInputs()
        if said["others"]:
            _compare(trying, plans, inputs, said["save"])
        else:
            result = _ask(trying, plans[0], inputs)
            if said["save"]:
                library.tryouts.save(result, said["save"])
                tell(f"Saved as {said['save']}.")


def _selected(session: Session, library: Library, key: ModelKey) -> Selection:
    found = choose(session, library, [key])
    if len(found) > 1:
        caches = ", ".join(selection.root for selection in found)
        raise ModelNotFound(f"{key} is in {len(found)} caches: {caches}.", hint="Name one with --root DIR.")
    return found[0]


def _other(session: Session, library: Library, selected: Selection, name: str) -> Selection:
    """What is compared with it: a revision of the same model, else another model."""
    model = library.model(selected.root, ModelKey.known(selected.key))
    if model.revision(name):
        return selected._replace(key=str(model.key.at(name)))
    if "/" not in name:
        raise ModelNotFound(f"{model.key} has no revision {name} here.", hint="See them: modelkeep show KEY")
    return _selected(session, library, ModelKey.parse(name))


def _plan(trying: _Trying, selected: Selection, said: dict[str, Any]) -> TryPlan:
    return trying.library.tryouts.plan(
        selected,
        task=said["task"],
        device=said["device"],
        dtype=said["dtype"],
        file=said["weights"],
        settings=trying.settings,
    )


def _with_code(library: Library, selected: Selection, plan: TryPlan, allow: bool) -> TryPlan:
    """The plan with the user's word on code of its own, if it is asked for."""
    if not plan.wants_code or plan.code_allowed:
        return plan
    if not allow and can_ask():
        for line in code_lines(plan):
            tell(line)
        allow = click.confirm("Let it run? Once it runs, it can do what you can do", False, err=True)
    if not allow:
        return plan  # which says what has to be done
    exact = selected._replace(key=str(plan.key.at(plan.commit)))
    library.tryouts.allow_code(exact)
    return replace(plan, code_allowed=True, load=replace(plan.load, allow_code=True))


def _show_plans(session: Session, plans: Sequence[TryPlan], several: bool) -> None:
    if session.json:
        shown = [shapes.plan(plan) for plan in plans]
        print_json(shown if several else shown[0])
    else:
        for plan in plans:
            for line in plan_lines(plan):
                say(line)
    if plans[0].problem:
        raise Failure((plans[0].problem, plans[0].hint))


def _last(
    trying: _Trying, selected: Selection, plan: TryPlan, said: dict[str, Any]
) -> tuple[TryInputs, _Trying]:
    for one in trying.library.tryouts.last_inputs(selected):
        if one.task is plan.task:
            return one.inputs, replace(trying, options=options_over(one.options, said))
    raise Failure((f"{plan.key} was not asked for {plan.task} before.", "Ask it something: --text TEXT"))


def _tell_asked(session: Session, library: Library, selected: Selection, forget: bool) -> None:
    if forget:
        count = library.tryouts.forget_inputs(selected)
        if session.json:
            print_json({"forgotten": count})
        else:
            say(f"Forgot {count} {'input' if count == 1 else 'inputs'}.")
        return
    remembered = library.tryouts.last_inputs(selected)
    if session.json:
        print_json(shapes.asked(remembered))
        return
    for task, inputs, _, _ in remembered:
        said = [*inputs.texts, *inputs.images]
        say(f"{click.style(str(task), bold=True)}  {shown_text(' | '.join(said))}")


# ---- asking


def _ask(trying: _Trying, plan: TryPlan, inputs: TryInputs) -> TryResult:
    """Ask once, and print the answer as it comes."""
    session = trying.session
    streams = not session.json and len(inputs.texts) < 2
    streamed: list[str] = []

    def piece(text: object) -> None:
        streamed.append(str(text))
        click.echo(shown_text(str(text)), nl=False)

    id = uuid.uuid4().hex
    with progress_and_lines(session, piece) as (shown, emit), _own_hints(plan, trying.settings):

        def report(state: Progress) -> None:
            # A bar would wipe away the line that is being written.
            if not streamed:
                shown(state)
            elif session.interrupted.is_set():
                raise Cancelled

        try:
            result = trying.library.tryouts.run(
                plan,
                inputs,
                trying.options,
                id=id,
                allow_unsafe=trying.allow_unsafe,
                settings=trying.settings,
                report=_stopping(report, lambda: trying.library.tryouts.stop(id)),
                emit=emit if streams else None,
                force=trying.force,
            )
        finally:
            if streamed:  # also where it broke off: what comes next begins on a line of its own
                say()
    if session.json:
        print_json(result_json(result))
    else:
        _print(result, already=bool(streamed))
        for note in result.notes:
            tell(readable(note))
        if any(isinstance(one, Generated) and not one.text.strip() for one in result.outputs):
            tell("It ended without a text." if len(result.outputs) == 1 else "Some ended without a text.")
        tell(_figures(result))
    return result


def _stopping(report: Report, stop: Callable[[], object]) -> Report:
    """A report that Ctrl-C does not end at once: what there is by then is worth having."""

    def stopping(state: Progress) -> None:
        try:
            report(state)
        except Cancelled:
            stop()

    return stopping


@contextmanager
def _own_hints(plan: TryPlan, settings: InferenceSettings) -> Iterator[None]:
    """Within it, errors come with the options by which the command line does what their hints say."""
    try:
        yield
    except ModelKeepError as error:
        raise Failure((str(error), _hint(error, plan, settings))) from error


def _hint(error: ModelKeepError, plan: TryPlan, settings: InferenceSettings) -> str:
    if isinstance(error, UnsafeModel):
        if plan.wants_code and not plan.code_allowed:
            return with_option(error.hint, "--allow-code")
        return hint_of(error, plan.key)
    if isinstance(error, TooSlow):
        return "Ask for less, or give it more time: --timeout"
    if settings.memory and error.hint == what_helps(settings.memory):
        return with_option(error.hint, "--memory")
    if isinstance(error, OutOfMemory) and not plan.fits:
        return with_option(error.hint, "--anyway")
    return error.hint


def _print(result: TryResult, *, already: bool) -> None:
    """Print answers, each beneath its text where there are several; not those that were printed as they came."""
    if already:
        return
    asked = [*result.inputs.texts, *result.inputs.images]
    for number, output in enumerate(result.outputs, 1):
        if not on_terminal():
            if isinstance(output, Generated):
                say(shown_text(output.text))
            else:
                print_plain(answer_values(number, output))
            continue
        if len(result.outputs) > 1 and number <= len(asked):
            say(click.style(shown_text(asked[number - 1]), bold=True))
        for line in answer_lines(output, asked, _columns()):
            say(line)
        if isinstance(output, Answered) and output.text:
            say(marked_answer(output, result.inputs.context))


def _columns() -> int:
    return get_terminal_size().columns


def _figures(result: TryResult) -> str:
    """On one line for scripts and logs, and as a person's terminal has room for it."""
    if sys.stderr is None or not sys.stderr.isatty():
        return figures(result)
    return click.style(figures(result, _columns()), dim=True)


def _converse(trying: _Trying, plan: TryPlan, asked: Asked) -> None:
    """Ask a person for texts, until there is none; the model stays loaded meanwhile."""
    before = [*asked.messages]
    if asked.system:
        before.insert(0, Message("system", asked.system))
    while inputs := ask_next(asked, plan.task, before):
        try:
            result = _ask(trying, plan, inputs)
        except Failure as error:  # the next text may be a better one
            error.show()
            continue
        finally:
            trying.session.interrupted.clear()
        if plan.task is Task.TEXT_GENERATION and result.model.chat and trying.options.chat is not False:
            before += [Message("user", inputs.texts[0])]
            before += [Message("assistant", one.text) for one in result.outputs if isinstance(one, Generated)]


def _compare(trying: _Trying, plans: Sequence[TryPlan], inputs: TryInputs, save: Path | None) -> None:
    tryouts, id = trying.library.tryouts, uuid.uuid4().hex
    with progress_and_lines(trying.session, lambda _: None) as (report, _):
        comparison = tryouts.compare(
            plans,
            inputs,
            trying.options,
            id=id,
            settings=trying.settings,
            report=_stopping(report, lambda: tryouts.stop(id)),
            allow_unsafe=trying.allow_unsafe,
            force=trying.force,
        )
    if save:
        tryouts.save(comparison, save)
        tell(f"Saved as {save}.")
    if trying.session.json:
        print_json(comparison_json(comparison))
    elif on_terminal():
        for line in _compared(comparison):
            say(line)
    else:
        _print_compared(comparison)
    if failed := [error for error in comparison.errors if error]:
        raise Failure(*((sentence, "") for sentence in failed))


def _compared(comparison: Comparison) -> Iterator[str]:
    width = _columns() - 2
    for key, result in zip(comparison.keys, comparison.results, strict=True):
        yield click.style(readable(key), bold=True)
        if result is None:
            yield "  No answer; the error says why."
            continue
        asked = [*result.inputs.texts, *result.inputs.images]
        for number, output in enumerate(result.outputs):
            if len(result.outputs) > 1 and number < len(asked):
                yield f"  {shown_text(asked[number])}"
            for line in answer_lines(output, asked, width):
                yield f"  {line}"
        for line in figures(result, width).split("\n"):
            yield click.style(f"  {line}", dim=True)


def _print_compared(comparison: Comparison) -> None:
    """The lines of each, with its key before them."""
    for key, result in zip(comparison.keys, comparison.results, strict=True):
        if result is None:
            continue
        for number, output in enumerate(result.outputs, 1):
            if isinstance(output, Generated):
                print_plain([(key, number, output.text.replace("\n", " "))])
            else:
                print_plain((key, *values) for values in answer_values(number, output))
        tell(f"{readable(key)}: {figures(result)}")
