"""Fine-tuning in the window: what is asked before it, how it goes, and how good what came of it is."""
