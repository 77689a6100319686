"""Being a hub for other machines: what is shared, with whom, and who fetches what."""
