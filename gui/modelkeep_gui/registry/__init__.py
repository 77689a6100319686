"""The page of the models that have a name of their own."""
