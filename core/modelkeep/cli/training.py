"""`modelkeep train`: fine-tunes a cached model on examples of yours, in a process that has no network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from modelkeep.cli import training_shapes as shapes
from modelkeep.cli.allowing import hint_of
from modelkeep.cli.consent import ask
from modelkeep.cli.keys import KEY
from modelkeep.cli.looking import choose
from modelkeep.cli.output import Failure, can_ask, on_terminal, print_json, print_plain, say, tell
from modelkeep.cli.progress import progress_and_lines
from modelkeep.cli.session import Session, common_options, dry_run_option, pass_session, yes_option
from modelkeep.cli.training_text import job_cells, metric_lines, plan_lines, point_line
from modelkeep.errors import (
    BadTrainingData,
    Cancelled,
    JobConflict,
    ModelKeepError,
    ModelNotFound,
    UnsafeModel,
)
from modelkeep.keys import ModelKey
from modelkeep.text import size_text
from modelkeep.training.values import TrainingParameters, TrainingPoint

if TYPE_CHECKING:
    from modelkeep.library import Library
    from modelkeep.rows import Selection
    from modelkeep.training.values import TrainingData, TrainingPlan, TrainingResult
    from modelkeep.trainings import Trainings

__all__ = ["train"]

_TASKS = ("text-classification", "token-classification")
_DEFAULTS = TrainingParameters()
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("train")
@click.argument("key", type=KEY, metavar="[KEY]", required=False)
@click.option("--task", type=click.Choice(_TASKS), default=None, help="What it is to learn.")
@click.option("--data", type=_FILE, metavar="FILE", help="The examples: TSV, tagged lines or JSON lines.")
@click.option("--eval", "evaluation", type=_FILE, metavar="FILE", help="Examples to measure it with.")
@click.option(
    "--eval-share",
    type=click.FloatRange(0, 1, max_open=True),
    default=_DEFAULTS.eval_share,
    show_default=True,
    help="The part of the examples that is kept for measuring where there is no --eval.",
)
@click.option(
    "--to", metavar="NAME", default="", help="What the result is called: local/KEY-TASK by default."
)
@click.option(
    "--epochs", type=click.FloatRange(0, min_open=True), default=_DEFAULTS.epochs, show_default=True
)
@click.option(
    "--lr", type=click.FloatRange(0, min_open=True), default=_DEFAULTS.lr, help="The learning rate."
)
@click.option("--batch", type=click.IntRange(1), default=_DEFAULTS.batch, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=_DEFAULTS.seed, show_default=True)
@click.option(
    "--method",
    type=click.Choice(("auto", "full", "lora")),
    default=_DEFAULTS.method,
    help="Train all weights, or by LoRA; auto takes LoRA where all would not fit the memory.",
)
@click.option("--max-length", type=click.IntRange(1), default=None, help="Cut texts after so many tokens.")
@click.option("--device", default=_DEFAULTS.device, show_default=True, help="cpu, cuda:0, mps, …")
@click.option("--message", metavar="TEXT", default="", help="A line for the card of the result.")
@click.option("--allow-unsafe", multiple=True, metavar="NAME", help="Go on although NAME is found dangerous.")
@click.option("--list", "listed", is_flag=True, help="Show the trainings, and how each stands.")
@click.option("--resume", metavar="ID", default="", help="Go on with a training that was interrupted.")
@click.option("--cancel", metavar="ID", default="", help="Stop a training, in whatever process it runs.")
@click.option("--discard", metavar="ID", default="", help="Forget one that has ended, with its checkpoints.")
@dry_run_option
@yes_option
@common_options
@pass_session
def train(
    session: Session,
    /,
    key: ModelKey | None,
    task: str | None,
    data: Path | None,
    evaluation: Path | None,
    to: str,
    listed: bool,
    resume: str,
    cancel: str,
    discard: str,
    message: str,
    allow_unsafe: tuple[str, ...],
    dry_run: bool,
    yes: bool,
    max_length: int | None,
    **parameters: object,
) -> None:
    """Fine-tune a model that is here on examples of yours.

    The examples are looked at line by line, then you see what training takes. It runs in a process without a network;
    the result is a model of its own, the parent stays as it is. Ctrl-C stops it, and --resume ID goes on.

    In a pipe, --list prints: id, status, step, steps, parent and target, whether it can be resumed.
    """
    if sum(map(bool, (key, listed, resume, cancel, discard))) != 1:
        raise click.UsageError("Name a model, or one of --list, --resume ID, --cancel ID and --discard ID.")
    with session.library() as library, _closing(library) as trainings:
        if listed:
            _list(session, trainings)
        elif resume:
            _resume(session, trainings, resume)
        elif cancel:
            _cancel(session, trainings, cancel)
        elif discard:
            _discard(session, trainings, discard, yes)
        elif key is not None:
            if task is None or data is None:
                raise click.UsageError("Training takes --task and --data.")
            chosen = TrainingParameters(max_length=max_length or 0, **parameters)  # type: ignore[arg-type]
            plan = trainings.plan(
                _selected(session, library, key),
                data,
                task=task,
                evaluation=evaluation,
                to=to,
                parameters=chosen,
            )
            _train(session, trainings, plan, message, allow_unsafe, dry_run=dry_run, yes=yes)


@contextmanager
def _closing(library: Library) -> Iterator[Trainings]:
    try:
        yield library.trainings
    finally:
        library.trainings.close()


def _selected(session: Session, library: Library, key: ModelKey) -> Selection:
    found = choose(session, library, [key])
    if len(found) > 1:
        caches = ", ".join(selection.root for selection in found)
        raise ModelNotFound(f"{key} is in {len(found)} caches: {caches}.", hint="Name one with --root DIR.")
    return found[0]


def _train(
    session: Session,
    trainings: Trainings,
    plan: TrainingPlan,
    message: str,
    allow_unsafe: tuple[str, ...],
    *,
    dry_run: bool,
    yes: bool,
) -> None:
    if dry_run or plan.problem:
        if session.json:
            print_json(shapes.training(plan, None))
        elif not plan.problem:
            for line in plan_lines(plan):
                say(line)
        _refuse(plan)
        return
    if not session.json and (can_ask() or yes):
        for line in plan_lines(plan):
            tell(line)
    ask(f"Train {plan.target.repo_id}?", yes=yes, default=True)
    from modelkeep.jobs.ids import new_id

    id = new_id()[:8]
    with _going_on(id, plan.key), progress_and_lines(session, _tell_point) as (report, emit):
        done = trainings.run(
            plan, id=id, message=message, allow_unsafe=allow_unsafe, report=report, emit=_points_to(emit)
        )
    _show(session, plan, done)


def _resume(session: Session, trainings: Trainings, id: str) -> None:
    plan = trainings.plan_of(id)
    with _going_on(id, plan.key), progress_and_lines(session, _tell_point) as (report, emit):
        done = trainings.resume(id, report=report, emit=_points_to(emit))
    _show(session, plan, done)


@contextmanager
def _going_on(id: str, key: ModelKey) -> Iterator[None]:
    """Within it a training runs; what stops it leaves something to go on with."""
    go_on = f"modelkeep train --resume {id}"
    try:
        yield
    except Cancelled:
        tell(f"No model was changed. Go on: {go_on}")
        raise
    except UnsafeModel as error:
        raise Failure((str(error), hint_of(error, key))) from error
    except (BadTrainingData, JobConflict):
        raise
    except ModelKeepError as error:
        raise Failure((str(error), " ".join(filter(None, (error.hint, f"Go on: {go_on}"))))) from error


def _points_to(emit: Callable[[TrainingPoint], None]) -> Callable[[object], None]:
    """Passes on how good it is; the loss of each step is in the bar."""

    def told(point: object) -> None:
        if isinstance(point, TrainingPoint) and point.metrics:
            emit(point)

    return told


def _tell_point(point: TrainingPoint) -> None:
    tell(point_line(point))


def _refuse(plan: TrainingPlan) -> None:
    files = [data for data in (plan.data, plan.evaluation) if data]
    problems = [(sentence, "") for data in files for sentence in _wrong_lines(data)]
    if problems:
        more = sum(data.problem_count - len(data.problems) for data in files)
        rest = [(f"{more:,} more lines are wrong.", "")] if more else []
        raise Failure(*problems, *rest, ("Nothing was trained.", plan.hint))
    if plan.problem:
        raise Failure((plan.problem, plan.hint))


def _wrong_lines(data: TrainingData) -> Iterator[str]:
    """What is wrong with a file, said once for lines that follow each other."""
    name, at = Path(data.path).name, 0
    while at < len(data.problems):
        first, message = data.problems[at]
        last = first
        at += 1
        while first and at < len(data.problems) and data.problems[at] == (last + 1, message):
            last = data.problems[at][0]
            at += 1
        where = f", line {first:,}" if first == last else f", lines {first:,} to {last:,}"
        yield f"{name}{where if first else ''}: {message}"


def _show(session: Session, plan: TrainingPlan, done: TrainingResult) -> None:
    if session.json:
        print_json(shapes.training(plan, done))
        return
    for line in metric_lines(done):
        say(line)
    name, parent = done.key.repo_id, ModelKey.known(done.parent)
    learned = f"the last loss of training was {done.loss:.4f}"
    say(f"Trained {name} in {done.seconds:,.0f} s: {done.commit[:12]}; {learned}.")
    say(click.style(f'Try it: modelkeep try {name} --text "…"', dim=True))
    if plan.keeps_head:
        say(
            click.style(
                f'With its parent: modelkeep try {name} --compare {parent.repo_id} --text "…"', dim=True
            )
        )
    if plan.main == done.commit:
        say("It came out as the revision that was here already.")
        return
    undo = f"rollback {name} --to {plan.main[:12]}" if plan.main else f"delete {name}"
    say(click.style(f"Undo: modelkeep {undo}", dim=True))


def _list(session: Session, trainings: Trainings) -> None:
    jobs = trainings.list()
    if session.json:
        print_json([shapes.job(job) for job in jobs])
    elif not on_terminal():
        print_plain(shapes.job_values(job) for job in jobs)
    elif not jobs:
        say("There are no trainings.")
    else:
        from modelkeep.cli.tables import Column, print_table

        columns = (
            Column("Training"),
            Column("Status"),
            Column("Steps", right=True),
            Column("What", rank=1),
            Column("Note", rank=2),
        )
        print_table(columns, [job_cells(job) for job in jobs])


def _cancel(session: Session, trainings: Trainings, id: str) -> None:
    stopping = trainings.cancel(id)
    if session.json:
        print_json(shapes.job(stopping))
    elif stopping.result:
        say(f"{id} has ended already.")
    else:
        say(f"{id} is stopping. Go on with it: modelkeep train --resume {id}")


def _discard(session: Session, trainings: Trainings, id: str, yes: bool) -> None:
    ask(f"Discard {id}, with its checkpoints?", yes=yes)
    freed = trainings.discard(id)
    if session.json:
        print_json({"discarded": id, "freed": freed})
    else:
        say(f"Discarded {id}: {size_text(freed)} are free again. What it published stays.")
