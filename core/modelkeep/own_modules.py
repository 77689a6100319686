"""Running modules of our own in other processes, also from a frozen build, which has no Python to run them with.

The programs of a frozen build are both: with `--module NAME` first, they are that module instead of themselves.
"""

from __future__ import annotations

import os
import runpy
import sys

__all__ = ["become_module", "module_command"]

_OPTION = "--module"
# A program that runs whatever it is told would be a hole in what an administrator allowed to run.
_OURS = frozenset({"modelkeep", "modelkeep.hub.xet_worker", "modelkeep_gui.jobs.worker"})


def module_command(name: str) -> list[str]:
    """What starts a module of ours in a process of its own; its arguments follow."""
    if getattr(sys, "frozen", False):
        return [_program(name), _OPTION, name]
    # -P: a file named like one of our modules in the current folder must not be imported in its place.
    return [sys.executable, "-P", "-m", name]


def become_module() -> bool:
    """Be what `module_command` started, if this is a frozen build that was started so; False if it was not."""
    if not getattr(sys, "frozen", False) or sys.argv[1:2] != [_OPTION] or sys.argv[2:3] == []:
        return False
    name = sys.argv[2]
    if name not in _OURS:
        sys.exit(f"{name} is no module that can be run.")
    sys.argv[1:3] = []
    runpy.run_module(name, run_name="__main__", alter_sys=True)
    return True


def _program(name: str) -> str:
    """The program of the build that has a module: the one without a window has no Qt, but has a standard output."""
    folder, own = os.path.split(sys.executable)
    stem, ending = os.path.splitext(own)
    if name.startswith("modelkeep_gui"):
        return sys.executable
    return os.path.join(folder, stem.removesuffix("-gui") + ending)
