"""Samples that are made on the spot, so that trying something out needs no download."""
