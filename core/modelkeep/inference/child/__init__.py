"""What runs within the worker process: loading models, and one module for each kind of task."""
