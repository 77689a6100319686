"""A cache as a hub: what `modelkeep serve` answers, so that other machines fetch from this one and push to it."""
