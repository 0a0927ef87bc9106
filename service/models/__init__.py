"""Models: what jobs produce and clients import."""
