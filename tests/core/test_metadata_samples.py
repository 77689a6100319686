"""The tiny model that is made on the spot is a real one."""

from __future__ import annotations

import json

from tokenizers import Tokenizer

from modelkeep_resources.samples.tiny import tiny_bert


def test_the_same_seed_gives_the_same_bytes() -> None:
    first, second = tiny_bert(), tiny_bert(1)

    assert tiny_bert() == first
    assert {name for name in first if first[name] != second[name]} == {"model.safetensors"}


def test_its_tokenizer_spells_any_text_and_agrees_with_its_vocabulary() -> None:
    files = tiny_bert()
    tokenizer = Tokenizer.from_str(files["tokenizer.json"].decode())

    encoded = tokenizer.encode("The quick brown fox, it jumped.")

    assert encoded.tokens[:4] == ["[CLS]", "t", "##h", "##e"]
    assert "[UNK]" not in encoded.tokens
    assert tokenizer.decode(encoded.ids) == "the quick brown fox, it jumped."
    assert [tokenizer.id_to_token(number) for number in range(tokenizer.get_vocab_size())] == (
        files["vocab.txt"].decode().split()
    )
    assert json.loads(files["config.json"])["vocab_size"] == tokenizer.get_vocab_size()
