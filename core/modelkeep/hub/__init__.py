"""Hubs: the Hugging Face Hub, its mirrors, a company's own. Searching, downloading from them, pushing to them."""
