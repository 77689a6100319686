"""The window over the core: everything that needs Qt."""
