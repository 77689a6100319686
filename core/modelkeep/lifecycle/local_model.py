"""A model of a cache, asked as an object: it runs in a worker process, which has no network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from modelkeep.errors import NoInitializer
from modelkeep.inference.plan import TryPlan
from modelkeep.inference.values import LoadedModel, Message, Output, Task, TryInputs, TryOptions, TryResult
from modelkeep.lifecycle.module_config import ModuleConfig
from modelkeep.lifecycle.opened import shared_library
from modelkeep.progress import Report, ignore
from modelkeep.rows import Selection

__all__ = ["LocalModel"]


class LocalModel:
    """Nothing is loaded until it is asked something, or `load` is called.

    Every method takes the options of `TryOptions` by their names and returns the outputs in the order of what was
    asked; `run` returns all that is known of the answer. Raises what `library.tryouts` does.
    """

    def __init__(
        self,
        config: ModuleConfig,
        *,
        device: str = "auto",
        dtype: str = "auto",
        allow_unsafe: Sequence[str] = (),
    ) -> None:
        if not (config.root and config.key):
            raise NoInitializer(
                f"{config.model_path or config.key} is in no cache, and models run out of a cache.",
                hint="Import it into a cache, then find it there.",
            )
        self.config = config
        self._device = device
        self._dtype = dtype
        self._allow_unsafe = tuple(allow_unsafe)

    def __repr__(self) -> str:
        return f"LocalModel({self.config.key})"

    def load(self, *, report: Report = ignore) -> LoadedModel:
        """Have a worker load it now."""
        return shared_library().tryouts.load(self._plan(""), allow_unsafe=self._allow_unsafe, report=report)

    def run(
        self,
        inputs: TryInputs | str | Sequence[str],
        task: str = "",
        *,
        report: Report = ignore,
        emit: Callable[[object], None] | None = None,
        **options: Any,
    ) -> TryResult:
        """Ask it for a task, what its metadata say when ""."""
        asked = TryInputs(texts=_texts(inputs)) if not isinstance(inputs, TryInputs) else inputs
        return shared_library().tryouts.run(
            self._plan(task),
            asked,
            replace(TryOptions(), **options),
            allow_unsafe=self._allow_unsafe,
            report=report,
            emit=emit,
        )

    def classify(
        self, texts: str | Sequence[str], *, report: Report = ignore, **options: Any
    ) -> tuple[Output, ...]:
        return self.run(texts, Task.TEXT_CLASSIFICATION, report=report, **options).outputs

    def classify_tokens(
        self, texts: str | Sequence[str], *, report: Report = ignore, **options: Any
    ) -> tuple[Output, ...]:
        return self.run(texts, Task.TOKEN_CLASSIFICATION, report=report, **options).outputs

    def fill_mask(
        self, texts: str | Sequence[str], *, report: Report = ignore, **options: Any
    ) -> tuple[Output, ...]:
        return self.run(texts, Task.FILL_MASK, report=report, **options).outputs

    def embed(
        self, texts: str | Sequence[str], *, report: Report = ignore, **options: Any
    ) -> tuple[Output, ...]:
        return self.run(texts, Task.SENTENCE_SIMILARITY, report=report, **options).outputs

    def generate(
        self,
        texts: str | Sequence[str] = (),
        messages: Sequence[tuple[str, str]] = (),
        *,
        report: Report = ignore,
        **options: Any,
    ) -> tuple[Output, ...]:
        asked = TryInputs(_texts(texts), messages=tuple(Message(*turn) for turn in messages))
        return self.run(asked, Task.TEXT_GENERATION, report=report, **options).outputs

    def answer(
        self, questions: str | Sequence[str], context: str, *, report: Report = ignore, **options: Any
    ) -> tuple[Output, ...]:
        asked = TryInputs(_texts(questions), context)
        return self.run(asked, Task.QUESTION_ANSWERING, report=report, **options).outputs

    def summarize(
        self, texts: str | Sequence[str], *, report: Report = ignore, **options: Any
    ) -> tuple[Output, ...]:
        return self.run(texts, Task.SUMMARIZATION, report=report, **options).outputs

    def translate(
        self, texts: str | Sequence[str], *, report: Report = ignore, **options: Any
    ) -> tuple[Output, ...]:
        return self.run(texts, Task.TRANSLATION, report=report, **options).outputs

    def classify_images(
        self, images: str | Sequence[str], *, report: Report = ignore, **options: Any
    ) -> tuple[Output, ...]:
        """`images` are paths of files."""
        asked = TryInputs(images=_texts(images))
        return self.run(asked, Task.IMAGE_CLASSIFICATION, report=report, **options).outputs

    def _plan(self, task: str) -> TryPlan:
        return shared_library().tryouts.plan(
            Selection(self.config.root, self.config.key), task=task, device=self._device, dtype=self._dtype
        )


def _texts(texts: str | Sequence[str]) -> tuple[str, ...]:
    return (texts,) if isinstance(texts, str) else tuple(texts)
