"""Modelkeep keeps the machine-learning models of a machine. This is its core: no window, no printing."""

__version__ = "0.1.0"
