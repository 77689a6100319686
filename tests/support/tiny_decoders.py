"""Tiny models that make text, and what they say; see `support.tiny_build`."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors, trainers

from support.tiny_bert import CONTEXT, HIDDEN

transformers: Any = import_module("transformers")

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
