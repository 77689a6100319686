"""Running a cached model: a child process that has it loaded, what it is asked, and what it answers.

`python -m modelkeep.inference.worker` is that process, and docs/inference.md its protocol. What is below `child` runs
in it alone, and is the only part that loads a machine-learning framework.
"""
