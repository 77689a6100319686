"""Feeds what reads other people's bytes with garbage: archives, headers, cards, pickles, requests, filters.

    python -m support.fuzz --minutes 30
    python -m support.fuzz --minutes 5 archive gguf

A reader may refuse in a sentence of its own. Whatever else it raises, or a minute that it takes, is a fault.
"""
