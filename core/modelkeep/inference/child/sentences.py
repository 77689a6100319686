"""Vectors of sentences, as sentence-transformers makes them, and how alike they are."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from modelkeep.checking.by_transformers import load_config, load_tokenizer, load_transformers
from modelkeep.checking.plain_words import AGAIN, Source, in_plain_words
from modelkeep.errors import InferenceError, UnsupportedModel
from modelkeep.inference.child import loading
from modelkeep.inference.child.classification import batches, encoded, refuse_no_text
from modelkeep.inference.child.loading import TransformersModel
from modelkeep.inference.child.pooling import Pooling, pooling_of, refuse_too_many
from modelkeep.inference.child.turn import Turn
from modelkeep.inference.child.words import while_loading, while_running
from modelkeep.inference.values import (
    Embedded,
    LoadedModel,
    LoadRequest,
    Output,
    Task,
    TryInputs,
    TryOptions,
)
from modelkeep.progress import Report

__all__ = ["SentenceModel", "answer", "load"]

_SETTINGS = (
    "sentence_bert_config.json",
    *(
        f"sentence_{kind}_config.json"
        for kind in ("roberta", "distilbert", "camembert", "albert", "xlm-roberta")
    ),
    "sentence_xlnet_config.json",
)
Step = Callable[[Any], Any]
"""What comes after pooling: of a vector for each text makes another."""


@dataclass
class SentenceModel:
    """A transformer, and the modules of sentence-transformers after it."""

    inner: TransformersModel
    pooling: Pooling
    steps: Sequence[Step]
    lower: bool = False
    prompt: str = ""
    about: LoadedModel = field(init=False)

    def __post_init__(self) -> None:
        self.about = self.inner.about

    def run(self, task: Task, inputs: TryInputs, options: TryOptions, turn: Turn) -> list[Output]:
        import torch

        if task is not Task.SENTENCE_SIMILARITY:
            raise UnsupportedModel(
                f"{self.inner.name} was loaded for {Task.SENTENCE_SIMILARITY}, and not for {task}."
            )
        with while_running(), torch.inference_mode():
            return _embedded(self, inputs, turn)


def answer(loaded: TransformersModel, inputs: TryInputs, options: TryOptions, turn: Turn) -> list[Output]:
    """Vectors by a model that says nothing of how they are made of its tokens': their mean."""
    turn.note(
        "The model does not say how a vector of a text is made: this is the mean of its tokens' vectors."
    )
    return _embedded(SentenceModel(loaded, Pooling(("mean",)), ()), inputs, turn)


def _embedded(model: SentenceModel, inputs: TryInputs, turn: Turn) -> list[Output]:
    import torch

    refuse_no_text(inputs)
    inner, rows = model.inner, []
    skipped = 0 if model.pooling.include_prompt or not model.prompt else _prompt_length(model)
    for batch in batches(inner, inputs.texts, turn):
        texts = [f"{model.prompt}{text}".strip() for text in batch]
        given = encoded(inner, [text.lower() for text in texts] if model.lower else texts, turn)
        told = inner.model(**given)
        mask = given["attention_mask"] if "attention_mask" in given else torch.ones_like(given["input_ids"])
        vectors = model.pooling(told[0], mask, skipped)
        for step in model.steps:
            vectors = step(vectors)
        refuse_too_many(len(inputs.texts), vectors.shape[-1])
        rows.append(vectors.float())
    if not rows:
        return []
    vectors = torch.cat(rows)
    unit = torch.nn.functional.normalize(vectors.double(), dim=-1)
    alike = (unit @ unit.T).clamp(-1, 1)
    return [Embedded(tuple(map(tuple, vectors.tolist())), tuple(map(tuple, alike.tolist())))]


def _prompt_length(model: SentenceModel) -> int:
    tokenizer = model.inner.tokenizer
    tokens = tokenizer(model.prompt.strip())["input_ids"]
    return len(tokens) - (1 if tokens and tokens[-1] in tokenizer.all_special_ids else 0)


# ---- loading


def load(request: LoadRequest, report: Report) -> SentenceModel | TransformersModel:
    """A model by its modules.json. Raises `UnsupportedModel` for modules that are not known here, and what
    `loading.load` raises."""
    if request.task is not Task.SENTENCE_SIMILARITY:
        return loading.load(request, report)
    with while_loading():
        loading.refuse_without("torch", "transformers")
        source = loading.read_source(request)
        folders = _modules(source)
        transformer = folders[0][1]
        transformers = load_transformers(source, report)
        transformers.utils.logging.set_verbosity_error()
        transformers.utils.logging.disable_progress_bar()
        device = loading.chosen_device(request.device)
        config = load_config(source, report, transformer)
        tokenizer = load_tokenizer(source, report, transformer)
        kind = loading.class_for(transformers, config, request)
        model, dtype = loading.loaded_weights(source, report, kind, config, request, device, transformer)
        about = loading.about_model(model, tokenizer, dtype, device, request.task)
        settings = _settings(source, transformer)
        said = settings.get("max_seq_length")
        most = said if isinstance(said, int) and said > 0 else about.context
        most = min(filter(None, (most, about.context)), default=0)
        about = replace(about, context=most)
        inner = TransformersModel(request.name, request.task, model, tokenizer, None, about)
        pooling, steps = Pooling(("mean",)), []
        for kind_of, folder in folders[1:]:
            if kind_of == "Pooling":
                pooling = pooling_of(_object(source, folder))
            elif (step := _step(source, kind_of, folder, device)) is not None:
                steps.append(step)
        return SentenceModel(
            inner,
            pooling,
            steps,
            lower=settings.get("do_lower_case") is True,
            prompt=_prompt(source),
        )


def _modules(source: Source) -> list[tuple[str, str]]:
    """The kind and the folder of each module, the transformer first."""
    match source.json("modules.json"):
        case [*modules] if modules:
            found = [_module(module) for module in modules]
        case _:
            raise InferenceError("modules.json cannot be read.", hint=AGAIN)
    kinds = [kind for kind, _ in found]
    if kinds[0] != "Transformer" or not set(kinds[1:]) <= _KNOWN:
        wrong = (
            kinds[0] if kinds[0] != "Transformer" else next(kind for kind in kinds[1:] if kind not in _KNOWN)
        )
        raise UnsupportedModel(
            f"{source.name} has a module of the kind {wrong}, which cannot be run here.",
            hint=f"There can be a Transformer, and after it {', '.join(sorted(_KNOWN))}.",
        )
    return found


def _module(module: object) -> tuple[str, str]:
    match module:
        case {"type": str(kind), "path": str(path)}:
            return kind.rpartition(".")[2], path.strip("/")
        case _:
            raise InferenceError("modules.json does not say what its modules are.", hint=AGAIN)


_KNOWN = frozenset({"Pooling", "Dense", "Normalize", "LayerNorm", "Dropout"})


def _step(source: Source, kind: str, folder: str, device: Any) -> Step | None:
    import torch

    if kind == "Normalize":
        return lambda vectors: torch.nn.functional.normalize(vectors, p=2, dim=1)
    if kind == "Dropout":
        return None  # does something in training only
    config = _object(source, folder)
    with in_plain_words(source, "the weights"):
        state = _state(source, folder)
        if kind == "LayerNorm":
            layer: Any = torch.nn.LayerNorm(int(str(config["dimension"])))
            layer.load_state_dict({name.removeprefix("norm."): value for name, value in state.items()})
            return layer.to(device).eval()  # type: ignore[no-any-return]
        layer = torch.nn.Linear(
            int(str(config["in_features"])), int(str(config["out_features"])), bool(config.get("bias", True))
        )
        layer.load_state_dict({name.removeprefix("linear."): value for name, value in state.items()})
        activation = _activation(str(config.get("activation_function", "torch.nn.modules.activation.Tanh")))
        layer = layer.to(device).eval()
        return lambda vectors: activation(layer(vectors.to(layer.weight.dtype)))


def _activation(named: str) -> Any:
    import torch

    kind = getattr(torch.nn, named.rpartition(".")[2], None) if named.startswith("torch.nn.") else None
    if kind is None:
        raise UnsupportedModel(f"The activation function {named} is not known here.")
    return kind()


def _state(source: Source, folder: str) -> Mapping[str, Any]:
    import torch

    for name in ("model.safetensors", "pytorch_model.bin"):
        if (found := posixpath.join(folder, name)) in source.files:
            path = Path(source.folder, found)
            if name.endswith(".bin"):
                return torch.load(path, map_location="cpu", weights_only=True)  # type: ignore[no-any-return]
            from safetensors.torch import load_file

            return load_file(path)
    raise InferenceError(f"{posixpath.join(folder, 'model.safetensors')} is not here.", hint=AGAIN)


def _settings(source: Source, folder: str) -> Mapping[str, object]:
    names = [posixpath.join(folder, name) for name in _SETTINGS]
    return next((_object(source, "", name) for name in names if name in source.files), {})


def _prompt(source: Source) -> str:
    """What goes before each text where nobody chose: none, but for a few models."""
    said = _object(source, "", "config_sentence_transformers.json", optional=True)
    prompts, name = said.get("prompts"), said.get("default_prompt_name")
    return str(prompts.get(name, "")) if isinstance(prompts, dict) and name else ""


def _object(
    source: Source, folder: str, name: str = "config.json", *, optional: bool = False
) -> dict[str, object]:
    path = posixpath.join(folder, name)
    found = source.json(path)
    if isinstance(found, dict):
        return found
    if optional and path not in source.files:
        return {}
    state = "cannot be read" if path in source.files else "is not here"
    raise InferenceError(f"{path} {state}.", hint=AGAIN)
