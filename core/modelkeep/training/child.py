"""The confined child that trains, with transformers' `Trainer`: no network, and writing to one folder only.

Nothing imports this module. In its folder it keeps::

    points.jsonl       how it stands after each few steps, see `TrainingPoint`
    parent.json        how good the parent was
    steps/             checkpoints, the last two; one is whole when it has a file “whole”
    result/            the trained model

It answers with what came of it, or with what kept it from that: ``{"failure": kind, "sentence", "hint"}``.
"""

from __future__ import annotations

import errno
import json
import math
import os
import shutil
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from modelkeep.progress import Progress, Report
from modelkeep.training.batches import IGNORED, Collator, Listed, masked_loss
from modelkeep.training.examples import Example, read_examples, split
from modelkeep.training.metrics import (
    classification_metrics,
    multi_label_metrics,
    span_metrics,
    spans_of,
)
from modelkeep.training.points import WHOLE, Diverged, Points, plain_metrics, telling

__all__ = ["main", "translated"]

Kind = Literal["missing", "unsupported", "memory", "full", "disk"]
Json = dict[str, Any]

_MOST_POINTS = 400
_PACKAGES = ("torch", "transformers", "accelerate", "peft")


class _Failure(Exception):
    """What kept it from training, as a sentence."""

    def __init__(self, kind: Kind, sentence: str, hint: str = "") -> None:
        super().__init__(sentence)
        self.kind = kind
        self.hint = hint


def main(request: Json, report: Report) -> dict[str, object]:
    """Train as is asked, or go on with that."""
    wanted = _PACKAGES if request["method"] == "lora" else _PACKAGES[:3]
    if absent := [name for name in wanted if find_spec(name) is None]:
        return {"failure": "missing", "sentence": " and ".join(absent), "hint": ""}
    if request["device"] == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
    try:
        return _Training(request, report).run()
    except _Failure as failure:
        return {"failure": failure.kind, "sentence": str(failure), "hint": failure.hint}
    except Diverged as error:
        return {"failure": "diverged", "sentence": str(error), "hint": "Try a lower learning rate."}
    except Exception as error:
        if found := translated(error):
            return {"failure": found.kind, "sentence": str(found), "hint": found.hint}
        raise


def translated(error: BaseException) -> _Failure | None:
    """What a library's error means; None for one that is nobody's fault but ours."""
    said = str(error)
    low = said.lower()
    if isinstance(error, MemoryError) or "out of memory" in low or "allocate memory" in low:
        return _Failure("memory", "The memory was not enough to train it.")
    if getattr(error, "errno", 0) in (errno.ENOSPC, errno.EDQUOT) or "no space left" in low:
        return _Failure("full", "The disk became full while a checkpoint was written.")
    if "PytorchStreamWriter failed" in said or "unexpected pos" in said:
        return _Failure("full", "A checkpoint could not be written: most often the disk is full.")
    return None


class _Training:
    """One training, from loading to saving."""

    def __init__(self, request: Json, report: Report) -> None:
        self.asked = request
        self.report = report
        self.folder = Path(request["folder"])
        self.parameters: Json = request["parameters"]
        self.labels: list[str] = request["labels"]
        self.is_tokens = request["task"] == "token-classification"
        self.is_multi = bool(request["multi_label"])
        self.new: list[str] = []
        self.use_cache: bool | None = None

    def run(self) -> dict[str, object]:
        began = time.monotonic()
        self.report(Progress("Loading transformers"))
        transformers: Any = import_module("transformers")
        transformers.logging.set_verbosity_error()
        self._check_device()
        trained, measured = self._examples()
        checkpoint = self._last_checkpoint()
        before = Points(self.folder).since(_step_of(checkpoint))
        transformers.set_seed(self.parameters["seed"])
        self.report(Progress("Loading the model"))
        tokenizer = self._tokenizer(transformers)
        torch: Any = import_module("torch")
        model = self._model(transformers, torch)
        self.use_cache = getattr(model.config, "use_cache", None)
        collate = Collator(torch, tokenizer, self.labels, self.asked, is_multi=self.is_multi)
        points = Points(self.folder, before, began, self.asked["steps"], self.report)
        trainer = self._trainer(transformers, model, collate, trained, measured, points)
        parent = self._parent_metrics(trainer, bool(measured), checkpoint)
        trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
        losses = [one["loss"] for one in trainer.state.log_history if "loss" in one]
        metrics = self._final_metrics(trainer) if measured else {}
        self._save(trainer, tokenizer)
        return {
            "metrics": metrics,
            "parent_metrics": parent,
            "loss": losses[-1] if losses else 0.0,
            "steps": trainer.state.global_step,
            "seconds": before + time.monotonic() - began,
            "examples": [len(trained), len(measured)],
            "new": self.new,
            "cut": len(collate.cut),
            "length": collate.length,
            "versions": {name: version(name) for name in _PACKAGES if find_spec(name)},
        }

    # ---- what it begins with

    def _check_device(self) -> None:
        """Refuse a device that is not here: Trainer would take the processor, for days, and say nothing."""
        torch: Any = import_module("torch")
        kind = str(self.asked["device"]).partition(":")[0]
        if kind == "cuda" and not torch.cuda.is_available():
            lacks = "no card that PyTorch can use"
        elif kind == "mps" and not torch.backends.mps.is_available():
            lacks = "no accelerator of Apple's that PyTorch can use"
        else:
            return
        raise _Failure(
            "unsupported",
            f"{self.asked['device']} was asked for, and there is {lacks} here.",
            "Let it choose the device itself, or choose a Python whose PyTorch knows the card.",
        )

    def _examples(self) -> tuple[list[Example], list[Example]]:
        self.report(Progress("Reading the examples"))
        data, evaluation = self.asked["data"], self.asked["evaluation"]
        names = [] if self.is_tokens else self.labels

        def read(said: Json) -> list[Example]:
            kind, task = said["format"], self.asked["task"]
            return read_examples(said["path"], kind, task, names, multi_label=self.is_multi)

        examples = read(data)
        if evaluation:
            return examples, read(evaluation)
        return split(examples, self.parameters["eval_share"], self.parameters["seed"])

    def _last_checkpoint(self) -> Path | None:
        """The last one that is whole; what a kill left of another goes."""
        whole = []
        for place in (self.folder / "steps").glob("checkpoint-*"):
            if (place / WHOLE).exists():
                whole.append(place)
            else:
                shutil.rmtree(place, ignore_errors=True)
        return max(whole, key=_step_of, default=None)

    def _tokenizer(self, transformers: Any) -> Any:
        try:
            tokenizer = transformers.AutoTokenizer.from_pretrained(self.asked["model"], local_files_only=True)
        except Exception as error:
            raise _cannot_load("the tokenizer", error) from error
        if self.is_tokens and not tokenizer.is_fast:
            raise _Failure("unsupported", "Its tokenizer cannot tell where in a text its tokens are.")
        if tokenizer.pad_token is None:
            if tokenizer.eos_token is None:
                raise _Failure("unsupported", "Its tokenizer has no token to fill up a batch with.")
            tokenizer.pad_token = tokenizer.eos_token
        return tokenizer

    def _model(self, transformers: Any, torch: Any) -> Any:
        kind = "AutoModelForTokenClassification" if self.is_tokens else "AutoModelForSequenceClassification"
        options: Json = {
            "num_labels": len(self.labels),
            "id2label": dict(enumerate(self.labels)),
            "label2id": {label: number for number, label in enumerate(self.labels)},
        }
        if not self.is_tokens:
            single, several = "single_label_classification", "multi_label_classification"
            options["problem_type"] = several if self.is_multi else single
        try:
            model, told = getattr(transformers, kind).from_pretrained(
                self.asked["model"],
                local_files_only=True,
                dtype=torch.float32,
                ignore_mismatched_sizes=True,
                output_loading_info=True,
                **options,
            )
        except Exception as error:
            raise _cannot_load("the model", error) from error
        self._check_gaps(model, told)
        return model

    def _check_gaps(self, model: Any, told: Mapping[str, Any]) -> None:
        """Only a head may begin anew: what else is not in the files would be trained from random numbers."""
        base = f"{model.base_model_prefix}."
        mismatched = [one[0] if isinstance(one, tuple) else str(one) for one in told["mismatched_keys"]]
        for name in sorted([*told["missing_keys"], *mismatched]):
            # A pooler comes with the head: models of other tasks have none.
            if name.startswith(base) and ".pooler." not in name:
                why = (
                    "has another shape than its configuration says"
                    if name in mismatched
                    else "is not in its files"
                )
                raise _Failure(
                    "unsupported",
                    f"The weight {name} {why}.",
                    "See which files are damaged: modelkeep verify",
                )
            self.new.append(name)
        if self.asked["keeps_head"] and self.new:
            raise _Failure("unsupported", f"The weight {self.new[0]} of its head is not in its files.")

    # ---- training

    def _trainer(
        self,
        transformers: Any,
        model: Any,
        collate: Collator,
        trained: Sequence[Example],
        measured: Sequence[Example],
        points: Points,
    ) -> Any:
        asked, parameters = self.asked, self.parameters
        if model.config.pad_token_id is None:
            model.config.pad_token_id = collate.tokenizer.pad_token_id
        if asked["method"] == "lora":
            model = self._with_lora(model)
        steps, every = asked["steps"], asked["checkpoint_every"]
        arguments = transformers.TrainingArguments(
            output_dir=str(self.folder / "steps"),
            max_steps=steps,
            per_device_train_batch_size=parameters["batch"],
            per_device_eval_batch_size=parameters["batch"],
            learning_rate=parameters["lr"],
            weight_decay=parameters["weight_decay"],
            warmup_steps=round(parameters["warmup"] * steps),
            seed=parameters["seed"],
            use_cpu=asked["device"] == "cpu",
            save_strategy="steps",
            save_steps=every,
            save_total_limit=2,
            eval_strategy="steps" if measured else "no",
            eval_steps=every,
            logging_strategy="steps",
            logging_steps=max(1, math.ceil(steps / _MOST_POINTS)),
            logging_first_step=True,
            logging_nan_inf_filter=False,
            remove_unused_columns=False,
            label_names=["labels"],
            dataloader_pin_memory=False,
            disable_tqdm=True,
            report_to="none",
        )
        trainer = transformers.Trainer(
            model=model,
            args=arguments,
            data_collator=collate,
            train_dataset=Listed(trained),
            eval_dataset=Listed(measured) if measured else None,
            compute_metrics=self._metrics,
            preprocess_logits_for_metrics=self._answers,
            compute_loss_func=partial(masked_loss, import_module("torch")) if self.is_multi else None,
            callbacks=[telling(transformers, points)],
        )
        trainer.remove_callback(transformers.PrinterCallback)
        return trainer

    def _with_lora(self, model: Any) -> Any:
        import peft
        import torch

        base = f"{model.base_model_prefix}."
        fresh = ("pooler",) if any(".pooler." in name for name in self.new) else ()
        heads = [
            name
            for name, module in model.named_children()
            if f"{name}." != base and any(True for _ in module.parameters())
        ]
        targets = [
            name
            for name, module in model.named_modules()
            if isinstance(module, torch.nn.Linear)
            and name.startswith(base)
            and not {*fresh} & {*name.split(".")}
        ]
        if not targets:
            raise _Failure("unsupported", "It has no layers that LoRA could be put on.", "Train all weights.")
        rank = self.parameters["lora_rank"]
        config = peft.LoraConfig(
            r=rank,
            lora_alpha=2 * rank,
            lora_dropout=0.0,
            target_modules=targets,
            modules_to_save=[*heads, *fresh],
        )
        return peft.get_peft_model(model, config)

    def _parent_metrics(self, trainer: Any, measured: bool, checkpoint: Path | None) -> dict[str, float]:
        """How good the parent is on the same examples, where it has such a head; kept for when this goes on."""
        kept = self.folder / "parent.json"
        if not self.asked["keeps_head"] or not measured:
            return {}
        if checkpoint is not None or kept.exists():
            with suppress(OSError, ValueError):
                found: dict[str, float] = json.loads(kept.read_bytes())
                return found
            return {}
        self.report(Progress("Measuring the parent"))
        metrics = plain_metrics(trainer.evaluate())
        kept.write_text(json.dumps(metrics))
        return metrics

    def _final_metrics(self, trainer: Any) -> dict[str, float]:
        state = trainer.state
        for entry in reversed(state.log_history):
            if "eval_loss" in entry and entry["step"] == state.global_step:
                return plain_metrics(entry)  # it was measured after the last step
        self.report(Progress("Measuring"))
        return plain_metrics(trainer.evaluate())

    def _answers(self, logits: Any, labels: Any) -> Any:
        logits = logits[0] if isinstance(logits, tuple) else logits
        return logits > 0 if self.is_multi else logits.argmax(-1)

    def _metrics(self, said: Any) -> dict[str, float]:
        answers, right = said.predictions.tolist(), said.label_ids.tolist()
        if self.is_multi:
            return multi_label_metrics([[int(one) for one in row] for row in right], answers, self.labels)
        if not self.is_tokens:
            return classification_metrics(right, answers, self.labels)
        wanted, found = [], []
        for true, told in zip(right, answers, strict=True):
            places = [place for place, label in enumerate(true) if label != IGNORED]
            wanted.append(spans_of([self.labels[true[place]] for place in places]))
            found.append(spans_of([self.labels[told[place]] for place in places]))
        return span_metrics(wanted, found)

    def _save(self, trainer: Any, tokenizer: Any) -> None:
        self.report(Progress("Saving"))
        target = self.folder / "result"
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir()
        model = trainer.model
        if self.asked["method"] == "lora":
            model = model.merge_and_unload()  # so that it loads where nobody has peft
        model.name_or_path = model.config.name_or_path = self.asked["name"]
        tokenizer.name_or_path = self.asked["name"]
        tokenizer.init_kwargs.pop("name_or_path", None)
        if self.use_cache is not None:
            model.config.use_cache = self.use_cache  # training turns it off
        for settings in (model.config, tokenizer):
            if getattr(settings, "auto_map", None):
                settings.auto_map = None  # of code that was not run, and does not go with it
        tokenizer.init_kwargs.pop("auto_map", None)
        model.save_pretrained(target)
        tokenizer.save_pretrained(target)


def _cannot_load(part: str, error: Exception) -> _Failure:
    if failure := translated(error):
        return failure
    said = str(error)
    if "trust_remote_code" in said:
        return _Failure("unsupported", "It runs code of its own, which is not trained here.")
    if "Unrecognized configuration class" in said:
        return _Failure("unsupported", "The installed transformers has no model of its kind for this task.")
    if "does not recognize this architecture" in said:
        return _Failure(
            "unsupported", "The installed transformers does not know its kind.", "A newer one may."
        )
    first = next(iter(said.strip().splitlines()), "")[:300].rstrip(". ")
    return _Failure("unsupported", f"Loading {part} failed ({type(error).__name__}: {first}).")


def _step_of(checkpoint: Path | None) -> int:
    name = checkpoint.name.rpartition("-")[2] if checkpoint else ""
    return int(name) if name.isdecimal() else 0
