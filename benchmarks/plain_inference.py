"""What people write to ask a model: transformers in one process, for `inference.py` to compare with.

    python plain_inference.py TASK FOLDER TOKENS TEXT    loads, answers once, and leaves
    python plain_inference.py TASK FOLDER TOKENS         loads, and answers what comes as lines of JSON

A line is a text; what is printed for it are the seconds that its answer took.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

__all__ = ["load"]

# As tame as a worker, so that where others use the machine both get the same of it.
_NICE = 5


def load(task: str, folder: str, tokens: int) -> Callable[[str], object]:
    """A model that is loaded, as what answers a text."""
    import torch

    transformers: Any = import_module("transformers")
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    kinds = {
        "text-classification": transformers.AutoModelForSequenceClassification,
        "sentence-similarity": transformers.AutoModel,
        "text-generation": transformers.AutoModelForCausalLM,
    }
    tokenizer: Any = transformers.AutoTokenizer.from_pretrained(folder)
    model: Any = kinds[task].from_pretrained(folder).eval()

    def classify(text: str) -> object:
        with torch.inference_mode():
            scores = model(**tokenizer(text, return_tensors="pt")).logits[0].softmax(-1).tolist()
        return sorted(((score, model.config.id2label[n]) for n, score in enumerate(scores)), reverse=True)

    def embed(text: str) -> object:
        given = tokenizer(text, return_tensors="pt")
        with torch.inference_mode():
            vectors, mask = model(**given).last_hidden_state, given["attention_mask"].unsqueeze(-1)
            mean = (vectors * mask).sum(1) / mask.sum(1)
            return torch.nn.functional.normalize(mean, p=2, dim=1)[0].tolist()

    def generate(text: str) -> object:
        given = tokenizer(text, return_tensors="pt")
        with torch.inference_mode():
            row = model.generate(**given, max_new_tokens=tokens, do_sample=False)[0]
        return tokenizer.decode(row[given["input_ids"].shape[1] :], skip_special_tokens=True)

    return {"text-classification": classify, "sentence-similarity": embed, "text-generation": generate}[task]


def main(task: str, folder: str, tokens: str, text: str = "") -> None:
    os.nice(_NICE)
    answer = load(task, folder, int(tokens))
    if text:
        print(answer(text), flush=True)
        os._exit(0)  # at once: an interpreter that ends as usual takes long to do so
    print(flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        start = time.perf_counter()
        answer(asked)
        print(time.perf_counter() - start, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
