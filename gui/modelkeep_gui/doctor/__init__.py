"""The page that shows what is wrong with the caches, and repairs it."""
