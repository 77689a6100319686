"""`modelkeep registry`: models by names of their own, whether they are here, and files that register them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import click

from modelkeep.cli import registry_shapes as shapes
from modelkeep.cli.allowing import with_option
from modelkeep.cli.download import download
from modelkeep.cli.keys import complete_profile
from modelkeep.cli.output import (
    Failure,
    on_terminal,
    print_json,
    print_plain,
    readable,
    say,
    warn,
)
from modelkeep.cli.session import Session, common_options, dry_run_option, pass_session, yes_option
from modelkeep.errors import RegistryError
from modelkeep.text import size_text

if TYPE_CHECKING:
    from modelkeep.registered import RegisteredModel, RegisteredView
    from modelkeep.registrations.values import FileProblem

__all__ = ["registry"]


@click.group("registry")
@common_options
def registry() -> None:
    """Models by names of their own: list, register or check them, download what is not here.

    Some names come with Modelkeep: biobert-base, clinical-bert-base and others. More are in YAML files, in the
    folder that the settings or MODELKEEP_MODELS_DIR name. Programs load models by these names.
    """


class _Name(click.ParamType):  # type: ignore[type-arg] # generic only in new versions of click
    """A name as it is, completed with those that are registered."""

    name = "name"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[click.shell_completion.CompletionItem]:
        from click.shell_completion import CompletionItem

        from modelkeep.registrations.folder import read_registrations

        names = [model.name for model in read_registrations().models]
        return [CompletionItem(name) for name in names if name.startswith(incomplete)]


_NAME = _Name()


@registry.command("list")
@click.option("--type", "model_type", default="", metavar="TYPE", help="Only models of this type.")
@common_options
@pass_session
def list_registered(session: Session, model_type: str) -> None:
    """List the registered models, and whether a cache has them.

    In a pipe there is a line for each, with tabs between: name, type, model, state, where it is registered.
    """
    with session.library() as library:
        view = library.registered.look()
    if model_type and model_type.lower() not in view.types:
        raise click.BadParameter(f"There are {', '.join(view.types)}.", param_hint="--type")
    models = [one for one in view.models if model_type.lower() in ("", one.registration.model_type)]
    if session.json:
        problems = [shapes.file_problem(one) for one in view.problems]
        print_json({"folder": view.folder, "models": list(map(shapes.model, models)), "problems": problems})
        return
    for problem in view.problems:
        warn(readable(str(problem)))
    if on_terminal():
        _print_table(models)
    else:
        print_plain(_row(one) for one in models)


def _row(one: RegisteredModel) -> tuple[str, ...]:
    said = one.registration
    return (said.name, said.model_type, said.model, one.state or "not here", _where(one))


def _where(one: RegisteredModel) -> str:
    said = one.registration
    return f"{said.file}:{said.line}" if said.file else said.origin


def _print_table(models: Iterable[RegisteredModel]) -> None:
    from modelkeep.cli.tables import Column, print_table

    columns = [
        Column("Name"),
        Column("Type"),
        Column("Model", rank=1),
        Column("State"),
        Column("From", rank=2),
    ]
    print_table(columns, [tuple(map(readable, _row(one))) for one in models])


@registry.command("show")
@click.argument("name", type=_NAME)
@common_options
@pass_session
def show(session: Session, name: str) -> None:
    """Show what is registered by a name, and how it is loaded."""
    with session.library() as library:
        one = library.registered.get(name)
    if session.json:
        print_json(shapes.model(one))
        return
    for line in _lines(one):
        say(line)


def _lines(one: RegisteredModel) -> Iterator[str]:
    said = one.registration
    yield click.style(readable(said.name), bold=True)
    if said.description:
        yield f"  {readable(said.description)}"
    facts = {
        "type": said.model_type,
        "model": f"{said.model}@{said.revision}" if said.revision else said.model,
        "tags": ", ".join(said.tags),
        "loader": said.loader,
        "parameters": ", ".join(f"{name}={value}" for name, value in said.parameters.items()),
        "from": _where(one),
        "here": _state(one),
    }
    for title, fact in facts.items():
        if fact:
            yield f"  {title:<11}{readable(fact)}"
    if one.problem:
        yield click.style(f"  {readable(one.problem)}", fg="yellow")
    yield click.style("  load it: modelkeep.lifecycle.get_registry()", dim=True) + click.style(
        f".load_model({readable(said.name)!r})", dim=True
    )


def _state(one: RegisteredModel) -> str:
    if not one.is_here:
        bring = "" if one.registration.is_folder else f": modelkeep registry download {one.registration.name}"
        return f"no{bring}"
    size = f", {size_text(one.size)}" if one.size else ""
    return f"{one.state}{size}, {one.path}"


@registry.command("register")
@click.argument("name")
@click.argument("model", metavar="MODEL")
@click.option("--type", "model_type", default="generic", show_default=True, metavar="TYPE")
@click.option("--revision", default="", metavar="REV", help="The branch, tag or commit, as in MODEL@REV.")
@click.option("--description", default="", metavar="TEXT")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="A tag (repeatable).")
@click.option(
    "--loader",
    default="",
    metavar="LOADER",
    help="What loads it: the name of a loader, or package.module:Class, code of yours.",
)
@click.option(
    "--param",
    "parameters",
    multiple=True,
    metavar="NAME=VALUE",
    help="What its configuration is to have, as num_labels=3 (repeatable).",
)
@click.option("--force", is_flag=True, help="Take the place of what has this name.")
@common_options
@pass_session
def register(
    session: Session,
    name: str,
    model: str,
    model_type: str,
    revision: str,
    description: str,
    tags: tuple[str, ...],
    loader: str,
    parameters: tuple[str, ...],
    force: bool,
) -> None:
    """Register MODEL by a name, and keep that: org/name, org/name@revision, or the path of a folder.

    It need not be here yet. What is registered is written to registered.yaml in your folder of such files.
    """
    with session.library() as library:
        try:
            one = library.registered.register(
                name,
                model,
                model_type=model_type,
                revision=revision,
                description=description,
                tags=tags,
                loader=loader,
                parameters=dict(map(_parameter, parameters)),
                force=force,
            )
        except RegistryError as error:
            hint = _own_hint(error, name, model_type, library.registered.look())
            raise Failure((str(error), hint)) from error
    if session.json:
        print_json(shapes.model(one))
        return
    here = "" if one.is_here else ", which is not here yet"
    say(f"Registered {readable(one.registration.model)} as {readable(name)}{here}.")
    say(readable(one.registration.file))


def _own_hint(error: RegistryError, name: str, model_type: str, view: RegisteredView) -> str:
    """What to do, by the options that do it."""
    if model_type.lower() not in view.types:
        return with_option(error.hint, f"modelkeep registry types --add {model_type}")
    if any(one.registration.name == name for one in view.models):
        return with_option(error.hint, "--force")
    return error.hint


def _parameter(text: str) -> tuple[str, object]:
    import yaml

    name, equals, value = text.partition("=")
    if not equals:
        raise click.BadParameter(f"“{text}” is not NAME=VALUE.", param_hint="--param")
    try:
        said = yaml.safe_load(value)
        json.dumps(said)  # bytes, dates and sets are nothing that a file of registrations holds
    except (yaml.YAMLError, ValueError, TypeError, RecursionError):
        return name, value
    return name, said


@registry.command("unregister")
@click.argument("name", type=_NAME)
@dry_run_option
@common_options
@pass_session
def unregister(session: Session, name: str, dry_run: bool) -> None:
    """Forget a name that `registry register` gave. The model's files stay."""
    with session.library() as library:
        one = library.registered.get(name)
        if not dry_run:
            library.registered.unregister(name)
    if session.json:
        print_json({"executed": not dry_run} | shapes.model(one))
    else:
        say(f"{'Would forget' if dry_run else 'Forgot'} {readable(name)}. The files of its model stay.")


@registry.command("check")
@click.argument("path", required=False, default="", type=click.Path(), metavar="[PATH]")
@common_options
@pass_session
def check(session: Session, path: str) -> None:
    """Check the files that register models: those of your folder, or a file or folder.

    Everything that is wrong is said with its line; the status is 1 then.
    """
    with session.library() as library:
        problems = library.registered.check(path)
    if session.json:
        print_json([shapes.file_problem(one) for one in problems])
    elif not problems:
        say("Nothing is wrong.")
    if problems:
        raise Failure(*_sentences(problems))


def _sentences(problems: Iterable[FileProblem]) -> Iterator[tuple[str, str]]:
    for problem in problems:
        yield readable(str(problem)), ""


@registry.command("download")
@click.argument("name", type=_NAME)
@click.option(
    "--profile",
    default="",
    shell_complete=complete_profile,
    metavar="NAME",
    help="The hub to take it from (`profile list`).",
)
@click.option(
    "--plan", "--dry-run", "plan_only", is_flag=True, help="Show what would be done, and change nothing."
)
@yes_option
@common_options
@pass_session
@click.pass_context
def download_registered(
    context: click.Context, session: Session, name: str, profile: str, plan_only: bool, yes: bool
) -> None:
    """Download a registered model from a hub into a cache, as `modelkeep download` does by its key."""
    from modelkeep.registered import download_key

    with session.library() as library:
        key = download_key(library.registered.get(name).registration)
    context.invoke(download, name=key, profile=profile, plan_only=plan_only, yes=yes)


@registry.command("types")
@click.option("--add", default="", metavar="NAME", help="Declare a further type.")
@common_options
@pass_session
def types(session: Session, add: str) -> None:
    """List the types that models can have, or declare a further one."""
    with session.library() as library:
        known = library.registered.add_type(add) if add else library.registered.look().types
    if session.json:
        print_json(list(known))
    else:
        for name in known:
            say(readable(name))
