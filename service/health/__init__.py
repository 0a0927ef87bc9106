"""Health: whether the process lives, and whether jobs can be created and run."""
