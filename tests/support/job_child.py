"""A program of its own that has a job: `python -m support.job_child FILE ID HOW`, told by lines what it does."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from modelkeep.jobs.jobs import Jobs
from modelkeep.progress import Progress, Report


def main(file: str, id: str, how: str) -> None:
    jobs = Jobs(file)
    jobs.submit("training", "default", "of a child", {}, id=id)
    if how == "submit":
        print("submitted", flush=True)
        sys.stdin.readline()
        return

    def heard(progress: Progress) -> None:
        if progress.step == "Waiting for its turn":
            print("waiting", flush=True)

    def work(report: Report) -> dict[str, object]:
        print("running", flush=True)
        if how == "checkpoint":
            Path(jobs.get(id).folder, "checkpoint").mkdir()
        while how != "brief":
            report(Progress("Working"))
            time.sleep(0.02)
        with Path(file).with_name("order").open("a") as order:
            order.write(f"{id}\n")
        return {}

    jobs.run(id, work, report=heard)


if __name__ == "__main__":
    main(*sys.argv[1:])
