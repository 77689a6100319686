"""The preferences: a dialog of pages, each of which loads settings and gives back changed ones."""
