"""Breaks off every operation at random instants, or makes the disk fail beneath it, then looks for what is lost.

    python -m support.torture --rounds 200 --seed 7

Each round begins with the same cache on disk and does one operation in a child process. The child is killed, or all
that it writes fails from some instant on, or one step of it fails. What is asked after it is in `rule`.
"""
