"""Makes tiny models whose answers are known, with transformers itself: `python -m support.tiny_build FOLDER`.

Their weights are set by hand, over a little noise from a fixed seed. Attention is the mean of what is not masked, so
that a text is the sum of its words; some words have a feature of their own, and heads read those features. What a
decoder says next depends on its last token alone.
"""

from __future__ import annotations

import json
import string
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import torch
from tokenizers import (
    AddedToken,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)

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


# ---- decoders

STORY = "once upon time there lived a small model that ran on one machine"
CHAT = (
    "{% for message in messages %}<|{{ message.role }}|>{{ message.content }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
ROLES = ("<|system|>", "<|user|>", "<|assistant|>", "<|end|>")


def causal(folder: Path, chat: bool = False) -> None:
    """Says STORY from any of its words on, and then ends; greets where it is the assistant's turn."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    letters = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=600, initial_alphabet=letters, show_progress=False)
    words = (*STORY.split(), "hello", "friend")
    tokenizer.train_from_iterator([*words, *(f" {word}" for word in words)], trainer)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=True)
    tokenizer.add_special_tokens([AddedToken(name, special=True) for name in ("<|endoftext|>", *ROLES)])
    fast = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=CONTEXT,
        bos_token="<|endoftext|>",
        eos_token="<|endoftext|>",
        chat_template=CHAT if chat else None,
    )
    fast.save_pretrained(folder)
    end = tokenizer.token_to_id("<|endoftext|>")
    width = 64
    config = transformers.GPT2Config(
        vocab_size=len(fast),
        n_positions=CONTEXT,
        n_embd=width,
        n_layer=1,
        n_head=2,
        bos_token_id=end,
        eos_token_id=end,
        tie_word_embeddings=False,
    )
    model = transformers.GPT2LMHeadModel(config)
    block = model.transformer.h[0]
    for part in (model.transformer.wpe, block.attn.c_proj, block.mlp.c_proj):
        part.weight.zero_()
    vectors = torch.randn(len(fast), width)
    model.transformer.wte.weight.copy_(vectors)
    story = fast("".join(f" {word}" for word in STORY.split())).input_ids
    follows = dict(zip(story, [*story[1:], end], strict=True))
    follows[fast("once").input_ids[-1]] = story[1]
    greeting = fast("hello friend").input_ids
    assistant = tokenizer.token_to_id("<|assistant|>")
    follows |= dict(zip([assistant, *greeting], [*greeting, end], strict=True))
    model.lm_head.weight.copy_(leading(vectors, follows))
    model.generation_config = transformers.GenerationConfig(bos_token_id=end, eos_token_id=end)
    model.save_pretrained(folder)


def chatting(folder: Path) -> None:
    causal(folder, chat=True)


def leading(words: torch.Tensor, follows: Mapping[int, int]) -> torch.Tensor:
    """A head that after each of these tokens says the one that follows it."""
    head = torch.randn(words.shape) * 0.01
    for token, after in follows.items():
        head[after] += words[token] / words[token].norm() * 4
    return head


def translator(folder: Path) -> None:
    """A T5 that says “bonjour monde” where it reads “hello”, and “au revoir” where it reads “goodbye”."""
    names = [
        "<pad>",
        "</s>",
        "<unk>",
        *["hello", "goodbye", "world", "friend", "bonjour", "monde", "au", "revoir", "translate"],
    ]
    names += ["English", "to", "French", "summarize", ":", ".", ","]
    vocabulary = {name: number for number, name in enumerate(names)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", vocabulary["</s>"])]
    )
    fast = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=CONTEXT,
        pad_token="<pad>",
        eos_token="</s>",
        unk_token="<unk>",
    )
    fast.save_pretrained(folder)
    config = transformers.T5Config(
        vocab_size=len(names),
        d_model=HIDDEN,
        d_kv=HIDDEN,
        d_ff=HIDDEN,
        num_layers=1,
        num_heads=1,
        decoder_start_token_id=0,
        pad_token_id=0,
        eos_token_id=1,
        task_specific_params={
            "summarization": {"max_length": 20, "prefix": "summarize: "},
            "translation_en_to_fr": {"max_length": 20, "prefix": "translate English to French: "},
        },
    )
    model = transformers.T5ForConditionalGeneration(config)
    model.shared.weight.copy_(torch.eye(HIDDEN)[: len(names)] * 4)
    encoder, decoder = model.encoder.block[0].layer, model.decoder.block[0].layer
    for attention in (encoder[0].SelfAttention, decoder[0].SelfAttention):
        attention.o.weight.zero_()
    for feed in (encoder[1], decoder[2]):
        feed.DenseReluDense.wo.weight.zero_()
    across = decoder[1].EncDecAttention
    across.q.weight.zero_()
    across.v.weight.copy_(torch.eye(HIDDEN))
    across.o.weight.copy_(torch.eye(HIDDEN))
    # What a token leads to is said by the last layer, for the head is the embeddings again.
    feed = decoder[2].DenseReluDense
    feed.wi.weight.copy_(torch.eye(HIDDEN))
    for reads, told in (("hello", ("bonjour", "monde")), ("goodbye", ("au", "revoir"))):
        feed.wo.weight[vocabulary[told[0]], vocabulary[reads]] = 9
        feed.wo.weight[vocabulary[told[0]], vocabulary["<pad>"]] = 9
        # It was said, and is not said again.
        feed.wo.weight[vocabulary[told[0]], vocabulary[told[0]]] = -20
        feed.wo.weight[vocabulary[told[1]], vocabulary[told[0]]] = 20
        feed.wo.weight[vocabulary[told[1]], vocabulary[told[1]]] = -20
        feed.wo.weight[vocabulary["</s>"], vocabulary[told[1]]] = 20
    model.save_pretrained(folder)


# ---- images


def vision(folder: Path) -> None:
    """A ViT that says which of red, green and blue there is most of."""
    labels = dict(enumerate(("red", "green", "blue")))
    width = 16
    config = transformers.ViTConfig(
        hidden_size=width,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        image_size=16,
        patch_size=8,
        id2label=labels,
        label2id={name: number for number, name in labels.items()},
    )
    model = transformers.ViTForImageClassification(config)
    state = model.state_dict()
    for name, weight in state.items():
        if "norm" not in name:
            weight.zero_()
    patches = state["vit.embeddings.patch_embeddings.projection.weight"]
    for channel in range(3):
        patches[channel, channel] = 1 / 64
    state["vit.embeddings.patch_embeddings.projection.bias"][3] = 2
    for name, weight in state.items():
        values = ("value.weight", "v_proj.weight", "attention.output.dense.weight", "o_proj.weight")
        if name.endswith(values):
            weight.copy_(torch.eye(width))
    state["classifier.weight"][:, :3] = torch.eye(3) * 5
    model.load_state_dict(state)
    model.save_pretrained(folder)
    write_json(
        folder / "preprocessor_config.json",
        {
            "image_processor_type": "ViTImageProcessor",
            "do_resize": True,
            "do_rescale": True,
            "do_normalize": True,
            "image_mean": [0.5, 0.5, 0.5],
            "image_std": [0.5, 0.5, 0.5],
            "resample": 2,
            "rescale_factor": 1 / 255,
            "size": {"height": 16, "width": 16},
        },
    )


# ---- other formats


def onnx_classifier(folder: Path) -> None:
    """The classifier as a graph of its own: it looks up each word's say, and takes the mean."""
    import numpy as np
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    classifier(folder)
    (folder / "model.safetensors").unlink()
    vocabulary = {piece: number for number, piece in enumerate(word_pieces())}
    says = np.zeros((len(vocabulary), 3), np.float32)
    says[:, 1] = 1
    for word, row in (("good", 2), ("great", 2), ("bad", 0), ("awful", 0)):
        says[vocabulary[word], row] = 20
    nodes = [
        helper.make_node("Gather", ["says", "input_ids"], ["each"]),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["mask", "last"], ["wide"]),
        helper.make_node("Mul", ["each", "wide"], ["kept"]),
        helper.make_node("ReduceSum", ["kept", "tokens"], ["sum"], keepdims=0),
        helper.make_node("ReduceSum", ["wide", "tokens"], ["count"], keepdims=0),
        helper.make_node("Div", ["sum", "count"], ["logits"]),
    ]
    graph = helper.make_graph(
        nodes,
        "classifier",
        [
            helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"])
            for name in ("input_ids", "attention_mask")
        ],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", 3])],
        [
            numpy_helper.from_array(says, "says"),
            numpy_helper.from_array(np.array([-1], np.int64), "last"),
            numpy_helper.from_array(np.array([1], np.int64), "tokens"),
        ],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(made)
    (folder / "onnx").mkdir()
    onnx.save(made, folder / "onnx" / "model.onnx")


def gguf_llama(folder: Path) -> None:
    """A llama that says STORY from any of its words on."""
    import gguf
    import numpy as np

    names = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))]
    pieces = [f"▁{word}" for word in STORY.split()]
    letters = sorted(set("▁" + string.ascii_lowercase))
    parts = sorted({piece[:at] for piece in pieces for at in range(2, len(piece))} - set(pieces))
    tokens = [*names, *letters, *parts, *pieces]
    types = [gguf.TokenType.UNKNOWN, *[gguf.TokenType.CONTROL] * 2, *[gguf.TokenType.BYTE] * 256]
    types += [gguf.TokenType.NORMAL] * (len(tokens) - len(types))
    width = 64
    noise = np.random.default_rng(0)
    words = noise.standard_normal((len(tokens), width)).astype(np.float32)
    head = (noise.standard_normal((len(tokens), width)) * 0.01).astype(np.float32)
    chain = [tokens.index(piece) for piece in pieces]
    for token, after in zip(chain, [*chain[1:], 2], strict=True):
        head[after] += words[token] / np.linalg.norm(words[token]) * 4
    zeros = np.zeros((width, width), np.float32)
    writer = gguf.GGUFWriter(folder / "tiny.gguf", "llama")
    writer.add_name("Tiny Llama")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(width)
    writer.add_block_count(1)
    writer.add_feed_forward_length(width)
    writer.add_head_count(2)
    writer.add_head_count_kv(2)
    writer.add_rope_dimension_count(width // 2)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    # Longer pieces are better ones, so that words are merged.
    writer.add_token_scores(
        [0.0 if number < len(names) else -1.0 / len(token) for number, token in enumerate(tokens)]
    )
    writer.add_token_types(types)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_add_bos_token(True)
    writer.add_tensor("token_embd.weight", words)
    writer.add_tensor("output_norm.weight", np.ones(width, np.float32))
    writer.add_tensor("output.weight", head)
    for norm in ("attn_norm", "ffn_norm"):
        writer.add_tensor(f"blk.0.{norm}.weight", np.ones(width, np.float32))
    for part in ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"):
        writer.add_tensor(f"blk.0.{part}.weight", zeros)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def write_json(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2))


KINDS: dict[str, Callable[[Path], None]] = {
    "base": base,
    "classifier": classifier,
    "multi-label": multi_label,
    "regression": regression,
    "token-classifier": token_classifier,
    "masked-lm": masked_lm,
    "answering": answering,
    "sentences": sentences,
    "causal": causal,
    "chatting": chatting,
    "translator": translator,
    "vision": vision,
    "onnx": onnx_classifier,
    "gguf": gguf_llama,
}


def build(top: Path) -> None:
    torch.set_num_threads(1)
    transformers.utils.logging.disable_progress_bar()
    for name, make in KINDS.items():
        torch.manual_seed(0)
        (top / name).mkdir(parents=True)
        with torch.no_grad():
            make(top / name)


if __name__ == "__main__":
    build(Path(sys.argv[1]))
