"""Trying a model: what it is asked, and what it answers, in a window of its own beside the library."""
