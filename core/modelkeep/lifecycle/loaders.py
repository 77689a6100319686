"""What makes a loaded model of its files: loaders, to be made subclasses of.

    class OurLoader(MedicalModelLoader):
        MODEL_NAME = "our-org/our-model"          # or a folder
        MODEL_TYPE = "clinical"
        DEFAULT_MODEL_CLASS = "AutoModelForTokenClassification"

    model, tokenizer = OurLoader.load_model(device="cpu")
    get_registry().register("our-model", ModelType.CLINICAL, loader=OurLoader)

Loading reads what is cached and no network. The registry gives a loader whose MODEL_NAME is the folder of the files,
which were checked. Source of names and promises: Med-vLLM, `medvllm.models.medical_models`.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, ClassVar, Self

from modelkeep.errors import RuntimeMissing
from modelkeep.lifecycle.sources import Source, check_model
from modelkeep.registrations.values import MODEL_PARAMETERS

__all__ = ["BioBERTLoader", "ClinicalBERTLoader", "MedicalModelLoader", "ModelLoader"]


class ModelLoader:
    """Loads a model with transformers. Classes may be classes, or the names of some in transformers."""

    MODEL_NAME: ClassVar[str] = ""
    MODEL_TYPE: ClassVar[str] = "generic"
    DEFAULT_MODEL_CLASS: ClassVar[Any] = "AutoModel"
    CONFIG_CLASS: ClassVar[Any] = None
    TOKENIZER_CLASS: ClassVar[Any] = "AutoTokenizer"
    SOURCE: ClassVar[Source | None] = None
    """The checked folder that one load is from; None until it is known."""

    @classmethod
    def at(cls, source: Source) -> type[Self]:
        """This loader with its MODEL_NAME at a checked folder, for one load."""
        place = {
            "MODEL_NAME": source.path,
            "SOURCE": source,
            "__module__": cls.__module__,
            "__doc__": cls.__doc__,
        }
        return type(cls.__name__, (cls,), place)

    @classmethod
    def load_model(
        cls, model_class: Any = None, config: Any = None, device: Any = None, **kwargs: Any
    ) -> Any:
        """The model, ready to be asked.

        `config` is a configuration, or a mapping of what is to be otherwise than in the model's own. Of `kwargs`,
        what a configuration knows changes it, `allow_code` and `allow_unsafe` answer the checks, and the rest goes to
        `model_class.from_pretrained`.
        """
        loader = cls._checked(kwargs)
        return loader._load(model_class or cls.DEFAULT_MODEL_CLASS, config, device, kwargs)

    @classmethod
    def load_tokenizer(cls, **kwargs: Any) -> Any:
        """The tokenizer of the model."""
        loader = cls._checked(kwargs)
        options = {name: value for name, value in kwargs.items() if name not in MODEL_PARAMETERS}
        kind = _class(loader.TOKENIZER_CLASS)
        return kind.from_pretrained(loader.MODEL_NAME, **(_options(kind, loader) | options))

    @classmethod
    def _checked(cls, kwargs: dict[str, Any]) -> type[Self]:
        """This loader at the checked folder of its model. Takes the answers out of `kwargs`."""
        answers = {name: bool(kwargs.pop(name, False)) for name in ("allow_code", "allow_unsafe")}
        if cls.SOURCE:
            return cls
        if not cls.MODEL_NAME:
            raise ValueError(f"{cls.__name__} has no MODEL_NAME")
        return cls.at(check_model(cls.MODEL_NAME, **answers))

    @classmethod
    def _load(cls, model_class: Any, config: Any, device: Any, kwargs: Mapping[str, Any]) -> Any:
        kind = _class(model_class)
        options = dict(kwargs)
        dtype = options.pop("dtype", None)
        dtype = options.pop("torch_dtype", None) if dtype is None else dtype
        if config is None or isinstance(config, Mapping):
            settings = cls._config(kind)
            changes = dict(config or {})
            known = [name for name in options if name in MODEL_PARAMETERS or hasattr(settings, name)]
            changes |= {name: options.pop(name) for name in known}
            for name, value in changes.items():
                setattr(settings, name, value)
        else:
            settings = config
        if dtype is not None:
            options["dtype"] = dtype.removeprefix("torch.") if isinstance(dtype, str) else dtype
        model = kind.from_pretrained(cls.MODEL_NAME, config=settings, **(_options(kind, cls) | options))
        if device is not None:
            model = model.to(device)
        if hasattr(model, "eval"):
            model.eval()
        return model

    @classmethod
    def _config(cls, kind: Any) -> Any:
        config_class = _class(cls.CONFIG_CLASS or getattr(kind, "config_class", None) or "AutoConfig")
        return config_class.from_pretrained(cls.MODEL_NAME, **_options(config_class, cls))


class MedicalModelLoader(ModelLoader):
    """Loads a model together with its tokenizer."""

    MODEL_TYPE = "biomedical"
    DEFAULT_MODEL_CLASS = "AutoModelForSequenceClassification"

    @classmethod
    def load_model(
        cls, model_class: Any = None, config: Any = None, device: Any = None, **kwargs: Any
    ) -> tuple[Any, Any]:
        """The model and its tokenizer; see `ModelLoader.load_model`."""
        loader = cls._checked(kwargs)
        tokenizer = loader.load_tokenizer()
        model = loader._load(model_class or cls.DEFAULT_MODEL_CLASS, config, device, kwargs)
        return model, tokenizer


class BioBERTLoader(MedicalModelLoader):
    """BioBERT, with tokens that mark what is said in medical texts."""

    MODEL_NAME = "dmis-lab/biobert-v1.1"
    MODEL_TYPE = "biomedical"
    TOKENS: ClassVar[tuple[str, ...]] = (
        "<DIAGNOSIS>",
        "<TREATMENT>",
        "<MEDICATION>",
        "<DOSAGE>",
        "<FREQUENCY>",
        "<DURATION>",
        "<ROUTE>",
        "<STRENGTH>",
        "<ADVERSE_EVENT>",
        "<LAB_TEST>",
        "<LAB_VALUE>",
        "<LAB_UNIT>",
        "<BODY_PART>",
        "<PROCEDURE>",
        "<CONDITION>",
        "<SYMPTOM>",
    )
    """What Med-vLLM adds. A model that was not trained with them has learnt nothing of them."""

    @classmethod
    def load_model(
        cls, model_class: Any = None, config: Any = None, device: Any = None, **kwargs: Any
    ) -> tuple[Any, Any]:
        model, tokenizer = super().load_model(model_class, config, device, **kwargs)
        known = tokenizer.get_vocab()
        tokenizer.add_tokens([token for token in cls.TOKENS if token not in known])
        return _with_room(model, tokenizer), tokenizer


class ClinicalBERTLoader(MedicalModelLoader):
    """Bio_ClinicalBERT."""

    MODEL_NAME = "emilyalsentzer/Bio_ClinicalBERT"
    MODEL_TYPE = "clinical"

    @classmethod
    def load_model(
        cls, model_class: Any = None, config: Any = None, device: Any = None, **kwargs: Any
    ) -> tuple[Any, Any]:
        model, tokenizer = super().load_model(model_class, config, device, **kwargs)
        return _with_room(model, tokenizer), tokenizer


def _with_room(model: Any, tokenizer: Any) -> Any:
    """The model with a row of embeddings for every token; rows that are there already stay."""
    if len(tokenizer) > model.get_input_embeddings().num_embeddings:
        model.resize_token_embeddings(len(tokenizer))
    return model


def _options(kind: Any, loader: type[ModelLoader]) -> dict[str, Any]:
    """What every loading is told: no network, and code only where it was allowed."""
    options: dict[str, Any] = {"local_files_only": True}
    if kind.__name__.startswith("Auto"):
        # Said even where it is not allowed: transformers would ask on the terminal.
        options["trust_remote_code"] = bool(loader.SOURCE and loader.SOURCE.allow_code)
    return options


def _class(said: Any) -> Any:
    """A class, or that of a name in transformers. Raises `RuntimeMissing`, and `ValueError` for a wrong name."""
    if not isinstance(said, str):
        return said
    try:
        transformers = import_module("transformers")
        import_module("torch")
    except ImportError as error:
        raise RuntimeMissing(
            f"Loading models takes {error.name}, which is not installed here.",
            hint='Install it: pip install "modelkeep[inference]"',
        ) from error
    try:
        return getattr(transformers, said)
    except AttributeError as error:
        raise ValueError(f"transformers has no class “{said}”.") from error
