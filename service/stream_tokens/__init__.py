"""Stream tokens: for one minute they open event streams without an API key."""
