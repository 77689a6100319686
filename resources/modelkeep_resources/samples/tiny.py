"""A BERT of 90 KB that transformers really loads, made with Python's standard library alone.

Its weights are random and its answers nonsense; everything else about it is as in a model of 400 MB.
"""

from __future__ import annotations

import json
import math
import random
import string
import sys
from array import array
from collections.abc import Iterator

__all__ = ["tiny_bert"]

_HIDDEN = 32
_INTERMEDIATE = 64
_LAYERS = 2
_HEADS = 2
_POSITIONS = 64

_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
# Every text in lower-case letters can be spelled with these.
_VOCABULARY = (
    *_SPECIAL,
    *".,!?-';",
    *string.ascii_lowercase,
    *(f"##{letter}" for letter in string.ascii_lowercase),
)

_CARD = """\
---
language: en
license: apache-2.0
library_name: transformers
pipeline_tag: feature-extraction
tags:
- bert
- sample
---

# A tiny BERT

This model has {:,} random weights. It loads like any other BERT, and what it says means nothing.

```python
from transformers import AutoModel, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("modelkeep/tiny-bert")
model = AutoModel.from_pretrained("modelkeep/tiny-bert")
```
"""


# Which files git keeps as LFS. Every repository of the Hub has this file: without it some would seem to be missing.
_ATTRIBUTES = b"""\
*.bin filter=lfs diff=lfs merge=lfs -text
*.onnx filter=lfs diff=lfs merge=lfs -text
*.safetensors filter=lfs diff=lfs merge=lfs -text
"""


def tiny_bert(seed: int = 0) -> dict[str, bytes]:
    """The files of a tiny BERT by their names. The same `seed` gives the same bytes."""
    shapes = dict(_shapes())
    parameters = sum(math.prod(shape) for shape in shapes.values())
    return {
        ".gitattributes": _ATTRIBUTES,
        "README.md": _CARD.format(parameters).encode(),
        "config.json": _json(_config()),
        "model.safetensors": _weights(shapes, random.Random(seed)),
        "tokenizer.json": _json(_tokenizer()),
        "tokenizer_config.json": _json(_tokenizer_config()),
        "vocab.txt": "\n".join((*_VOCABULARY, "")).encode(),
    }


def _json(value: object) -> bytes:
    return json.dumps(value, indent=2).encode() + b"\n"


def _config() -> dict[str, object]:
    return {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "dtype": "float32",
        "vocab_size": len(_VOCABULARY),
        "hidden_size": _HIDDEN,
        "hidden_act": "gelu",
        "intermediate_size": _INTERMEDIATE,
        "num_hidden_layers": _LAYERS,
        "num_attention_heads": _HEADS,
        "max_position_embeddings": _POSITIONS,
        "type_vocab_size": 2,
        "pad_token_id": 0,
        "initializer_range": 0.02,
        "layer_norm_eps": 1e-12,
        "hidden_dropout_prob": 0.1,
        "attention_probs_dropout_prob": 0.1,
    }


def _tokenizer_config() -> dict[str, object]:
    return {
        "tokenizer_class": "BertTokenizer",
        "do_lower_case": True,
        "model_max_length": _POSITIONS,
        **{f"{token[1:-1].lower()}_token": token for token in _SPECIAL},
    }


def _tokenizer() -> dict[str, object]:
    """The tokenizer in the format of the `tokenizers` library."""
    cls, sep = _VOCABULARY.index("[CLS]"), _VOCABULARY.index("[SEP]")
    start, end = (
        {"SpecialToken": {"id": "[CLS]", "type_id": 0}},
        {"SpecialToken": {"id": "[SEP]", "type_id": 0}},
    )
    first, second = {"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            {
                "id": number,
                "content": token,
                "single_word": False,
                "lstrip": False,
                "rstrip": False,
                "normalized": False,
                "special": True,
            }
            for number, token in enumerate(_SPECIAL)
        ],
        "normalizer": {
            "type": "BertNormalizer",
            "clean_text": True,
            "handle_chinese_chars": True,
            "strip_accents": None,
            "lowercase": True,
        },
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [start, first, end],
            "pair": [start, first, end, second, {"SpecialToken": {"id": "[SEP]", "type_id": 1}}],
            "special_tokens": {
                "[CLS]": {"id": "[CLS]", "ids": [cls], "tokens": ["[CLS]"]},
                "[SEP]": {"id": "[SEP]", "ids": [sep], "tokens": ["[SEP]"]},
            },
        },
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
        "model": {
            "type": "WordPiece",
            "unk_token": "[UNK]",
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": {token: number for number, token in enumerate(_VOCABULARY)},
        },
    }


def _shapes() -> Iterator[tuple[str, tuple[int, ...]]]:
    """Names and shapes of a BertModel's tensors, as transformers calls them."""
    yield "embeddings.word_embeddings.weight", (len(_VOCABULARY), _HIDDEN)
    yield "embeddings.position_embeddings.weight", (_POSITIONS, _HIDDEN)
    yield "embeddings.token_type_embeddings.weight", (2, _HIDDEN)
    yield from _norm("embeddings.LayerNorm")
    for layer in range(_LAYERS):
        prefix = f"encoder.layer.{layer}"
        for part in ("query", "key", "value"):
            yield from _dense(f"{prefix}.attention.self.{part}", _HIDDEN, _HIDDEN)
        yield from _dense(f"{prefix}.attention.output.dense", _HIDDEN, _HIDDEN)
        yield from _norm(f"{prefix}.attention.output.LayerNorm")
        yield from _dense(f"{prefix}.intermediate.dense", _INTERMEDIATE, _HIDDEN)
        yield from _dense(f"{prefix}.output.dense", _HIDDEN, _INTERMEDIATE)
        yield from _norm(f"{prefix}.output.LayerNorm")
    yield from _dense("pooler.dense", _HIDDEN, _HIDDEN)


def _dense(name: str, outputs: int, inputs: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    yield f"{name}.weight", (outputs, inputs)
    yield f"{name}.bias", (outputs,)


def _norm(name: str) -> Iterator[tuple[str, tuple[int, ...]]]:
    yield f"{name}.weight", (_HIDDEN,)
    yield f"{name}.bias", (_HIDDEN,)


def _weights(shapes: dict[str, tuple[int, ...]], chance: random.Random) -> bytes:
    """A safetensors file: the length of the header, the header, the tensors."""
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    data = bytearray()
    for name, shape in shapes.items():
        begin = len(data)
        data += _values(name, math.prod(shape), chance)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": (begin, len(data))}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + bytes(data)


def _values(name: str, count: int, chance: random.Random) -> bytes:
    if name.endswith("LayerNorm.weight"):
        numbers = array("f", [1.0] * count)
    elif name.endswith(".bias"):
        numbers = array("f", bytes(4 * count))
    else:
        # random() alone gives the same numbers in every version of Python.
        numbers = array("f", [0.08 * chance.random() - 0.04 for _ in range(count)])
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()
