"""A tiny translator into several languages; see `support.tiny_build`.

As NLLB has it, the source language stands before the text, and the target language is the first token made. After
that it says the first letter of the language, and ends.
"""

from __future__ import annotations

import string
from pathlib import Path

import torch
from transformers import M2M100Config, M2M100ForConditionalGeneration, NllbTokenizer

from support.tiny_decoders import leading

LANGUAGES = ("deu_Latn", "eng_Latn", "fra_Latn")
WIDTH = 64


def languages(folder: Path) -> None:
    names = ["<s>", "<pad>", "</s>", "<unk>", "▁", *string.ascii_lowercase]
    vocabulary = {name: number for number, name in enumerate(names)}
    tokenizer = NllbTokenizer(vocab=vocabulary, merges=[], extra_special_tokens=list(LANGUAGES))
    tokenizer.save_pretrained(folder)
    config = M2M100Config(
        vocab_size=len(tokenizer),
        d_model=WIDTH,
        encoder_layers=1,
        decoder_layers=1,
        encoder_attention_heads=1,
        decoder_attention_heads=1,
        encoder_ffn_dim=8,
        decoder_ffn_dim=8,
        max_position_embeddings=32,
        tie_word_embeddings=False,
    )
    model = M2M100ForConditionalGeneration(config)
    words = torch.randn(len(tokenizer), WIDTH)
    follows: dict[int, int] = {}
    for language in LANGUAGES:
        letter = vocabulary[language[0]]
        follows |= {tokenizer.get_added_vocab()[language]: letter, letter: vocabulary["</s>"]}
    layer = model.model.decoder.layers[0]
    with torch.no_grad():
        for part in (layer.self_attn.out_proj, layer.encoder_attn.out_proj, layer.fc2):
            part.weight.zero_()
            part.bias.zero_()
        model.model.decoder.embed_tokens.weight.copy_(words)
        model.lm_head.weight.copy_(leading(words, follows))
    model.save_pretrained(folder)
