"""Makes tiny models whose answers are known, with transformers itself: `python -m support.tiny_build FOLDER`.

Their weights are set by hand, over a little noise from a fixed seed. Attention is the mean of what is not masked, so
that a text is the sum of its words; some words have a feature of their own, and heads read those features. What a
decoder says next depends on its last token alone.
"""

from __future__ import annotations

import string
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import torch

from support import tiny_bert as bert
from support import tiny_decoders as decoders
from support.tiny_bert import CONTEXT, write_json
from support.tiny_decoders import STORY
from support.tiny_languages import languages

transformers: Any = import_module("transformers")


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

    bert.classifier(folder)
    (folder / "model.safetensors").unlink()
    vocabulary = {piece: number for number, piece in enumerate(bert.word_pieces())}
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


KINDS: dict[str, Callable[[Path], None]] = {
    "base": bert.base,
    "classifier": bert.classifier,
    "multi-label": bert.multi_label,
    "regression": bert.regression,
    "token-classifier": bert.token_classifier,
    "masked-lm": bert.masked_lm,
    "answering": bert.answering,
    "sentences": bert.sentences,
    "causal": decoders.causal,
    "chatting": decoders.chatting,
    "translator": decoders.translator,
    "languages": languages,
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
