"""Fine-tuning: data that are checked before anything starts, a child process that trains, and a model in a cache."""
