"""A model that nobody has loaded, asked twice and ended: for `inference.py`.

    python try_once.py ROOT REPO TOKENS TEXT

What is printed is JSON: the seconds of the "first" answer with all that comes before it, of the "second" one and of
the "end" of the worker; "cpu", the seconds that this process and the worker used; "grown", how many bytes this
process holds more than before; and "left", how many processes it has afterwards.
"""

from __future__ import annotations

import gc
import json
import resource
import sys
import time
from itertools import pairwise

import psutil

from modelkeep.inference.values import TryInputs, TryOptions
from modelkeep.library import open_library
from modelkeep.rows import Selection


def main(root: str, repo_id: str, tokens: str, text: str) -> None:
    this = psutil.Process()
    inputs, options = TryInputs((text,)), TryOptions(max_new_tokens=int(tokens))
    with open_library([root]) as library:
        plan = library.tryouts.plan(Selection(root, f"hf@{repo_id}"))
        gc.collect()
        before, used = this.memory_info().rss, _cpu()
        moments = [time.perf_counter()]
        for _ in range(2):
            assert library.tryouts.run(plan, inputs, options, emit=lambda _: None).outputs
            moments.append(time.perf_counter())
        library.tryouts.end()
        moments.append(time.perf_counter())
        gc.collect()
        after, used = this.memory_info().rss, _cpu() - used
        left = len(this.children(recursive=True))
    first, second, end = (later - sooner for sooner, later in pairwise(moments))
    found = {"first": first, "second": second, "end": end, "cpu": used, "grown": after - before, "left": left}
    print(json.dumps(found))


def _cpu() -> float:
    """Seconds of this process, and of those that it waited for."""
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in both)


if __name__ == "__main__":
    main(*sys.argv[1:])
