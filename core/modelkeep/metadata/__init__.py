"""What a model says about itself, read from its small files and the headers of its large ones."""
