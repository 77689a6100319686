"""Makes the details of a model without a cache."""

from __future__ import annotations

from typing import Any

from modelkeep.details import FileLine, ModelDetails, Provenance
from modelkeep.metadata.describe import Description
from support.rows import DAY, NOW, model_row, revision_row

MAIN, OTHER = "551ca18e" * 5, "46d4ac70" * 5
SNAPSHOT = f"/cache/hub/models--dmis-lab--biobert-v1.1/snapshots/{MAIN}"
NOWHERE = Provenance("", "", "", 0.0, "", "")


def description(**values: Any) -> Description:
    """What a model says that says nothing; `values` say what it does say."""
    nothing: dict[str, Any] = {
        "licence": "",
        "languages": (),
        "tags": (),
        "library": "",
        "task": "",
        "base_models": (),
        "datasets": (),
        "architecture": "",
        "dtype": "",
        "quantisation": "",
        "context": 0,
        "parameters": 0,
        "parameters_by_dtype": (),
        "formats": (),
        "has_pickles": False,
        "custom_code": False,
        "notes": (),
    }
    return Description(**nothing | values)


def file_line(name: str, size: int, kind: str, **values: Any) -> FileLine:
    """A file of the snapshot."""
    line = FileLine(name, size, size, kind, f"{size:040x}", f"{SNAPSHOT}/{name}", is_here=True)
    return line._replace(**values)


def model_details(**values: Any) -> ModelDetails:
    """BioBERT, as one finds it, in two revisions; `values` say what is different."""
    usual: dict[str, Any] = {
        "row": model_row(
            size=866_000_000,
            on_disk=866_009_088,
            frees=866_009_088,
            revisions=(
                revision_row(MAIN),
                revision_row(OTHER, refs=("refs/pr/4",), state="incomplete", missing=1),
            ),
        ),
        "path": "/cache/hub/models--dmis-lab--biobert-v1.1",
        "refs": (("main", MAIN), ("refs/pr/4", OTHER)),
        "commit": MAIN,
        "snapshot": SNAPSHOT,
        "files": (
            file_line("config.json", 313, "config"),
            file_line("pytorch_model.bin", 435_783_451, "pickle"),
            file_line("vocab.txt", 213_450, "tokenizer"),
        ),
        "missing": ("tf_model.h5",),
        "description": description(
            licence="apache-2.0",
            languages=("en",),
            library="transformers",
            task="fill-mask",
            dtype="F32",
            context=512,
            parameters=108_310_272,
            parameters_by_dtype=(("F32", 108_309_760), ("I64", 512)),
            formats=("pickle",),
            has_pickles=True,
        ),
        "card": "# BioBERT\n\nFor *biomedical* text, from [the lab](https://dmis.example/).\n",
        "provenance": Provenance(
            "https://huggingface.co/dmis-lab/biobert-v1.1", "import", "biobert.zip", NOW - 9 * DAY, "ada", ""
        ),
        "used_by": "miriam",
        "problems": (),
        "snippet": 'from transformers import AutoModel\n\nmodel = AutoModel.from_pretrained("dmis-lab/biobert-v1.1")',
    }
    return ModelDetails(**usual | values)
