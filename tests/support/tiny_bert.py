"""Tiny encoders whose answers are known; see `support.tiny_build`."""

from __future__ import annotations

import json
import string
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

transformers: Any = import_module("transformers")

HIDDEN = 32
CONTEXT = 64
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
FEATURES = {
    "good": 0,
    "great": 0,
    "bad": 1,
    "awful": 1,
    "anna": 3,
    "john": 3,
    "smith": 4,
    "paris": 5,
    "berlin": 5,
    "new": 5,
    "york": 6,
    "france": 7,
    "germany": 8,
    "cat": 9,
    "dog": 9,
    "car": 10,
    "engine": 10,
    "nobody": 11,
}
"""The dimension that each of these words has for its own."""
WORDS = (
    *FEATURES,
    "the",
    "a",
    "was",
    "is",
    "in",
    "of",
    "day",
    "film",
    "capital",
    "lives",
    "who",
    "where",
    "and",
)
BASE = HIDDEN - 1


def word_pieces() -> list[str]:
    marks = ".,!?-';:()\""
    letters = string.ascii_lowercase + string.digits
    return list(dict.fromkeys([*SPECIAL, *marks, *WORDS, *letters, *(f"##{letter}" for letter in letters)]))


def bert_tokenizer(folder: Path) -> dict[str, int]:
    vocabulary = {piece: number for number, piece in enumerate(word_pieces())}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[(name, vocabulary[name]) for name in ("[CLS]", "[SEP]")],
    )
    fast = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=CONTEXT,
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
        **{f"{name[1:-1].lower()}_token": name for name in SPECIAL},
    )
    fast.save_pretrained(folder)
    return vocabulary


def bert_config(**more: Any) -> Any:
    return transformers.BertConfig(
        vocab_size=len(word_pieces()),
        hidden_size=HIDDEN,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=CONTEXT,
        **more,
    )


def settle(bert: Any, vocabulary: Mapping[str, int], mix: float) -> None:
    """Make a hidden state that of its token's word, and `mix` times the mean of all words."""
    embeddings, layer = bert.embeddings, bert.encoder.layer[0]
    words = torch.randn(len(vocabulary), HIDDEN) * 0.02
    words[:, BASE] += 4
    for word, feature in FEATURES.items():
        words[vocabulary[word], feature] += 4
    words[0] = 0
    embeddings.word_embeddings.weight.copy_(words)
    embeddings.position_embeddings.weight.zero_()
    embeddings.token_type_embeddings.weight.zero_()
    one = torch.eye(HIDDEN)
    attention = layer.attention
    for part, weight in (
        (attention.self.query, 0 * one),
        (attention.self.key, 0 * one),
        (attention.self.value, one),
        (attention.output.dense, mix * one),
    ):
        part.weight.copy_(weight)
        part.bias.zero_()
    layer.output.dense.weight.zero_()
    layer.output.dense.bias.zero_()
    if getattr(bert, "pooler", None) is not None:
        bert.pooler.dense.weight.copy_(one)
        bert.pooler.dense.bias.zero_()


def read_off(head: Any, features: Sequence[Mapping[int, float]], biases: Sequence[float]) -> None:
    head.weight.zero_()
    for row, wanted in enumerate(features):
        for feature, weight in wanted.items():
            head.weight[row, feature] = weight
    head.bias.copy_(torch.tensor(list(biases)))


def sequence_classifier(folder: Path, labels: Sequence[str], **more: Any) -> Any:
    vocabulary = bert_tokenizer(folder)
    names = dict(enumerate(labels))
    config = bert_config(id2label=names, label2id={name: number for number, name in names.items()}, **more)
    model = transformers.BertForSequenceClassification(config)
    settle(model.bert, vocabulary, 2.0)
    return model


def classifier(folder: Path) -> None:
    model = sequence_classifier(folder, ("negative", "neutral", "positive"))
    read_off(model.classifier, ({1: 10}, {}, {0: 10}), (0, 1, 0))
    model.save_pretrained(folder)


def multi_label(folder: Path) -> None:
    labels = ("animals", "cars", "places")
    model = sequence_classifier(folder, labels, problem_type="multi_label_classification")
    read_off(model.classifier, ({9: 10}, {10: 10}, {5: 10}), (0, 0, 0))
    model.save_pretrained(folder)


def regression(folder: Path) -> None:
    model = sequence_classifier(folder, ("quality",), problem_type="regression")
    read_off(model.classifier, ({0: 10, 1: -10},), (3,))
    model.save_pretrained(folder)


def token_classifier(folder: Path) -> None:
    vocabulary = bert_tokenizer(folder)
    labels = dict(enumerate(("O", "B-PER", "I-PER", "B-LOC", "I-LOC")))
    config = bert_config(id2label=labels, label2id={name: number for number, name in labels.items()})
    model = transformers.BertForTokenClassification(config)
    settle(model.bert, vocabulary, 0.1)
    read_off(model.classifier, ({}, {3: 5}, {4: 5}, {5: 5}, {6: 5}), (8, 0, 0, 0, 0))
    model.save_pretrained(folder)


def masked_lm(folder: Path) -> None:
    vocabulary = bert_tokenizer(folder)
    model = transformers.BertForMaskedLM(bert_config())
    settle(model.bert, vocabulary, 2.0)
    # Cities are known by their countries, and no other word is an answer.
    words = model.bert.embeddings.word_embeddings.weight
    words[vocabulary["paris"], 7] += 4
    words[vocabulary["berlin"], 8] += 4
    transform = model.cls.predictions.transform
    transform.dense.weight.copy_(torch.eye(HIDDEN))
    transform.dense.bias.zero_()
    bias = torch.full((len(vocabulary),), -40.0)
    bias[[vocabulary["paris"], vocabulary["berlin"]]] = 0
    model.cls.predictions.bias.copy_(bias)
    model.save_pretrained(folder)


def base(folder: Path) -> None:
    vocabulary = bert_tokenizer(folder)
    model = transformers.BertModel(bert_config())
    settle(model, vocabulary, 0.1)
    model.save_pretrained(folder)


def answering(folder: Path) -> None:
    """A name is the answer; without one, “nobody” in the question makes the start of all the likeliest."""
    vocabulary = bert_tokenizer(folder)
    model = transformers.BertForQuestionAnswering(bert_config())
    settle(model.bert, vocabulary, 0.1)
    model.bert.embeddings.word_embeddings.weight[vocabulary["[CLS]"], 12] = 2
    read_off(model.qa_outputs, ({3: 5, 12: 3}, {4: 6, 3: 3, 12: 3}), (0, 0))
    model.save_pretrained(folder)


def sentences(folder: Path) -> None:
    """A chain of modules as sentence-transformers saves it: a transformer, pooling, a dense layer, normalising."""
    from safetensors.torch import save_file

    base(folder)
    kinds = ("Transformer", "Pooling", "Dense", "Normalize")
    modules = [
        {
            "idx": number,
            "name": str(number),
            "path": f"{number}_{kind}" if number else "",
            "type": f"sentence_transformers.models.{kind}",
        }
        for number, kind in enumerate(kinds)
    ]
    write_json(folder / "modules.json", modules)
    write_json(folder / "sentence_bert_config.json", {"max_seq_length": 16, "do_lower_case": False})
    write_json(folder / "config_sentence_transformers.json", {"__version__": {}, "prompts": {}})
    write_json(
        folder / "1_Pooling" / "config.json",
        {
            "word_embedding_dimension": HIDDEN,
            "pooling_mode_cls_token": False,
            "pooling_mode_mean_tokens": True,
            "pooling_mode_max_tokens": False,
            "pooling_mode_mean_sqrt_len_tokens": False,
        },
    )
    write_json(
        folder / "2_Dense" / "config.json",
        {
            "in_features": HIDDEN,
            "out_features": 16,
            "bias": True,
            "activation_function": "torch.nn.modules.activation.Tanh",
        },
    )
    # The base, which all words have, is left out.
    weight = torch.eye(HIDDEN)[:16].contiguous()
    save_file(
        {"linear.weight": weight, "linear.bias": torch.zeros(16)}, folder / "2_Dense" / "model.safetensors"
    )


def write_json(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2))
