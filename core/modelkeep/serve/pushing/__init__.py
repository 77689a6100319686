"""What is pushed to a cache: contents on their way, commits of them, and the repositories and refs they go to."""
