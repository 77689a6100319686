"""One cache directory in the Hugging Face Hub layout: what is in it, and every change to it."""
