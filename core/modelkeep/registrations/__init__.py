"""Which models have a name of their own on this machine: presets, and files in a folder of the user's."""
