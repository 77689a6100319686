"""The confined child: reads pickled weights as numbers only, writes safetensors, and compares what it wrote.

Nothing imports this module: `modelkeep.confined` runs it, without a network, and where it can write to nothing but
its targets' folder. It is asked for ``{"files": [{"name", "source", "target"}], "reserve": bytes}``, and answers
``{"files": [{"bytes", "names", "shared", "left_out"}]}`` in the same order, or with what kept it from that:
``{"failure": kind, "sentence", "hint"}``.
"""

from __future__ import annotations

import os
import pickle
import re
import shutil
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Literal

from modelkeep.progress import Progress, Report

if TYPE_CHECKING:
    import torch

__all__ = ["main"]

Kind = Literal["missing", "unsafe", "unsupported", "memory", "full", "disk", "differs"]

# Where training keeps the weights among other things, the inner ones last.
_WRAPPERS = ("state_dict", "model_state_dict", "model", "module", "params")
_DTYPES = frozenset(
    {
        *("bool", "uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64"),
        *("float16", "bfloat16", "float32", "float64", "complex64"),
        *("float8_e4m3fn", "float8_e4m3fnuz", "float8_e5m2", "float8_e5m2fnuz", "float8_e8m0fnu"),
        "float4_e2m1fn_x2",
    }
)
"""What safetensors can hold, by PyTorch's names."""
_NOT_A_NAME = "__metadata__"
_HINT_OBJECTS = "Ask whoever made it for safetensors, or save its state dict where you trust it."


class _Failure(Exception):
    """What is wrong with a file, as a sentence."""

    def __init__(self, kind: Kind, sentence: str, hint: str = "") -> None:
        super().__init__(sentence)
        self.kind = kind
        self.hint = hint


def main(request: Mapping[str, Any], report: Report) -> dict[str, object]:
    """Convert the files of the request, one after another, so that the largest decides what memory it takes."""
    for name in ("torch", "safetensors", "numpy"):
        if find_spec(name) is None:
            return {"failure": "missing", "sentence": name, "hint": ""}
    total = sum(os.path.getsize(file["source"]) for file in request["files"])
    before, done = 0, []
    try:
        for file in request["files"]:
            size = os.path.getsize(file["source"])
            done.append(_convert(file, request["reserve"], _Share(report, before, size, total, file["name"])))
            before += size
    except _Failure as failure:
        return {"failure": failure.kind, "sentence": str(failure), "hint": failure.hint}
    return {"files": done}


class _Share:
    """Progress through one of the files: loading it, writing and comparing are taken for a third each."""

    def __init__(self, report: Report, before: int, size: int, total: int, name: str) -> None:
        self._report, self._before, self._size, self._total, self._name = report, before, size, total, name

    def at(self, step: str, part: float) -> None:
        done = self._before + int(self._size * part)
        self._report(Progress(step, done, self._total, self._name))


def _convert(file: Mapping[str, str], reserve: int, share: _Share) -> dict[str, object]:
    name = file["name"]
    share.at("Reading", 0.0)
    try:
        loaded = _load(file["source"], name)
        tensors, left_out = _state(loaded, name)
        shared = _separate(tensors)
        share.at("Writing", 1 / 3)
        _check_space(tensors, file["target"], reserve, name)
        _write(tensors, file["target"], name)
        size = _compare(tensors, file["target"], name, share)
    except MemoryError as error:
        raise _no_memory(name) from error
    except RuntimeError as error:
        if _is_memory(error):
            raise _no_memory(name) from error
        raise
    return {"bytes": size, "names": sorted(tensors), "shared": shared, "left_out": left_out}


def _no_memory(name: str) -> _Failure:
    return _Failure("memory", f"{name} does not fit the memory that the conversion may take.")


# ---- reading


def _load(path: str, name: str) -> object:
    import torch

    with open(path, "rb") as file:
        mapped = file.read(4) == b"PK\3\4"  # what PyTorch wrote before 1.6 cannot be mapped
    try:
        return torch.load(path, map_location="cpu", weights_only=True, mmap=mapped)
    except pickle.UnpicklingError as error:
        # Without this there is no conversion: whatever else is in the file would run.
        raise _Failure("unsafe", f"{name} {_refused(str(error))}", _HINT_OBJECTS) from error
    except MemoryError:
        raise
    except Exception as error:
        if _is_memory(error):
            raise
        if "TorchScript" in str(error):
            raise _Failure("unsafe", f"{name} is TorchScript: a program, not only numbers.") from error
        # A pickle that is cut off or changed may raise anything.
        said = next(iter(str(error).strip().splitlines()), type(error).__name__).rstrip(".")
        raise _Failure(
            "unsupported", f"{name} is damaged, or no checkpoint of PyTorch ({said:.200})."
        ) from error


def _refused(error: str) -> str:
    """Why PyTorch does not take it for weights."""
    if found := re.search(r"GLOBAL (\S+)", error):
        return f"holds more than numbers, and reading it in full would run what is in it ({found[1]:.100})."
    return "is damaged or holds more than numbers: PyTorch does not take it for weights."


def _is_memory(error: Exception) -> bool:
    """Whether the memory was not enough, for which PyTorch has no error of its own."""
    return any(said in str(error) for said in ("allocate memory", "not enough memory", "unable to mmap"))


def _state(loaded: object, name: str) -> tuple[dict[str, torch.Tensor], list[str]]:
    """The tensors by their names, and what is beside them: counters, settings, the state of the training."""
    import torch

    left_out: list[str] = []
    state = loaded
    while isinstance(state, dict) and (inner := next(_inner(state), None)):
        left_out += [str(key) for key in state if key != inner]
        state = state[inner]
    if not isinstance(state, dict) or not _has_tensors(state):
        raise _Failure("unsupported", f"{name} holds no tensors by name, which is what safetensors is.")
    tensors: dict[str, torch.Tensor] = {}
    for key, value in state.items():
        if key == _NOT_A_NAME:
            raise _Failure("unsupported", f"{name} has an entry “{key}”, which safetensors keeps for itself.")
        if isinstance(value, torch.Tensor) and isinstance(key, str):
            tensors[key] = _plain(value, key, name)
        elif isinstance(value, torch.Tensor) or _has_tensors(value):
            # To leave it out would lose weights, to rename what is in it would hide them from who loads them.
            raise _Failure("unsupported", f"{name} has tensors within “{key}”, for which it has no names.")
        else:
            left_out.append(str(key))
    return tensors, left_out


def _inner(state: Mapping[object, object]) -> Iterator[str]:
    return (key for key in _WRAPPERS if isinstance(state.get(key), dict) and _has_tensors(state[key]))


def _has_tensors(value: object) -> bool:
    import torch

    pending, seen = [value], set()
    while pending:
        match pending.pop():
            case torch.Tensor():
                return True
            case dict() | list() | tuple() as found:
                # A pickle can hold a list that is in itself, or a few that are in each other a million times.
                if id(found) not in seen:
                    seen.add(id(found))
                    pending += found.values() if isinstance(found, dict) else found
    return False


def _plain(tensor: torch.Tensor, key: str, name: str) -> torch.Tensor:
    """A tensor whose numbers lie side by side, as safetensors has them."""
    import torch

    tensor = tensor.detach()
    what = str(tensor.dtype if tensor.layout is torch.strided else tensor.layout).removeprefix("torch.")
    if tensor.device.type != "cpu":
        raise _Failure("unsupported", f"The tensor “{key}” of {name} has a shape only, and no numbers.")
    if what not in _DTYPES:
        raise _Failure("unsupported", f"The tensor “{key}” of {name} is {what}, which safetensors has not.")
    # A view may also be the conjugate or the negative of what is stored.
    tensor = tensor.resolve_conj().resolve_neg().contiguous()
    # A single number lies side by side whatever its strides are, and keeps those, which looking at its bytes minds.
    return tensor.clone(memory_format=torch.contiguous_format) if tensor.numel() == 1 else tensor


def _separate(tensors: dict[str, torch.Tensor]) -> list[list[str]]:
    """Give each name numbers of its own; returns the names that shared theirs.

    safetensors refuses tensors that share memory. To keep one name of several is what transformers does, which ties
    the others again by the model's class and configuration; but whatever loads the model otherwise finds a name
    missing, and a class that ties nothing would begin with random numbers there. A copy for each name is right for
    all of them, and costs the disk the embeddings once more. transformers still makes them one tensor in memory.
    """
    order = sorted((key for key in tensors if tensors[key].numel()), key=lambda key: tensors[key].data_ptr())
    groups: list[list[str]] = []
    end = 0
    for key in order:
        begin = tensors[key].data_ptr()
        if begin < end:
            groups[-1].append(key)
        else:
            groups.append([key])
        end = max(end, begin + tensors[key].nbytes)
    shared = [sorted(group) for group in groups if len(group) > 1]
    for group in shared:
        for key in group[1:]:
            tensors[key] = tensors[key].clone()
    return shared


# ---- writing


def _check_space(tensors: Mapping[str, torch.Tensor], target: str, reserve: int, name: str) -> None:
    """The plan knows the size of the file only, in which a pickle has shared numbers once."""
    size = sum(tensor.nbytes for tensor in tensors.values())
    if shutil.disk_usage(os.path.dirname(target)).free - reserve < size:
        raise _Failure(
            "full", f"{name} takes {size:,} bytes as safetensors, more than the disk has to spare."
        )


def _write(tensors: dict[str, torch.Tensor], target: str, name: str) -> None:
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    try:
        save_file(tensors, target, metadata={"format": "pt"})
        with open(target, "rb+") as file:
            os.fsync(file.fileno())
    except (KeyError, ValueError) as error:
        raise _Failure(
            "unsupported", f"{name} has tensors that this safetensors cannot hold ({error})."
        ) from error
    except (OSError, SafetensorError) as error:
        full = "No space left" in str(error) or "quota" in str(error)
        raise _Failure(
            "full" if full else "disk", f"{name} could not be written as safetensors ({error})."
        ) from error


def _compare(tensors: dict[str, torch.Tensor], target: str, name: str, share: _Share) -> int:
    """See that the file has every tensor, bit for bit; returns the bytes of them all."""
    import torch
    from safetensors import safe_open

    with safe_open(target, framework="pt", device="cpu") as written:
        if set(written.keys()) != tensors.keys():
            raise _Failure("differs", f"What was written of {name} has other tensors than it.")
        size = 0
        for number, (key, tensor) in enumerate(tensors.items()):
            share.at("Comparing", (2 + number / len(tensors)) / 3)
            again = written.get_tensor(key)
            same = again.dtype == tensor.dtype and again.shape == tensor.shape
            # As bytes: a NaN is not equal to itself, and -0.0 is equal to 0.0.
            if not same or not torch.equal(_bytes(again), _bytes(tensor)):
                raise _Failure(
                    "differs", f"The tensor “{key}” of {name} is another one after it was written."
                )
            size += tensor.nbytes
    return size


def _bytes(tensor: torch.Tensor) -> torch.Tensor:
    import torch

    return tensor.reshape(-1).view(torch.uint8)
