"""The page that shows what was done on this machine."""
