"""What a Python has for running models: a script that any Python can run, and that says so as JSON.

It imports nothing of Modelkeep, and uses nothing that an old Python does not know. A line with the versions comes
first and one with the devices last, since importing torch may take long, or crash.
"""

import json
import os
import sys

if False:  # a type checker reads it
    from typing import Any

__all__ = ["devices_of"]

_PACKAGES = (
    "torch",
    "transformers",
    "tokenizers",
    "safetensors",
    "numpy",
    "pillow",
    "accelerate",
    "peft",
    "sentence-transformers",
    "onnxruntime",
    "llama-cpp-python",
)


def main() -> None:
    # Where this file lies there are modules of ours, named like those of others.
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [place for place in sys.path if os.path.abspath(place or ".") != here]
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever libraries print
    version = ".".join(str(part) for part in sys.version_info[:3])
    known = {"version": version, "packages": _packages() if sys.version_info >= (3, 8) else {}}
    answers.write(json.dumps(known) + "\n")
    answers.flush()
    devices, problem = [], ""
    if "torch" in known["packages"]:
        try:
            import torch

            devices = devices_of(torch)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is why it cannot be used
            problem = f"{type(error).__name__}: {error}"
    answers.write(json.dumps({"devices": devices, "problem": problem}) + "\n")
    answers.flush()
    os._exit(0)


def _packages() -> "dict[str, str]":
    from importlib import metadata

    found = {}
    for name in _PACKAGES:
        try:
            found[name] = metadata.version(name)
        except Exception:  # noqa: BLE001 - not there, or what is there cannot be read
            continue
    return found


def devices_of(torch: "Any") -> "list[tuple[str, str, int, int]]":
    """The devices that torch can use, the best first: name, title, and bytes of memory, all and free."""
    devices = []
    if torch.cuda.is_available():
        for number in range(torch.cuda.device_count()):
            free, total = torch.cuda.mem_get_info(number)
            name = "cuda:" + str(number)
            devices.append((name, torch.cuda.get_device_name(number), total, free))
    mps = getattr(torch.backends, "mps", None)
    total, free = _memory()
    if mps is not None and mps.is_available():
        devices.append(("mps", "Metal", total, free))
    devices.append(("cpu", "CPU", total, free))
    return devices


def _memory() -> "tuple[int, int]":
    """The bytes of memory that this machine has, and those that are free; 0 where that is not known."""
    found = {}
    try:
        with open("/proc/meminfo") as lines:
            for line in lines:
                name, _, rest = line.partition(":")
                found[name] = int(rest.split()[0]) * 1024
    except (OSError, ValueError, IndexError):
        pass
    total = found.get("MemTotal", 0)
    if not total and hasattr(os, "sysconf"):
        try:
            total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        except (OSError, ValueError):
            total = 0
    return total, found.get("MemAvailable", 0)


if __name__ == "__main__":
    main()
