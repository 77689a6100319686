"""Models that the registry really loads, with transformers, in a process of their own: by preset, key and folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from typing import Any

import pytest

from support.caches import CacheMaker
from support.models import tiny_bert_files, write_files

pytestmark = pytest.mark.skipif(
    not (find_spec("torch") and find_spec("transformers")), reason="Loading takes torch and transformers."
)

SCRIPT = """
import json, sys
from modelkeep.lifecycle import MedicalModelLoader, BioBERTLoader, get_registry
registry = get_registry()
said = {}
model, tokenizer = registry.load_model("biobert-base", device="cpu", num_labels=3)
said["preset"] = [type(model).__name__, model.config.num_labels, str(model.device), model.training]
said["tokens"] = [len(tokenizer), model.get_input_embeddings().num_embeddings,
                  tokenizer.tokenize("<DIAGNOSIS> <ADVERSE_EVENT> <SYMPTOM>")]
said["again"] = registry.load_model("biobert-base", device="cpu", num_labels=3)[0] is model
said["bytes"] = registry.get_cache_stats()["current_bytes"]
said["weights"] = sum(one.nbytes for part in (model.parameters(), model.buffers()) for one in part)
said["by key"] = type(registry.load_model("google-bert/bert-base-uncased")).__name__
said["auto"] = registry.get_metadata("google-bert/bert-base-uncased").description
from transformers import BertConfig, BertModel
registry.register("classes", "generic", BertModel, BertConfig, model=sys.argv[1], output_attentions=True)
loaded = registry.load_model("classes", dtype="float16")
said["classes"] = [type(loaded).__name__, loaded.config.output_attentions, str(loaded.dtype)]

class Ours(MedicalModelLoader):
    MODEL_NAME = "dmis-lab/biobert-v1.1"
    DEFAULT_MODEL_CLASS = "AutoModelForMaskedLM"

    @classmethod
    def load_model(cls, model_class=None, config=None, device=None, **kwargs):
        model, tokenizer = super().load_model(model_class, config, device, **kwargs)
        model.ours = True
        return model, tokenizer

registry.register("ours", "clinical", loader=Ours)
model, tokenizer = registry.load_model("ours")
said["ours"] = [type(model).__name__, model.ours, len(tokenizer)]
said["direct"] = type(BioBERTLoader.load_model(config={"num_labels": 4})[0]).__name__
said["tokenizer"] = len(MedicalModelLoader.at(BioBERTLoader._checked({}).SOURCE).load_tokenizer())
try:
    registry.load_model("clinical-bert-base")
except Exception as error:
    said["damaged"] = [type(error).__name__, str(error)]
print(json.dumps(said))
"""


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What one process says of what it loaded, with a tiny BERT in the place of the real ones."""
    home = tmp_path_factory.mktemp("loading")
    cache = CacheMaker(home / "hf" / "hub")
    cache.add("dmis-lab/biobert-v1.1", tiny_bert_files())
    cache.add("google-bert/bert-base-uncased", tiny_bert_files())
    cache.add("emilyalsentzer/Bio_ClinicalBERT", tiny_bert_files({"model.safetensors": b"\x10" + bytes(30)}))
    folder = write_files(home / "plain", tiny_bert_files())
    environment = {
        **{
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("HF_", "MODELKEEP_", "MEDVL_"))
        },
        "HOME": str(home),
        "HF_HOME": str(home / "hf"),
        "MODELKEEP_HOME": str(home / "modelkeep"),
        "OMP_NUM_THREADS": "1",
        # Whatever would reach a hub finds none.
        "HF_ENDPOINT": "http://127.0.0.1:9",
    }
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(folder)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_a_preset_loads_from_the_cache_as_it_was_asked_for(said: dict[str, Any]) -> None:
    assert said["preset"] == ["BertForSequenceClassification", 3, "cpu", False]
    assert said["again"] is True
    assert said["bytes"] == said["weights"] > 0


def test_biobert_knows_the_tokens_that_were_added(said: dict[str, Any]) -> None:
    known, rows, tokens = said["tokens"]
    assert known == rows == said["tokenizer"] + 16
    assert [token.lower() for token in tokens] == ["<diagnosis>", "<adverse_event>", "<symptom>"]


def test_a_cached_model_loads_by_its_key_and_is_registered_then(said: dict[str, Any]) -> None:
    assert said["by key"] == "BertModel"
    assert said["auto"] == "Auto-loaded model: google-bert/bert-base-uncased"


def test_a_folder_loads_with_the_classes_and_parameters_that_were_registered(said: dict[str, Any]) -> None:
    assert said["classes"] == ["BertModel", True, "torch.float16"]


def test_a_loader_of_ones_own_loads_by_calling_ours(said: dict[str, Any]) -> None:
    assert said["ours"][:2] == ["BertForMaskedLM", True]
    assert said["direct"] == "BertForSequenceClassification"


def test_damaged_weights_are_a_sentence(said: dict[str, Any]) -> None:
    kind, sentence = said["damaged"]
    assert kind == "ModelLoadingError"
    assert sentence.endswith("(model: clinical-bert-base)")
    assert "Traceback" not in sentence
