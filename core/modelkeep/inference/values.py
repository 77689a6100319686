"""What a model is asked, and what it answers: plain frozen values that cross process borders as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

__all__ = [
    "Answered",
    "Backend",
    "Embedded",
    "Fill",
    "Filled",
    "Generated",
    "Label",
    "Labelled",
    "LoadRequest",
    "LoadedModel",
    "Message",
    "Output",
    "Span",
    "Tagged",
    "Task",
    "TryInputs",
    "TryOptions",
    "TryResult",
]


class Task(StrEnum):
    """What models are tried for, by the Hub's names."""

    TEXT_CLASSIFICATION = "text-classification"
    TOKEN_CLASSIFICATION = "token-classification"
    FILL_MASK = "fill-mask"
    SENTENCE_SIMILARITY = "sentence-similarity"
    """Embeddings of sentences, and how alike they are. The Hub's feature-extraction is tried as this."""
    TEXT_GENERATION = "text-generation"
    QUESTION_ANSWERING = "question-answering"
    SUMMARIZATION = "summarization"
    TRANSLATION = "translation"
    TEXT2TEXT_GENERATION = "text2text-generation"
    IMAGE_CLASSIFICATION = "image-classification"


class Backend(StrEnum):
    """What runs a model. `SENTENCES` are transformers with the modules of sentence-transformers after them."""

    TRANSFORMERS = "transformers"
    SENTENCES = "sentence-transformers"
    GGUF = "gguf"
    ONNX = "onnx"


class Message(NamedTuple):
    """A turn of a conversation; `role` is "system", "user" or "assistant"."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class TryInputs:
    """What a model is asked. Each of `texts`, or of `images` (paths of files), is answered on its own; embeddings of
    texts are compared with each other. `context` is where a question finds its answer. `messages` are a conversation
    so far, for a model with a chat template; `texts` then are what comes next."""

    texts: tuple[str, ...] = ()
    context: str = ""
    images: tuple[str, ...] = ()
    messages: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class TryOptions:
    """How it is to answer. None: as the model itself says.

    `top_k` are the most labels or candidates, 0 for all. `multi_label`: each label on its own (sigmoid), not one of
    all. `max_new_tokens`, `temperature` (0.0: always the likeliest token), `top_p`, `seed` and `stop` (texts that end
    it) are for generation; `chat`: put the text into the model's chat template. Languages are as the model names
    them.
    """

    top_k: int = 5
    multi_label: bool | None = None
    max_new_tokens: int = 128
    temperature: float = 0.0
    top_p: float = 1.0
    seed: int | None = None
    stop: tuple[str, ...] = ()
    chat: bool | None = None
    source_language: str = ""
    target_language: str = ""


class Label(NamedTuple):
    """A label and how sure the model is of it, 0.0 to 1.0."""

    label: str
    score: float


@dataclass(frozen=True, slots=True)
class Labelled:
    """Labels of a text or an image, the surest first."""

    labels: tuple[Label, ...]
    multi_label: bool = False


class Span(NamedTuple):
    """A part of a text, `start` and `end` in characters (code points), and what it is."""

    start: int
    end: int
    label: str
    score: float
    text: str


@dataclass(frozen=True, slots=True)
class Tagged:
    """The spans that were found in a text, in its order."""

    text: str
    spans: tuple[Span, ...]


class Fill(NamedTuple):
    """A candidate for a mask: the token, how sure, and the text with it in place."""

    token: str
    score: float
    text: str


@dataclass(frozen=True, slots=True)
class Filled:
    """The candidates for each mask of a text, in its order, the surest first."""

    text: str
    masks: tuple[tuple[Fill, ...], ...]


@dataclass(frozen=True, slots=True)
class Embedded:
    """A vector for each text, and the cosine similarity of each with each, -1.0 to 1.0."""

    vectors: tuple[tuple[float, ...], ...]
    similarity: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Generated:
    """A text that was made.

    `finish` is "end" (the model ended it), "length" (as long as it may be), "stop" (one of the texts that end it
    came) or "stopped" (somebody stopped it).
    """

    text: str
    tokens: int
    finish: str


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer that stands in the context, `start` and `end` in characters; "" when the model found none."""

    text: str
    score: float
    start: int
    end: int


Output = Labelled | Tagged | Filled | Embedded | Generated | Answered


@dataclass(frozen=True, slots=True)
class LoadRequest:
    """What a worker is asked to load. All of it decides the answers, so that two that are equal share a worker.

    `key` names the model with its commit (`hf@org/name@commit`). Loading goes by `name` and `revision` (a ref or a
    commit, None for main) out of `root`; `folder` is the snapshot, `files` its files by their names in the
    repository. `file` is the one of several weights that is meant (a GGUF, an ONNX graph), "" for the usual one.
    `device` and `dtype` are "auto" or as PyTorch names them ("cpu", "cuda:0", "mps"; "float32", "bfloat16").
    """

    key: str
    root: str
    name: str
    revision: str | None
    folder: str
    files: tuple[str, ...]
    backend: Backend
    task: Task
    device: str = "auto"
    dtype: str = "auto"
    file: str = ""
    allow_code: bool = False


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """What a worker has loaded. `parameters` is their number, 0 when not known; `context` the most tokens that it
    takes, 0 when not known. `masks` is how its mask is written, `chat`: it has a chat template. `labels` are those
    that it gives."""

    class_name: str
    parameters: int = 0
    dtype: str = ""
    device: str = "cpu"
    context: int = 0
    mask: str = ""
    chat: bool = False
    labels: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TryResult:
    """What came of a try. `outputs` are in the order of the inputs; embeddings are one output for all texts.

    Times are seconds: `load_seconds` for loading the model, also where somebody else waited for it (0.0 when it was
    loaded already: `warm`), `run_seconds` for the answer alone. `tokens` are those that were made, or read where none
    were made. `peak_memory` is the most that the worker ever held, `memory` what it holds now, in bytes. `at` is the
    time (UTC). `notes` are sentences about how it was answered: that a text was cut to what the model takes.
    """

    key: str
    root: str
    commit: str
    task: Task
    backend: Backend
    inputs: TryInputs
    options: TryOptions
    outputs: tuple[Output, ...]
    model: LoadedModel
    warm: bool
    load_seconds: float
    run_seconds: float
    tokens: int
    peak_memory: int
    memory: int
    at: float
    stopped: bool = False
    notes: tuple[str, ...] = ()

    @property
    def tokens_per_second(self) -> float:
        return self.tokens / self.run_seconds if self.tokens and self.run_seconds else 0.0
