"""Remotes in the window: what they list, what is known of a model there, and what can be done with both."""
