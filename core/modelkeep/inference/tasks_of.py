"""What a model can be tried for and what would run it, told from the names of its files and what they say."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from modelkeep.errors import UnsupportedModel
from modelkeep.inference.values import Backend, Task
from modelkeep.metadata.describe import Description
from modelkeep.metadata.kinds import FileKind, file_kind, is_loaded_weight

__all__ = ["Tryable", "chosen_task", "task_named", "tryable"]


@dataclass(frozen=True)
class Tryable:
    """What a model can be tried for, the likeliest first, and what would run it. `problem` is why it cannot be tried
    here, "" when it can."""

    backend: Backend
    tasks: tuple[Task, ...] = ()
    problem: str = ""
    hint: str = ""


_OTHER_NAMES = {
    "feature-extraction": Task.SENTENCE_SIMILARITY,
    "embeddings": Task.SENTENCE_SIMILARITY,
    "sentence-embeddings": Task.SENTENCE_SIMILARITY,
    "sentiment-analysis": Task.TEXT_CLASSIFICATION,
    "text-ranking": Task.TEXT_CLASSIFICATION,
    "zero-shot-classification": Task.TEXT_CLASSIFICATION,
    "ner": Task.TOKEN_CLASSIFICATION,
    "conversational": Task.TEXT_GENERATION,
    "chat": Task.TEXT_GENERATION,
    "summarisation": Task.SUMMARIZATION,
}
_MAKE_FROM_TEXT = (Task.TEXT2TEXT_GENERATION, Task.SUMMARIZATION, Task.TRANSLATION)
_BY_HEAD: Mapping[str, tuple[Task, ...]] = {
    "ForSequenceClassification": (Task.TEXT_CLASSIFICATION,),
    "ForTokenClassification": (Task.TOKEN_CLASSIFICATION,),
    # Beneath the head is the model that embeds.
    "ForMaskedLM": (Task.FILL_MASK, Task.SENTENCE_SIMILARITY),
    "WithLMHeadModel": (Task.FILL_MASK, Task.SENTENCE_SIMILARITY),
    "ForPreTraining": (Task.FILL_MASK, Task.SENTENCE_SIMILARITY),
    "ForQuestionAnswering": (Task.QUESTION_ANSWERING,),
    "ForQuestionAnsweringSimple": (Task.QUESTION_ANSWERING,),
    "ForCausalLM": (Task.TEXT_GENERATION,),
    "LMHeadModel": (Task.TEXT_GENERATION,),
    "ForSeq2SeqLM": _MAKE_FROM_TEXT,
    "ForConditionalGeneration": _MAKE_FROM_TEXT,
    "MarianMTModel": (Task.TRANSLATION, Task.TEXT2TEXT_GENERATION),
    "EncoderDecoderModel": _MAKE_FROM_TEXT,
    "ForImageClassification": (Task.IMAGE_CLASSIFICATION,),
    "ForImageClassificationWithTeacher": (Task.IMAGE_CLASSIFICATION,),
}
"""What the classes of transformers can do, by the ends of their names."""

# What models of those classes are for by their metadata; any other task is of a model that sees, hears or speaks,
# whatever its class is called.
_OF_TEXT = frozenset({*Task, *_OTHER_NAMES, "multiple-choice", "text-to-text", ""})
_HEARING = (
    "Clap",
    "Encodec",
    "Hubert",
    "Moonshine",
    "SEW",
    "Seamless",
    "Speech",
    "UniSpeech",
    "Wav2Vec2",
    "WavLM",
    "Whisper",
)
_IN_ONNX = frozenset(
    {
        Task.TEXT_CLASSIFICATION,
        Task.TOKEN_CLASSIFICATION,
        Task.FILL_MASK,
        Task.SENTENCE_SIMILARITY,
        Task.QUESTION_ANSWERING,
        Task.IMAGE_CLASSIFICATION,
    }
)
_LIBRARIES = {
    "diffusers": "It is a pipeline of diffusers",
    "medcat": "It is a MedCAT model pack",
    "spacy": "It is a pipeline of spaCy",
    "nemo": "It is a model of NeMo",
    "timm": "It is a model of timm",
    "open_clip": "It is a model of OpenCLIP",
    "setfit": "It is a model of SetFit",
    "mlx": "It is a model for MLX",
}
_KNOWN = "What can be tried are models of transformers and sentence-transformers, GGUF and ONNX files."
_OF_OTHERS = {
    FileKind.TENSORFLOW: "TensorFlow",
    FileKind.FLAX: "Flax",
    FileKind.OPENVINO: "OpenVINO",
    FileKind.COREML: "Core ML",
    FileKind.TFLITE: "TensorFlow Lite",
    FileKind.TENSORRT: "TensorRT",
    FileKind.GGML: "an old llama.cpp",
    FileKind.DDUF: "diffusers",
}


def task_named(name: str) -> Task:
    """The task of that name, or of another that is usual for it. Raises `UnsupportedModel` for one that is none."""
    said = name.strip().lower().replace("_", "-")
    if said in _OTHER_NAMES:
        return _OTHER_NAMES[said]
    if said not in set(Task):
        raise UnsupportedModel(
            f"“{name}” is no task that models can be tried for.", hint=f"The tasks are {', '.join(Task)}."
        )
    return Task(said)


def chosen_task(name: str, tasks: Collection[Task], of: str) -> Task:
    """The task that was asked for, the first of `tasks` for "". Raises `UnsupportedModel` for one that is not among
    them; `of` names the model."""
    if not name:
        return next(iter(tasks))
    task = task_named(name)
    if task not in tasks:
        raise UnsupportedModel(
            f"{of} cannot be tried for {task}.", hint=f"It can be tried for {' or '.join(tasks)}."
        )
    return task


def tryable(
    names: Collection[str], description: Description, config: Mapping[str, object], *, file: str = ""
) -> Tryable:
    """What a model can be tried for whose files have these names, and whose `config.json` says this.

    `file` is the one of several weights that is meant.
    """
    backend = _backend(names, file)
    if not file and (refused := _refused(names, description)):
        return Tryable(backend or Backend.TRANSFORMERS, problem=refused, hint=_hint(description))
    if backend is None:
        return Tryable(Backend.TRANSFORMERS, problem=_other_weights(names), hint=_KNOWN)
    tasks = _tasks(backend, names, description, config)
    if not tasks:
        return Tryable(backend, problem=_no_task(description, config), hint=f"Tasks are {', '.join(Task)}.")
    return Tryable(backend, tasks)


def _backend(names: Collection[str], file: str) -> Backend | None:
    kinds = {file_kind(name, names) for name in names if is_loaded_weight(name, file_kind(name, names))}
    if file.lower().endswith(".gguf"):
        return Backend.GGUF
    if file.lower().endswith(".onnx"):
        return Backend.ONNX
    if kinds & {FileKind.SAFETENSORS, FileKind.PICKLE} and ("config.json" in names or file):
        return Backend.SENTENCES if "modules.json" in names else Backend.TRANSFORMERS
    if FileKind.GGUF in kinds:
        return Backend.GGUF
    if FileKind.ONNX in kinds:
        return Backend.ONNX
    if kinds:
        return Backend.TRANSFORMERS if kinds & {FileKind.SAFETENSORS, FileKind.PICKLE} else None
    # Its weights may be what is not here, which is told apart.
    return Backend.TRANSFORMERS if "config.json" in names else None


def _refused(names: Collection[str], description: Description) -> str:
    if "adapter_config.json" in names:
        base = description.base_models[0] if description.base_models else ""
        return f"It is an adapter{f' of {base}' if base else ''}, and Modelkeep puts none upon its base."
    if kind := _LIBRARIES.get(description.library):
        return f"{kind}, which Modelkeep does not try."
    return ""


def _hint(description: Description) -> str:
    if description.library == "peft" and description.base_models:
        return f"Try its base {description.base_models[0]}, or merge the two and import the result."
    return _KNOWN


def _other_weights(names: Collection[str]) -> str:
    kinds = [file_kind(name, names) for name in names]
    of = next((_OF_OTHERS[kind] for kind in kinds if kind in _OF_OTHERS), "")
    return (
        f"Its weights are for {of}, which Modelkeep does not try." if of else "It has no weights to be tried."
    )


def _tasks(
    backend: Backend, names: Collection[str], description: Description, config: Mapping[str, object]
) -> tuple[Task, ...]:
    said = _OTHER_NAMES.get(description.task) or _task(description.task)
    if backend is Backend.SENTENCES:
        tasks: tuple[Task, ...] = (Task.SENTENCE_SIMILARITY,)
        if "ForMaskedLM" in _architecture(config):
            tasks += (Task.FILL_MASK,)
    elif backend is Backend.GGUF:
        made_for_vectors = description.task in ("feature-extraction", "sentence-similarity")
        tasks = () if made_for_vectors else (Task.TEXT_GENERATION,)
    else:
        tasks = _by_class(names, description, config, said)
    if backend is Backend.ONNX:
        tasks = tuple(task for task in tasks if task in _IN_ONNX)
    return (said, *(task for task in tasks if task is not said)) if said in tasks else tasks


def _by_class(
    names: Collection[str], description: Description, config: Mapping[str, object], said: Task | None
) -> tuple[Task, ...]:
    architecture = _architecture(config)
    if description.task not in _OF_TEXT or _perceives(names, config):
        return ()
    ends = [end for end in _BY_HEAD if architecture.endswith(end)]
    if ends:
        tasks = _BY_HEAD[max(ends, key=len)]
        embeds = said is Task.SENTENCE_SIMILARITY and tasks == (Task.TEXT_GENERATION,)
        return (*tasks, Task.SENTENCE_SIMILARITY) if embeds else tasks
    if architecture.endswith(("Model", "Encoder")):
        reads = "vocab_size" in config or any(file_kind(name) is FileKind.TOKENIZER for name in names)
        return (Task.SENTENCE_SIMILARITY,) if reads else ()
    # A class of its own, or none: what the card says, or what its code says that the class stands for.
    return (said,) if said else _by_own_code(config)


def _by_own_code(config: Mapping[str, object]) -> tuple[Task, ...]:
    named = config.get("auto_map")
    heads = [str(name).removeprefix("AutoModel") for name in named] if isinstance(named, dict) else []
    return tuple(dict.fromkeys(task for head in heads for task in _BY_HEAD.get(head, ())))


def _perceives(names: Collection[str], config: Mapping[str, object]) -> bool:
    """Whether it takes sounds, or pictures with a text."""
    if "vision_config" in config or "audio_config" in config:
        return True
    if _architecture(config).startswith(_HEARING):
        return True
    pictures = "preprocessor_config.json" in names or "processor_config.json" in names
    return pictures and "vocab_size" not in config and "ForImageClassification" not in _architecture(config)


def _no_task(description: Description, config: Mapping[str, object]) -> str:
    if description.task and _task(description.task) is None and description.task not in _OTHER_NAMES:
        return f"It is for {description.task}, which Modelkeep does not try."
    if "gguf" in description.formats and description.task:
        return "It makes vectors of texts, for which Modelkeep does not try GGUF files."
    if architecture := _architecture(config):
        return f"Its class is {architecture}, of which Modelkeep does not know what to ask."
    return "Its files do not say what it is for."


def _architecture(config: Mapping[str, object]) -> str:
    named = config.get("architectures")
    return str(named[0]) if isinstance(named, list) and named else ""


def _task(name: str) -> Task | None:
    return Task(name) if name in set(Task) else None
