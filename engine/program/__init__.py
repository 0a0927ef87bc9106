"""A program: a network laid out over flat memory, and the compiled loop that walks it."""
