"""What is made of the numbers that an ONNX graph gives, for each task."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from modelkeep.errors import BadInput, UnsupportedModel
from modelkeep.inference.child.labels import label_name, labels_of
from modelkeep.inference.child.numbers import refuse_no_numbers
from modelkeep.inference.child.pooling import pooling_of, refuse_too_many
from modelkeep.inference.child.tokens import TaggedWord, spans_of
from modelkeep.inference.child.turn import Turn
from modelkeep.inference.values import (
    Answered,
    Embedded,
    Fill,
    Filled,
    Labelled,
    Output,
    Tagged,
    Task,
    TryInputs,
    TryOptions,
)

if TYPE_CHECKING:
    from modelkeep.inference.child.onnx_graph import Graph

__all__ = ["ANSWERS", "Answer"]

Answer = Callable[["Graph", TryInputs, TryOptions, Turn], list[Output]]

_LONGEST_ANSWER = 30
"""Tokens."""


def classified(graph: Graph, inputs: TryInputs, options: TryOptions, turn: Turn) -> list[Output]:
    """The labels of each text."""
    return [
        _labelled(graph, _one(graph, graph.outputs(graph.encoded(turn, text)), "logits"), options)
        for text in _each(inputs.texts, turn)
    ]


def tagged(graph: Graph, inputs: TryInputs, options: TryOptions, turn: Turn) -> list[Output]:
    """The spans of each text; a word has the label of its first token."""
    return [
        Tagged(text, tuple(spans_of(text, list(_words(graph, text, turn)), graph.labels)))
        for text in _each(inputs.texts, turn)
    ]


def filled(graph: Graph, inputs: TryInputs, options: TryOptions, turn: Turn) -> list[Output]:
    """The candidates for each mask."""
    outputs: list[Output] = []
    number = graph.tokenizer.token_to_id(graph.mask) if graph.mask else None
    if number is None:
        raise BadInput("This model has no mask.")
    for text in _each(inputs.texts, turn):
        encoding = graph.encoded(turn, text)
        places = [place for place, token in enumerate(encoding.ids) if token == number]
        if not places:
            raise BadInput(f"There is no {graph.mask} in the text.", hint=f"Write {graph.mask} for the word.")
        logits = _one(graph, graph.outputs(encoding), "logits")
        masks = []
        for place in places:
            start, end = encoding.offsets[place]
            chances = _softmax(logits[place])
            masks.append(
                tuple(
                    Fill(word, float(chances[token]), f"{text[:start]}{word}{text[end:]}")
                    for token in _best(chances, options.top_k)
                    for word in [graph.tokenizer.decode([token]).strip()]
                )
            )
        outputs.append(Filled(text, tuple(masks)))
    return outputs


def embedded(graph: Graph, inputs: TryInputs, options: TryOptions, turn: Turn) -> list[Output]:
    """A vector for each text, and how alike they are. Where the graph itself ends with such a vector, that is it."""
    import numpy as np

    modules = graph.modules()
    ends = "sentence_embedding" in [one.name for one in graph.session.get_outputs()]
    if not ends and set(modules) - {"Transformer", "Pooling", "Normalize"}:
        raise UnsupportedModel(
            "This model embeds with more than its graph has.", hint="Take the safetensors of the model."
        )
    ways = pooling_of(graph.json("1_Pooling/config.json")).ways
    vectors = []
    for text in _each(inputs.texts, turn):
        made = graph.outputs(graph.encoded(turn, text))
        states = made.get("last_hidden_state", made.get("token_embeddings"))
        if not ends and (states is None or states.ndim != 2):
            raise UnsupportedModel(
                "This graph does not give the state of each token, of which a text is embedded."
            )
        given = made["sentence_embedding"] if ends else np.concatenate([_pooled(way, states) for way in ways])
        refuse_too_many(len(inputs.texts), len(given))
        vector = given.astype(np.float32)
        vectors.append(vector / _length(vector) if "Normalize" in modules else vector)
    if not vectors:
        return []
    table = np.stack(vectors)
    directions = np.stack([vector / _length(vector) for vector in vectors])
    alike = np.clip(directions @ directions.T, -1.0, 1.0)
    return [Embedded(tuple(map(tuple, table.tolist())), tuple(map(tuple, alike.tolist())))]


def _length(vector: Any) -> float:
    import numpy as np

    return max(float(np.linalg.norm(vector)), 1e-12)


def answered(graph: Graph, inputs: TryInputs, options: TryOptions, turn: Turn) -> list[Output]:
    """The part of the context that answers each question; "" where the model finds that none does."""
    import numpy as np

    if not inputs.context.strip():
        raise BadInput("There is no context to find the answer in.")
    outputs: list[Output] = []
    for question in _each(inputs.texts, turn):
        encoding = graph.encoded(turn, question, inputs.context)
        made = graph.outputs(encoding)
        inside = np.array([number == 1 for number in encoding.sequence_ids])
        inside[0] = True  # what stands for no answer
        starts, ends = (
            np.where(inside, _softmax(np.where(inside, _one(graph, made, name), -np.inf)), 0.0)
            for name in ("start_logits", "end_logits")
        )
        # All pairs whose end is not before their start, nor too far behind it.
        pairs = np.tril(np.triu(np.outer(starts, ends)), _LONGEST_ANSWER - 1)
        pairs[0, 1:] = 0.0
        first, last = np.unravel_index(int(np.argmax(pairs)), pairs.shape)
        score = float(pairs[first, last])
        if first == 0:
            outputs.append(Answered("", score, 0, 0))
        else:
            start, end = encoding.offsets[first][0], encoding.offsets[last][1]
            outputs.append(Answered(inputs.context[start:end], score, start, end))
    return outputs


def seen(graph: Graph, inputs: TryInputs, options: TryOptions, turn: Turn) -> list[Output]:
    """The labels of each image."""
    from modelkeep.inference.child.onnx_images import pixels

    how = graph.json("preprocessor_config.json")
    return [
        _labelled(graph, _one(graph, graph.fed({"pixel_values": pixels(path, how)}), "logits"), options)
        for path in _each(inputs.images, turn)
    ]


ANSWERS: Mapping[Task, Answer] = {
    Task.TEXT_CLASSIFICATION: classified,
    Task.TOKEN_CLASSIFICATION: tagged,
    Task.FILL_MASK: filled,
    Task.SENTENCE_SIMILARITY: embedded,
    Task.QUESTION_ANSWERING: answered,
    Task.IMAGE_CLASSIFICATION: seen,
}
"""What answers each task. Those that make text are not among them."""


def _each(items: Sequence[str], turn: Turn) -> Iterator[str]:
    for done, item in enumerate(items):
        if turn.is_stopped:
            return
        turn.step("Answering", done, len(items))
        yield item


def _one(graph: Graph, made: Mapping[str, Any], name: str) -> Any:
    """An output by its name; the only one whatever it is called."""
    found = made.get(name)
    if found is None and len(made) == 1 and name == "logits":
        [found] = made.values()
    if found is not None:
        refuse_no_numbers(found)
        return found.astype("float32")
    raise UnsupportedModel(
        f"This graph gives no “{name}”, which the task takes.", hint=f"It gives {', '.join(made)}."
    )


def _labelled(graph: Graph, logits: Any, options: TryOptions) -> Labelled:
    return labels_of(logits.tolist(), graph.labels, graph.config.get("problem_type"), options)


def _softmax(logits: Any) -> Any:
    import numpy as np

    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def _best(scores: Any, top_k: int) -> list[int]:
    """The places of the highest scores, the first of equal ones first; all of them where `top_k` is 0."""
    import numpy as np

    order: list[int] = np.argsort(-scores, kind="stable").tolist()
    return order[: top_k or None]


def _pooled(way: str, states: Any) -> Any:
    """One vector out of those of all tokens of one text; the ways are those of `pooling_of`."""
    import numpy as np

    if way == "cls":
        return states[0]
    if way == "lasttoken":
        return states[-1]
    if way == "max":
        return states.max(axis=0)
    if way == "weightedmean":
        return np.average(states, axis=0, weights=np.arange(1, len(states) + 1))
    return states.sum(axis=0) / (len(states) ** 0.5 if way == "mean_sqrt_len_tokens" else len(states))


def _words(graph: Graph, text: str, turn: Turn) -> Iterator[TaggedWord]:
    """The words of a text; the first token of each says what it is, as models are trained."""
    encoding = graph.encoded(turn, text)
    chances = _softmax(_one(graph, graph.outputs(encoding), "logits"))
    words: dict[int, TaggedWord] = {}
    for place, (number, (start, end)) in enumerate(zip(encoding.word_ids, encoding.offsets, strict=True)):
        while start < end and text[start].isspace():  # which some tokenizers count to the word after it
            start += 1
        if number is None or start == end:
            continue
        if number in words:
            words[number] = words[number]._replace(end=end)
        else:
            best = int(chances[place].argmax())
            words[number] = TaggedWord(
                start, end, label_name(graph.labels, best), float(chances[place][best])
            )
    yield from words.values()
