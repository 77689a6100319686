"""A child process that may do little: no network, so much memory, so many seconds.

What loads a model runs somebody else's code, and may take all memory or crash: it does so in a process of its own.

    reply = run_confined("modelkeep.checking.trial_child", request, memory=8 << 30, seconds=600, report=report)

The child is a module with `main(request, report) -> reply`, all plain JSON values.
"""
