"""What a training would take, looked at before anything starts: data, labels, steps, memory, disk, who allows it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from modelkeep.cache.catalog import Origin
from modelkeep.cache.inventory import CachedModel, CachedRevision
from modelkeep.checking.offline_ready import reads_text
from modelkeep.disk import free_space, reserve
from modelkeep.errors import InvalidKey
from modelkeep.keys import ModelKey, is_valid_repo_id
from modelkeep.metadata.describe import Description, describe
from modelkeep.metadata.reading import Unreadable, read_json
from modelkeep.paths import jobs_file
from modelkeep.remote.offering import lineage_of
from modelkeep.settings import load_settings
from modelkeep.text import size_text
from modelkeep.training.examples import measured_count
from modelkeep.training.policy import check_fine_tuning, remote_dens, taking_none
from modelkeep.training.tags import bio_labels
from modelkeep.training.values import DataProblem, TrainingData, TrainingParameters, TrainingPlan

if TYPE_CHECKING:
    from modelkeep.library import Library

__all__ = ["METHODS", "missing_packages", "plan_training"]

METHODS = ("auto", "full", "lora")
_HEADS = {
    "text-classification": "ForSequenceClassification",
    "token-classification": "ForTokenClassification",
}
_FORMATS = {"safetensors", "pickle"}
_MOST_STEPS_APART = 500
_CHECKPOINTS = 20
_KEPT = 3  # checkpoints on the disk at once: the last two, and the one that is being written
_BYTES = 4  # of a number, as it is trained
_ADAM = 3 * _BYTES  # gradients and the two averages of AdamW
_OF_LORA = 50  # one of so many weights is trained at a usual rank
_LIBRARIES = 500 << 20  # bytes that PyTorch and transformers take themselves
_PER_TOKEN = 16  # numbers of the size of its state that a layer keeps for each token until it goes back
_USUAL_LENGTH = 512


class _Size(NamedTuple):
    """Bytes that a training takes."""

    memory: int
    disk: int


def plan_training(
    library: Library,
    model: CachedModel,
    revision: CachedRevision,
    data: TrainingData,
    evaluation: TrainingData | None,
    to: str,
    parameters: TrainingParameters,
) -> TrainingPlan:
    """See `Trainings.plan`."""
    said = describe(revision, memory=library.catalog)
    origin = library.catalog.origin(model.root, model.key, revision.commit)
    dens = remote_dens()
    check_fine_tuning(model.key, origin, dens)
    config = _config(revision)
    labels, keeps_head = _labels(config, data)
    evaluation = _checked_against(evaluation, data)
    evaluated = evaluation.examples if evaluation else measured_count(data.examples, parameters.eval_share)
    trained = data.examples - (0 if evaluation else evaluated)
    each = math.ceil(trained / max(1, parameters.batch))
    steps = max(1, math.ceil(each * parameters.epochs)) if parameters.epochs > 0 else 0
    target = _target(model, data.task, to)
    there = library.inventory(model.root).by_key.get(target)
    space = min((free_space(place) for place in (model.root, jobs_file())), key=lambda one: one.free)
    free = _free_memory()
    method = _method(said, config, parameters, free)
    size = _size(said, config, parameters, method)
    plan = TrainingPlan(
        key=model.key,
        root=model.root,
        commit=revision.commit,
        task=data.task,
        data=data,
        evaluation=evaluation,
        parameters=parameters,
        method=method,
        target=target,
        target_root=model.root,
        target_exists=there is not None,
        labels=labels,
        steps=steps,
        checkpoint_every=min(_MOST_STEPS_APART, max(1, each, math.ceil(steps / _CHECKPOINTS))),
        memory_needed=size.memory,
        memory_free=free,
        disk_needed=size.disk,
        disk_free=max(0, space.free - reserve(space)),
        interpreter=load_settings().settings.inference.interpreter,
        evaluated=evaluated,
        keeps_head=keeps_head,
        main=dict(there.refs).get("main", "") if there else "",
        lineage=_lineage(model, revision, said, origin),
        policy=taking_none(dens),
    )
    problem, hint = _problem(plan, revision, said, config)
    return replace(plan, problem=problem, hint=hint, notes=tuple(_notes(plan, config)))


def missing_packages(method: str, interpreter: str = "") -> tuple[str, str]:
    """What training takes and the Python that would run it lacks, as a sentence with a hint; two "" for nothing.

    `interpreter` is the path of another Python than the one that runs this, which is then asked.
    """
    names = ("torch", "transformers", "accelerate", *(("peft",) if method == "lora" else ()))
    if not interpreter:
        absent = [name for name in names if find_spec(name) is None]
        hint, where = "Install it: pip install 'modelkeep[train]'", "here"
    else:
        from modelkeep.inference.interpreters import inspect_interpreter

        found = inspect_interpreter(interpreter)
        if found.problem:
            return found.problem, found.hint
        absent = [name for name in names if name not in found.packages]
        hint, where = f"Install it there: {interpreter} -m pip install {' '.join(names)}", f"in {interpreter}"
    if not absent:
        return "", ""
    are = "is" if len(absent) == 1 else "are"
    return f"Training takes {' and '.join(absent)}, which {are} not installed {where}.", hint


def _config(revision: CachedRevision) -> Mapping[str, Any]:
    file = revision.file("config.json")
    if file is None or file.blob is None:
        return {}
    try:
        said = read_json(file.blob.payload)
    except (OSError, Unreadable):
        return {}
    return said if isinstance(said, dict) else {}


def _labels(config: Mapping[str, Any], data: TrainingData) -> tuple[tuple[str, ...], bool]:
    """The labels of the result, and whether they are the parent's: then in its order, so that its head stays."""
    wanted = tuple(data.labels)
    if data.task == "token-classification":
        wanted = bio_labels(wanted)
    named = config.get("id2label")
    numbered = named if isinstance(named, dict) else {}
    own = tuple(str(numbered.get(str(number), "")) for number in range(len(numbered)))
    heads = [str(name) for name in config.get("architectures") or () if name]
    is_head = any(name.endswith(_HEADS[data.task]) for name in heads)
    is_multi = config.get("problem_type") == "multi_label_classification"
    if is_head and sorted(own) == sorted(wanted) and is_multi == data.multi_label:
        return own, True
    return wanted, False


def _checked_against(evaluation: TrainingData | None, data: TrainingData) -> TrainingData | None:
    """The examples for measuring, with what is wrong with them beside the others."""
    if evaluation is None or evaluation.problems:
        return evaluation
    sentence = ""
    if unknown := [label for label in evaluation.labels if label not in data.labels]:
        sentence = f"The label “{unknown[0]}” is in none of the examples to train with."
    elif evaluation.multi_label and not data.multi_label:
        sentence = "A text may have several labels here, but only one in the examples to train with."
    if not sentence:
        return evaluation
    return replace(evaluation, problems=(DataProblem(0, sentence),), problem_count=1)


def _target(model: CachedModel, task: str, to: str) -> ModelKey:
    if not to:
        # Without the task of one that was trained here before.
        name = model.repo_id.rpartition("/")[2].removesuffix(f"-{task}")
        return ModelKey(f"local/{name[: 95 - len(task)].rstrip('-._')}-{task}")
    key = ModelKey.parse(to)
    if key.revision or key.repo_type != "model" or not is_valid_repo_id(key.repo_id):
        raise InvalidKey(
            f"“{to}” is not a name for what is trained.", hint="It looks like local/name, without a revision."
        )
    return key


def _lineage(
    model: CachedModel, revision: CachedRevision, said: Description, origin: Origin | None
) -> tuple[str, str]:
    exact = str(model.key.at(revision.commit))
    known = lineage_of(model.key, said, origin.metadata if origin else {}, revision)
    return exact, known.root or exact


# ---- what it takes


def _method(said: Description, config: Mapping[str, Any], parameters: TrainingParameters, free: int) -> str:
    if parameters.method != "auto":
        return parameters.method
    too_large = free and _size(said, config, parameters, "full").memory > free
    interpreter = load_settings().settings.inference.interpreter
    return "lora" if too_large and not missing_packages("lora", interpreter)[0] else "full"


def _size(said: Description, config: Mapping[str, Any], parameters: TrainingParameters, method: str) -> _Size:
    """An estimate. Activations by the size of the states, which attention makes more of for long texts.

    Source of the sums: what AdamW keeps (two averages), and the layers of BERT as transformers 5 has them.
    """
    count = said.parameters
    trained = count // _OF_LORA if method == "lora" else count
    hidden, layers, heads = (
        _number(config, names)
        for names in (
            ("hidden_size", "dim", "d_model", "n_embd"),
            ("num_hidden_layers", "n_layers", "n_layer"),
            ("num_attention_heads", "n_heads", "n_head"),
        )
    )
    length = parameters.max_length or min(
        _USUAL_LENGTH, _number(config, ("max_position_embeddings",)) or _USUAL_LENGTH
    )
    states = parameters.batch * length * layers * (_PER_TOKEN * hidden + 2 * heads * length) * _BYTES
    memory = _LIBRARIES + count * _BYTES + trained * _ADAM + states
    checkpoint = trained * _ADAM
    return _Size(memory, _KEPT * checkpoint + 2 * count * _BYTES)


def _number(config: Mapping[str, Any], names: tuple[str, ...]) -> int:
    found = next((config[name] for name in names if isinstance(config.get(name), int)), 0)
    return int(found)


def _free_memory() -> int:
    import psutil

    return int(psutil.virtual_memory().available)


# ---- what keeps it from being done


def _problem(
    plan: TrainingPlan, revision: CachedRevision, said: Description, config: Mapping[str, Any]
) -> tuple[str, str]:
    return (
        _data_problem(plan)
        or _model_problem(plan, revision, said, config)
        or _parameter_problem(plan.parameters)
        or _room_problem(plan)
        or ("", "")
    )


def _data_problem(plan: TrainingPlan) -> tuple[str, str] | None:
    for data in (plan.data, plan.evaluation):
        if data and data.problem_count:
            name = Path(data.path).name
            line, message = data.problems[0]
            more = f" and {data.problem_count - 1:,} more" if data.problem_count > 1 else ""
            where = f"line {line:,}: " if line else ""
            return (
                f"{name} cannot be trained with{more and f' ({data.problem_count:,} problems)'}: {where}{message}",
                ("Mend the file, then do it again."),
            )
    if plan.data.examples - (0 if plan.evaluation else plan.evaluated) < 1:
        return f"{Path(plan.data.path).name} has no examples left to train with.", ""
    return None


def _model_problem(
    plan: TrainingPlan, revision: CachedRevision, said: Description, config: Mapping[str, Any]
) -> tuple[str, str] | None:
    text_models = "Models of texts by transformers can be trained, such as BERT."
    names = {file.name for file in revision.files if file.blob}
    if plan.key.repo_type != "model":
        return f"{plan.key} is no model.", ""
    if gone := [file.name for file in revision.files if file.blob is None]:
        return f"{gone[0]} is not here, so the revision is not whole.", "Download or mend it first."
    if "adapter_config.json" in names and not config:
        return "It is an adapter, which cannot be trained on here.", "Train the model that it is for."
    if not config:
        return "It has no config.json that could be read.", text_models
    if not {*said.formats} & _FORMATS:
        formats = " and ".join(said.formats) or "not here"
        return f"Its weights are {formats}, which cannot be trained.", text_models
    if not reads_text(revision):
        return "It reads no texts.", text_models
    missing = missing_packages(plan.method, plan.interpreter)
    return missing if missing[0] else None


def _parameter_problem(parameters: TrainingParameters) -> tuple[str, str] | None:
    wrong = {
        "epochs": not 0 < parameters.epochs <= 10_000,
        "learning rate": not 0 < parameters.lr < 10,
        "batch": not 1 <= parameters.batch <= 65_536,
        "share for measuring": not 0 <= parameters.eval_share < 1,
        "seed": not 0 <= parameters.seed < 1 << 32,
        "length": not 0 <= parameters.max_length <= 1 << 20,
        "method": parameters.method not in METHODS,
        "rank": not 1 <= parameters.lora_rank <= 4096,
        "weight decay": not 0 <= parameters.weight_decay < 10,
        "warm-up": not 0 <= parameters.warmup <= 1,
    }
    first = next((name for name, is_wrong in wrong.items() if is_wrong), "")
    return (f"The {first} makes no sense.", "") if first else None


def _room_problem(plan: TrainingPlan) -> tuple[str, str] | None:
    missing = plan.disk_needed - plan.disk_free
    if missing > 0:
        return f"{size_text(missing)} more are needed on the disk to train {plan.key}.", "Free some space."
    return None


def _notes(plan: TrainingPlan, config: Mapping[str, Any]) -> Iterator[str]:
    yield from plan.data.notes
    if plan.memory_free and plan.memory_needed > plan.memory_free:
        yield (
            f"It may take {size_text(plan.memory_needed)} of memory, and {size_text(plan.memory_free)} are free: "
            "a smaller batch, shorter texts or LoRA take less."
        )
    if not plan.evaluated:
        yield "There are no examples to measure it with."
    if config.get("auto_map"):
        yield "It brings code of its own, which is not run: transformers has to know its kind itself."
    if plan.policy:
        yield f"What is trained here may not be pushed to {' and '.join(plan.policy)}."
    if plan.target_exists:
        yield f"{plan.target} is here already: this becomes its next revision, and the old one stays."
