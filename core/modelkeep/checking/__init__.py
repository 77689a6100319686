"""Whether what is in a cache is what it should be: contents against their names, and what loading offline needs."""
