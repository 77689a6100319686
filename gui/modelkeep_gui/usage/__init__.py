"""What the models cost: the disk bar."""
