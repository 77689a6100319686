"""Finders: each finds models in one kind of place, and `MULTI` asks several of them."""
