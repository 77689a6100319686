"""Across an air gap: the assistants of both sides, and the keys by which they know each other."""
