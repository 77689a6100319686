"""The library: the table of models and revisions, and the sidebar that chooses what it shows."""
